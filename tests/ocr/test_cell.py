"""The check digit beside a rail, cut out alone."""

import numpy as np

from ocr import cell
from ocr.quad import Picture
from ocr.reader import ContainerReader
from ocr.render import Layout, render_door
from ocr.scene import Scene
from ocr.slots import ALPHABET, FLOOR, Slots
from ocr.strip import Eyes, Strip

HIGH = 50
SERIAL = np.array([[100, 100], [300, 100], [300, 100 + HIGH], [100, 100 + HIGH]], np.float32)


def slots(text: str, sure: float = 0.0) -> Slots:
    marks = np.full((len(text), len(ALPHABET)), FLOOR, np.float32)
    for k, character in enumerate(text):
        marks[k, ALPHABET.index(character)] = sure
    places = (np.arange(len(text), dtype=np.float32) + 0.5) / max(1, len(text))
    return Slots(marks, np.full(len(text), FLOOR, np.float32), places.astype(np.float32))


class Seeing:
    """Reads the serial as given, and a 7 where a window is bright."""

    def __init__(self, serial: Slots, sure: float = -0.01) -> None:
        self._serial, self._sure = serial, sure

    def read(self, line: Picture) -> Slots:
        if line.shape[1] > 2 * HIGH:
            return self._serial
        return slots("7", self._sure) if line.mean() > 60 else slots("")


def found(serial: Slots, bright: int, wide: int = 600, sure: float = -0.01) -> Strip | None:
    """The check digit beside a serial of 200 pixels; a spot of 40 pixels is bright."""
    picture = np.zeros((300, wide, 3), np.uint8)
    picture[100:150, bright : bright + 40] = 200
    strip = Strip(picture[100:150, 100:300], SERIAL)
    return cell.check_digit(picture, strip, Eyes(Seeing(serial, sure), Seeing(serial, sure)))


def test_the_window_that_shows_a_digit_is_taken() -> None:
    for bright in (305, 325):
        window = found(slots("413532"), bright)
        assert window is not None
        left, right = window.quad[:, 0].min(), window.quad[:, 0].max()
        assert left < bright + 30 and right > bright


def test_no_window_where_a_digit_is_only_guessed() -> None:
    assert found(slots("413532"), 305, sure=-1.0) is None


def test_no_window_beside_what_is_no_clear_serial() -> None:
    assert found(slots("413532", sure=-2.0), 305) is None
    assert found(slots("4135"), 305) is None


def test_no_window_beside_a_serial_with_a_hidden_digit() -> None:
    torn = slots("413532")
    torn.places[5:] += 0.15
    assert found(torn, 320) is None


def test_no_window_beyond_the_picture() -> None:
    assert found(slots("413532"), 280, wide=305) is None


def test_a_check_digit_beside_a_rail_is_read(reader: ContainerReader) -> None:
    door = render_door("MSYU4527380", "22G1", seed=50111, layout=Layout.TWO_LINES)
    assert reader.read(door).number == "MSYU4527380"


def test_a_picture_is_looked_at_once_the_same_way(reader: ContainerReader) -> None:
    looks = []

    class Detector:
        def find(self, picture: Picture, side: int) -> list[np.ndarray]:
            looks.append(side)
            return [SERIAL]

    scene, detector = Scene(np.zeros((300, 600, 3), np.uint8), reader.eyes), Detector()
    assert len(scene.look(detector, 512)) == 1
    assert scene.look(detector, 512) == []
    assert len(scene.look(detector, 1088)) == 1
    assert looks == [512, 1088] and len(scene.quads) == 2
