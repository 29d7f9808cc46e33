"""Rinstrum: pushed strings and the network protocol."""

from collections.abc import Callable

import pytest

from drivers.readings import Skip, Skipped, Weight
from drivers.scale.protocol import Settings

Weigh = Callable[..., Weight]
Skips = Callable[..., Skip]
Hears = Callable[..., list[Weight | Skipped]]


@pytest.mark.parametrize(
    ("protocol_id", "sent", "value", "unit", "stability", "kind", "zero"),
    [
        ("stx_sign_w7_status", b"\x02   12345G\x03", "12345", "kg", "stable", "gross", None),
        ("stx_sign_w7_status", b"\x02-  123.4N\x03", "-123.4", "kg", "stable", "net", None),
        ("stx_sign_w7_status", b"\x02   12345M\x03", "12345", "kg", "moving", "unknown", None),
        ("stx_sign_w7_status", b"\x020  12345G\x03", "12345", "kg", "stable", "gross", None),
        ("stx_sign_w7_status", b"\x02`  12345G\x03", "12345", "kg", "stable", "gross", None),
        ("stx_sign_w7_status", b"\x02p  12345G\x03", "12345", "kg", "stable", "gross", None),
        ("stx_sign_w7_status", b"\x02=  12345G\x03", "-12345", "kg", "stable", "gross", None),
        ("stx_sign_w7_status", b"\x02   12345GMZ-   \x03", "12345", "kg", "moving", "gross", True),
        ("stx_sign_w7_status", b"\x02   12345N  -lb \x03", "12345", "lb", "stable", "net", False),
        ("stx_sign_w7_status", b"\x02   12345GM -   \x03", "12345", "kg", "moving", "gross", False),
        ("stx_sign_w7_status", b"\x02-  123.4N Z1  t\x03", "-123.4", "t", "stable", "net", True),
        ("stx_sign_w7_status", b"\x02  -123.4NMI   \x03", "-123.4", "kg", "moving", "net", False),
        ("rinstrum_net", b"81050026:    731 kg G", "731", "kg", "unknown", "gross", None),
        ("rinstrum_net", b"81050027:  -12.5 kg N\r\n", "-12.5", "kg", "unknown", "net", None),
        ("rinstrum_net", b"81050028:   12.5 kg;", "12.5", "kg", "unknown", "tare", None),
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
        ("stx_sign_w7_status", b"\x02 -------O\x03", "over"),
        ("stx_sign_w7_status", b"\x02   12345GSO   \x03", "over"),
        ("stx_sign_w7_status", b"\x02   12345UM -   \x03", "under"),
        ("stx_sign_w7_status", b"\x02   12345E\x03", "error"),
        ("stx_sign_w7_status", b"\x02x  12345G\x03", "impossible"),
        ("rinstrum_net", b"C1050026:   12.5 kg;", "error"),
        ("rinstrum_net", b"81050021:00001000;", "not_mine"),
        ("rinstrum_net", b"20050026:    731 kg G;", "not_mine"),
        ("rinstrum_net", b"81120026:    731 kg G;", "not_mine"),
    ],
)
def test_no_weight(protocol_id: str, sent: bytes | str, reason: str, heard: Hears) -> None:
    found = heard(protocol_id, sent)
    assert not any(isinstance(each, Weight) for each in found)
    assert reason in {each.skip for each in found if isinstance(each, Skipped)}


def test_an_answer_of_another_address_is_not_ours(weight: Weigh, skip: Skips) -> None:
    sent = b"82050026:    731 kg G;"
    assert weight("rinstrum_net", sent, Settings(address="2")).value == 731
    assert skip("rinstrum_net", sent, Settings(address="3")) is Skip.NOT_MINE
