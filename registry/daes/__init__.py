"""Base documents as the depot follows them: what was declared against what was received."""
