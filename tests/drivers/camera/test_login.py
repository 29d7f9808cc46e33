from pathlib import Path

import pytest

from drivers.camera.login import Authorization, Challenge, Login, basic, challenges, digest, secret_file
from drivers.errors import CannotOpen

RFC_7616_3_9_1 = (
    'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={algorithm}, '
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", '
    'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
)


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_examples_of_rfc_7616(algorithm: str, response: str) -> None:
    [challenge] = challenges([RFC_7616_3_9_1.format(algorithm=algorithm)])
    cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
    answer = digest(challenge, "Mufasa", "Circle of Life", "GET", "/dir/index.html", 1, cnonce)
    assert f'response="{response}"' in answer
    assert "nc=00000001" in answer
    assert 'opaque="FQhe' in answer


def test_the_example_of_rfc_2069_without_qop() -> None:
    challenge = Challenge(
        "digest", {"realm": "testrealm@host.com", "nonce": "dcd98b7102dd2f0e8b11d0f600bfb0c093"}
    )
    answer = digest(challenge, "Mufasa", "CircleOfLife", "GET", "/dir/index.html", 1, "unused")
    assert 'response="1949323746fe6a43ef61f9606e7febea"' in answer
    assert "cnonce" not in answer


def test_the_example_of_rfc_7617() -> None:
    assert basic("Aladdin", "open sesame") == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="


def test_the_strongest_known_way_in_is_taken() -> None:
    login = Authorization(Login("gate", lambda: "secret"))
    offers = [
        'Basic realm="a", Digest realm="a", nonce="1", qop="auth", algorithm=SHA-256',
        'Digest nonce="2"',
    ]
    assert login.challenged(offers)
    assert "algorithm=SHA-256" in (login.header("GET", "/") or "")


def test_a_nonce_is_used_again_with_a_higher_count() -> None:
    login = Authorization(Login("gate", lambda: "secret"))
    assert login.header("GET", "/") is None
    login.challenged(['Digest realm="a", nonce="1", qop="auth"'])
    assert "nc=00000001" in (login.header("GET", "/") or "")
    assert "nc=00000002" in (login.header("GET", "/") or "")


@pytest.mark.parametrize(
    "offer", ["Negotiate", 'Digest nonce="1", algorithm=NEW-1', 'Digest nonce="1", qop="auth-int"']
)
def test_a_way_in_that_nobody_knows_is_refused(offer: str) -> None:
    assert not Authorization(Login("gate", lambda: "secret")).challenged([offer])


def test_a_login_prints_without_its_secret() -> None:
    assert "hunter2" not in repr(Login("gate", lambda: "hunter2"))


def test_the_secret_is_the_first_line_of_its_file(tmp_path: Path) -> None:
    (tmp_path / "camera").write_text("contraseña\r\nsecond line\n", encoding="utf-8")
    assert secret_file(tmp_path / "camera")() == "contraseña"


def test_a_missing_secret_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CannotOpen, match="nothing-here"):
        secret_file(tmp_path / "nothing-here")()
