"""LP7516 in its print format."""

from collections.abc import Callable

import pytest

from drivers.readings import Kind, Skipped, Weight

Weigh = Callable[..., Weight]
Hears = Callable[..., list[Weight | Skipped]]


@pytest.mark.parametrize(
    ("protocol_id", "sent", "value", "unit", "stability", "kind", "zero"),
    [
        ("lp7516_print", b"\x02    1234.5kg G \r\n", "1234.5", "kg", "unknown", "gross", None),
        ("lp7516_print", b"\x02     -20.0kg N \r\n", "-20.0", "kg", "unknown", "net", None),
        ("lp7516_print", b"\x02      20.0kg PT\r\n", "20.0", "kg", "unknown", "tare", None),
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
        ("lp7516_print", b"\x02      20.0kg\r\n", "impossible"),
    ],
)
def test_no_weight(protocol_id: str, sent: bytes | str, reason: str, heard: Hears) -> None:
    found = heard(protocol_id, sent)
    assert not any(isinstance(each, Weight) for each in found)
    assert reason in {each.skip for each in found if isinstance(each, Skipped)}


def test_several_lines_in_one_read(heard: Hears) -> None:
    found = heard("lp7516_print", b"\x02    1234.5kg G \r\n\x02      20.0kg PT\r\n")
    assert [each.kind for each in found if isinstance(each, Weight)] == [Kind.GROSS, Kind.TARE]
