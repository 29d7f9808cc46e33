"""Pictures of texts that are no container number: the reader has to accept nothing in them.

Telephone numbers, weights, dates, safety plates, licence plates, invoice numbers, words; and near misses:
container numbers with one character changed so that the check digit fails, of the wrong category, cut by
one character, with one too many. Every picture holds six lines on a wall of paint, before a drawn camera.
"""

import string
from collections.abc import Callable

import numpy as np

from benchmarks.reading import bound
from gateway.reading import container_reader, owner_codes
from ocr.picture import jpeg
from ocr.quad import Picture
from ocr.shot import Shot, photographed
from record.identifiers.container import check_digit

LINES = 6
Maker = Callable[[np.random.Generator], str]


def digits(rng: np.random.Generator, count: int) -> str:
    return "".join(map(str, rng.integers(0, 10, count)))


def letters(rng: np.random.Generator, count: int) -> str:
    return "".join(rng.choice(list(string.ascii_uppercase), count))


def container(rng: np.random.Generator) -> str:
    owners = sorted(owner_codes())
    first = owners[int(rng.integers(len(owners)))] + digits(rng, 6)
    return f"{first}{check_digit(first)}"


def wrong_digit(rng: np.random.Generator) -> str:
    """One character of the serial or the check digit is another one."""
    number, place = container(rng), int(rng.integers(4, 11))
    other = (int(number[place]) + int(rng.integers(1, 10))) % 10
    changed = f"{number[:place]}{other}{number[place + 1 :]}"
    return wrong_digit(rng) if check_digit(changed[:10]) == int(changed[10]) else spaced(changed)


def wrong_category(rng: np.random.Generator) -> str:
    number = container(rng)
    return spaced(f"{number[:3]}{rng.choice(list('ABCDEFGHIKLMNOPQRSTVWXY'))}{number[4:]}")


def spaced(number: str) -> str:
    return f"{number[:4]} {number[4:10]} {number[10:]}"


NEAR: tuple[Maker, ...] = (
    wrong_digit,
    wrong_category,
    lambda rng: spaced(container(rng))[:-2],
    lambda rng: spaced(container(rng))[1:],
    lambda rng: f"{container(rng)[:4]} {digits(rng, 5)} {digits(rng, 1)}",
)
OTHERS: tuple[Maker, ...] = (
    lambda rng: f"TEL 09{digits(rng, 8)}",
    lambda rng: f"+593 4 {digits(rng, 3)} {digits(rng, 4)}",
    lambda rng: f"MAX.GROSS {digits(rng, 2)},{digits(rng, 3)} KG",
    lambda rng: f"TARE {digits(rng, 1)},{digits(rng, 3)} KGS {digits(rng, 1)},{digits(rng, 3)} LBS",
    lambda rng: f"{letters(rng, 3)}-{digits(rng, 4)}",
    lambda rng: f"CSC APPROVAL {letters(rng, 2)}/{digits(rng, 4)}-{digits(rng, 2)}/{digits(rng, 4)}",
    lambda rng: f"DATE MANUFACTURED {digits(rng, 2)}/20{digits(rng, 2)}",
    lambda rng: f"FACTURA 001-{digits(rng, 3)}-{digits(rng, 9)}",
    lambda rng: f"{letters(rng, 4)} {digits(rng, 7)} {letters(rng, 2)}",
    lambda rng: "TRANSPORTES CRUZ DEL SUR",
    lambda rng: f"BOOKING {letters(rng, 3)}{digits(rng, 8)}",
)


def picture(seed: int) -> tuple[bytes, list[str]]:
    """A wall with texts, and the texts: half of the pictures hold near misses only."""
    rng = np.random.default_rng((seed, 77))
    makers = NEAR if seed % 2 else OTHERS
    texts = [makers[int(rng.integers(len(makers)))](rng) for _ in range(LINES)]
    wall = np.empty((1000, 1500, 3), np.uint8)
    wall[:] = rng.integers(30, 120, 3) if seed % 3 else rng.integers(150, 220, 3)
    for k, text in enumerate(texts):
        written(wall, text, 140 + 145 * k, (235, 235, 235) if seed % 3 else (20, 20, 20))
    shot = Shot.drawn(rng)
    return jpeg(photographed(wall, shot, (1280, 720), rng), shot.quality), texts


def written(wall: Picture, text: str, y: int, colour: tuple[int, int, int]) -> None:
    import cv2

    cv2.putText(wall, text, (60, y), cv2.FONT_HERSHEY_SIMPLEX, 2.0, colour, 7, cv2.LINE_AA)


def run(count: int) -> None:
    reader = container_reader()
    accepted: list[str] = []
    for seed in range(count):
        data, texts = picture(seed)
        accepted += [f"    picture {seed}: {n} among {texts}" for n in reader.read(data).numbers]
    said = f"\n{LINES * count} drawn texts in {count} pictures, none a container number: "
    print(f"{said}{len(accepted)} accepted; pictures with one {bound(len(accepted), count)}")
    print("\n".join(accepted))
