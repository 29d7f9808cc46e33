"""Transmission to customs' system, off by default: an adapter sends documents and hears answers later.

reviewed ─queue─▶ queued ─┬─▶ sent ──answer──▶ approved or rejected
                          │    └─ no answer ─▶ a person looks at the portal
                          └─ refused before it arrived ─▶ error
"""
