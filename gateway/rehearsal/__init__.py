"""Trucks and days: what the simulators are given, and what must come out."""
