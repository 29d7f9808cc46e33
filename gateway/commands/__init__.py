"""The commands of ``iie-gateway``, one file each, imported when called."""
