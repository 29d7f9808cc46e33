"""The command line of the gate: each command is a function in `gateway.commands`, imported when called."""

from __future__ import annotations

import importlib
import signal
import sys
from collections.abc import Callable
from difflib import get_close_matches
from importlib.metadata import version

import typer
from typer.main import get_command

COMMANDS = {
    "run": "Run a gate: readings in, drafts out.",
    "init": "Write a first site file out of a few questions.",
    "check": "Check a site's file: what is wrong, where, and what is meant.",
    "doctor": "Look at everything around a gate, and say what to do.",
    "key": "Show the gate's public key, which the registry has to accept; rotate it.",
    "person": "Say who may use the gate's page.",
    "outbox": "Show what the registry has received and what waits; send again, put aside.",
    "verify": "Compute every hash, signature and chain of the outbox anew.",
    "backup": "Copy the outbox while everything goes on.",
    "restore": "Lay in a backup of the outbox; a new installation begins.",
    "load": "Make synthetic drafts at a rate, to kill and compare.",
    "preadvice": "Take announcements in from files; list and withdraw them.",
    "visit": "Tell a story of readings to a site's rules, and show what comes of it.",
    "replay": "Run a tape again, and show what the present rules would decide otherwise.",
    "asyncapi": "Print the contract over MQTT as an AsyncAPI document.",
    "schema": "Print the JSON Schema of a message.",
    "models": "Prepare the weights of the container reader.",
    "read-container": "Read container numbers in pictures.",
    "read-paper": "Read numbers of DAE, booking, guía … on printed pages.",
    "identify": "Say what a scanned, typed or read text is.",
    "decode": "Decode frames of a scale.",
    "catalogue": "List the scales and scanners that are known by name.",
    "devices": "List serial ports, cameras and scanners of this machine.",
    "monitor": "Watch what a scale or scanner sends, byte by byte.",
    "probe": "Find out which protocol speaks on a port.",
    "teach": "Make a pattern entry from a captured line.",
    "scale-sim": "Play a scale on a pty or TCP port.",
    "aim": "See what a camera sees of a container number.",
}
"""Every command with its help; its code is the function of the same name in `gateway.commands.NAME`."""


PROGRAM = "iie-gateway"
WRONG_USE = 2


def main(arguments: list[str] | None = None) -> None:
    """Run the command that the arguments name; its module is imported only now. Ends the process."""
    given = sys.argv[1:] if arguments is None else arguments
    name, rest = (given[0], given[1:]) if given else ("--help", [])
    if name == "run":
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # a file that has not been read yet needs no reload
    if name in COMMANDS:
        command(name)(rest, prog_name=f"{PROGRAM} {name}")
    elif name == "--version":
        print(installed_version())
    elif name in ("--help", "-h", "help"):
        print(usage())
    else:
        print(f"{PROGRAM}: no command {name!r}{_meant(name)}\n\n{usage()}", file=sys.stderr)
        sys.exit(WRONG_USE)


def command(name: str) -> Callable[..., object]:
    """The command of this name, ready to be called with its arguments. Raises `KeyError`."""
    module = name.replace("-", "_")
    function = getattr(importlib.import_module(f"gateway.commands.{module}"), module)
    if isinstance(function, typer.Typer):
        return get_command(function)
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.command(name=name, help=COMMANDS[name])(function)
    return get_command(app)


def usage() -> str:
    """What every command is for."""
    width = max(map(len, COMMANDS)) + 2
    lines = [f"  {name:<{width}}{text}" for name, text in COMMANDS.items()]
    return "\n".join((f"Usage: {PROGRAM} COMMAND …     ({PROGRAM} COMMAND --help tells more)", "", *lines))


def installed_version() -> str:
    """The version of this program as it is installed."""
    return version(PROGRAM)


def _meant(name: str) -> str:
    near = get_close_matches(name, COMMANDS, 1)
    return f"; did you mean {near[0]!r}?" if near else ""
