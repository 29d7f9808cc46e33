"""A printed ticket is one reading: its net."""

from collections.abc import Callable

import pytest

from drivers.readings import Kind, Skip, Skipped, Stability, Weight

Weigh = Callable[..., Weight]
Skips = Callable[..., Skip]
Hears = Callable[..., list[Weight | Skipped]]

HEADER = "^KJIK000"


def ticket(tare: str, gross: str, net: str, date: str = "2023-11-07", unit: str = "kg") -> bytes:
    weights = [f"{each:>6} {unit}" for each in (tare, gross, net, net)]
    lines = (
        HEADER,
        date,
        "17:19:26",
        *weights[:2],
        "0",
        "0",
        *weights[2:],
        "     0 pcs",
        " ",
        " ",
        "E",
        "~P1",
        "",
    )
    return "\r\n".join(lines).encode()


@pytest.mark.parametrize("date", ["2023-11-07", "2023/11/07"])
def test_a_ticket_is_one_net_weight(date: str, weight: Weigh) -> None:
    sent = ticket("0.50", "2.44", "1.94", date)
    found = weight("ticket_block", sent)
    assert (str(found.value), found.unit, found.kind) == ("1.94", "kg", Kind.NET)
    assert (found.stability, found.raw) == (Stability.UNKNOWN, sent)


def test_two_tickets_are_two_weights(heard: Hears) -> None:
    found = heard("ticket_block", ticket("0.00", "1.94", "1.94") + b"\r\n" + ticket("0.00", "67.81", "67.81"))
    assert [str(each.value) for each in found if isinstance(each, Weight)] == ["1.94", "67.81"]


def test_a_ticket_that_does_not_add_up_is_none(skip: Skips) -> None:
    assert skip("ticket_block", ticket("0.50", "2.44", "2.94")) is Skip.IMPOSSIBLE


def test_a_ticket_in_two_units_is_none(skip: Skips) -> None:
    assert skip("ticket_block", ticket("0.50", "2.44", "1.94").replace(b"kg", b"g", 1)) is Skip.IMPOSSIBLE


def test_a_cut_ticket_is_none(skip: Skips) -> None:
    sent = ticket("0.50", "2.44", "1.94")
    assert skip("ticket_block", sent[:60]) is Skip.TOO_SHORT
    assert skip("ticket_block", sent[:-2]) is Skip.TOO_SHORT


def test_a_ticket_into_which_the_next_one_breaks(heard: Hears) -> None:
    sent = ticket("0.50", "2.44", "1.94")
    found = heard("ticket_block", sent[:50] + sent)
    assert [str(each.value) for each in found if isinstance(each, Weight)] == ["1.94"]


def test_without_a_date_it_is_no_ticket(heard: Hears) -> None:
    found = heard("ticket_block", ticket("0.50", "2.44", "1.94", date="NET"))
    assert not any(isinstance(each, Weight) for each in found)
