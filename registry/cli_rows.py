"""Rows that a command lists: in columns for a person at a terminal, divided by tabs for a program that reads them."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence

import typer

from record.messages import text

Cell = str | tuple[str, str]
"""What both read, or a code for programs with its words for people."""

BETWEEN = "  "


def tell(rows: Sequence[Sequence[Cell]], nothing: str) -> None:
    """Print rows of as many cells each; where there are none, say ``nothing`` to the person and no row at all."""
    if not rows:
        typer.echo(nothing, err=True)
    terminal = sys.stdout.isatty()
    told = [[cell if isinstance(cell, str) else cell[terminal] for cell in row] for row in rows]
    lines = columns(told, shutil.get_terminal_size().columns) if terminal else map("\t".join, told)
    for line in lines:
        typer.echo(line)


def of_depots(names: Sequence[str] | None, language: str) -> Cell:
    """The depots that somebody or something is limited to."""
    return ",".join(names) if names else ("*", text("console.users.all_depots", lang=language))


def columns(rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """Rows as aligned lines; what would not fit into ``width`` goes on lines of its own beneath, whole."""
    wide = [max(map(len, column)) for column in zip(*rows, strict=True)]
    beside = len(wide)
    while beside > 1 and sum(wide[:beside]) + len(BETWEEN) * (beside - 1) > width:
        beside -= 1
    lines: list[str] = []
    for row in rows:
        cells = (cell.ljust(size) for cell, size in zip(row[:beside], wide, strict=False))
        lines.append(BETWEEN.join(cells).rstrip())
        lines += [f"{BETWEEN}{cell}" for cell in row[beside:] if cell]
    return lines
