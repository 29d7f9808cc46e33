"""The signed request that brings a file of evidence, and what a draft names."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from record.draft import Evidence
from record.errors import BadProof, BadRecord
from record.proof import SigningKey, sha256
from record.upload import FileKind, Span, digest_of, head_headers, named, put_headers, verified

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
KEY = SigningKey.generate()
BODY = b"\xff\xd8\xff\xe0 a picture"
PATH = f"/v1/evidence/{sha256(BODY)}"


def known(key: str):
    return KEY.public if key == KEY.public.id else None


def put() -> dict[str, str]:
    return put_headers(PATH, BODY, Span(0, len(BODY), len(BODY)), KEY, NOW)


def test_what_was_signed_is_believed():
    assert verified("PUT", PATH, put(), known, NOW).key == KEY.public.id
    assert verified("HEAD", PATH, head_headers(PATH, KEY, NOW), known, NOW).at == NOW


def test_the_digest_is_that_of_rfc_9530():
    """Appendix B.1 of RFC 9530 has this body and this digest."""
    assert digest_of(b'{"hello": "world"}\n') == "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:"


@pytest.mark.parametrize("change", ["method", "path", "content-digest", "content-range", "signature-input"])
def test_nothing_that_is_signed_can_be_changed(change):
    headers, method, path = put(), "PUT", PATH
    match change:
        case "method":
            method = "HEAD"
        case "path":
            path = PATH[:-1] + ("0" if PATH[-1] != "0" else "1")
        case "signature-input":
            created = str(int(NOW.timestamp()))
            headers[change] = headers[change].replace(created, str(int(created) + 1))
        case _:
            headers[change] = headers[change].replace("0", "1").replace("=:", "=:A", 1)
    with pytest.raises(BadProof):
        verified(method, path, headers, known, NOW)


@pytest.mark.parametrize("late", [timedelta(minutes=6), timedelta(minutes=-6)])
def test_an_old_request_proves_nothing(late):
    with pytest.raises(BadProof, match="clocks"):
        verified("PUT", PATH, put(), known, NOW + late)


def test_a_key_that_nobody_accepted_is_named():
    with pytest.raises(BadProof, match=KEY.public.id):
        verified("PUT", PATH, put(), lambda _: None, NOW)


@given(st.dictionaries(st.sampled_from(["signature", "signature-input", "content-digest"]), st.text()))
def test_any_headers_are_refused_with_a_reason(headers):
    with pytest.raises(BadProof):
        verified("PUT", PATH, headers, known, NOW)


@given(st.integers(0, 5000), st.integers(1, 5000), st.integers(0, 5000))
def test_a_span_reads_what_it_writes(first, length, more):
    span = Span(first, length, first + length + more)
    assert Span.parse(str(span)) == span


@pytest.mark.parametrize("text", ["", "bytes */10", "bytes 5-4/10", "bytes 0-10/10", "bytes 0-9/*", "0-9/10"])
def test_a_range_of_bytes_that_are_not_there_is_refused(text):
    with pytest.raises(BadRecord, match="Content-Range"):
        Span.parse(text)


def test_a_draft_names_its_pictures_and_the_drivers_file():
    first, second, crop, driver = (character * 64 for character in "abcd")
    at, who = "2026-11-24T12:00:00.000Z", {"clock": "unknown", "machine": "m", "version": "1"}
    sighting = {"at": at, "device": "rear", "picture": first, "status": "accepted"}
    plate = {"plate": "ABC1234", "part": "tractor"}
    evidence = Evidence.from_wire(
        {
            "sightings": [{"id": "s1", "crop": crop, **sighting}, {"id": "s2", **sighting}],
            "plates": [
                {"id": "p1", "origin": "scan", **plate},
                {"id": "p2", "origin": second, "picture": second, **plate},
            ],
            "personal": driver,
            **who,
        }
    )
    assert named(evidence) == {
        first: FileKind.PICTURE,
        second: FileKind.PICTURE,
        crop: FileKind.CROP,
        driver: FileKind.PERSONAL,
    }
    assert named(Evidence.from_wire(who)) == {}
