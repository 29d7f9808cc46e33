"""All scale protocols by the names that sites, the catalogue and the tools use."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from types import MappingProxyType

from drivers.scale.mt_continuous import MT_CONTINUOUS
from drivers.scale.protocol import Protocol

PROTOCOLS: Mapping[str, Protocol] = MappingProxyType({entry.id: entry for entry in (MT_CONTINUOUS,)})
"""Every protocol by its id."""


class UnknownProtocol(LookupError):
    """No protocol has this id."""


def protocol(name: str) -> Protocol:
    """The protocol of this id.

    Raises `UnknownProtocol`, with the nearest ids in its text.
    """
    try:
        return PROTOCOLS[name]
    except KeyError:
        near = get_close_matches(name, PROTOCOLS, n=3)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        raise UnknownProtocol(f"no scale protocol is called {name!r}{hint}") from None
