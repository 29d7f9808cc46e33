"""The daemon of a gate: readings in, drafts out."""
