"""Seals: whoever changes a byte, a value or a key is found out."""

from __future__ import annotations

import json
import string
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from record.errors import BadProof, BadRecord
from record.proof import (
    BadKey,
    Proof,
    PublicKey,
    SigningKey,
    canonical,
    proof_in,
    seal,
    seal_written,
    sha256,
    unwire,
    unwire_hashed,
    verify,
    wire,
)

KEY = SigningKey.generate()
KEYS = {KEY.public.id: KEY.public}
TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
RECORDS = st.dictionaries(TEXTS.filter(lambda name: name != "proof"), VALUES, max_size=5)

SAMPLE = {
    "id": "018f0000-0000-7000-8000-000000000001",
    "text": 'Señal "ñ" \\ \u2028 €',
    "n": 120,
    "list": [1, True, None],
}


@settings(max_examples=40)
@given(RECORDS)
def test_a_sealed_record_comes_back_from_its_bytes_and_holds(record: dict[str, Any]) -> None:
    sealed = seal(record, KEY)
    read = unwire(wire(sealed))
    assert read == sealed
    assert {name: value for name, value in read.items() if name != "proof"} == record
    assert str(verify(read, KEYS)) == sealed["proof"]


@settings(max_examples=80)
@given(RECORDS)
def test_sealing_and_writing_in_one_go_gives_the_same_bytes(record: dict[str, Any]) -> None:
    assert seal_written(record, KEY) == wire(seal(record, KEY))
    assert seal_written({**record, "proof": "an old one"}, KEY) == seal_written(record, KEY)


@settings(max_examples=80)
@given(RECORDS, RECORDS)
def test_the_hash_that_bytes_show_is_the_records(record: dict[str, Any], inner: dict[str, Any]) -> None:
    sealed = seal({**record, "data": seal(inner, KEY)}, KEY)
    read, shown = unwire_hashed(wire(sealed))
    assert read == sealed
    assert shown in (sha256(canonical(sealed)), None)


def test_the_bytes_of_an_event_show_its_hash() -> None:
    sealed = seal(SAMPLE, KEY)
    assert unwire_hashed(wire(sealed)) == (sealed, sha256(canonical(sealed)))
    assert proof_in(wire(sealed)) == Proof.parse(sealed["proof"])
    assert Proof.parse(sealed["proof"]).hash == sha256(canonical(sealed))


def test_bytes_in_another_form_show_no_hash_although_they_were_signed() -> None:
    spaced = json.dumps(SAMPLE, ensure_ascii=False).encode()
    proof = seal_of(spaced)
    record, shown = unwire_hashed(spaced[:-1] + b',"proof":"%b"}' % proof.encode())
    assert (record, shown) == ({**SAMPLE, "proof": proof}, None)


def test_a_proof_of_something_within_shows_no_hash() -> None:
    inner = wire(seal(SAMPLE, KEY))
    record, shown = unwire_hashed(b'{"data":%b,"proof":"v1"}' % inner)
    assert (record["proof"], shown) == ("v1", None)


def seal_of(data: bytes) -> str:
    return str(Proof(sha256(data), KEY.id, KEY.sign(bytes.fromhex(sha256(data)))))


@settings(max_examples=40)
@given(RECORDS, st.randoms(use_true_random=False))
def test_the_order_of_names_changes_nothing(record: dict[str, Any], rng: Any) -> None:
    names = list(record)
    rng.shuffle(names)
    assert canonical({name: record[name] for name in names}) == canonical(record)


@settings(max_examples=40)
@given(RECORDS)
def test_canonical_bytes_are_json_that_says_the_same(record: dict[str, Any]) -> None:
    body = canonical(record)
    assert json.loads(body) == record
    assert canonical(json.loads(body)) == body


def test_every_changed_byte_is_found() -> None:
    """Each byte in turn, to each of its eight neighbours by one bit and to some that read like it."""
    sealed = wire(seal(SAMPLE, KEY))
    for place, byte in enumerate(sealed):
        others = {byte ^ (1 << bit) for bit in range(8)} | {0x20, 0x09, 0x30, 0x41, 0x5C, 0x22} - {byte}
        for other in others - {byte}:
            changed = sealed[:place] + bytes([other]) + sealed[place + 1 :]
            with pytest.raises((BadRecord, KeyError)):
                verify(unwire(changed), KEYS)


def test_every_missing_byte_is_found() -> None:
    sealed = wire(seal(SAMPLE, KEY))
    for place in range(len(sealed)):
        with pytest.raises((BadRecord, KeyError)):
            verify(unwire(sealed[:place] + sealed[place + 1 :]), KEYS)


def test_a_proof_has_one_way_to_be_written() -> None:
    """Base64 decoders ignore the last bits and strange characters; a proof with them is another proof."""
    text = seal(SAMPLE, KEY)["proof"]
    for other in string.ascii_letters + string.digits + "-_=. !":
        if other != text[-1]:
            with pytest.raises(BadProof):
                verify({**SAMPLE, "proof": text[:-1] + other}, KEYS)
        with pytest.raises(BadProof):
            verify({**SAMPLE, "proof": text + other}, KEYS)


@settings(max_examples=40)
@given(RECORDS, RECORDS)
def test_a_proof_holds_for_its_own_record_only(one: dict[str, Any], other: dict[str, Any]) -> None:
    if canonical(one) == canonical(other):
        return
    with pytest.raises(BadProof, match="hash"):
        verify({**other, "proof": seal(one, KEY)["proof"]}, KEYS)


def test_a_key_that_is_not_known_is_no_bad_proof() -> None:
    with pytest.raises(KeyError):
        verify(seal(SAMPLE, SigningKey.generate()), KEYS)


def test_a_signature_of_another_key_under_this_ones_name_is_found() -> None:
    forged = SigningKey.generate()
    proof = Proof.parse(seal(SAMPLE, forged)["proof"])
    with pytest.raises(BadProof, match=KEY.public.id):
        verify({**SAMPLE, "proof": str(Proof(proof.hash, KEY.public.id, proof.signature))}, KEYS)


def test_sealing_again_replaces_the_seal() -> None:
    twice = seal(seal(SAMPLE, SigningKey.generate()), KEY)
    assert verify(twice, KEYS).hash == sha256(canonical(SAMPLE))


@pytest.mark.parametrize(
    "text",
    [
        None,
        5,
        "",
        "v1",
        "v1.a.b.c",
        "v2." + "0" * 64 + "." + "0" * 16 + "." + "A" * 86,
        ["v1"],
        {"hash": "0"},
    ],
)
def test_what_is_no_proof_is_refused_as_such(text: object) -> None:
    with pytest.raises(BadProof, match="proof"):
        verify({**SAMPLE, "proof": text}, KEYS)


@pytest.mark.parametrize(
    ("record", "where"),
    [({"a": {"b": [0, 1.5]}}, "/a/b/1"), ({"n": 1.0}, "/n"), ({"n": float("nan")}, "/n")],
)
def test_floating_point_numbers_are_refused_at_their_place(record: dict[str, Any], where: str) -> None:
    with pytest.raises(BadRecord, match=where):
        canonical(record)


@pytest.mark.parametrize(
    "record", [{"n": 2**53}, {"n": -(2**60)}, {"text": "\ud800"}, {"\udfff": 1}, {"a": object()}]
)
def test_what_has_no_canonical_form_is_refused(record: dict[str, Any]) -> None:
    with pytest.raises(BadRecord):
        canonical(record)


@pytest.mark.parametrize("depth", [100, 600, 900, 5_000, 30_000])
def test_deep_nesting_is_refused_or_read_but_never_breaks_the_reader(depth: int) -> None:
    data = b'{"a":' + b"[" * depth + b"]" * depth + b"}"
    try:
        assert canonical(unwire(data)) == data
    except BadRecord as error:
        assert "recursion" in str(error) or "nested" in str(error)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe",
        b"5",
        b"null",
        b"[]",
        b'"text"',
        b'{"a":1,"a":2}',
        b'{"a":{"b":1,"b":1}}',
        b'{"a":NaN}',
        b'{"a":-Infinity}',
        b'{"a":1} {"a":1}',
        b'{"a":01}',
        b"{'a':1}",
        b'\xef\xbb\xbf{"a":1}',
        '{"a":1}'.encode("utf-16"),
        '{"a":1}'.encode("utf-16-le"),
        '{"a":"ñ"}'.encode("latin-1"),
        b'{"a":' + b"9" * 5000 + b"}",
    ],
)
def test_what_is_not_one_json_object_in_utf_8_is_refused(data: bytes) -> None:
    with pytest.raises(BadRecord, match="not a JSON object"):
        unwire(data)


def test_the_example_of_rfc_8785_comes_out_as_it_is_printed_there() -> None:
    """RFC 8785, 3.2.3: names are sorted by UTF-16 code units."""
    names = {"\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh"}
    names |= {"1": "One", "\U0001f600": "Emoji: Grinning Face", "\u0080": "Control", "\u00f6": "Latin o"}
    order = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]
    assert list(json.loads(canonical(names))) == order


class TestKeys:
    def test_a_public_key_comes_back_from_its_text(self) -> None:
        assert PublicKey.parse(str(KEY.public)) == KEY.public
        assert len(KEY.public.id) == 16

    @pytest.mark.parametrize("change", ["", "ed25519:", "rsa:AAAA", "ed25519:AAAA", "ed25519:" + "ñ" * 43])
    def test_what_is_no_public_key_is_refused_with_what_was_found(self, change: str) -> None:
        with pytest.raises(BadKey) as refused:
            PublicKey.parse(change)
        assert repr(change) in str(refused.value)

    def test_every_mistyped_character_of_a_public_key_gives_another_key_or_none(self) -> None:
        text = str(KEY.public)
        for place in range(len(text)):
            for other in "AQgw_!= ":
                typed = text[:place] + other + text[place + 1 :]
                if typed != text:
                    with suppress(BadKey):
                        assert PublicKey.parse(typed) != KEY.public

    def test_a_new_key_is_its_owners_alone_and_is_made_once(self, tmp_path: Path) -> None:
        path = tmp_path / "keys" / "gate.pem"
        made = SigningKey.read_or_create(path)
        assert path.stat().st_mode & 0o077 == 0
        assert SigningKey.read_or_create(path).public == made.public == SigningKey.read(path).public
        assert [each.name for each in path.parent.iterdir()] == ["gate.pem"]

    def test_many_that_make_the_key_at_once_get_the_same(self, tmp_path: Path) -> None:
        path, made, gate = tmp_path / "gate.pem", set[str](), threading.Barrier(8)

        def make() -> None:
            gate.wait()
            made.add(SigningKey.read_or_create(path).public.id)

        threads = [threading.Thread(target=make) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert made == {SigningKey.read(path).public.id}

    def test_a_key_file_that_cannot_be_used_is_named(self, tmp_path: Path) -> None:
        absent, broken, folder = tmp_path / "absent.pem", tmp_path / "broken.pem", tmp_path / "folder.pem"
        broken.write_text("-----BEGIN PRIVATE KEY-----\n")
        folder.mkdir()
        for path in (absent, broken, folder):
            with pytest.raises(BadKey, match=str(path)):
                SigningKey.read(path)

    def test_a_key_of_another_kind_or_with_a_password_is_refused(self, tmp_path: Path) -> None:
        other, locked = tmp_path / "rsa.pem", tmp_path / "locked.pem"
        private = rsa.generate_private_key(65537, 2048)
        other.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        key = Ed25519PrivateKey.generate()
        locked.write_bytes(
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))
        )
        with pytest.raises(BadKey, match="Ed25519"):
            SigningKey.read(other)
        with pytest.raises(BadKey, match="unencrypted"):
            SigningKey.read(locked)

    def test_a_place_where_no_key_can_be_made_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("no folder")
        path = tmp_path / "file" / "gate.pem"
        with pytest.raises(BadKey, match=str(path)):
            SigningKey.read_or_create(path)

    def test_the_private_key_shows_in_no_text(self) -> None:
        assert KEY._private.private_bytes_raw().hex() not in repr(KEY) + str(KEY)


def test_a_signature_of_another_length_takes_nothing_of_the_message_along() -> None:
    signature = KEY.sign(b"a longer message")
    assert KEY.public.holds(signature, b"a longer message")
    assert not KEY.public.holds(signature + b"a ", b"longer message")
    assert not KEY.public.holds(signature[:-1], signature[-1:] + b"a longer message")
    assert not KEY.public.holds(b"", signature + b"a longer message")
    assert not PublicKey(KEY.public.raw[:31]).holds(signature, b"a longer message")


def test_a_signature_is_the_one_of_rfc_8032() -> None:
    """RFC 8032, 7.1, test 2."""
    seed = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
    key = SigningKey(Ed25519PrivateKey.from_private_bytes(seed))
    assert key.public.raw.hex() == "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    assert key.sign(b"\x72").hex() == (
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )


@given(st.binary(max_size=200))
def test_another_program_makes_and_takes_the_same_signatures(message: bytes) -> None:
    private = Ed25519PrivateKey.generate()
    key = SigningKey(private)
    assert key.sign(message) == private.sign(message)
    private.public_key().verify(key.sign(message), message)
