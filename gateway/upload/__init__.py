"""Files of evidence on their way to the registry: after the records that name them, never before."""
