"""Bytes and pixels to readings."""
