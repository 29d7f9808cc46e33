"""The command line of the central registry, ``iie-registry``: each command is imported when it is called."""

from __future__ import annotations

import importlib
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

COMMANDS = {
    "run": ("registry.cli_serve", "Serve until SIGTERM or SIGINT; SIGHUP reads gates and keys anew."),
    "check": (
        "registry.cli_serve",
        "Read REGISTRY.yaml and tell every problem with its place.\n\nExit code 78 when it is wrong.",
    ),
    "key": (
        "registry.cli_serve",
        "Print the registry's public key, which every gate's settings name; make it where there is none.",
    ),
    "list": (
        "registry.cli_drafts",
        "The drafts received, each with its latest revision, in the order of receipt.",
    ),
    "verify": (
        "registry.cli_drafts",
        "Compute every hash, signature and chain anew.\n\n"
        "Exit code 0 when all is unbroken, 1 when anything is not. With CONFIG, receipts must be signed by the "
        "key that it names, with --db alone by the one in the database.",
    ),
    "show": (
        "registry.cli_reports",
        "One report: its fields with who said each, and everything that has happened to it.",
    ),
    "export": (
        "registry.cli_reports",
        "Write the documents of reports that have been issued, as they were issued; no report changes by it.",
    ),
    "evidence": (
        "registry.cli_evidence",
        "Write one ZIP for an auditor: events, receipts, pictures, keys, a page, and a program that checks them.",
    ),
    "user": ("registry.cli_users", "The console's users: who may log in."),
    "token": ("registry.cli_tokens", "Tokens of other systems."),
    "hook": ("registry.cli_hooks", "Webhooks: which systems are told of each change."),
    "preadvice": ("registry.cli_notices", "Pre-advice: what gates are told to expect."),
    "release": ("registry.cli_notices", "Releases (RADS): what customs lets leave."),
    "gate": ("registry.cli_gates", "The gates and their keys; what a gate is asked to do."),
    "migrate": (
        "registry.cli_upkeep",
        "Bring the database to this version's schema; `run` does the same at its start.",
    ),
    "backup": (
        "registry.cli_upkeep",
        "Copy an SQLite database while the registry runs.\n\n"
        "Evidence files and the signing key are copied by other means.",
    ),
    "restore": (
        "registry.cli_upkeep",
        "After the database was lost or set back: make numbers safe.\n\n"
        "Gates then send what is missing by themselves. Stop the registry first. With --from the copy becomes "
        "the database; there must be none.",
    ),
    "customs-sim": (
        "registry.cli_customs",
        "Take documents as customs' services would, and answer them later.\n\n"
        "Until Ctrl-C. The address that it prints goes into REGISTRY.yaml, beside `simulator: true`.",
    ),
}
"""Every command with the module that holds the function of its name, and its help: all that a person reads of it.

The list of commands shows the first paragraph.
"""

OTHERWISE_NAMED = {"list": "list_drafts"}
"""Functions that have not the name of their command."""


class Later(TyperCommand):
    """A command that is not imported yet."""

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """It is called: what follows is the command's own."""
        return whole(str(self.name)).make_context(info_name, args, parent=parent, **extra)


class Commands(TyperGroup):
    """All of them by name."""

    def __init__(self, **settings: Any) -> None:
        named = {name: Later(name, help=help) for name, (_, help) in COMMANDS.items()}
        super().__init__(**{**settings, "commands": named})


def whole(name: str) -> Any:
    """The command of a name, imported. Raises `KeyError` for a name that is none's."""
    module, help = COMMANDS[name]
    found = getattr(importlib.import_module(module), OTHERWISE_NAMED.get(name, name.replace("-", "_")))
    app = found
    if not isinstance(found, typer.Typer):
        app = typer.Typer(add_completion=False)
        app.command(name)(found)
    command = get_command(app)
    command.help = help
    return command


main = typer.Typer(
    name="iie-registry",
    cls=Commands,
    help="The central registry: takes in the drafts of all gates.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


@main.callback()
def _all() -> None:
    pass
