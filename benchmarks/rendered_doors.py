"""Drawn doors, singly and in visits of three pictures: what is read of them, and what is read falsely.

Numbers, owners, layouts, paint and camera are chosen by the seed. Drawn doors are easier than real ones;
they come in any number, so that rare false accepts can show.

A visit is a camera before a truck that moves on: blurred in some pictures, and in every other visit a post
stands before one or two characters in one or two pictures; in one visit in eight in all three, each time
before others. A door counts as legible when a person could read the whole number in one picture, a visit
when in one of its pictures, and as legible together when each character is to be seen in some picture. What
nobody could read has to stay unread and is counted apart.
"""

import argparse
import hashlib
import statistics
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.reading import bound
from gateway.reading import container_reader, owner_codes
from ocr.consensus import Seen, consensus
from ocr.legibility import Glimpse, glimpses
from ocr.reader import ContainerReader
from ocr.render import Face, Layout, draw_face, render_face
from ocr.shot import Shot
from record.identifiers.container import check_digit

FRAMES = 3
SIZE = (1280, 720)
WHOLE, TOGETHER, HIDDEN = "legible in one picture", "legible together only", "not legible"


def number(rng: np.random.Generator, owners: list[str]) -> str:
    first = owners[int(rng.integers(len(owners)))] + f"{int(rng.integers(10**6)):06d}"
    return f"{first}{check_digit(first)}"


@dataclass(frozen=True)
class Drawn:
    """A door or a visit: what is painted, how legible it is, its pictures."""

    seed: int
    painted: str
    legible: str
    pictures: tuple[bytes, ...]


def door(seed: int, owners: list[str]) -> Drawn:
    """One picture of one door."""
    painted = number(np.random.default_rng((seed, 9)), owners)
    face = draw_face(painted, "22G1", seed=seed, layout=list(Layout)[seed % len(Layout)])
    shot = Shot.drawn(np.random.default_rng((seed, 1, 0)))
    return Drawn(seed, painted, legible([glimpses(face, shot, SIZE)]), (render_face(face, seed=seed),))


def hidden(seed: int, owners: list[str]) -> Drawn:
    """One picture of one door with a post before one of its characters: nobody could read it whole."""
    painted = number(np.random.default_rng((seed, 7)), owners)
    face = draw_face(painted, "22G1", seed=seed, layout=list(Layout)[seed % len(Layout)])
    rng = np.random.default_rng((seed, 4))
    shot = Shot.drawn(rng)
    shot = replace(shot, post=post_before(face, shot, int(rng.integers(11))))
    return Drawn(
        seed, painted, legible([glimpses(face, shot, SIZE)]), (render_face(face, seed=seed, shot=shot),)
    )


def visit(seed: int, owners: list[str]) -> Drawn:
    """A moving truck: the first pictures blurred, the last one nearer, a post before some of them."""
    painted = number(np.random.default_rng((seed, 8)), owners)
    face = draw_face(painted, "45G1", seed=seed, layout=list(Layout)[seed % len(Layout)])
    shots = moving(seed, face)
    pictures = tuple(render_face(face, seed=seed, frame=k, shot=shot) for k, shot in enumerate(shots))
    return Drawn(seed, painted, legible([glimpses(face, shot, SIZE) for shot in shots]), pictures)


def moving(seed: int, face: Face) -> list[Shot]:
    rng = np.random.default_rng((seed, 3))
    shot = Shot.drawn(rng)
    shots = [
        replace(
            shot,
            turn=shot.turn + 0.03 * k,
            place=(shot.place[0] + 0.05 * k, shot.place[1]),
            motion=float(rng.choice([0, 3, 5])),
            blur=shot.blur + float(rng.uniform(0, 0.8)),
        )
        for k in range(FRAMES)
    ]
    if seed % 2:
        return shots
    hidden = FRAMES if seed % 8 == 0 else int(rng.integers(1, FRAMES))
    covered = rng.permutation(11)
    for k in rng.permutation(FRAMES)[:hidden]:
        shots[k] = replace(shots[k], post=post_before(face, shots[k], int(covered[k])))
    return shots


def post_before(face: Face, shot: Shot, place: int) -> tuple[float, float]:
    """A post before one character and a part of the next, as shares of the picture's width."""
    seen = glimpses(face, shot, SIZE)[place]
    left, right = float(seen.box[:, 0].min()), float(seen.box[:, 0].max())
    return (left - 0.1 * seen.tall) / SIZE[0], (right + 0.3 * seen.tall) / SIZE[0]


def legible(pictures: list[list[Glimpse]]) -> str:
    if any(all(glimpse.is_legible for glimpse in picture) for picture in pictures):
        return WHOLE
    each = zip(*pictures, strict=True)
    return TOGETHER if all(any(glimpse.is_legible for glimpse in one) for one in each) else HIDDEN


class Tally:
    """What was read of doors or visits, by how legible they are."""

    def __init__(self, what: str, shown: bool) -> None:
        self.what, self.shown = what, shown
        self.drawn: Counter[str] = Counter()
        self.right: Counter[str] = Counter()
        self.accepts = self.false = 0

    def count(self, one: Drawn, found: tuple[str, ...]) -> None:
        self.drawn[one.legible] += 1
        self.right[one.legible] += one.painted in found
        self.accepts += len(found)
        wrong = sum(each != one.painted for each in found)
        self.false += wrong
        if wrong or (self.shown and one.legible != HIDDEN and one.painted not in found):
            print(f"    {self.what} {one.seed}, {one.legible}: {one.painted} read as {', '.join(found)}")

    def print(self) -> None:
        total = sum(self.drawn.values())
        print(f"{total} drawn {self.what}s: {100 * sum(self.right.values()) / total:.1f} % read", flush=True)
        for kind in (WHOLE, TOGETHER, HIDDEN):
            if self.drawn[kind]:
                share = 100 * self.right[kind] / self.drawn[kind]
                print(f"  {kind}: {self.right[kind]} of {self.drawn[kind]} ({share:.2f} %)")
        print(f"  false accepts {bound(self.false, self.accepts)}", flush=True)


def singly(drawn: Iterable[Drawn], what: str, reader: ContainerReader, shown: bool) -> None:
    tally, times = Tally(what, shown), []
    for one in drawn:
        sighting = reader.read(one.pictures[0])
        times.append(sighting.cpu_ms)
        tally.count(one, sighting.numbers)
    tally.print()
    print(f"  CPU ms median {statistics.median(times):.0f}, mean {statistics.mean(times):.0f}", flush=True)


def visits(seeds: range, owners: list[str], reader: ContainerReader, shown: bool) -> None:
    tally = Tally("visit", shown)
    for one in (visit(seed, owners) for seed in seeds):
        seen = [
            Seen(
                "door",
                k,
                reader.follow(data, frozenset(), f"visit {one.seed}"),
                hashlib.sha256(data).hexdigest(),
            )
            for k, data in enumerate(one.pictures)
        ]
        tally.count(one, tuple(fact.number for fact in consensus(seen).facts))
    tally.print()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--doors", type=int, default=0)
    parser.add_argument("--hidden", type=int, default=0, help="doors with a post before one character")
    parser.add_argument("--visits", type=int, default=0)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--missed", action="store_true", help="name those that were legible and not read")
    chosen = parser.parse_args()
    owners, reader = sorted(owner_codes()), container_reader()
    if chosen.doors:
        seeds = range(chosen.first, chosen.first + chosen.doors)
        singly((door(seed, owners) for seed in seeds), "door", reader, chosen.missed)
    if chosen.hidden:
        seeds = range(chosen.first, chosen.first + chosen.hidden)
        singly((hidden(seed, owners) for seed in seeds), "partly hidden door", reader, chosen.missed)
    if chosen.visits:
        visits(range(chosen.first, chosen.first + chosen.visits), owners, reader, chosen.missed)


if __name__ == "__main__":
    main()
