"""What every command does with a site's file that it is given: read it, or say what is wrong and end."""

from __future__ import annotations

import sys
from pathlib import Path

import typer

from gateway.site.checks import read_site
from gateway.site.site import Site
from record.errors import IieError
from record.messages import text
from record.yamlfile import EXIT_OTHER, FileErrors, exit_code


def site_or_end(path: Path) -> Site:
    """The site of a file. Raises `typer.Exit` after every problem has been told, each with its place."""
    try:
        return read_site(path)
    except FileErrors as errors:
        raise wrong_file(errors) from None


def wrong_file(errors: FileErrors) -> typer.Exit:
    """Tell each problem of a file; how to end: 78 where it is wrong, 1 where it could not be read."""
    for problem in errors.problems:
        print(problem.line_text(), file=sys.stderr)
    return typer.Exit(exit_code(errors.problems))


def failed(error: IieError, language: str) -> typer.Exit:
    """Tell an error and what a person should do about it; how to end."""
    print(f"{error}\n{text(error.advice, language, **error.params)}", file=sys.stderr)
    return typer.Exit(EXIT_OTHER)
