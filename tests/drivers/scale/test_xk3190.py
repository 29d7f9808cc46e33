"""Yaohua XK3190: two pushed formats, the command mode, and the lines of the A12E and its kin."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from drivers.readings import Checksum, Kind, Skip, Skipped, Stability, Unit, Weight
from drivers.scale.protocol import Settings
from drivers.scale.xk3190 import command

Weigh = Callable[..., Weight]
Skips = Callable[..., Skip]
Hears = Callable[..., list[Weight | Skipped]]


def test_an_empty_platform(weight: Weigh) -> None:
    found = weight("xk3190_tf0", "022b30303030303030314203")
    assert (str(found.value), found.unit, found.checksum) == ("0", Unit.KG, Checksum.OK)
    assert (found.stability, found.kind) == (Stability.UNKNOWN, Kind.UNKNOWN)


def test_the_ninth_byte_is_a_count_of_decimals_and_no_digit(weight: Weigh) -> None:
    """000085 with a zero behind it are 85 whole kilograms; with a one behind 000850, tenths."""
    assert str(weight("xk3190_tf0", "022b30303030383530313603").value) == "85"
    assert str(weight("xk3190_tf0", b"\x02+000850117\x03").value) == "85.0"


def test_minus_zero(weight: Weigh) -> None:
    assert str(weight("xk3190_tf0", "022d30303030303030314403").value) == "0"


def test_a_wrong_exclusive_or(skip: Skips) -> None:
    assert skip("xk3190_tf0", "022b30313234353030313803") is Skip.CHECKSUM


def test_the_unit_comes_from_the_site(weight: Weigh) -> None:
    assert weight("xk3190_tf0", "022b30313234353030313903", Settings(unit=Unit.T)).kg == 12450000


def test_a_point_beyond_four_is_impossible(skip: Skips) -> None:
    assert skip("xk3190_tf0", b"\x02+01245051C\x03") is Skip.IMPOSSIBLE


def test_a_bad_frame_between_good_ones(heard: Hears) -> None:
    good = bytes.fromhex("022b30313234353030313903")
    found = heard("xk3190_tf0", good + good.replace(b"4", b"5", 1) + good)
    assert [type(each) for each in found] == [Weight, Skipped, Weight]


@pytest.mark.parametrize(("letter", "kind"), [("B", Kind.GROSS), ("C", Kind.TARE), ("D", Kind.NET)])
def test_the_command_mode_tells_the_kind(letter: str, kind: Kind, weight: Weigh) -> None:
    body = f"A{letter}+0088803".encode()
    check = 0
    for byte in body:
        check ^= byte
    found = weight("xk3190_cmd", b"\x02%b%02X\x03" % (body, check))
    assert (str(found.value), found.kind) == ("8.880", kind)


def test_requests_and_handshakes_are_no_weights(heard: Hears) -> None:
    assert command("A") == b"\x02AB03\x03"
    for sent in (command("A"), command("A", "A"), command("B", "D")):
        assert all(isinstance(each, Skipped) for each in heard("xk3190_cmd", sent))


def test_an_answer_of_another_address_is_none(heard: Hears, weight: Weigh) -> None:
    sent = "0241422b30303838383033313303"
    assert weight("xk3190_cmd", sent, Settings(address="A")).value == Decimal("8.880")
    assert not [each for each in heard("xk3190_cmd", sent, Settings(address="B")) if isinstance(each, Weight)]


@pytest.mark.parametrize(
    ("sent", "value"),
    [("=000.3000", "3.000"), ("=00.1000-", "-1.00"), ("=000.300", "3.000"), ("=00543210", "1234500")],
)
def test_lowest_digit_first(sent: str, value: str, weight: Weigh) -> None:
    assert str(weight("xk3190_rev", sent.encode()).value) == value


def test_lowest_digit_first_without_a_terminator(heard: Hears) -> None:
    found = heard("xk3190_rev", b".3000=00.1000-=00.1000-=00.10")
    assert [str(each.value) for each in found if isinstance(each, Weight)] == ["-1.00", "-1.00"]


@pytest.mark.parametrize(
    ("sent", "value"), [("=0003.000", "3.000"), ("=-0001.00", "-1.00"), ("=00012340", "12340")]
)
def test_forward(sent: str, value: str, weight: Weigh) -> None:
    assert str(weight("xk3190_fwd", sent.encode()).value) == value


def test_the_two_orders_do_not_take_each_other_for_their_own(heard: Hears) -> None:
    """A sign in front is forward, a sign behind is reversed; without a minus nothing tells."""
    assert not [each for each in heard("xk3190_rev", b"=-0001.00=") if isinstance(each, Weight)]
    assert not [each for each in heard("xk3190_fwd", b"=00.1000-=") if isinstance(each, Weight)]


def test_the_a12e_of_its_manual(weight: Weigh, skip: Skips) -> None:
    found = weight("xk3190_a12e", "57473030342E3133396B6733440D0A")
    assert (str(found.value), found.kind, found.checksum) == ("4.139", Kind.GROSS, Checksum.OK)
    assert skip("xk3190_a12e", b" " * 9 + b"OL23\r\n") is Skip.OVER
    assert skip("xk3190_a12e", b" " * 9 + b"LO23\r\n") is Skip.UNDER
    assert skip("xk3190_a12e", b"WG004.139kg3E\r\n") is Skip.CHECKSUM


@pytest.mark.parametrize(
    ("sent", "value", "kind"),
    [
        (b"wn 0002.02kg\r\n", "2.02", Kind.NET),
        (b"wn001.171kg\r\n", "1.171", Kind.NET),
        (b"ww-0012.02kg\r\n", "-12.02", Kind.GROSS),
        (b"wt00012.5kg\r\n", "12.5", Kind.TARE),
    ],
)
def test_lines_that_begin_with_w(sent: bytes, value: str, kind: Kind, weight: Weigh) -> None:
    found = weight("xk3190_wn", sent)
    assert (str(found.value), found.kind, found.unit) == (value, kind, Unit.KG)
