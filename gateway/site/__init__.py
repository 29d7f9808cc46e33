"""One gate's configuration, and what is wrong with it."""
