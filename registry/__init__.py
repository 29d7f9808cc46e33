"""The central service: events to a database, receipts, numbers and reports."""
