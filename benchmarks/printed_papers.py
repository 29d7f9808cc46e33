"""How well printed pages are read: `python -m benchmarks.printed_papers --pages 200`.

Pages in Spanish and English, drawn by the seed: numbers, letters, size, tilt, light, blur and noise. For each kind:
read as it stands, told to be doubtful, not found, and wrong. A wrong one is what no paper may give. What Tesseract
alone would have said is counted beside it.
"""

import argparse
from collections import Counter

import numpy as np

from ocr.models import find
from ocr.papers import GUIDE_KIND, Paper, PaperReader
from ocr.quad import Picture
from record.identifiers.container import check_digit

FONTS = (0, 2, 3, 4)
"""Of OpenCV's fonts: sans, sans double, serif, serif triple."""
KINDS = ("dae", GUIDE_KIND, "container", "booking", "seal")


def numbers(rng: np.random.Generator) -> dict[str, str]:
    """What one page says, by kind."""
    digits = [str(rng.integers(10)) for _ in range(40)]
    box = "MSKU" + "".join(digits[:6])
    guide = f"{rng.integers(1, 999):03d}-{rng.integers(1, 99):03d}-{''.join(digits[15:24])}"
    return {
        "dae": f"{rng.choice(['028', '019', '055'])}2026{rng.choice(['40', '41'])}" + "".join(digits[6:14]),
        GUIDE_KIND: guide,
        "container": box + str(check_digit(box)),
        "booking": "EBKG" + "".join(digits[24:32]),
        "seal": "EC" + "".join(digits[32:39]),
    }


def lines(said: dict[str, str], spanish: bool) -> list[str]:
    dae, box = said["dae"], said["container"]
    spaced = f"{box[:4]} {box[4:10]}-{box[10]}"
    if spanish:
        return [
            "SERVICIO NACIONAL DE ADUANA DEL ECUADOR",
            f"Nro. DAE: {dae[:3]}-{dae[3:7]}-{dae[7:9]}-{dae[9:]}",
            f"GUIA DE REMISION {said[GUIDE_KIND]}",
            f"Contenedor: {spaced}",
            f"Booking: {said['booking']}",
            f"Sello: {said['seal']}",
            "Peso bruto 23.450 kg",
        ]
    return [
        "BOOKING CONFIRMATION",
        f"Booking No.: {said['booking']}",
        f"Container: {spaced}",
        f"Seal: {said['seal']}",
        f"DAE: {dae[:3]}-{dae[3:7]}-{dae[7:9]}-{dae[9:]}",
        "Gross weight 23,450 kg",
    ]


def page(texts: list[str], rng: np.random.Generator) -> bytes:
    """A sheet as a document camera sees it."""
    import cv2

    font, scale = int(rng.choice(FONTS)), float(rng.uniform(0.7, 1.3))
    sheet: Picture = np.full((200 + 90 * len(texts), 1100, 3), int(rng.integers(200, 252)), np.uint8)
    for k, text in enumerate(texts):
        ink = (int(rng.integers(10, 90)),) * 3
        cv2.putText(sheet, text, (60, 120 + 90 * k), font, scale, ink, int(rng.integers(1, 3)), cv2.LINE_AA)
    high, wide = sheet.shape[:2]
    turn = cv2.getRotationMatrix2D((wide / 2, high / 2), float(rng.uniform(-1.5, 1.5)), 1.0)
    tilted = cv2.warpAffine(sheet, turn, (wide, high), borderMode=cv2.BORDER_REPLICATE)
    blurred = cv2.GaussianBlur(tilted, (0, 0), float(rng.uniform(0.3, 2.0)))
    seen = blurred * float(rng.uniform(0.5, 1.0)) + rng.normal(0, float(rng.uniform(1, 18)), blurred.shape)
    quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(35, 92))]
    return cv2.imencode(".jpg", np.clip(seen, 0, 255).astype(np.uint8), quality)[1].tobytes()


def named(paper: Paper) -> dict[str, set[str]]:
    """What a page names for certain, by kind."""
    by_kind: dict[str, set[str]] = {GUIDE_KIND: set(paper.guides)}
    for identifier in paper.found:
        by_kind.setdefault(identifier.kind, set()).add(identifier.normal)
    return by_kind


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pages", type=int, default=100)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    chosen = parser.parse_args()
    reader, ends, alone = PaperReader(find()), Counter[tuple[str, str]](), Counter[str]()
    for seed in range(chosen.first, chosen.first + chosen.pages):
        rng = np.random.default_rng((seed, 91))
        said, spanish = numbers(rng), bool(seed % 2)
        paper = reader.read(page(lines(said, spanish), rng))
        sure = named(paper)
        for kind in KINDS:
            if kind == GUIDE_KIND and not spanish:
                continue
            wrong = sure.get(kind, set()) - {said[kind]}
            unsure = {doubt.normal for doubt in paper.doubtful if doubt.kind == kind}
            alone[kind] += bool(wrong or unsure - {said[kind]})
            if wrong:
                print(f"    page {seed}: {kind} {said[kind]} read as {', '.join(sorted(wrong))}")
            read = "exact" if said[kind] in sure.get(kind, set()) else "doubtful" if unsure else "none"
            ends[kind, "wrong" if wrong else read] += 1
    print(f"{chosen.pages} pages")
    print(f"  {'kind':<12}{'exact':>7}{'doubtful':>10}{'none':>6}{'wrong':>7}{'Tesseract alone wrong':>24}")
    for kind in KINDS:
        row = [ends[kind, end] for end in ("exact", "doubtful", "none", "wrong")]
        print(f"  {kind:<12}{row[0]:>7}{row[1]:>10}{row[2]:>6}{row[3]:>7}{alone[kind]:>24}")


if __name__ == "__main__":
    main()
