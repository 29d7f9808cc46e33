import shutil

import numpy as np
import pytest

from ocr.slots import ALPHABET
from ocr.tesseract import TesseractLines, TesseractMissing, slots

PAGE = """
<span class='ocrx_cinfo' title='x_bboxes 13 13 42 48; x_conf 99.0'>M</span>
 <span class='ocrx_cinfo' id='lstm_choices_1_1_1'>
  <span class='ocrx_cinfo' id='choice_1_1_1' title='x_confs 92.3'>M</span>
  <span class='ocrx_cinfo' id='choice_1_1_2' title='x_confs 4.5'>W</span>
 </span>
<span class='ocrx_cinfo' title='x_bboxes 45 13 71 48; x_conf 0'>4</span>
 <span class='ocrx_cinfo' id='lstm_choices_1_1_2'>
  <span class='ocrx_cinfo' id='choice_1_1_7' title='x_confs 0'>4</span>
  <span class='ocrx_cinfo' id='choice_1_1_8' title='x_confs 0'>1</span>
 </span>
"""


def test_characters_and_what_else_they_may_be_are_slots() -> None:
    found = slots(PAGE)
    assert found.text() == "M4"
    share = np.exp(found.marks[0])
    assert share[ALPHABET.index("M")] > 0.9 > share[ALPHABET.index("W")] > 0.04 > share[ALPHABET.index("N")]


def test_a_character_without_confidence_is_still_the_likeliest() -> None:
    second = slots(PAGE).marks[1]
    assert second.argmax() == ALPHABET.index("4")
    assert np.exp(second[ALPHABET.index("1")]) > 0.01


def test_an_empty_page_has_no_slots() -> None:
    assert len(slots("<html></html>")) == 0


def test_a_missing_program_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import pytesseract

    monkeypatch.setattr(pytesseract.pytesseract, "tesseract_cmd", "/no/such/tesseract")
    with pytest.raises(TesseractMissing, match="tesseract-ocr"):
        TesseractLines()


@pytest.mark.skipif(not shutil.which("tesseract"), reason="NO TESSERACT: the second engine is NOT tested")
def test_a_clear_line_is_read() -> None:
    import cv2

    line = np.full((60, 420, 3), 255, np.uint8)
    cv2.putText(line, "CMAU 005154", (10, 45), cv2.FONT_HERSHEY_SIMPLEX, 1.4, (0, 0, 0), 4)
    assert "CMAU" in TesseractLines().read(line).text()
