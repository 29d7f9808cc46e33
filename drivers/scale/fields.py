"""Numbers and units as they stand in frames: read strictly, written right-aligned."""

from __future__ import annotations

import re
from decimal import Decimal

from drivers.readings import Unit, Weight
from drivers.scale.protocol import CannotEncode

_NUMBER = re.compile(rb" *([+-]?) *(\d{1,12}(?:\.\d{0,6})?|\.\d{1,6}) *")

_UNITS = {
    b"kg": Unit.KG,
    b"kgs": Unit.KG,
    b"g": Unit.G,
    b"t": Unit.T,
    b"lb": Unit.LB,
    b"lbs": Unit.LB,
    b"oz": Unit.OZ,
}

BLANKS = b" \x00"
"""What stands where a display shows nothing."""


def number(text: bytes, places: int = 0) -> Decimal | None:
    """The one number in ``text``: blanks, a sign and at most one point; None for anything else.

    A number without a point gets ``places`` decimals. Minus zero is zero; the places stay as sent.
    """
    match = _NUMBER.fullmatch(text)
    if match is None:
        return None
    sign, digits = match.groups()
    value = Decimal(digits.decode("ascii"))
    if b"." not in digits:
        value = scaled(value, places)
    return -value if sign == b"-" and value else value


def digits(text: bytes, places: int = 0) -> Decimal | None:
    """A number of digits only, with leading blanks allowed; None for anything else."""
    figures = text.lstrip(b" ")
    return scaled(Decimal(int(figures)), places) if figures.isdigit() else None


def scaled(value: Decimal, places: int) -> Decimal:
    """``value`` with its last ``places`` digits behind the point; negative places append zeros."""
    return value.scaleb(-places) if places >= 0 else value * 10**-places


def unit(text: bytes) -> Unit | None:
    """The unit that ``text`` names in any case, None where it names none that is known."""
    return _UNITS.get(text.strip(BLANKS).lower())


def unit_or(text: bytes, default: Unit) -> Unit | None:
    """The unit that ``text`` names, ``default`` where it is blank, None where it is no unit of mass."""
    return unit(text) if text.strip(BLANKS) else default


def plain(value: Decimal) -> str:
    """The digits of ``value`` without an exponent."""
    return format(value, "f")


def padded(value: Decimal, width: int, fill: str = " ", *, sign: bool = True) -> bytes:
    """``value`` right-aligned in ``width``; a minus stands at the left edge where ``fill`` is a zero.

    Raises `CannotEncode` where it does not fit, or is negative with ``sign=False``.
    """
    text = plain(abs(value))
    minus = "-" if value < 0 else ""
    if (minus and not sign) or len(text) + len(minus) > width:
        raise CannotEncode(f"{value} does not fit into {width} places{'' if sign else ' without a sign'}")
    if fill == "0":
        return (minus + text.rjust(width - len(minus), "0")).encode("ascii")
    return (minus + text).rjust(width).encode("ascii")


def implied(value: Decimal, width: int, places: int) -> bytes:
    """``value`` as ``width`` digits without a point, the last ``places`` of them decimals.

    Raises `CannotEncode` where it is negative, too large or finer than that.
    """
    whole = value.scaleb(places)
    if value < 0 or whole != whole.to_integral_value() or whole >= 10**width:
        raise CannotEncode(f"{value} is no number of {width} digits with {places} decimals")
    return str(int(whole)).rjust(width, "0").encode("ascii")


def sign_of(weight: Weight, plus: bytes = b"+") -> bytes:
    """The sign byte of a weight; zero is positive."""
    return b"-" if weight.value < 0 else plus
