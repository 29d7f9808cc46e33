"""What the depot was told to expect and what may leave, from files and from the registry."""
