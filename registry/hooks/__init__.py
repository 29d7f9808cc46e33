"""Webhooks: each change of a report is brought to the systems that asked for it."""
