"""Gates at this moment: what each says of itself, and what has come from it today."""
