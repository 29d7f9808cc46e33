"""A line that is read in large pieces gives the same bytes as any other."""

from __future__ import annotations

import socket
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.link.client import PIECE, ReadAhead


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
