"""How well container numbers are read: `python -m benchmarks.reading ../shared/data/photos`.

The folder holds pictures and `labels.csv` (file, number; …, type_code, layout, scored). A picture counts
when it is scored; a number that is accepted and not on the label counts as false in every picture. Each
engine runs in a process of its own, on one thread, so that its memory is its own. `--shipped` and
`--tesseract` run the packaged engines on the same pictures; `--degraded`, `--altered N` and `--texts N` look
for false accepts. Drawn doors: `python -m benchmarks.rendered_doors`.
"""

import argparse
import csv
import multiprocessing
import os
import resource
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_THREAD_LIMIT": "1"}
NO_LIMIT = 10**9


@dataclass(frozen=True, slots=True)
class Label:
    """What is known of a picture."""

    file: Path
    numbers: frozenset[str]
    type_code: str
    layout: str
    scored: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an engine made of a picture; `cpu_ms` includes the processes that it starts."""

    best: str | None
    accepted: tuple[str, ...]
    type_code: str | None
    status: str
    cpu_ms: float


def labels(folder: Path) -> list[Label]:
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as file:
        return [
            Label(
                folder / row["file"],
                frozenset(filter(None, row["number"].split(";"))),
                row["type_code"],
                row["layout"],
                row["scored"] == "1",
            )
            for row in csv.DictReader(file)
        ]


def cpu_ms() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (time.process_time() + children.ru_utime + children.ru_stime) * 1000


def own(files: Sequence[Path]) -> Iterator[Outcome]:
    """The house's reader."""
    from gateway.reading import container_reader

    began = cpu_ms()
    reader = container_reader()
    for file in files:
        sighting = reader.read(file.read_bytes())
        best = sighting.candidates[0].number if sighting.candidates else None
        yield Outcome(best, sighting.numbers, sighting.type_code, str(sighting.status), cpu_ms() - began)
        began = cpu_ms()


def tesseract_on_lines(files: Sequence[Path]) -> Iterator[Outcome]:
    """Tesseract in place of the recognisers, on the quick detector's lines."""
    from gateway.reading import owner_codes
    from ocr.models import find
    from ocr.tesseract import TesseractReader

    began = cpu_ms()
    reader = TesseractReader(find(), owner_codes())
    for file in files:
        sighting = reader.read(file.read_bytes())
        best = sighting.candidates[0].number if sighting.candidates else None
        yield Outcome(best, sighting.numbers, sighting.type_code, str(sighting.status), cpu_ms() - began)
        began = cpu_ms()


def tesseract_as_shipped(files: Sequence[Path]) -> Iterator[Outcome]:
    """pytesseract on the whole picture, sparse text; any text with a valid check digit is accepted."""
    import cv2
    import pytesseract

    for file in files:
        began = cpu_ms()
        text = pytesseract.image_to_string(cv2.imread(str(file)), config="--psm 11")
        found = valid_numbers([line for line in text.splitlines() if line.strip()])
        yield Outcome(found[0] if found else None, tuple(found[:1]), None, "", cpu_ms() - began)


def rapidocr_as_shipped(files: Sequence[Path]) -> Iterator[Outcome]:
    """rapidocr with its own defaults, one thread; any text with a valid check digit is accepted."""
    from rapidocr import RapidOCR

    began = cpu_ms()
    one_thread = {f"EngineConfig.onnxruntime.{kind}_op_num_threads": 1 for kind in ("intra", "inter")}
    engine = RapidOCR(params={"Global.log_level": "error", **one_thread})
    for file in files:
        texts = getattr(engine(str(file)), "txts", None) or ()
        found = valid_numbers(list(texts))
        yield Outcome(found[0] if found else None, tuple(found[:1]), None, "", cpu_ms() - began)
        began = cpu_ms()


def valid_numbers(texts: list[str]) -> list[str]:
    """Container numbers in texts, in one or in up to three neighbours joined, in the order found."""
    from record.identifiers.container import parse
    from record.identifiers.identifier import Kind

    found = []
    for count in (1, 2, 3):
        for start in range(len(texts) - count + 1):
            joined = "".join(c for c in "".join(texts[start : start + count]).upper() if c.isalnum())
            for place in range(len(joined) - 10):
                identifier = parse(joined[place : place + 11])
                if identifier.kind is Kind.CONTAINER and identifier.normal[3] in "UJZ":
                    found.append(identifier.normal)
    return list(dict.fromkeys(found))


ENGINES = {
    "own": own,
    "rapidocr as shipped": rapidocr_as_shipped,
    "pytesseract as shipped": tesseract_as_shipped,
    "tesseract on lines": tesseract_on_lines,
}


def measured(engine: str, files: Sequence[Path]) -> tuple[list[Outcome], float]:
    """An engine's outcomes and its process's peak memory in MB."""
    os.environ.update(ONE_THREAD)
    outcomes = []
    for k, outcome in enumerate(ENGINES[engine](files), 1):
        outcomes.append(outcome)
        if sys.stderr.isatty():
            print(f"\r{engine}: {k} of {len(files)}", end="", file=sys.stderr)
    return outcomes, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def in_own_process(engine: str, files: Sequence[Path]) -> tuple[list[Outcome], float]:
    os.environ.update(ONE_THREAD)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(measured, engine, files).result()


def percentile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def bound(false: int, accepts: int) -> str:
    """Upper end of the 95 % interval of the share of false accepts (Clopper and Pearson), in words."""
    if not accepts:
        return "nothing was accepted"
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if at_most(false, accepts, middle) > 0.05 else (low, middle)
    return f"{false} of {accepts}, so below {100 * high:.1f} % (95 %)"


def at_most(false: int, accepts: int, share: float) -> float:
    """How probable it is to see so few when `share` of all accepts are false."""
    from math import comb

    return sum(comb(accepts, k) * share**k * (1 - share) ** (accepts - k) for k in range(false + 1))


def report(engine: str, known: Sequence[Label], outcomes: Sequence[Outcome], peak: float) -> None:
    pairs = list(zip(known, outcomes, strict=True))
    scored = [(label, outcome) for label, outcome in pairs if label.scored]
    print(f"\n{engine}: {len(pairs)} pictures, {len(scored)} scored")
    table(scored)
    accepts = sum(len(outcome.accepted) for _, outcome in pairs)
    wrong = [(label, n) for label, outcome in pairs for n in outcome.accepted if n not in label.numbers]
    print(f"  false accepts {bound(len(wrong), accepts)}")
    for label, number in wrong:
        print(f"    {label.file.name}: {number} instead of {' '.join(sorted(label.numbers)) or 'none'}")
    type_codes(scored)
    times = [outcome.cpu_ms for _, outcome in scored]
    everything = [outcome.cpu_ms for _, outcome in pairs]
    print(
        f"  CPU ms, scored pictures: median {statistics.median(times):.0f}, p90 {percentile(times, 0.9):.0f}; "
        f"mean over all and the start {statistics.mean(everything):.0f}; peak memory {peak:.0f} MB"
    )


def table(scored: Sequence[tuple[Label, Outcome]]) -> None:
    print(f"  {'layout':<8}{'n':>5}{'best is right':>15}{'accepted':>10}{'share':>8}")
    for layout in (*sorted({label.layout for label, _ in scored}), "all"):
        rows = [(label, o) for label, o in scored if layout in ("all", label.layout)]
        right = sum(outcome.best in label.numbers for label, outcome in rows)
        taken = sum(bool(o.accepted) and o.accepted[0] in label.numbers for label, o in rows)
        print(f"  {layout:<8}{len(rows):>5}{right:>15}{taken:>10}{100 * taken / len(rows):>7.1f}%")


def type_codes(scored: Sequence[tuple[Label, Outcome]]) -> None:
    known = [(label, outcome) for label, outcome in scored if label.type_code]
    said = [(label, outcome) for label, outcome in known if outcome.type_code]
    right = sum(outcome.type_code == label.type_code for label, outcome in said)
    if known:
        print(f"  size-type: {right} right and {len(said) - right} wrong of {len(known)}")


def missed(known: Sequence[Label], outcomes: Sequence[Outcome]) -> None:
    for label, outcome in zip(known, outcomes, strict=True):
        if label.scored and not set(outcome.accepted) & label.numbers:
            print(f"    {label.file.name} {label.layout}: {outcome.status}, best {outcome.best}")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, nargs="?", help="pictures and labels.csv")
    parser.add_argument("--shipped", action="store_true", help="rapidocr and pytesseract as they come, too")
    parser.add_argument("--tesseract", action="store_true", help="Tesseract on detected lines, too")
    parser.add_argument("--only-others", action="store_true", help="not the house's own reader")
    parser.add_argument("--missed", action="store_true", help="name the pictures that were not read")
    parser.add_argument("--limit", type=int, default=NO_LIMIT, help="the first pictures only")
    parser.add_argument("--degraded", action="store_true", help="three worse copies of each picture, too")
    parser.add_argument("--altered", type=int, default=0, metavar="N", help="every Nth altered, 12 ways, too")
    parser.add_argument("--texts", type=int, default=0, help="draw so many pictures of other texts")
    return parser.parse_args()


def main() -> None:
    chosen = arguments()
    if not (chosen.folder or chosen.texts):
        sys.exit("Name a folder of pictures with labels.csv, or --texts N.")
    if chosen.folder:
        photographs(chosen)
    if chosen.texts:
        from benchmarks import drawn_texts

        drawn_texts.run(chosen.texts)


def photographs(chosen: Any) -> None:
    if not (chosen.folder / "labels.csv").is_file():
        sys.exit(f"{chosen.folder / 'labels.csv'} is missing: no pictures, nothing was measured.")
    known = labels(chosen.folder)[: chosen.limit]
    engines = [] if chosen.only_others else ["own"]
    engines += ["rapidocr as shipped", "pytesseract as shipped"] if chosen.shipped else []
    engines += ["tesseract on lines"] if chosen.tesseract else []
    for engine in engines:
        outcomes, peak = in_own_process(engine, [label.file for label in known])
        report(engine, known, outcomes, peak)
        if chosen.missed:
            missed(known, outcomes)
    if chosen.degraded:
        from benchmarks.degraded_photographs import run

        run(known)
    if chosen.altered:
        from benchmarks import altered_photographs

        altered_photographs.run(known, chosen.altered)


if __name__ == "__main__":
    main()
