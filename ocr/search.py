"""The order in which a picture is looked at: cheap looks first, dearer ones only while nothing is clear.

    quick detector ──▶ lines, columns ──▶ good? ── yes ──▶ done
                                           │ no
    fine detector ───▶ lines, columns ──▶ clear? ─ yes ──▶ done
                                           │ no
                       the best strips seen otherwise

After a find the other boxes that may hold another container's number are read too.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice

import numpy as np

from ocr import chains, columns, sizetype
from ocr.detector import Detector
from ocr.ledger import Ledger
from ocr.lines import Lines
from ocr.quad import Quad, direction, height, is_tall, normal, overlap, spanning, width
from ocr.retouch import views
from ocr.scene import Scene
from ocr.strip import Assembly, Kind
from ocr.verdict import CLEAR

QUICK = 512
FINE = 1088
"""Pixels on the longer side for the two detectors."""
GOOD = (2.5, 2.0)
"""Cost and margin at which no finer look is taken."""
LOST = 6.0
"""Cost above which the fine detector looks at the quick one's size, too, where its first look was an enlarged one."""
VIEWED = 12.0
"""Cost above which no other view is tried."""
SLIM = 3.0
"""Widths of a number's line, in heights, at least."""
MOST_TURNED = 5
"""Lines read upside down when nothing else was found."""
MOST_OTHERS = 12
"""Boxes read for another container's number, at each look."""
FAR = 0.031
"""Height of a number's box, against the picture's longer side, below which there is room for several."""
SERIAL = 6
SERIAL_READ = -0.5
"""Digits of a serial, and their mean log probability from which what is missing beside it is looked for."""
MOST_CLOSER = 2
LIKELY = -1.5
"""Promise of a line with an owner and digits: what is missing of it is looked for."""


@dataclass(frozen=True, slots=True)
class Detectors:
    """A quick one for every picture, a fine one for those that need it."""

    quick: Detector
    fine: Detector


def search(scene: Scene, detectors: Detectors, ledger: Ledger) -> None:
    """Fill the ledger with the numbers of a picture."""
    _look(scene, detectors.quick, QUICK, ledger, chains.assemblies(scene.picture))
    if ledger.is_clear(*GOOD):
        return
    _look(scene, detectors.fine, FINE, ledger)
    if ledger.lowest() > LOST and max(scene.picture.shape) < FINE:
        _look(scene, detectors.fine, QUICK, ledger)
    if ledger.lowest() > LOST:
        _turn_over(scene, ledger)
    if not ledger.is_clear(*CLEAR) and ledger.lowest() < VIEWED:
        for assembly in ledger.best(2):
            for view in views(assembly):
                ledger.offer(view)


def _look(scene: Scene, detector: Detector, side: int, ledger: Ledger, more: Iterable[Assembly] = ()) -> None:
    quads = scene.look(detector, side)
    lines = Lines(scene, [quad for quad in quads if not is_tall(quad)])
    for assembly in chain(lines.found(), lines.missed(), more, columns.assemblies(scene, quads)):
        ledger.offer(assembly)
        if ledger.is_clear(*CLEAR):
            return


def _turn_over(scene: Scene, ledger: Ledger) -> None:
    """Read the slimmest and largest lines upside down: a container or a camera may hang so."""
    lines = [quad for quad in scene.quads if width(quad) > SLIM * height(quad)]
    lines.sort(key=lambda quad: width(quad) * height(quad), reverse=True)
    turned = [np.roll(quad, 2, axis=0) for quad in lines[:MOST_TURNED]]
    for assembly in Lines(scene, turned).found():
        ledger.offer(assembly)


def others(scene: Scene, detectors: Detectors, found: Assembly, ledger: Ledger) -> None:
    """Read the boxes that may hold the number of another container than the one that was found.

    A camera that is far away has room for several: there the fine detector looks, too. Where six digits
    stand by themselves, their owner and check digit may be too small for a quick look.
    """
    _read_elsewhere(scene, found, ledger)
    for serial in list(islice(_lonely_serials(scene, found, ledger), MOST_CLOSER)):
        lines = Lines(scene, scene.look_closer(detectors.quick, _room_for_a_number(serial), FINE))
        for assembly in chain(lines.found(), lines.missed(LIKELY)):
            ledger.offer(assembly)
    tallest = max(height(strip.quad) for strip in found.strips)
    if found.kind is Kind.LINE and tallest < FAR * max(scene.picture.shape):
        scene.look(detectors.fine, FINE)
        _read_elsewhere(scene, found, ledger)


def _lonely_serials(scene: Scene, found: Assembly, ledger: Ledger) -> Iterator[Quad]:
    """Boxes with six digits that no number read so far has taken."""
    good = [entry.assembly for number, entry in ledger.entries.items() if ledger.painted(number) <= GOOD[0]]
    taken = [strip.quad for assembly in good for strip in assembly.strips]
    for quad in _elsewhere(scene, found):
        if scene.is_read(quad) and not any(overlap(quad, other) for other in taken):
            slots = scene.strip(quad).first(scene.eyes)
            if len(slots.text()) == SERIAL and slots.digits(SERIAL) > SERIAL_READ:
                yield quad


def _room_for_a_number(serial: Quad) -> Quad:
    """A serial with room for an owner before or above it and a check digit after it."""
    along, high = direction(serial), height(serial)
    u, v = serial @ along, serial @ normal(along)
    left, right = float(u.min()) - 5 * high, float(u.max()) + 3 * high
    return spanning(along, left, right, float(v.min()) - 2 * high, float(v.max()) + high)


def _read_elsewhere(scene: Scene, found: Assembly, ledger: Ledger) -> None:
    boxes = sorted(_elsewhere(scene, found), key=height, reverse=True)
    unread = [quad for quad in boxes if not scene.is_read(quad)][:MOST_OTHERS]
    lines = Lines(scene, [quad for quad in boxes if scene.is_read(quad)] + unread)
    for assembly in chain(lines.found(), lines.missed(LIKELY)):
        ledger.offer(assembly)


def _elsewhere(scene: Scene, found: Assembly) -> Iterator[Quad]:
    """Boxes wider than a character, not much smaller than the found one, not among its face's weights."""
    if found.kind is not Kind.LINE:
        return
    frame = sizetype.Frame.of(found)
    for quad in scene.quads:
        if width(quad) > 1.5 * height(quad) and height(quad) > 0.5 * frame.line and not frame.is_over(quad):
            yield quad
