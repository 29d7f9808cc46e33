from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
import yaml

from drivers.advice import ADVICE
from drivers.device import DeviceState
from drivers.errors import Advice
from drivers.readings import Remark as WeightRemark
from drivers.readings import Skip
from record import finding, messages, yamltree
from record.identifiers import remark
from record.identifiers.identifier import Kind
from record.messages import CatalogueError, Phrase, UnknownTextError, catalogue, parameters, text
from record.shipped import find_all

HOUSE = Path(__file__).resolve().parents[2]
PACKAGES = ("record", "drivers", "ocr", "gateway", "registry")


def write(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def test_a_text_is_read_in_the_language_asked_for() -> None:
    assert text("config.too_small", bound=3) == "tiene que ser 3 o más"
    assert text("config.too_small", lang="en", bound=3) == "it has to be 3 or more"


def test_a_phrase_inside_a_phrase_is_read_in_the_same_language() -> None:
    phrase = Phrase("config.found", {"found": Phrase("config.found_list")})
    assert phrase.text("es") == "se encontró una lista"
    assert phrase.text("en") == "found a list"
    assert (
        Phrase("config.one_of", {"choices": ["a", Phrase("config.kind_number")]})
        .text("en")
        .endswith("a, a number")
    )


def test_hostile_parameters_are_only_text() -> None:
    hostile = "{0.__class__} {bound!r} \x1b[2J\u202e"
    shown = text("config.too_small", lang="en", bound=hostile)
    assert shown == "it has to be {0.__class__} {bound!r} \\x1b[2J\\u202e or more"


def test_a_code_or_parameter_that_is_not_there_is_named() -> None:
    with pytest.raises(UnknownTextError, match=r"no\.such_code"):
        text("no.such_code")
    with pytest.raises(UnknownTextError, match="'qu'"):
        text("config.expected_int", lang="qu")
    with pytest.raises(UnknownTextError, match="bound"):
        text("config.too_small")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("a.b: {es: x}\n", "languages es, en"),
        ("a.b: {es: x, en: y, qu: z}\n", "languages es, en"),
        ("a.b: x\n", "languages es, en"),
        ("A.b: {es: x, en: y}\n", "no code"),
        ("ab: {es: x, en: y}\n", "no code"),
        ("a.b: {es: 1, en: y}\n", "a.b.es is no text"),
        ("a.b: {es: '{x.real}', en: '{x}'}\n", "a.b.es is no text"),
        ("a.b: {es: '{x!r}', en: '{x}'}\n", "a.b.es is no text"),
        ("a.b: {es: '{x:>9}', en: '{x}'}\n", "a.b.es is no text"),
        ("a.b: {es: '{}', en: '{x}'}\n", "a.b.es is no text"),
        ("a.b: {es: '{x', en: '{x}'}\n", "a.b.es is no text"),
        ("a.b: {es: '{x}', en: '{y}'}\n", "same parameters"),
        ("- a\n", "codes with their texts"),
        ("a.b: {es: 'x\n", "line 1"),
        ("a.b: {es: x, en: y}\na.b: {es: x, en: y}\n", r"a\.b stands twice"),
    ],
)
def test_a_wrong_file_of_texts_is_refused(tmp_path: Path, content: str, words: str) -> None:
    path = write(tmp_path, "a.yaml", content)
    with pytest.raises(CatalogueError, match=words) as caught:
        messages.read([path])
    assert str(path) in str(caught.value)


def test_a_code_stands_in_one_file(tmp_path: Path) -> None:
    files = [write(tmp_path, name, "a.b: {es: x, en: y}\n") for name in ("a.yaml", "b.yaml")]
    with pytest.raises(CatalogueError, match=r"a\.b stands in another file"):
        messages.read(files)


def test_the_shipped_files_read_the_same_by_the_strict_reader() -> None:
    for path in find_all("messages", "*.yaml"):
        tree = yamltree.parse(path.read_bytes())
        assert not tree.faults, path
        assert tree.root.data() == yaml.safe_load(path.read_text(encoding="utf-8"))


FAMILIES = {
    "finding": [code.value for code in finding.Code],
    "identifier": [code.value for code in remark.Code] + [f"kind_{kind.value}" for kind in Kind],
    "state": [state.value for state in DeviceState],
    "skip": [skip.value for skip in Skip],
    "weight": [each.value for each in WeightRemark],
}


@pytest.mark.parametrize("room", FAMILIES)
def test_every_code_of_the_house_has_its_texts(room: str) -> None:
    missing = [f"{room}.{code}" for code in FAMILIES[room] if not messages.known(f"{room}.{code}")]
    assert not missing


def test_every_advice_has_its_texts() -> None:
    assert set(ADVICE) == set(Advice)


def test_spanish_and_english_differ_where_there_are_words() -> None:
    same = [
        code for code, texts in catalogue().texts.items() if texts["es"] == texts["en"] and " " in texts["es"]
    ]
    assert not same


def calls(packages: Iterable[str] = PACKAGES) -> Iterator[tuple[str, str, ast.Call]]:
    """Every call in these packages with its file and the name of what is called."""
    for package in packages:
        for path in sorted((HOUSE / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    name = (
                        node.func.attr
                        if isinstance(node.func, ast.Attribute)
                        else getattr(node.func, "id", "")
                    )
                    yield str(path.relative_to(HOUSE)), name, node


SPEAKERS = {"text", "fault", "Phrase", "Remark", "Told", "Fault"}
"""What takes a code of the catalogue."""


def test_every_code_that_is_spoken_is_in_the_catalogue() -> None:
    spoken = [
        (file, argument.value)
        for file, name, call in calls()
        if name in SPEAKERS
        for argument in call.args[:2]
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
        if messages.CODE.fullmatch(argument.value)
    ]
    assert len(spoken) > 20
    assert [each for each in spoken if not messages.known(each[1])] == []


def test_no_text_of_the_reader_is_dead() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in (HOUSE / "record").glob("*.py"))
    rooms = ("yaml.", "config.")
    codes = [
        code for code in catalogue().texts if code.startswith(rooms) and not code.startswith("config.kind_")
    ]
    assert [code for code in codes if f'"{code}"' not in source] == []


def test_findings_carry_the_parameters_that_their_texts_name() -> None:
    lacking = []
    for file, _, call in calls(["gateway"]):
        first = call.args[0] if call.args else None
        if not (isinstance(first, ast.Attribute) and getattr(first.value, "id", "") == "Code"):
            continue
        texts = catalogue().texts.get(f"finding.{first.attr.lower()}")
        given = {keyword.arg for keyword in call.keywords}
        if texts and None not in given:
            lacking += [
                (file, first.attr, name) for name in parameters(texts["es"]) or () if name not in given
            ]
    assert lacking == []
