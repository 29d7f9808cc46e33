"""What root makes in another user's folder is that user's."""

import os

import pytest

from gateway.folder import make_private
from record.proof import SigningKey

NOBODY = 65534


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_key_and_a_database_that_root_makes_are_the_services(tmp_path):
    os.chown(tmp_path, NOBODY, NOBODY)
    SigningKey.read_or_create(tmp_path / "gate.pem")
    make_private(tmp_path / "gateway.db")
    for made in tmp_path.iterdir():
        assert (made.stat().st_uid, made.stat().st_mode & 0o777) == (NOBODY, 0o600), made


def test_a_file_in_ones_own_folder_stays_ones_own(tmp_path):
    make_private(tmp_path / "gateway.db")
    assert (tmp_path / "gateway.db").stat().st_uid == os.geteuid()
