"""Cardinal scoreboards and the WI-120."""

from collections.abc import Callable

import pytest

from drivers.readings import Skipped, Weight

Weigh = Callable[..., Weight]
Hears = Callable[..., list[Weight | Skipped]]


@pytest.mark.parametrize(
    ("protocol_id", "sent", "value", "unit", "stability", "kind", "zero"),
    [
        ("cardinal", b"+012340kgG  \r", "12340", "kg", "stable", "gross", None),
        ("cardinal", b"-0123.40lbN  \r", "-123.40", "lb", "stable", "net", None),
        ("cardinal", b"+012340kgGMO\r", "12340", "kg", "moving", "gross", None),
        ("cardinal", b" 0123.40 gG  \r", "123.40", "g", "stable", "gross", None),
        ("cardinal", b" 012340t N  \r", "12340", "t", "stable", "net", None),
        ("cardinal", b"+000000kgGCZ\r", "0", "kg", "stable", "gross", True),
        ("cardinal", b" G  12340 kg\r\n", "12340", "kg", "unknown", "gross", None),
        ("cardinal", b" T- 12340 lb\r", "-12340", "lb", "unknown", "tare", None),
        ("cardinal_cr", b"\r+012340 kgG\x03", "12340", "kg", "stable", "gross", None),
        ("cardinal_cr", b"\r+012340  kg g  \x03", "12340", "kg", "stable", "gross", None),
        ("cardinal_cr", b"\r-0123.40m lb n  \x03", "-123.40", "lb", "moving", "net", None),
        ("cardinal_cr", b"\r+012340   t g  \x03", "12340", "t", "stable", "gross", None),
        ("cardinal", b" g+012340 kg\r", "12340", "kg", "unknown", "gross", None),
        ("cardinal_cr", b"\r-0123.40MlbN\x03", "-123.40", "lb", "moving", "net", None),
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
        ("cardinal", b"+012340kgGOC\r", "over"),
        ("cardinal", b"+012340kgGEE\r", "blank"),
        ("cardinal_cr", b"\r+012340OkgG\x03", "over"),
        ("cardinal_cr", b"\r+012340ekgG\x03", "blank"),
        ("cardinal_cr", b"\r+012340o kg g  \x03", "over"),
    ],
)
def test_no_weight(protocol_id: str, sent: bytes | str, reason: str, heard: Hears) -> None:
    found = heard(protocol_id, sent)
    assert not any(isinstance(each, Weight) for each in found)
    assert reason in {each.skip for each in found if isinstance(each, Skipped)}
