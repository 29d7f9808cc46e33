"""`iie-gateway schema [NAME]`: the JSON Schema of a message, or the names of all."""

from __future__ import annotations

import json
import sys
from difflib import get_close_matches
from typing import Annotated, Any

import typer

from record import contract

WRONG_USE = 2


def schema(
    name: Annotated[str | None, typer.Argument(help="a message; without it all are listed")] = None,
) -> None:
    """Print the JSON Schema (2020-12) of one message, as it is sent."""
    if name is None:
        width = max(map(len, contract.MESSAGES)) + 2
        for message in contract.MESSAGES.values():
            print(f"{message.name:<{width}}{message.summary}")
        return
    if name not in contract.MESSAGES:
        near = get_close_matches(name, contract.MESSAGES, 1)
        meant = f"; did you mean {near[0]!r}?" if near else "; `iie-gateway schema` lists all"
        print(f"iie-gateway schema: no message {name!r}{meant}", file=sys.stderr)
        raise typer.Exit(WRONG_USE)
    print(written(contract.schema(name)), end="")


def written(value: dict[str, Any]) -> str:
    """JSON that people can read."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
