"""The interface for other programs: reports by HTTP, tokens, changes as they happen."""
