"""Corrections (CII): what customs is asked to change in a report that it has approved, or to cancel."""
