"""Identifiers of a gate: each file is one kind of number, `identify` says which of them a text is."""
