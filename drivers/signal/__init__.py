"""Signals: inputs such as loops and buttons, outputs such as lights and barriers."""
