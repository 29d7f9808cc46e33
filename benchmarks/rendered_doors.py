"""Drawn doors, singly and in visits of three pictures: what is read of them, and what is read falsely.

Numbers, owners, layouts, paint and camera are chosen by the seed. Drawn doors are easier than real ones;
they come in any number, so that rare false accepts can show.
"""

import hashlib
import statistics
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from benchmarks.reading import bound
from gateway.reading import container_reader, owner_codes
from ocr.consensus import Seen, consensus
from ocr.reader import ContainerReader
from ocr.render import Layout, render_door
from ocr.shot import Shot
from record.identifiers.container import check_digit

FRAMES = 3


def number(rng: np.random.Generator, owners: list[str]) -> str:
    first = owners[int(rng.integers(len(owners)))] + f"{int(rng.integers(10**6)):06d}"
    return f"{first}{check_digit(first)}"


def frames(seed: int, painted: str) -> Iterator[bytes]:
    """A moving camera: the first pictures blurred, the last one nearer."""
    rng = np.random.default_rng((seed, 3))
    shot = Shot.drawn(rng)
    layout = list(Layout)[seed % len(Layout)]
    for k in range(FRAMES):
        moved = replace(
            shot,
            turn=shot.turn + 0.03 * k,
            place=(shot.place[0] + 0.05 * k, shot.place[1]),
            motion=float(rng.choice([0, 3, 5])),
            blur=shot.blur + float(rng.uniform(0, 0.8)),
        )
        yield render_door(painted, "45G1", seed=seed, layout=layout, frame=k, shot=moved)


def run(count: int) -> None:
    owners = sorted(owner_codes())
    reader = container_reader()
    singles(count, owners, reader)
    visits(count, owners, reader)


def singles(count: int, owners: list[str], reader: ContainerReader) -> None:
    right, accepts, false, times = 0, 0, 0, []
    for seed in range(count):
        painted = number(np.random.default_rng((seed, 9)), owners)
        layout = list(Layout)[seed % len(Layout)]
        sighting = reader.read(render_door(painted, "22G1", seed=seed, layout=layout))
        times.append(sighting.cpu_ms)
        right += sighting.number == painted
        accepts += len(sighting.numbers)
        false += sum(found != painted for found in sighting.numbers)
    print(f"\n{count} drawn doors: {right} read ({100 * right / count:.1f} %)")
    print(f"  false accepts {bound(false, accepts)}; CPU ms median {statistics.median(times):.0f}")


def visits(count: int, owners: list[str], reader: ContainerReader) -> None:
    right, facts, false = 0, 0, 0
    for seed in range(count):
        painted = number(np.random.default_rng((seed, 8)), owners)
        seen = [
            Seen("door", k, reader.read(frame), hashlib.sha256(frame).hexdigest())
            for k, frame in enumerate(frames(seed, painted))
        ]
        found = [fact.number for fact in consensus(seen).facts]
        right += painted in found
        facts += len(found)
        false += sum(fact != painted for fact in found)
    print(f"{count} drawn visits of {FRAMES} pictures: {right} read ({100 * right / count:.1f} %)")
    print(f"  false facts {bound(false, facts)}")
