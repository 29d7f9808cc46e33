"""Toledo TI400, the terminal, in the formats P08 and P10: pushed, serial or TCP. Its P03 is `mt_continuous`.

Manual: TI400, protocols P08 and P10. Line: 9600 8N1.

TI400 P08 (`ti400_p08`)                    TI400 P10 (`ti400_p10`), a text that its owner may edit

    M _ WWWWWWWW _kg CR LF                     STX … WW,W … KSRMZUp … gross … tare … CR
    |                                                       ||||||+- p asked, * pushed
    +- S stable, I moving, N negative, O over               |||||+-- K kg, L lb
                                                            ||||+--- Z zero captured, n not
    S I moving, S I + over, S I - under                     |||+---- E stable, I moving
                                                            ||+----- F in range, S or A over
                                                            |+------ P positive, N negative
                                                            +------- L net, B gross

In P08 a negative weight may come without its minus: the letter says it. P10 is read in its usual arrangement,
the five letters side by side or each alone; the weight is its first number that is no date and no time. For
another arrangement write a `pattern`.
"""

from __future__ import annotations

import re

from drivers.readings import Kind, Range, Skip, Stability, Unit, Weight
from drivers.scale.fields import number, padded, plain, unit_or
from drivers.scale.frames import enclosed, marked_line, steady
from drivers.scale.protocol import CannotEncode, Protocol, Serial, Settings

_P08 = re.compile(rb"([SINO]) {1,4}([ +\d.,-]{8}) {0,2}([A-Za-z]{1,2}) *[\r\n]*")
_P08_STATE = re.compile(rb"(S +I *[+-]?|O) *(?:[A-Za-z]{2} *)?[\r\n]*")
_P08_STATES = {b"S I": Skip.BLANK, b"S I +": Skip.OVER, b"S I -": Skip.UNDER, b"O": Skip.OVER}


def decode_p08(frame: bytes, settings: Settings) -> Weight | Skip:
    """One line of P08. A negative weight may come without its minus: the letter says it."""
    state = _P08_STATE.fullmatch(frame)
    if state is not None:
        return _P08_STATES[b" ".join(state[1].replace(b"+", b" +").replace(b"-", b" -").split())]
    match = _P08.fullmatch(frame)
    if match is None:
        return Skip.NOT_MINE
    letter, figures, letters = match.groups()
    if letter == b"O":
        return Skip.OVER
    value = number(figures.replace(b",", b"."), settings.places_or())
    unit = unit_or(letters, settings.unit_or())
    if value is None or unit is None:
        return Skip.IMPOSSIBLE if figures.strip() else Skip.BLANK
    if letter == b"N":
        return Weight(-abs(value) if value else value, unit, raw=frame)
    return Weight(value, unit, stability=Stability.STABLE if letter == b"S" else Stability.MOVING, raw=frame)


def encode_p08(weight: Weight, settings: Settings) -> bytes:
    """The line of P08."""
    letter = b"N" if weight.value < 0 else b"I" if weight.stability is Stability.MOVING else b"S"
    letter = letter if weight.range is Range.OK else b"O"
    return letter + b" " + padded(weight.value, 8) + b" " + weight.unit.encode("ascii") + b"\r\n"


_P10_NUMBER = re.compile(
    rb"(?<![A-Za-z\d.,:/])(?<!\d-)([+-]?) *(\d{1,7}(?:[.,]\d{1,4})?) *(kg|KG|Kg|g|t|lb)?(?![\d.,:/]|-\d)"
)
_GAP = rb"[^A-Za-z\d]{0,3}"
_P10_STATES = re.compile(
    _GAP.join((rb"([LB])", rb"([PN])", rb"([FSA])", rb"([EI])", rb"([Zn]?)", rb"([KL]?)"))
)
_P10_ALONE = re.compile(rb"(?<![A-Za-z])([LBPNFSEIZ])(?![A-Za-z])")
_P10_KINDS = {b"L": Kind.NET, b"B": Kind.GROSS}
_P10_UNITS = {b"K": Unit.KG, b"L": Unit.LB}


def decode_p10(frame: bytes, settings: Settings) -> Weight | Skip:
    """One text of P10 in its usual arrangement: the first number, and the five letters in their order."""
    text = frame[1:]
    match = _P10_NUMBER.search(text)
    states = _p10_states(text)
    if match is None or states is None:
        return Skip.NOT_MINE
    kind, sign, within, motion, zero, letter = states
    if within in (b"S", b"A"):
        return Skip.OVER
    value = number(match[1] + match[2].replace(b",", b"."), settings.places_or())
    unit = unit_or(match[3] or b"", _P10_UNITS.get(letter, settings.unit_or()))
    if value is None or unit is None:
        return Skip.IMPOSSIBLE
    return Weight(
        -abs(value) if sign == b"N" and value else value,
        unit,
        stability=Stability.STABLE if motion == b"E" else Stability.MOVING,
        kind=_P10_KINDS.get(kind, Kind.UNKNOWN),
        zero=zero == b"Z",
        raw=frame,
    )


def _p10_states(text: bytes) -> tuple[bytes, ...] | None:
    """Kind, sign, range, motion and zero: side by side in their order, or each a letter that stands alone."""
    together = _P10_STATES.search(text)
    if together is not None:
        return together.groups()
    alone = set(_P10_ALONE.findall(text))
    found = [
        alone & set(pair)
        for pair in ((b"L", b"B"), (b"P", b"N"), (b"F", b"S", b"A"), (b"E", b"I"), (b"Z",), (b"K",))
    ]
    if any(len(choice) > 1 for choice in found) or not (found[2] and found[3]):
        return None
    return tuple(next(iter(choice), b"") for choice in found)


def encode_p10(weight: Weight, settings: Settings) -> bytes:
    """The usual arrangement, gross equal to the weight and tare zero."""
    if weight.stability is Stability.UNKNOWN or weight.kind is Kind.TARE:
        raise CannotEncode("the text says stable or moving, gross or net")
    figures = plain(abs(weight.value)).replace(".", ",").encode("ascii")
    if len(figures) > 8:
        raise CannotEncode("at most seven digits")
    letters = (b"L" if weight.kind is Kind.NET else b"B") + (b"N" if weight.value < 0 else b"P")
    letters += (b"F" if weight.range is Range.OK else b"S") + (
        b"I" if weight.stability is Stability.MOVING else b"E"
    )
    letters += b"Z" if weight.zero else b" "
    unit = weight.unit.encode("ascii")
    return b"\x02%8b%b %b %8b%b %8b%b\r" % (figures, unit, letters, figures, unit, b"0", unit)


_UNIT = frozenset({"decimals", "unit"})
_LINE = Serial(9600, 8, "N", 1)

TI400_P08 = Protocol(
    id="ti400_p08",
    title="Toledo TI400 P08",
    framing=marked_line(rb"SINO", rb"[SINO] ", 20),
    decode=decode_p08,
    encode=encode_p08,
    tells=frozenset({"stability", "unit"}),
    fields=_UNIT,
    serial=_LINE,
    make=steady,
)

TI400_P10 = Protocol(
    id="ti400_p10",
    title="Toledo TI400 P10 in its usual arrangement",
    framing=enclosed(rb"\x02", rb"\r", 200),
    decode=decode_p10,
    encode=encode_p10,
    tells=frozenset({"stability", "kind", "zero", "unit"}),
    fields=_UNIT,
    serial=_LINE,
    make=steady,
)

ALL = (TI400_P08, TI400_P10)
