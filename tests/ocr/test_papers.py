import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ocr import papers
from ocr.models import find
from ocr.papers import PaperReader, understood
from ocr.quad import Picture
from record.identifiers.identifier import Kind

SPANISH = (
    "SERVICIO NACIONAL DE ADUANA DEL ECUADOR",
    "Nro. DAE: 028-2026-40-00123456",
    "GUIA DE REMISION 001-002-000123456",
    "Contenedor: MSKU 413532-9",
    "Booking: EBKG12345678",
    "Peso bruto 23.450 kg",
)
ENGLISH = (
    "BOOKING CONFIRMATION",
    "Booking No.: EBKG12345678",
    "Container: MSKU 413532-9   Seal: EC1234567",
    "Gross weight 23,450 kg",
)


def kinds(lines: tuple[str, ...]) -> dict[Kind, str]:
    return {identifier.kind: identifier.normal for identifier in understood(list(lines)).found}


def test_a_spanish_page_names_its_declaration_and_guide() -> None:
    found = kinds(SPANISH)
    assert found[Kind.DAE] == "02820264000123456"
    assert found[Kind.CONTAINER] == "MSKU4135329"
    assert found[Kind.BOOKING] == "EBKG12345678"
    assert understood(list(SPANISH)).guides == ("001-002-000123456",)


def test_an_english_page_names_its_booking() -> None:
    found = kinds(ENGLISH)
    assert found[Kind.CONTAINER] == "MSKU4135329"
    assert found[Kind.SEAL] == "EC1234567"
    assert found[Kind.BOOKING] == "EBKG12345678"


def test_titles_and_weights_are_nothing() -> None:
    assert kinds((SPANISH[0], SPANISH[5], ENGLISH[0], ENGLISH[3])) == {}


def test_a_container_with_a_wrong_check_digit_is_not_found() -> None:
    assert Kind.CONTAINER not in kinds(("Contenedor: MSKU 413532-0",))


def page(lines: tuple[str, ...]) -> bytes:
    import cv2

    sheet = np.full((200 + 90 * len(lines), 1100, 3), 248, np.uint8)
    for k, line in enumerate(lines):
        place = (60, 120 + 90 * k)
        cv2.putText(sheet, line, place, cv2.FONT_HERSHEY_DUPLEX, 1.1, (20, 20, 20), 2, cv2.LINE_AA)
    return cv2.imencode(".jpg", sheet)[1].tobytes()


needs_tesseract = pytest.mark.skipif(
    not shutil.which("tesseract"), reason="NO TESSERACT: reading of papers is NOT tested"
)


@needs_tesseract
@pytest.mark.parametrize("lines", [SPANISH, ENGLISH], ids=["spanish", "english"])
def test_a_drawn_page_is_read(lines: tuple[str, ...], cache: Path) -> None:
    paper = PaperReader(find(cache)).read(page(lines))
    found = {identifier.kind: identifier.normal for identifier in paper.found}
    assert found[Kind.CONTAINER] == "MSKU4135329"
    if lines is SPANISH:
        assert found[Kind.DAE] == "02820264000123456"
        assert paper.guides == ("001-002-000123456",)


@needs_tesseract
@pytest.mark.parametrize("data", [b"", b"<html>", page(())])
def test_what_is_no_page_says_nothing(data: bytes, cache: Path) -> None:
    assert PaperReader(find(cache)).read(data).found == ()


@needs_tesseract
def test_what_the_second_look_reads_otherwise_is_doubtful_and_not_found(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = papers._lines

    def misread(sheet: Picture, layout: str) -> list[papers.Words]:
        """Tesseract with one digit of the declaration and one of the guide misread."""
        return [
            replace(line, words=tuple(word.replace("00123456", "00128456") for word in line.words))
            for line in drawn(sheet, layout)
        ]

    monkeypatch.setattr(papers, "_lines", misread)
    paper = PaperReader(find(cache)).read(page(SPANISH))
    assert {identifier.kind for identifier in paper.found} == {Kind.CONTAINER, Kind.BOOKING}
    assert paper.guides == ()
    declaration, guide = paper.doubtful
    assert (declaration.kind, declaration.normal) == (Kind.DAE, "02820264000128456")
    assert "02820264000123456" in declaration.other
    assert (guide.kind, guide.normal) == ("guide", "001-002-000128456")
