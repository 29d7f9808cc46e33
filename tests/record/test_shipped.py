from __future__ import annotations

from pathlib import Path

import pytest

from record import shipped


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with an operator's folder, a wheel and a checkout, all empty."""
    monkeypatch.setattr(shipped, "SYSTEM", tmp_path / "etc")
    monkeypatch.setattr(shipped, "PACKAGE", tmp_path / "site-packages" / "record")
    return tmp_path


def lay(folder: Path, name: str, text: str = "") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_the_given_folder_wins_then_the_operator_then_the_wheel_then_the_checkout(house: Path) -> None:
    checkout = lay(house / "site-packages" / "config", "codes/a.csv")
    assert shipped.find("codes/a.csv") == checkout
    wheel = lay(house / "site-packages" / "record" / "config", "codes/a.csv")
    assert shipped.find("codes/a.csv") == wheel
    operator = lay(house / "etc", "codes/a.csv")
    assert shipped.find("codes/a.csv") == operator
    given = lay(house / "given", "codes/a.csv")
    assert shipped.find("codes/a.csv", house / "given") == given


def test_a_given_folder_without_the_file_falls_through(house: Path) -> None:
    operator = lay(house / "etc", "acl")
    assert shipped.find("acl", house / "nowhere") == operator


def test_a_missing_file_names_every_place(house: Path) -> None:
    with pytest.raises(shipped.NotShippedError) as caught:
        shipped.find("owners.csv", house / "given")
    message = str(caught.value)
    assert "owners.csv" in message
    for folder in ("given", "etc", "site-packages/record/config", "site-packages/config"):
        assert str(house / folder / "owners.csv") in message


@pytest.mark.parametrize("name", ["/etc/passwd", "../secret", "codes/../../secret"])
def test_names_stay_inside(name: str) -> None:
    with pytest.raises(ValueError, match="inside"):
        shipped.find(name)


def test_a_folder_is_the_union_of_the_places(house: Path) -> None:
    lay(house / "site-packages" / "config", "models/b.yaml")
    own = lay(house / "etc", "models/a.yaml")
    replaced = lay(house / "etc", "models/b.yaml")
    lay(house / "etc", "models/readme.txt")
    assert list(shipped.find_all("models", "*.yaml")) == [own, replaced]


def test_the_checkout_is_found_for_real() -> None:
    assert shipped.find("messages").is_dir()
