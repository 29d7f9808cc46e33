"""What one visit's pictures say together: which containers are on the truck, and where the cameras disagree.

Pictures of one camera repeat their errors: the same light, the same angle, the same rivet across the same
letter. So a number counts by *looks*, not by frames:

============================================  ====
a camera that accepted the number             1
the same camera again, after the truck moved  0.5, once
a camera that only leans to it                0.5
the number was announced                      2
============================================  ====

A number is a fact when a camera accepted it, or when it was announced and a camera leans to it, or when two
cameras lean to it. Similar numbers are rivals for one box, unless one picture shows both. Between rivals the
one that leads by `LEAD` looks is taken; otherwise neither is. A camera that disagrees with itself counts for
the number that it saw more often and at least once clearly, when it saw the other one never clearly: a post
that passed before a digit. Either way the disagreement is kept: a person should hear of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ocr.facts import Conflict, Consensus, Contradiction, Face, Fact, Seen, TypeRead
from ocr.sighting import Box, Candidate, Status

__all__ = ["Conflict", "Consensus", "Contradiction", "Face", "Fact", "Seen", "consensus"]

MOST_CONTAINERS = 2
"""Two boxes of 20 feet are all that one truck of the region carries."""
RIVAL_PLACES = 3
"""Numbers that differ in so many places or fewer may be one number, misread."""
LEAD = 1.5
CLEAR = (1.2, 3.5)
"""Cost and margin of a number that was read beyond doubt."""
LEANING = (5.0, 2.0)
"""Cost and margin at which a number that was not accepted still counts. Numbers with a hidden digit are read
wrong, alike in every frame, from about 6.5 on."""
ANNOUNCED_LEANING = (5.0, 1.5)
"""The same for an announced number; the margin is the one to the next announced number."""
_ACCEPTED_LOOK, _LEANING_LOOK, _AGAIN, _ANNOUNCED = 1.0, 0.5, 0.5, 2.0
_MOST_CANDIDATES = 4


@dataclass(frozen=True, slots=True)
class _Vote:
    """One picture's word for one number."""

    seen: Seen
    number: str
    cost: float
    margin: float
    accepted: bool

    @property
    def is_clear(self) -> bool:
        return self.accepted and self.cost <= CLEAR[0] and self.margin >= CLEAR[1]


def consensus(sightings: Sequence[Seen], expected: frozenset[str] = frozenset()) -> Consensus:
    """The facts of one visit from all its sightings; ``expected`` are the numbers announced for it. Pure."""
    ordered = sorted(sightings, key=_order)
    distinct = list({(seen.camera, seen.sha256): seen for seen in reversed(ordered)}.values())[::-1]
    cast = [vote for seen in distinct for vote in _votes(seen, expected)]
    overruled = _overruled(cast)
    votes = _by_number(vote for vote in cast if (vote.seen.camera, vote.number) not in overruled)
    points = {number: _points(said, number in expected) for number, said in votes.items()}
    possible = {number for number, said in votes.items() if _is_possible(said, points[number])}
    contenders = possible | _challengers(possible, votes) | {number for _, number in overruled}
    rivalries = _rivalries(contenders, points, _not_rivals(distinct, votes, expected))
    beaten = {number for rivalry in rivalries for number in rivalry.values if number != rivalry.chosen}
    facts = [_fact(number, votes[number], points[number], expected) for number in possible - beaten]
    facts.sort(key=lambda fact: (-fact.points, fact.cost, fact.number))
    return Consensus(
        facts=tuple(facts),
        contradictions=(*rivalries, *_load_contradictions(facts), *_type_contradictions(facts)),
        candidates=_candidates(distinct, {fact.number for fact in facts}, beaten),
        invalid=_invalid(distinct),
    )


def _order(seen: Seen) -> tuple[float, str, str, str]:
    return seen.at_monotonic, seen.camera, seen.sha256, seen.sighting.number or ""


def _votes(seen: Seen, expected: frozenset[str]) -> list[_Vote]:
    """The numbers that one picture speaks for: all that it accepted, else the one that it leans to."""
    sighting = seen.sighting
    cost, margin = sighting.cost or 0.0, sighting.margin or 0.0
    costs = {candidate.number: candidate.cost for candidate in sighting.candidates}
    if sighting.numbers:
        return [_Vote(seen, number, costs.get(number, cost), margin, True) for number in sighting.numbers]
    if not costs:
        return []
    best = min(costs, key=lambda number: (costs[number], number))
    announced = _announced(costs, expected)
    if announced is not None:
        gap = margin if announced == best else 0.0
        return [_Vote(seen, announced, costs[announced], gap, False)]
    if costs[best] <= LEANING[0] and margin >= LEANING[1]:
        return [_Vote(seen, best, costs[best], margin, False)]
    return []


def _announced(costs: Mapping[str, float], expected: frozenset[str]) -> str | None:
    """The announced number among a picture's candidates, when it is likely and no other announced one is."""
    known = sorted((cost, number) for number, cost in costs.items() if number in expected)
    if not known or known[0][0] > ANNOUNCED_LEANING[0]:
        return None
    alone = len(known) == 1 or known[1][0] - known[0][0] >= ANNOUNCED_LEANING[1]
    return known[0][1] if alone else None


def _by_number(votes: Iterable[_Vote]) -> dict[str, list[_Vote]]:
    grouped: dict[str, list[_Vote]] = {}
    for vote in votes:
        grouped.setdefault(vote.number, []).append(vote)
    return grouped


def _by_camera(votes: Iterable[_Vote]) -> dict[str, list[_Vote]]:
    grouped: dict[str, list[_Vote]] = {}
    for vote in votes:
        grouped.setdefault(vote.seen.camera, []).append(vote)
    return grouped


def _overruled(votes: Iterable[_Vote]) -> set[tuple[str, str]]:
    """Camera and number where the same camera saw a similar number more often and better."""
    found: set[tuple[str, str]] = set()
    for camera, said in _by_camera(vote for vote in votes if vote.accepted).items():
        numbers = _by_number(said)
        for number, few in numbers.items():
            others = (many for other, many in numbers.items() if are_similar(number, other))
            clear = any(len(many) > len(few) and any(vote.is_clear for vote in many) for many in others)
            if clear and not any(vote.is_clear for vote in few):
                found.add((camera, number))
    return found


def _points(votes: Sequence[_Vote], announced: bool) -> float:
    return (_ANNOUNCED if announced else 0.0) + sum(_look(said) for said in _by_camera(votes).values())


def _look(votes: Sequence[_Vote]) -> float:
    """One camera's looks at one number."""
    accepted = [vote for vote in votes if vote.accepted]
    if not accepted:
        return _LEANING_LOOK
    return _ACCEPTED_LOOK + (_AGAIN if _moved(vote.seen.sighting.boxes for vote in accepted) else 0.0)


def _moved(frames: Iterable[tuple[Box, ...]]) -> bool:
    """Whether the text stood elsewhere in one of these pictures, by its own height or more."""
    first: tuple[float, float, float] | None = None
    for boxes in frames:
        if not boxes:
            continue
        place = _place(boxes[0])
        if first is None:
            first = place
        elif max(abs(place[0] - first[0]), abs(place[1] - first[1])) >= max(first[2], 1.0):
            return True
    return False


def _place(box: Box) -> tuple[float, float, float]:
    """A box's centre and its shorter side, in pixels."""
    xs, ys = [x for x, _ in box], [y for _, y in box]
    shorter = min(max(xs) - min(xs), max(ys) - min(ys))
    return sum(xs) / len(xs), sum(ys) / len(ys), shorter


def _is_possible(votes: Sequence[_Vote], points: float) -> bool:
    return any(vote.accepted for vote in votes) or points >= 2 * _LEANING_LOOK


def _challengers(possible: set[str], votes: Mapping[str, Sequence[_Vote]]) -> set[str]:
    """Numbers that are not possible by themselves, yet put one in doubt that no camera accepted."""
    doubtful = [number for number in possible if not any(vote.accepted for vote in votes[number])]
    return {other for other in votes for number in doubtful if are_similar(number, other)}


def _not_rivals(
    seen: Sequence[Seen], votes: Mapping[str, Sequence[_Vote]], expected: frozenset[str]
) -> set[frozenset[str]]:
    """Pairs that are two boxes however similar: shown by one picture, or both announced and both accepted."""
    sure = [n for n, said in votes.items() if n in expected and any(vote.accepted for vote in said)]
    groups = [*(one.sighting.numbers for one in seen), sure]
    return {frozenset((a, b)) for group in groups for a in group for b in group}


def _rivalries(
    contenders: set[str], points: Mapping[str, float], not_rivals: set[frozenset[str]]
) -> list[Contradiction]:
    """Each group of similar numbers that cannot all be true, with the one that leads clearly enough."""
    rivalries, left = [], sorted(contenders)
    while left:
        group, left = [left[0]], left[1:]
        for member in group:
            similar = [n for n in left if are_similar(member, n) and frozenset((member, n)) not in not_rivals]
            group += similar
            left = [number for number in left if number not in similar]
        if len(group) > 1:
            rivalries.append(Contradiction(Conflict.RIVAL_NUMBERS, tuple(group), _leader(group, points)))
    return rivalries


def are_similar(one: str, other: str) -> bool:
    """Whether two different numbers may be one number, misread: few places differ, or only the owner does."""
    places = sum(a != b for a, b in zip(one, other, strict=False)) + abs(len(one) - len(other))
    return one != other and (places <= RIVAL_PLACES or one[4:] == other[4:])


def _leader(group: Sequence[str], points: Mapping[str, float]) -> str | None:
    """The one that leads clearly, or whose rivals were all overruled."""
    first, second = sorted(group, key=lambda number: (-points.get(number, 0.0), number))[:2]
    lead = points.get(first, 0.0) - points.get(second, 0.0)
    return first if lead >= LEAD or (second not in points and first in points) else None


def _fact(number: str, votes: Sequence[_Vote], points: float, expected: frozenset[str]) -> Fact:
    best = min(votes, key=lambda vote: (not vote.accepted, vote.cost, -vote.margin))
    faces = [_face(said) for said in _by_camera(votes).values()]
    faces.sort(key=lambda face: (not face.accepted, face.cost, face.camera))
    types = _types(votes)
    return Fact(
        number=number,
        type_code=_type_code(types),
        announced=number in expected,
        points=points,
        frames=len(votes),
        cost=best.cost,
        margin=best.margin,
        faces=tuple(faces),
        types=types,
    )


def _face(votes: Sequence[_Vote]) -> Face:
    """The sharpest of one camera's pictures.

    All crops are encoded alike, so the one with the most bytes shows the most detail: larger, sharper
    letters.
    """
    vote = max(votes, key=lambda vote: (vote.accepted, len(vote.seen.sighting.crop or b""), -vote.cost))
    crop = vote.seen.sighting.crop if vote.seen.sighting.number in (vote.number, None) else None
    return Face(vote.seen.camera, vote.seen.sha256, vote.cost, vote.margin, vote.accepted, crop)


def _type_code(types: Sequence[TypeRead]) -> str | None:
    """The size-type that most cameras read beside the number, None at a tie."""
    clear = len(types) == 1 or (len(types) > 1 and types[0].cameras > types[1].cameras)
    return types[0].code if clear else None


def _types(votes: Sequence[_Vote]) -> tuple[TypeRead, ...]:
    """Every size-type that was read beside the number, most cameras first."""
    read: dict[str, list[Seen]] = {}
    for vote in votes:
        code = vote.seen.sighting.type_code
        if code and vote.seen.sighting.number in (vote.number, None):
            read.setdefault(code, []).append(vote.seen)
    found = [
        TypeRead(code, len({each.camera for each in seen}), len({each.sha256 for each in seen}))
        for code, seen in read.items()
    ]
    return tuple(sorted(found, key=lambda each: (-each.cameras, each.code)))


def _load_contradictions(facts: Sequence[Fact]) -> list[Contradiction]:
    """Whether so many boxes of these lengths fit on one truck."""
    numbers = tuple(sorted(fact.number for fact in facts))
    if len(facts) > MOST_CONTAINERS:
        return [Contradiction(Conflict.TOO_MANY, numbers)]
    long = [fact for fact in facts if fact.type_code and fact.type_code[0] != "2"]
    return [Contradiction(Conflict.SIZES, numbers)] if long and len(facts) > 1 else []


def _type_contradictions(facts: Sequence[Fact]) -> list[Contradiction]:
    return [
        Contradiction(Conflict.TYPE_CODES, (fact.number, *(each.code for each in fact.types)), fact.type_code)
        for fact in facts
        if len(fact.types) > 1
    ]


def _candidates(seen: Sequence[Seen], facts: set[str], beaten: set[str]) -> tuple[Candidate, ...]:
    """What may be on the truck as well: no misreading of a fact, but each side of a disagreement."""
    costs: dict[str, float] = {}
    for one in seen:
        for candidate in one.sighting.candidates:
            costs[candidate.number] = min(candidate.cost, costs.get(candidate.number, candidate.cost))
    others = [
        number
        for number in costs
        if number in beaten or not any(number == fact or are_similar(number, fact) for fact in facts)
    ]
    others.sort(key=lambda number: (number not in beaten, costs[number], number))
    return tuple(Candidate(number, costs[number]) for number in others[:_MOST_CANDIDATES])


def _invalid(seen: Sequence[Seen]) -> tuple[str, ...]:
    counts: dict[str, int] = {}
    for one in seen:
        if one.sighting.status is Status.INVALID and one.sighting.seen:
            counts[one.sighting.seen] = counts.get(one.sighting.seen, 0) + 1
    return tuple(sorted(counts, key=lambda text: (-counts[text], text)))
