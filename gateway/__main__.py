"""``python -m gateway``: the same as ``iie-gateway``."""

from gateway.cli import main

main()
