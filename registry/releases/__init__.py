"""Releases (RADS): what customs lets leave, against what has left."""
