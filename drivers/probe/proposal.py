"""What to write into a site's file for what was heard."""

from __future__ import annotations

from drivers.probe.hearing import Heard
from drivers.probe.verdict import framing


def settings(heard: Heard, port: str) -> dict[str, str | int]:
    """The keys of a site's ``scale``; line settings only where the port has a line of ours to set."""
    line = framing(heard)
    found: dict[str, str | int] = {"protocol": heard.protocol.id, "port": port}
    if not port.startswith(("socket://", "listen://")):
        found |= {"baud": line.baud, "bits": line.bits, "parity": line.parity, "stop": int(line.stop)}
    return found


def yaml(heard: Heard, port: str) -> str:
    """The same as text to paste."""
    lines = [f"  {key}: {_scalar(value)}" for key, value in settings(heard, port).items()]
    return "\n".join(("scale:", *lines))


def _scalar(value: str | int) -> str:
    """A value as YAML: in quotes where a bare word could be read as something else."""
    bare = isinstance(value, int) or all(c.isalnum() or c in "/._-:" for c in value)
    return str(value) if bare else "'" + str(value).replace("'", "''") + "'"
