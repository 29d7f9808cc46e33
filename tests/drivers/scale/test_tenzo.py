"""Tenso-M in text and binary."""

from collections.abc import Callable

import pytest

from drivers.readings import Checksum, Kind, Skip, Skipped, Stability, Weight
from drivers.scale.checks import crc8
from drivers.scale.tenzo import ask

Weigh = Callable[..., Weight]
Skips = Callable[..., Skip]
Hears = Callable[..., list[Weight | Skipped]]


@pytest.mark.parametrize(
    ("protocol_id", "sent", "value", "unit", "stability", "kind", "zero"),
    [
        ("tenzo_eq", b"=   12.34\r\n", "12.34", "kg", "unknown", "unknown", None),
        ("tenzo_eq", b"=-0012.34\r\n", "-12.34", "kg", "unknown", "unknown", None),
    ],
)
def test_a_weight(
    protocol_id: str,
    sent: bytes | str,
    value: str,
    unit: str,
    stability: str,
    kind: str,
    zero: bool | None,
    weight: Weigh,
) -> None:
    found = weight(protocol_id, sent)
    assert (str(found.value), found.unit, found.stability, found.kind) == (value, unit, stability, kind)
    assert found.zero is zero


@pytest.mark.parametrize(
    ("protocol_id", "sent", "reason"),
    [
        ("tenzo_eq", b"=   12.34", "not_mine"),
        ("tenzo_eq", b"=        \r\n", "blank"),
    ],
)
def test_no_weight(protocol_id: str, sent: bytes | str, reason: str, heard: Hears) -> None:
    found = heard(protocol_id, sent)
    assert not any(isinstance(each, Weight) for each in found)
    assert reason in {each.skip for each in found if isinstance(each, Skipped)}


ANSWER = bytes((0x01, 0xC3, 0x45, 0x23, 0x01, 0x11))
"""Address 1, gross, 012345 with its lowest pair first, stable, one decimal."""


def framed(body: bytes) -> bytes:
    sent = body + bytes((crc8(body + b"\x00", 0x69),))
    return b"\xff" + sent.replace(b"\xff", b"\xff\xfe") + b"\xff\xff"


def test_a_binary_answer(weight: Weigh) -> None:
    found = weight("tenzo_bin", framed(ANSWER))
    assert (str(found.value), found.kind, found.stability) == ("1234.5", Kind.GROSS, Stability.STABLE)
    assert found.checksum is Checksum.OK


def test_a_binary_answer_that_moves_and_is_negative(weight: Weigh) -> None:
    found = weight("tenzo_bin", framed(ANSWER[:-1] + b"\x82"))
    assert (str(found.value), found.stability) == ("-123.45", Stability.MOVING)


def test_a_binary_answer_without_a_weight(skip: Skips) -> None:
    assert skip("tenzo_bin", framed(ANSWER[:-1] + b"\x18")) is Skip.OVER
    assert skip("tenzo_bin", framed(ANSWER)[:6] + b"\x12" + framed(ANSWER)[7:]) is Skip.CHECKSUM
    assert skip("tenzo_bin", framed(ANSWER[:2] + b"\x4a" + ANSWER[3:])) is Skip.IMPOSSIBLE


def test_a_byte_ff_within_an_answer_is_stuffed(weight: Weigh) -> None:
    numbers = [framed(ANSWER[:2] + bytes.fromhex(f"{number:06d}") + ANSWER[5:]) for number in range(999)]
    stuffed = [each for each in numbers if b"\xff\xfe" in each]
    assert stuffed
    assert all(weight("tenzo_bin", each).kind is Kind.GROSS for each in stuffed)


def test_the_request_of_a_binary_answer() -> None:
    assert ask("1") == framed(b"\x01\xc3")
