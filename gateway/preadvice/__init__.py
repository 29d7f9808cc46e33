"""What the depot was told to expect and what may leave, as the gate finds it."""
