from __future__ import annotations

from pathlib import Path

import pytest

from record.codes import LISTS, CodeListError, Codes, Mark, read, shipped

RIGHT = 'list: districts\nversion: "1"\nsource: "a form"\nmark: confirmed\ncodes:\n  "028": {es: Guayaquil}\n'


def lay(folder: Path, text: str) -> Path:
    path = folder / "districts.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", LISTS)
def test_every_shipped_list_says_where_it_is_from(name: str) -> None:
    codes = shipped()[name]
    assert codes.version
    assert codes.source
    assert all(entry.name("es") for entry in codes.values())


def test_shipped_lists_hold_what_a_gate_looks_up() -> None:
    codes = shipped()
    assert {"019", "028", "055", "145"} <= codes.districts
    assert "024" in codes["districts"], "a code of unknown meaning is listed"
    assert "024" not in codes.districts, "and not known"
    assert "40" in codes.export_regimes
    assert "10" in codes.import_regimes
    assert codes["packaging"]["035"].name() == "caja (box)"
    assert codes["packaging"]["035"].name("en") == "box"
    assert len(codes["packaging"]) > 450
    assert codes["cargo_types"]["CC"].mark is Mark.PRACTICE
    assert codes.size_aliases["40HC"] == "45G1"


def test_a_trades_name_means_a_listed_code() -> None:
    codes = shipped()
    for code in codes.size_aliases.values():
        assert code[0] in codes["size_lengths"]
        assert code[1] in codes["size_heights"]
        assert code[2:] in codes["size_types"]


def test_an_operators_file_replaces_the_shipped_one(tmp_path: Path) -> None:
    path = lay(tmp_path, RIGHT)
    assert Codes(lambda name: path).districts == {"028"}


def test_a_list_that_there_is_not() -> None:
    with pytest.raises(KeyError):
        shipped()["towns"]


@pytest.mark.parametrize(
    ("text", "place", "what"),
    [
        (RIGHT.replace("districts", "towns"), "1:7", "list must be districts"),
        (RIGHT.replace('"1"', "1"), "2:10", "version must be a text"),
        (RIGHT.replace("confirmed", "sure"), "4:7", "mark must be one of confirmed"),
        (RIGHT.replace("{es: Guayaquil}", "Guayaquil"), "6:10", "a code needs its name"),
        (RIGHT.replace("{es:", "{en:"), "6:10", "no Spanish name"),
        (RIGHT.replace("es: Guayaquil", "es: 28"), "6:15", "codes.028.es must be a text"),
        (RIGHT + '  "028": {es: Manta}\n', "7:3", "duplicate_key"),
        (RIGHT.split("codes")[0], "1:1", "codes must be a mapping"),
        ("- 1\n", "1:1", "a list with its codes"),
        ("a: [1", "1:4", "bracket_open"),
    ],
)
def test_a_wrong_file_is_named_with_its_place(tmp_path: Path, text: str, place: str, what: str) -> None:
    path = lay(tmp_path, text)
    with pytest.raises(CodeListError, match=what) as raised:
        read(path, "districts")
    assert str(raised.value).startswith(f"{path}:{place}")
