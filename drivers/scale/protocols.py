"""All scale protocols by the names that sites, the catalogue and the tools use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from types import MappingProxyType

from drivers.scale import (
    cardinal,
    el05,
    flintec,
    ohaus,
    plain_number,
    rinstrum,
    st_gs,
    tenzo,
    ti400,
    toledo,
    weightech,
    xk3190,
)
from drivers.scale.bilanciai_cb import BILANCIAI_CB
from drivers.scale.cas22 import CAS22
from drivers.scale.fairbanks import FAIRBANKS
from drivers.scale.hbm import HBM_MSV
from drivers.scale.laumas import LAUMAS
from drivers.scale.lider import LIDER
from drivers.scale.lp7516 import LP7516_PRINT
from drivers.scale.mt_continuous import MT_CONTINUOUS
from drivers.scale.mt_sics import MT_SICS
from drivers.scale.ob350 import OB350_BIN
from drivers.scale.pattern import PATTERN
from drivers.scale.pipe_csv import PIPE_CSV
from drivers.scale.protocol import Protocol
from drivers.scale.rlws import RLWS
from drivers.scale.sbi import SBI
from drivers.scale.sma import SMA
from drivers.scale.sterling7600 import STERLING7600
from drivers.scale.systec import SYSTEC
from drivers.scale.ticket_block import TICKET_BLOCK


def _every() -> Iterator[Protocol]:
    """The commonest at truck gates first."""
    yield from xk3190.ALL
    yield MT_CONTINUOUS
    yield from st_gs.ALL
    yield CAS22
    yield RLWS
    yield from cardinal.ALL
    yield from (FAIRBANKS, SMA, MT_SICS)
    yield from ohaus.ALL
    yield from toledo.ALL
    yield from ti400.ALL
    yield from rinstrum.ALL
    yield from el05.ALL
    yield from flintec.ALL
    yield from (SYSTEC, HBM_MSV, OB350_BIN, PIPE_CSV, STERLING7600)
    yield from tenzo.ALL
    yield LP7516_PRINT
    yield from weightech.ALL
    yield from (LIDER, BILANCIAI_CB, SBI, LAUMAS, TICKET_BLOCK)
    yield from plain_number.ALL
    yield PATTERN


PROTOCOLS: Mapping[str, Protocol] = MappingProxyType({entry.id: entry for entry in _every()})
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
