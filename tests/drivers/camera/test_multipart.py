import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.camera.multipart import Multipart, boundary_of

FIRST = b"\xff\xd8\xff first \xff\xd9"
SECOND = b"\xff\xd8\xff\r\n\r\nsecond\r\n\xff\xd9"
LIMIT = 1000


def part(content: bytes, *, length: int | None = None, line: bytes = b"\r\n") -> bytes:
    size = len(content) if length is None else length
    headers = [b"--frame", b"Content-Type: image/jpeg", b"Content-Length: %d" % size, b"", b""]
    return line.join(headers) + content + line


def unmeasured(content: bytes) -> bytes:
    return b"--frame\r\nContent-Type: image/jpeg\r\n\r\n" + content + b"\r\n"


def read(stream: bytes, limit: int = LIMIT) -> list[bytes]:
    return Multipart(b"frame", limit).feed(stream)


@pytest.mark.parametrize(
    ("header", "boundary"),
    [
        ("multipart/x-mixed-replace; boundary=frame", b"frame"),
        ('multipart/x-mixed-replace;boundary="--my frame"', b"my frame"),
        ("Multipart/X-Mixed-Replace; Boundary=--frame", b"frame"),
        ("image/jpeg", None),
        ("multipart/x-mixed-replace", None),
        ("", None),
    ],
)
def test_the_boundary_is_found_in_the_content_type(header: str, boundary: bytes | None) -> None:
    assert boundary_of(header) == boundary


def test_parts_are_cut_by_their_length_as_soon_as_they_are_whole() -> None:
    assert read(part(FIRST) + part(SECOND)) == [FIRST, SECOND]


def test_parts_without_a_length_end_at_the_next_boundary() -> None:
    assert read(unmeasured(FIRST) + unmeasured(SECOND) + b"--frame") == [FIRST, SECOND]


def test_bare_line_feeds_are_understood() -> None:
    assert read(part(FIRST, line=b"\n") + part(SECOND, line=b"\n")) == [FIRST, SECOND]


@pytest.mark.parametrize("wrong", [3, len(FIRST) + 7], ids=["too short", "too long"])
def test_a_wrong_length_is_not_believed(wrong: int) -> None:
    assert read(part(FIRST, length=wrong) + part(SECOND) + b"--frame")[:2] == [FIRST, SECOND]


def test_noise_before_the_first_boundary_is_passed_over() -> None:
    assert read(b"\r\npreamble --fram" + bytes(300) + part(FIRST)) == [FIRST]


def test_a_part_beyond_the_limit_is_counted_and_the_next_one_read() -> None:
    parser = Multipart(b"frame", LIMIT)
    stream = unmeasured(bytes(50_000)) + part(FIRST)
    parts = [found for at in range(0, len(stream), 512) for found in parser.feed(stream[at : at + 512])]
    assert parts == [FIRST]
    assert parser.oversized == 1


def test_headers_without_end_are_given_up() -> None:
    assert read(b"--frame\r\n" + b"X: y\r\n" * 3000 + part(FIRST)) == [FIRST]


@given(
    contents=st.lists(st.binary(min_size=1, max_size=200), min_size=1, max_size=5),
    cuts=st.lists(st.integers(min_value=1, max_value=90), min_size=1),
)
def test_where_the_network_cuts_the_stream_makes_no_difference(
    contents: list[bytes], cuts: list[int]
) -> None:
    stream = b"".join(part(content) for content in contents) + b"--frame--\r\n"
    parser, parts, at = Multipart(b"frame", LIMIT), [], 0
    for cut in cuts * (len(stream) // sum(cuts) + 1):
        parts += parser.feed(stream[at : at + cut])
        at += cut
    assert parts == read(stream) == contents


@given(st.binary(max_size=3000), st.integers(min_value=1, max_value=200))
def test_any_bytes_are_survived_within_the_limit(noise: bytes, size: int) -> None:
    parser = Multipart(b"frame", 100)
    for at in range(0, len(noise), size):
        for found in parser.feed(noise[at : at + size]):
            assert len(found) <= len(noise)
