"""``python -m registry``: the same as ``iie-registry``."""

from registry.cli import main

main()
