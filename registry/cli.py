"""The command line of the central registry, ``iie-registry``: each command is imported when it is called."""

from __future__ import annotations

import importlib
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

COMMANDS = {
    "run": ("registry.cli_serve", "Serve until SIGTERM or SIGINT; SIGHUP reads gates and keys anew."),
    "check": ("registry.cli_serve", "Read REGISTRY.yaml and tell every problem with its place."),
    "key": ("registry.cli_serve", "Print the registry's public key, which every gate's settings name."),
    "list": ("registry.cli_drafts", "The drafts received, each with its latest revision."),
    "verify": ("registry.cli_drafts", "Compute every hash, signature and chain anew."),
    "show": (
        "registry.cli_reports",
        "One report: its fields with who said each, and everything that has happened to it.",
    ),
    "export": ("registry.cli_reports", "Write the documents of reports that have been issued."),
    "evidence": (
        "registry.cli_evidence",
        "Write one ZIP for an auditor: events, receipts, pictures, keys, a page, and a program that checks them.",
    ),
    "user": ("registry.cli_users", "Usuarios de la consola. / The console's users."),
    "token": ("registry.cli_tokens", "Claves de otros sistemas. / Other systems' tokens."),
    "hook": ("registry.cli_hooks", "Avisos a otros sistemas. / Webhooks."),
    "preadvice": ("registry.cli_notices", "Los preavisos: qué esperar. / What gates are told to expect."),
    "release": ("registry.cli_notices", "Las aprobaciones de salida (RADS). / What customs lets leave."),
    "gate": ("registry.cli_gates", "Las garitas y sus claves. / The gates and their keys."),
    "migrate": ("registry.cli_upkeep", "Bring the database to this version's schema."),
    "backup": ("registry.cli_upkeep", "Copy an SQLite database while the registry runs."),
    "restore": ("registry.cli_upkeep", "After the database was lost or set back: make numbers safe."),
    "customs-sim": (
        "registry.cli_customs",
        "Take documents as customs' services would, and answer them later.",
    ),
}
"""Every command with the module that holds the function of its name, and what it is for."""

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
    module = importlib.import_module(COMMANDS[name][0])
    found = getattr(module, OTHERWISE_NAMED.get(name, name.replace("-", "_")))
    if isinstance(found, typer.Typer):
        return get_command(found)
    app = typer.Typer(add_completion=False)
    app.command(name)(found)
    return get_command(app)


main = typer.Typer(
    name="iie-registry",
    cls=Commands,
    help="El registro central: recibe los borradores de las garitas. / The central registry.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


@main.callback()
def _all() -> None:
    pass
