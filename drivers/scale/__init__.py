"""Scale protocols: one file per family, from bytes to `Weight` or the reason why there is none."""
