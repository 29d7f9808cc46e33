"""Owner codes as tables for the decoder: which are known, and what a strange one costs."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocr.slots import ALPHABET, CATEGORY, LETTER, Slots

STRANGE = 3.0
"""What an owner code costs that nobody listed: it must be painted e^3 = 20 times as clearly."""
BEAM = 12

# ISO 6346 gives letters the values 10 to 38 without the multiples of eleven.
VALUE = np.array([*range(10), *(v for v in range(10, 39) if v % 11)], np.int64)

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Owners:
    """Codes as indices of `ALPHABET` (n, 4), each one's cost (n,) and sum modulo 11 (n,)."""

    codes: Integers
    costs: NDArray[np.float32]
    residues: Integers

    @classmethod
    def listed(cls, codes: Iterable[str]) -> "Owners":
        """A table of known codes. Raises `ValueError` naming a code that is none."""
        rows = [_indices(code) for code in sorted(codes)]
        return cls.of(np.array(rows, np.int64).reshape(-1, 4), 0.0)

    @classmethod
    def of(cls, codes: Integers, cost: float) -> "Owners":
        """A table of codes that all cost the same."""
        residues = (VALUE[codes] * (1, 2, 4, 8)).sum(1) % 11
        return cls(codes, np.full(len(codes), cost, np.float32), residues)

    def plus(self, others: "Owners") -> "Owners":
        """Both tables as one."""
        return Owners(
            np.concatenate([self.codes, others.codes]),
            np.concatenate([self.costs, others.costs]),
            np.concatenate([self.residues, others.residues]),
        )

    def text(self, row: int) -> str:
        """One code as letters."""
        return "".join(ALPHABET[index] for index in self.codes[row])


def strange(slots: Slots, known: frozenset[bytes]) -> Owners:
    """The most probable codes of four slots in a line, that nobody listed (`known`: `key` of the listed)."""
    found: dict[bytes, Integers] = {}
    beams: list[list[tuple[float, tuple[int, ...]]]] = [[(0.0, ())], [], [], []]
    for marks, blank in zip(slots.marks, slots.blank, strict=True):
        skip = max(float(blank), -5.0)
        grown: list[list[tuple[float, tuple[int, ...]]]] = [
            [(score + skip, code) for score, code in beam] for beam in beams[1:]
        ]
        letters = LETTER[np.argsort(-marks[LETTER])[:3]]
        for place in range(2, -1, -1):
            grown[place] += [
                (score + float(marks[c]), (*code, int(c))) for score, code in beams[place] for c in letters
            ]
            grown[place] = sorted(grown[place], reverse=True)[:BEAM]
        for score, code in beams[3]:
            for c in CATEGORY:
                if score + float(marks[c]) > -9:
                    row = np.array([*code, int(c)], np.int64)
                    found.setdefault(row.tobytes(), row)
        beams = [[(0.0, ())], *grown]
    rows = [row for key, row in found.items() if key not in known]
    return Owners.of(np.array(rows, np.int64).reshape(-1, 4), STRANGE)


def keys(owners: Owners) -> frozenset[bytes]:
    """What `strange` must not find."""
    return frozenset(row.tobytes() for row in owners.codes)


def _indices(code: str) -> list[int]:
    if len(code) != 4 or not code.isascii() or not code.isalpha() or code[3] not in "UJZ":
        raise ValueError(f"{code!r} is no owner code: three letters and U, J or Z are (ISO 6346).")
    return [ALPHABET.index(letter) for letter in code]
