"""Files of evidence: what drafts name, what gates have brought, and for how long it is kept."""
