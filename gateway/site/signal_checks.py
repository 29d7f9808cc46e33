"""What a site's file may say wrongly of signals: boards, points, and the names that the lane uses of them."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from gateway.site.signals import SignalsPart
from gateway.site.site import LanePart, Site
from record.yamlfile import Remark

Place = tuple[str | int, ...]

GPIO = "/dev/gpiochip"
KINDS = ("inputs", "outputs")


def signals(site: Site) -> Iterator[Remark]:
    """Points that are there once, and names that the lane's rules find again."""
    taken: dict[tuple[object, ...], str] = {}
    for index, lane in enumerate(site.lanes):
        path = ("lanes", index)
        for place, board in enumerate(lane.signals):
            yield from _board((*path, "signals", place), board)
            yield from _points((*path, "signals", place), board, taken)
        yield from _names(path, lane)
        yield from _used(path, lane)


def _board(path: Place, board: SignalsPart) -> Iterator[Remark]:
    if not board.port.startswith(("/", "socket://")):
        yield Remark((*path, "port"), "site.no_board", {"port": board.port})
    if not board.inputs and not board.outputs:
        yield Remark(path, "site.empty_board", {"name": board.name})
    if board.port.startswith(GPIO):
        for place, point in enumerate(board.inputs):
            if point.coil:
                yield Remark((*path, "inputs", place, "coil"), "site.coil_on_a_chip", at_key=True)


def _points(path: Place, board: SignalsPart, taken: dict[tuple[object, ...], str]) -> Iterator[Remark]:
    """One contact or relay has one name, wherever it is used; a pin is an input or an output."""
    for kind in KINDS:
        for place, point in enumerate(getattr(board, kind)):
            if board.port.startswith(GPIO):
                key: tuple[object, ...] = (board.port, point.number)
            else:
                key = (board.port, board.unit, kind, getattr(point, "coil", None), point.number)
            if key in taken:
                params = {"number": point.number, "other": taken[key]}
                yield Remark((*path, kind, place, "number"), "site.point_twice", params)
            taken.setdefault(key, point.name)


def _names(path: Place, lane: LanePart) -> Iterator[Remark]:
    """The lane's rules know an input or output by its name alone."""
    for kind in KINDS:
        seen: set[str] = set()
        for board, part in enumerate(lane.signals):
            for place, point in enumerate(getattr(part, kind)):
                if point.name in seen:
                    where = (*path, "signals", board, kind, place, "name")
                    yield Remark(where, "site.name_twice", {"name": point.name})
                seen.add(point.name)


def _used(path: Place, lane: LanePart) -> Iterator[Remark]:
    """Inputs and outputs that the lane's rules name are there, each output with one use."""
    inputs = [point.name for board in lane.signals for point in board.inputs]
    outputs = [point.name for board in lane.signals for point in board.outputs]
    if lane.presence is not None:
        yield from _known((*path, "presence"), "input", lane.presence, inputs)
    for aspect, names in lane.lights.all() if lane.lights else ():
        for place, name in enumerate(names):
            yield from _known((*path, "lights", aspect, place), "output", name, outputs)
    barrier = lane.barrier
    if barrier is None:
        return
    yield from _known((*path, "barrier", "output"), "output", barrier.output, outputs)
    for key, used in (("button", barrier.button), ("hold", barrier.hold)):
        if used is not None:
            yield from _known((*path, "barrier", key), "input", used, inputs)
    lit = {name for _, names in (lane.lights.all() if lane.lights else ()) for name in names}
    if barrier.output in lit:
        yield Remark((*path, "barrier", "output"), "site.barrier_as_light", {"name": barrier.output})


def _known(path: Place, kind: str, name: str, known: list[str]) -> Iterator[Remark]:
    if name in known:
        return
    near = get_close_matches(name, known, 1)
    code = f"site.unknown_{kind}_meant" if near else f"site.unknown_{kind}"
    yield Remark(path, code, {"name": name, "meant": near[0] if near else ""})
