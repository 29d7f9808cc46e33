"""Passwords: what may be one, and what fits."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from record.web.passwords import BadPassword, Passwords

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def test_a_password_fits_its_hash_and_no_other():
    passwords = Passwords(QUICK)
    kept = passwords.hashed("correct horse battery", "ana")
    assert kept.startswith("$argon2id$")
    assert passwords.fits(kept, "correct horse battery")
    assert not passwords.fits(kept, "correct horse batterz")
    assert not passwords.fits(None, "nobody has this password")
    assert not passwords.fits("no hash", "correct horse battery")


@pytest.mark.parametrize("password", ["short", "x" * 201, "my name is Ana Vera!", "aaaaaaaaaaaa", ""])
def test_what_is_no_password(password):
    with pytest.raises(BadPassword):
        Passwords(QUICK).hashed(password, "ana vera")


def test_a_hash_of_weaker_parameters_is_told():
    assert Passwords().outdated(QUICK.hash("x"))
    assert not Passwords(QUICK).outdated(QUICK.hash("x"))
