"""What all parties agree on: identifiers, drafts, events, receipts, topics and proof."""
