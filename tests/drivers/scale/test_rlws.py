"""Rice Lake and Condec: the stream and the answer on demand."""

from collections.abc import Callable

import pytest

from drivers.readings import Skipped, Weight

Weigh = Callable[..., Weight]
Hears = Callable[..., list[Weight | Skipped]]


@pytest.mark.parametrize(
    ("protocol_id", "sent", "value", "unit", "stability", "kind", "zero"),
    [
        ("rlws", b"\x02   12340KG \r\n", "12340", "kg", "stable", "gross", None),
        ("rlws", b"\x02-  123.4LNM\r\n", "-123.4", "lb", "moving", "net", None),
        ("rlws", b"\x02      0.KGZ\r\n", "0", "kg", "stable", "gross", True),
        ("rlws", b"\x02   12340 GH\r\n", "12340", "kg", "unknown", "gross", None),
        ("rlws", b"\x02   12340TTM\r\n", "12340", "t", "moving", "tare", None),
        ("rlws", b"\x02   12340 LB GR \r\n", "12340", "lb", "stable", "gross", None),
        ("rlws", b"\x02-  12340 KG NT \r\n", "-12340", "kg", "stable", "net", None),
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
        ("rlws", b"\x02 ^^^^^^^KGO\r\n", "over"),
        ("rlws", b"\x02^^^^^^^^KG \r\n", "over"),
        ("rlws", b"\x02]]]]]]]]KG \r\n", "under"),
        ("rlws", b"\x02-  12340KGO\r\n", "under"),
        ("rlws", b"\x02   12340KGI\r\n", "error"),
        ("rlws", b"\x02        KG \r\n", "blank"),
        ("rlws", b"\x02   1234aKG \r\n", "impossible"),
    ],
)
def test_no_weight(protocol_id: str, sent: bytes | str, reason: str, heard: Hears) -> None:
    found = heard(protocol_id, sent)
    assert not any(isinstance(each, Weight) for each in found)
    assert reason in {each.skip for each in found if isinstance(each, Skipped)}
