"""A line of fields between bars, pushed over TCP by a gateway in front of an indicator.

Known from a capture; the rule of the check is not known, so it is not verified.

    : status | ident | weight | tare | net | check CR LF

Where weight less tare is net, the weight is the gross; else its kind is unknown.
"""

from __future__ import annotations

import re

from drivers.readings import Kind, Skip, Weight
from drivers.scale.fields import number, padded
from drivers.scale.frames import ended, marked_line, steady
from drivers.scale.protocol import Protocol, Settings

_NUMBER = rb" *([+-]? *[\d.]+)(?: *kg)? *"
_LINE = re.compile(rb":([^|]*)\|([^|]*)\|" + rb"\|".join((_NUMBER,) * 3) + rb"\|([^|\r\n]*)[\r\n]*")


def decode(frame: bytes, settings: Settings) -> Weight | Skip:
    """One line."""
    match = _LINE.fullmatch(frame)
    if match is None:
        return Skip.IMPOSSIBLE if frame.count(b"|") == 5 else Skip.NOT_MINE
    if not ended(frame) and not match[6]:
        return Skip.TOO_SHORT
    weight, tare, net = (number(match[group], settings.places_or()) for group in (3, 4, 5))
    if weight is None or tare is None or net is None:
        return Skip.IMPOSSIBLE
    kind = Kind.GROSS if weight - tare == net else Kind.UNKNOWN
    return Weight(weight, settings.unit_or(), kind=kind, raw=frame)


def encode(weight: Weight, settings: Settings) -> bytes:
    """The line of a gross weight with tare zero."""
    figures = padded(weight.value, 9, "0")
    return b":0|1|" + figures + b"|0|" + figures + b"|00\r\n"


PIPE_CSV = Protocol(
    id="pipe_csv",
    title="Fields between bars over TCP",
    framing=marked_line(rb":", rb":[^|]*\|", 120),
    decode=decode,
    encode=encode,
    fields=frozenset({"decimals", "unit"}),
    make=steady,
)
