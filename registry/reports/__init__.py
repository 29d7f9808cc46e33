"""Reports: what becomes of a draft, from its receipt to the answer of customs."""
