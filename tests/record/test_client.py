"""A line that is read and written in large pieces gives and takes the same bytes as any other."""

from __future__ import annotations

import socket
from collections import deque
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from record.client import PIECE, PUBACK, PUBLISH, ReadAhead, join, queued


def pair():
    near, far = socket.socketpair()
    return near, ReadAhead(far.family, far.type, far.proto, fileno=far.detach())


@given(st.binary(min_size=1, max_size=300), st.integers(1, 40))
def test_the_bytes_come_in_order_in_the_sizes_asked_for(sent, size):
    near, line = pair()
    with closing(near), closing(line):
        near.sendall(sent)
        near.shutdown(socket.SHUT_WR)
        pieces = list(iter(lambda: line.recv(size), b""))
    assert b"".join(pieces) == sent
    assert all(len(piece) == size for piece in pieces[:-1])


def test_what_was_read_ahead_is_told_and_comes_before_the_end():
    near, line = pair()
    with closing(near), closing(line):
        near.sendall(b"abcdef")
        assert line.pending() == 0
        assert line.recv(1) == b"a"
        assert line.pending() == 5
        near.close()
        assert line.recv(PIECE) == b"bcdef"
        assert line.recv(1) == b""
        assert line.pending() == 0


def test_a_line_that_has_nothing_says_so_and_goes_on():
    near, line = pair()
    with closing(near), closing(line):
        line.setblocking(False)
        with pytest.raises(BlockingIOError):
            line.recv(1)
        near.sendall(b"ab")
        assert (line.recv(1), line.recv(5)) == (b"a", b"b")
        with pytest.raises(BlockingIOError):
            line.recv(1)


def packet(body: bytes, command: int = PUBLISH, qos: int = 1):
    return queued(command, body, 1, qos)


def test_what_waits_goes_out_in_one_piece_and_in_order():
    waiting = deque([packet(b"one"), packet(b"two", PUBACK), packet(b"three")])
    join(waiting)
    assert [each["packet"] for each in waiting] == [b"onetwothree"]
    assert waiting[0]["to_process"] == len(b"onetwothree")


def test_what_was_written_already_is_not_written_again():
    begun = {**packet(b"one"), "pos": 2, "to_process": 1}
    waiting = deque([begun, packet(b"two")])
    join(waiting)
    assert [each["packet"][each["pos"] :] for each in waiting] == [b"etwo"]


@pytest.mark.parametrize("apart", [packet(b"bye", 0xE0, 0), packet(b"unacknowledged", PUBLISH, 0)])
def test_packets_after_which_something_is_done_stay_by_themselves(apart):
    waiting = deque([packet(b"one"), packet(b"two"), apart, packet(b"three")])
    join(waiting)
    assert [each["packet"] for each in waiting] == [b"onetwo", apart["packet"], b"three"]


def test_nothing_and_a_single_packet_stay_as_they_are():
    only = packet(b"one")
    for waiting in (deque(), deque([only])):
        before = list(waiting)
        join(waiting)
        assert list(waiting) == before


def test_a_piece_does_not_grow_without_bound():
    waiting = deque([packet(b"x" * PIECE), packet(b"y")])
    join(waiting)
    assert len(waiting) == 2
