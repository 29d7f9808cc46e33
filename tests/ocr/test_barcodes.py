import cv2
import numpy as np
import pytest
import zxingcpp
from numpy.typing import NDArray

from ocr.barcodes import Barcode, BarcodeReader

Grey = NDArray[np.uint8]
ACCESS_KEY = "2411202606179001234500110010010000000011234567817"
CODES = {
    "Code128": (ACCESS_KEY, "]C0"),
    "Code39": ("GUIA-0042", "]A0"),
    "EAN13": ("7861234567898", "]E0"),
    "ITF": ("17861234567895", "]I1"),
    "QRCode": ("https://example.org/dae?id=1", "]Q1"),
    "DataMatrix": ("PALLET 17", "]d1"),
    "PDF417": ("0102030405|PEREZ|JUAN", "]L2"),
    "DataBarExp": ("[01]17861234567895", "]e0"),
    "Aztec": ("BOARDING", "]z0"),
}


def code(symbology: str, text: str, scale: int = 3) -> Grey:
    made = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, symbology))
    return np.asarray(made.to_image(scale=scale), np.uint8)


def paper(*codes: Grey, degrees: float = 0.0) -> bytes:
    """Codes on a sheet with lines of text, on a dark table, turned, with a camera's blur and noise."""
    sheet = np.full((700, 1000), 250, np.uint8)
    for row in range(12):
        cv2.putText(sheet, "GUIA DE REMISION 001-002-000000123", (20, 430 + 22 * row), 0, 0.5, 40, 1)
    left = 30
    for drawn in codes:
        part = drawn[:160]
        sheet[200 : 200 + part.shape[0], left : left + part.shape[1]] = part
        left += part.shape[1] + 30
    table = np.full((1300, 1300), 90, np.uint8)
    table[300:1000, 150:1150] = sheet
    turn = cv2.getRotationMatrix2D((650, 650), degrees, 1.0)
    seen = cv2.GaussianBlur(cv2.warpAffine(table, turn, (1300, 1300), borderValue=(90,)), (0, 0), 0.7)
    noise = np.random.default_rng(1).normal(0, 4, seen.shape)
    return cv2.imencode(".jpg", np.clip(seen + noise, 0, 255).astype(np.uint8))[1].tobytes()


def read(data: bytes) -> list[tuple[str, str]]:
    return [(found.text, found.aim) for found in BarcodeReader().read(data)]


@pytest.mark.parametrize("symbology", CODES)
def test_every_symbology_of_the_papers_is_read(symbology: str) -> None:
    text, aim = CODES[symbology]
    plain = text.replace("[", "").replace("]", "")
    assert read(paper(code(symbology, text, scale=2))) == [(plain, aim)]


@pytest.mark.parametrize("degrees", [-90, -45, -30, 15, 60, 180])
def test_a_paper_may_lie_at_any_angle(degrees: int) -> None:
    assert read(paper(code("Code128", ACCESS_KEY, scale=2), degrees=degrees)) == [(ACCESS_KEY, "]C0")]


def test_group_separators_stay_in_the_text() -> None:
    assert read(paper(code("DataMatrix", "10ABC123\x1d219", scale=6))) == [("10ABC123\x1d219", "]d1")]


def test_several_codes_of_one_paper_are_read() -> None:
    both = paper(code("QRCode", "first"), code("EAN13", "7861234567898"))
    assert {text for text, _ in read(both)} == {"first", "7861234567898"}


@pytest.mark.parametrize("degrees", [0, 30])
def test_the_corners_are_where_the_code_is(degrees: int) -> None:
    [found] = BarcodeReader().read(paper(code("Code128", "MSKU6011672"), degrees=degrees))
    turn = cv2.getRotationMatrix2D((650, 650), degrees, 1.0)
    x, y = turn @ (150 + 30 + code("Code128", "MSKU6011672").shape[1] / 2, 300 + 200 + 75, 1)
    assert np.hypot(*(np.mean(found.box, axis=0) - (x, y))) < 15


@pytest.mark.parametrize(
    "data", [b"", b"no picture", paper()[:2000], paper()], ids=["empty", "text", "cut", "no code"]
)
def test_pictures_without_a_code_have_none(data: bytes) -> None:
    assert read(data) == []


def test_an_unchanged_table_is_searched_askew_once(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = BarcodeReader()
    turns: list[Grey] = []

    def search(grey: Grey) -> list[Barcode]:
        turns.append(grey)
        return []

    monkeypatch.setattr("ocr.barcodes._search_turned", search)
    for data in (paper(), paper(), paper(code("QRCode", "upright")), paper(degrees=20)):
        reader.read(data)
    assert len(turns) == 2


def test_noise_is_no_code() -> None:
    random = np.random.default_rng(7)
    for _ in range(2):
        noise = random.integers(0, 255, (480, 640), np.uint8)
        assert read(cv2.imencode(".png", noise)[1].tobytes()) == []
