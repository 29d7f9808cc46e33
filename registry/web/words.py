"""How values are written on pages: times as in Ecuador, numbers as people group them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

from record.identifiers import container, dae
from record.identifiers.identifier import Kind
from record.messages import text
from registry.numbers import ECUADOR

FIGURE_SPACE = "\u202f"


def moment(value: datetime | None) -> str:
    """Day and minute in Ecuador: ``2026-11-24 12:05``."""
    return "" if value is None else value.astimezone(ECUADOR).strftime("%Y-%m-%d %H:%M")


def instant(value: datetime | None) -> str:
    """The same with seconds."""
    return "" if value is None else value.astimezone(ECUADOR).strftime("%Y-%m-%d %H:%M:%S")


def clock(value: datetime | None) -> str:
    """The minute of the day in Ecuador: ``12:05``."""
    return "" if value is None else value.astimezone(ECUADOR).strftime("%H:%M")


def day(value: datetime | None) -> str:
    """The day in Ecuador: ``2026-11-24``."""
    return "" if value is None else value.astimezone(ECUADOR).strftime("%Y-%m-%d")


def short_day(value: date, lang: str) -> str:
    """A day without its year: ``24/11`` in Spanish, ``24 Nov`` in English, where the other may be read as a month."""
    return value.strftime("%d/%m" if lang == "es" else "%d %b")


def grouped(value: int | Decimal | None, lang: str = "es") -> str:
    """A number in groups of three, its decimals after a comma in Spanish: ``21 350,5``."""
    written = "" if value is None else f"{value:,}".replace(",", FIGURE_SPACE)
    return written.replace(".", ",") if lang == "es" else written


def tenths(value: float, lang: str) -> str:
    """A number with one decimal, after a comma in Spanish: ``98,5``."""
    return f"{value:.1f}".replace(".", "," if lang == "es" else ".")


def short(value: str, length: int = 12) -> str:
    """The beginning of a long id."""
    return value if len(value) <= length else value[:length] + "…"


def dae_written(number: str) -> str:
    """A document's number; a DAE's in its groups: ``028-2026-40-00123456``."""
    return dae.written(number) if len(number) == 17 and number.isdigit() else number


def boxed(number: str) -> str:
    """A container's number as it is painted: ``CSQU 305438-3``."""
    return container.written(number) if len(number) == 11 else number


def identified(kind: str, lang: str) -> str:
    """What a text was taken for, in words: ``clave de acceso``; a kind that only another version knows, as it came."""
    return text(f"identifier.kind_{kind}", lang=lang) if kind in set(Kind) else kind


FILTERS: dict[str, Callable[..., str]] = {
    "moment": moment,
    "instant": instant,
    "clock": clock,
    "day": day,
    "grouped": grouped,
    "tenths": tenths,
    "short": short,
    "dae": dae_written,
    "boxed": boxed,
    "identified": identified,
}
"""By the names that templates use."""
