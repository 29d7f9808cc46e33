"""Mettler Toledo continuous: the status bytes, the forms of the frame and the variants of its check."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from drivers.readings import Checksum, Kind, Remark, Skip, Skipped, Stability, Unit, Weight
from drivers.scale.mt_continuous import CHECKS, with_parity
from drivers.scale.protocol import Settings

Weigh = Callable[..., Weight]
Skips = Callable[..., Skip]
Hears = Callable[..., list[Weight | Skipped]]


def frame(body: str, variant: str = "complement") -> bytes:
    """A frame of this text between STX and CR, with a check."""
    sent = b"\x02" + body.encode("latin-1") + b"\r"
    return sent + bytes((CHECKS[variant](sent) & 0x7F,))


def test_a_line_of_seven_bits_read_as_eight(weight: Weigh) -> None:
    found = weight("mt_continuous", "82acf0603030303536b73030303030308da3")
    assert (found.value, found.unit, found.stability) == (Decimal("5.67"), Unit.KG, Stability.STABLE)
    assert found.checksum is Checksum.OK
    assert found.raw == bytes.fromhex("82acf0603030303536b73030303030308da3")


def test_motion(weight: Weigh) -> None:
    found = weight("mt_continuous", "82ac7860303033b8b4353030303030308d99")
    assert (found.value, found.stability) == (Decimal("38.45"), Stability.MOVING)


def test_overload_has_digits_and_no_weight(skip: Skips) -> None:
    assert skip("mt_continuous", "82ac74603030b73039b43030303030308d1d") is Skip.OVER


def test_net_and_negative(weight: Weigh) -> None:
    found = weight("mt_continuous", "82acf36030303030b8393030303630308d1b")
    assert (found.value, found.kind) == (Decimal("-0.89"), Kind.NET)


def test_negative_and_out_of_range_is_under(skip: Skips) -> None:
    assert skip("mt_continuous", frame("\x2a\x36\x20000010000000")) is Skip.UNDER


def test_minus_zero_is_zero(weight: Weigh) -> None:
    assert str(weight("mt_continuous", frame("\x2c\x32\x20000000000000")).value) == "0.00"


@pytest.mark.parametrize(
    ("point", "value"),
    [
        (0, "123400"),
        (1, "12340"),
        (2, "1234"),
        (3, "123.4"),
        (4, "12.34"),
        (5, "1.234"),
        (6, "0.1234"),
        (7, "0.01234"),
    ],
)
def test_the_point_is_where_the_first_status_byte_says(point: int, value: str, weight: Weigh) -> None:
    """Code 1 is ten times, a truck scale of ten kilograms: others read it ten times too low."""
    found = weight("mt_continuous", frame(f"{chr(0x28 | point)}\x30\x20001234000000"))
    assert format(found.value, "f") == value


def test_a_truck_scale_of_twenty_kilograms(weight: Weigh) -> None:
    assert weight("mt_continuous", frame("\x31\x30\x20  2460     0")).value == 24600


@pytest.mark.parametrize(
    ("status", "extra", "unit"),
    [
        (0x20, 0x20, Unit.LB),
        (0x30, 0x20, Unit.KG),
        (0x30, 0x21, Unit.G),
        (0x20, 0x22, Unit.T),
        (0x20, 0x23, Unit.OZ),
    ],
)
def test_the_unit(status: int, extra: int, unit: Unit, weight: Weigh) -> None:
    assert weight("mt_continuous", frame(f"\x2a{chr(status)}{chr(extra)}001234000000")).unit is unit


def test_a_unit_that_is_no_mass_that_we_know_is_no_weight(skip: Skips) -> None:
    assert skip("mt_continuous", frame("\x2a\x30\x24001234000000")) is Skip.IMPOSSIBLE


def test_blanked_digits_are_no_weight(skip: Skips) -> None:
    assert skip("mt_continuous", frame("\x2a\x30\x20      000000")) is Skip.BLANK


def test_not_zeroed_since_power_up_is_a_remark(weight: Weigh) -> None:
    found = weight("mt_continuous", frame("\x2a\x70\x78001234000000"))
    assert found.remarks == {Remark.NOT_ZEROED, Remark.EXPANDED, Remark.PRINT_KEY}


def test_fairbanks_leaves_the_third_status_byte_empty(weight: Weigh) -> None:
    assert weight("mt_continuous", frame("\x2a\x30\x00  1234     0", "sum")).value == 1234


FLINTEC = bytes.fromhex("027d31302020303735302020203235300d0a")
"""The example of the FT-111's manual up to its line feed: net 0.750, tare 0.250."""


def test_flintec_sends_a_line_feed_and_a_check_behind_it(weight: Weigh, heard: Hears, skip: Skips) -> None:
    sent = FLINTEC + bytes((-sum(FLINTEC) & 0xFF,))
    found = weight("mt_continuous", sent)
    assert (str(found.value), found.kind, found.checksum) == ("0.750", Kind.NET, Checksum.OK)
    assert len(heard("mt_continuous", sent * 20)) == 20
    assert skip("mt_continuous", FLINTEC + bytes((-sum(FLINTEC) + 1 & 0x7F,))) is Skip.CHECKSUM
    assert weight("mt_continuous", FLINTEC).checksum is Checksum.ABSENT
    assert [type(each) for each in heard("mt_continuous", FLINTEC * 5)] == [Weight] * 5


@pytest.mark.parametrize("variant", sorted(CHECKS))
def test_each_variant_of_the_check_is_found_out(variant: str, weight: Weigh) -> None:
    found = weight("mt_continuous", frame("\x2a\x30\x20 12345000000", variant))
    assert (found.value, found.checksum) == (12345, Checksum.OK)


def test_the_low_eight_bits_of_the_sum(weight: Weigh) -> None:
    body = b"\x02\x2a\x30\x20 12345000000\r"
    assert weight("mt_continuous", body + bytes((sum(body) & 0xFF,))).checksum is Checksum.OK


def test_a_variant_that_the_site_names_is_the_only_one(skip: Skips, weight: Weigh) -> None:
    sent = frame("\x2a\x30\x20 12345000000", "xor")
    assert weight("mt_continuous", sent, Settings(checksum="xor")).value == 12345
    assert skip("mt_continuous", sent, Settings(checksum="complement")) is Skip.CHECKSUM
    assert skip("mt_continuous", sent[:-1], Settings(checksum="xor")) is Skip.CHECKSUM
    assert weight("mt_continuous", sent[:-1], Settings(checksum="none")).value == 12345


@pytest.mark.parametrize("end", [b"", b"\n", b"\x02"])
def test_without_a_check(end: bytes, heard: Hears) -> None:
    """Nothing, LF, or the next frame's STX may follow the carriage return."""
    (found, *_) = heard("mt_continuous", b"\x02\x2a\x30\x20 12345000000\r" + end)
    assert isinstance(found, Weight)
    assert (found.value, found.checksum) == (12345, Checksum.ABSENT)


def test_frames_without_a_check_in_a_row(heard: Hears) -> None:
    sent = b"".join(b"\x02\x2a\x30\x20%06d000000\r" % number for number in range(300))
    assert [found.value for found in heard("mt_continuous", sent) if isinstance(found, Weight)] == list(
        range(300)
    )


def test_a_check_that_looks_like_a_mark(heard: Hears) -> None:
    """The check may be STX or CR: frames are found by position, not by marks."""
    sent = [frame(f"\x2a\x30\x20{number:06d}{number * 7919 % 10**6:06d}") for number in range(2000)]
    assert {b"\x02", b"\r"} <= {each[-1:] for each in sent}
    found = heard("mt_continuous", b"".join(sent))
    assert [each.value for each in found if isinstance(each, Weight)] == list(range(2000))
    assert all(isinstance(each, Weight) and each.checksum is Checksum.OK for each in found)


@pytest.mark.parametrize("variant", sorted(CHECKS))
def test_a_wrong_check_between_good_frames(variant: str, heard: Hears) -> None:
    good = [frame(f"\x2a\x30\x20{number:06d}000000", variant) for number in (1234, 1241, 1253, 1262, 1277)]
    for wrong in range(128):
        damaged = good[2][:-1] + bytes((wrong,))
        found = heard("mt_continuous", b"".join((*good[:2], damaged, *good[3:])))
        values = [each.value for each in found if isinstance(each, Weight)]
        assert values == [1234, 1241, *([1253] if damaged == good[2] else []), 1262, 1277]


def test_a_damaged_digit_is_found_by_the_check(heard: Hears) -> None:
    good = frame("\x2a\x30\x20012340000000")
    damaged = good.replace(b"012340", b"092340")
    found = heard("mt_continuous", good * 2 + damaged + good)
    assert [type(each) for each in found] == [Weight, Weight, Skipped, Weight]


def test_once_a_check_was_seen_a_frame_without_one_is_damaged(heard: Hears) -> None:
    good = frame("\x2a\x30\x20012340000000")
    found = heard("mt_continuous", good * 3 + good[:-1] + good)
    assert [each.skip for each in found if isinstance(each, Skipped)] == [Skip.CHECKSUM]


def test_an_indicator_whose_check_is_changed_is_heard_again(heard: Hears) -> None:
    first, second = frame("\x2a\x30\x20012340000000"), frame("\x2a\x30\x20012340000000", "sum")
    found = heard("mt_continuous", first * 5 + second * 8)
    assert sum(isinstance(each, Weight) for each in found) == 5 + 8 - 3


def test_the_short_form_without_tare(weight: Weigh, heard: Hears) -> None:
    assert weight("mt_continuous", frame("\x2b\x38\x20 12345")).value == Decimal("1234.5")
    assert weight("mt_continuous", b"\x02\x2a\x30\x20012345\r").value == 12345
    assert len(heard("mt_continuous", frame("\x2a\x30\x20012345") * 4)) == 4


def test_the_form_with_a_blank_behind_the_status(weight: Weigh) -> None:
    assert weight("mt_continuous", frame("\x29\x30\x20 006420     0")).value == 64200


def test_a_frame_cut_across_two_is_none(heard: Hears) -> None:
    found = heard("mt_continuous", "30303030308d2782acf06030303035333630")
    assert all(isinstance(each, Skipped) for each in found)


def test_a_flood_of_stx(heard: Hears) -> None:
    good = frame("\x2a\x30\x20012340000000")
    found = heard("mt_continuous", b"\x02" * 10_000 + good)
    assert [each.value for each in found if isinstance(each, Weight)] == [12340]


def test_parity_is_put_on_as_a_uart_does() -> None:
    assert with_parity(b"\x02\x2c\x70\x60").hex() == "82acf060"
