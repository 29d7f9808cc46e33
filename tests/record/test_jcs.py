"""The fast canonical form is the slow one's, byte for byte."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from record.jcs import LARGEST, NotCanonicalError, dumps, loads

TEXTS = st.text()
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-LARGEST, LARGEST) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(TEXTS, VALUES, max_size=6))
@example({"\U0001f600": 1, "\ufb33": 2})
@example({"a\U0001f600": 1, "a\ue000": 2, "b": [{"\uffff": 1, "\U00010000": 2}]})
@example({"z": StrEnum("Word", ["A"]).A, "y": ("b", 1), "é": {"ñ": [True, None]}})
@example({'\x00\x1f\x7f\b\t\n\f\r"\\/\u2028é\ufeff': '\x00\x1f\x7f\b\t\n\f\r"\\/\u2028é\ufeff'})
def test_it_is_what_rfc_8785_writes(record):
    assert dumps(record) == rfc8785.dumps(record)
    assert dumps(loads(dumps(record))) == dumps(record)


@given(st.dictionaries(TEXTS, VALUES, max_size=6))
def test_a_record_comes_back_from_its_bytes(record):
    assert loads(dumps(record)) == record


OTHER_FORMS = {
    "a space": b'{"a": 1}',
    "the order": b'{"b":1,"a":1}',
    "a name twice": b'{"a":1,"a":1}',
    "an escape": b'{"a":"\\u0061"}',
    "a float": b'{"a":1.0}',
    "an exponent": b'{"a":1e2}',
    "beyond 2^53": b'{"a":9007199254740993}',
    "beyond 2^64": b'{"a":92233720368547758089}',
    "no number": b'{"a":NaN}',
    "no UTF-8": b'{"a":"\xff"}',
    "half a pair": b'{"a":"\xed\xa0\x80"}',
    "no object": b"[]",
    "cut": b'{"a":',
    "nothing": b"",
}


@pytest.mark.parametrize("data", OTHER_FORMS.values(), ids=OTHER_FORMS)
def test_bytes_in_another_form_are_no_records(data):
    assert loads(data) is None


REFUSED = {
    "a float": ({"a": [1.0]}, "/a/0 is a floating-point number"),
    "not a number": ({"a": float("nan")}, "/a is a floating-point number"),
    "beyond 2^53": ({"a": {"b": LARGEST + 1}}, "/a/b is 9007199254740992"),
    "below": ({"a": -LARGEST - 1}, "/a is -9007199254740992"),
    "a name that is a number": ({"a": {1: 2}}, "/a has the name 1"),
    "a decimal": ({"a": Decimal(1)}, "/a is no JSON but Decimal"),
    "half a surrogate pair": ({"a": "\ud800"}, "UTF-8"),
    "half a pair in a name": ({"\ud800": 1}, "UTF-8|surrogate"),
}


@pytest.mark.parametrize(("record", "words"), REFUSED.values(), ids=REFUSED)
def test_what_has_no_canonical_form_is_named(record, words):
    with pytest.raises(NotCanonicalError, match=words):
        dumps(record)


def test_five_thousand_levels_are_refused():
    record: dict[str, object] = {}
    for _ in range(5_000):
        record = {"a": record}
    with pytest.raises(NotCanonicalError, match="deep"):
        dumps(record)
