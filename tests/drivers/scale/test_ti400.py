"""Toledo TI400."""

from collections.abc import Callable

import pytest

from drivers.readings import Skipped, Weight

Weigh = Callable[..., Weight]
Hears = Callable[..., list[Weight | Skipped]]


@pytest.mark.parametrize(
    ("protocol_id", "sent", "value", "unit", "stability", "kind", "zero"),
    [
        ("ti400_p08", b"S    12340 kg\r\n", "12340", "kg", "stable", "unknown", None),
        ("ti400_p08", b"I  12340.5 kg\r\n", "12340.5", "kg", "moving", "unknown", None),
        ("ti400_p08", b"N      120 kg\r\n", "-120", "kg", "unknown", "unknown", None),
        ("ti400_p10", b"\x02PESO 12,34kg BPFEZ B 12,34kg T 0,00kg\r", "12.34", "kg", "stable", "gross", True),
        ("ti400_p10", b"\x02TI400 12,34kg BPFE  B 12,34kg\r", "12.34", "kg", "stable", "gross", False),
        ("ti400_p10", b"\x02TI400 0,269 LPFEZKp 0,627 0,358\r", "0.269", "kg", "stable", "net", True),
        (
            "ti400_p10",
            b"\x02Plataforma 0,269 BNFInL* 0,269 0,000\r",
            "-0.269",
            "lb",
            "moving",
            "gross",
            False,
        ),
        (
            "ti400_p10",
            b"\x02Data 12/10/2020 08:15 12,34kg BPFE  B 12,34kg\r",
            "12.34",
            "kg",
            "stable",
            "gross",
            False,
        ),
        ("ti400_p10", b"\x0212-10-2020 12,34 LPFEZ 12,34 0,00\r", "12.34", "kg", "stable", "net", True),
        ("ti400_p08", b"S   09.076 kg\r\n", "9.076", "kg", "stable", "unknown", None),
        ("ti400_p10", b"\x02 12,34 kg L N F I 12,34 kg 0,00 kg\r", "-12.34", "kg", "moving", "net", False),
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
        ("ti400_p08", b"O          kg\r\n", "over"),
        ("ti400_p10", b"\x02 99,99kg BPSE  99,99kg 0,00kg\r", "over"),
        ("ti400_p10", b"\x02TI400 0,269 LPAEZKp 0,627 0,358\r", "over"),
        ("ti400_p08", b"S I\r\n", "blank"),
        ("ti400_p08", b"S I +\r\n", "over"),
        ("ti400_p08", b"S I -\r\n", "under"),
        ("ti400_p10", b"\x02 12,34kg 12,34kg 0,00kg\r", "not_mine"),
    ],
)
def test_no_weight(protocol_id: str, sent: bytes | str, reason: str, heard: Hears) -> None:
    found = heard(protocol_id, sent)
    assert not any(isinstance(each, Weight) for each in found)
    assert reason in {each.skip for each in found if isinstance(each, Skipped)}
