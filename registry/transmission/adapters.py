"""Which adapter a registry uses. Another package brings one under the entry point ``iie_registry.transmission``.

An entry point's object is called with the settings' part and the folder that its paths begin in, and returns an
`Adapter`:

    [project.entry-points."iie_registry.transmission"]
    terminal = "our_terminal.customs:adapter"
"""

from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path
from typing import cast

from record.errors import IieError
from registry.transmission.parcel import Adapter
from registry.transmission.rules import TransmissionRules
from registry.transmission.soap import Soap

GROUP = "iie_registry.transmission"


class NoAdapter(IieError):
    """No adapter of that name is installed, or it cannot be made."""

    advice = "registry.bad_settings"


def adapter(rules: TransmissionRules, folder: Path) -> Adapter:
    """The adapter that the settings name. Raises `NoAdapter`."""
    if rules.adapter == "soap":
        return _soap(rules, folder)
    found = entry_points(group=GROUP, name=rules.adapter)
    if not found:
        names = ", ".join(sorted({"soap", *(each.name for each in entry_points(group=GROUP))}))
        raise NoAdapter(f"transmission.adapter: {rules.adapter} is not installed; there are: {names}")
    make = next(iter(found)).load()
    return cast(Adapter, make(rules, folder))


def _soap(rules: TransmissionRules, folder: Path) -> Soap:
    for name in (rules.ca, rules.certificate, rules.key):
        if name is not None and not (folder / name).is_file():
            raise NoAdapter(f"{folder / name}: no such file (transmission)")
    pair = None
    if rules.certificate is not None and rules.key is not None:
        pair = folder / rules.certificate, folder / rules.key
    return Soap(rules.url, rules.timeout_s, folder / rules.ca if rules.ca else None, pair)
