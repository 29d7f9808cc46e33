"""The board: what everybody may know of the gate at this moment, for pages, tables and the health topic."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from drivers.camera.condition import PictureState
from drivers.device import DeviceStatus
from drivers.readings import Stability
from gateway.bench import Bench
from gateway.clerk.aspect import Aspect
from gateway.clerk.draft import Content
from gateway.clerk.visit import Visit
from gateway.configuration import Configuration
from gateway.link.link import LinkStatus
from gateway.trouble import Trouble

if TYPE_CHECKING:
    from gateway.upload.uploader import UploadStatus


@dataclass(frozen=True, slots=True)
class LaneView:
    """One lane: the weight now, the truck now, what is shown of it, its devices, what its pictures are worth.

    ``troubles`` is what is wrong while it goes on, each with what was found; ``made`` is what the drafts of the
    truck say. ``drafted`` counts the visits with drafts that ended since the gate began, ``announced`` those of them
    whose cargo had a pre-advice.
    """

    name: str
    kg: Decimal | None = None
    stability: Stability | None = None
    visit: Visit | None = None
    aspect: Aspect = Aspect.READY
    devices: dict[str, DeviceStatus] = field(default_factory=dict)
    pictures: dict[str, PictureState] = field(default_factory=dict)
    troubles: dict[Trouble, str] = field(default_factory=dict)
    made: tuple[Content, ...] = ()
    drafted: int = 0
    announced: int = 0


@dataclass(frozen=True, slots=True)
class GateView:
    """The whole gate."""

    lanes: dict[str, LaneView] = field(default_factory=dict)
    link: LinkStatus = field(default_factory=LinkStatus)
    uploads: UploadStatus | None = None
    configuration: Configuration | None = None

    @property
    def troubles(self) -> str | None:
        """What is wrong, lane by lane in one line, None while nothing is."""
        found = [f"{name}: {', '.join(lane.troubles)}" for name, lane in self.lanes.items() if lane.troubles]
        if self.configuration is not None and self.configuration.problem:
            found.append(self.configuration.problem)
        return "; ".join(found) or None


class Board:
    """Holds the newest view. Every method may be called from any thread; a view never changes once given.

    ``bench`` holds what the devices said just now, for the one who commissions them.
    """

    def __init__(self, lanes: tuple[str, ...]) -> None:
        self.bench = Bench()
        self._lock = threading.Lock()
        self._view = GateView(lanes={name: LaneView(name) for name in lanes})
        self._on_trouble: Callable[[str | None], None] = lambda troubles: None

    @property
    def view(self) -> GateView:
        """The gate now."""
        with self._lock:
            return self._view

    def lanes(self, names: Iterable[str]) -> None:
        """The lanes of the gate from now on; one that is new has said nothing yet, one that is gone is forgotten."""

        def changed(view: GateView) -> GateView:
            return replace(view, lanes={name: view.lanes.get(name, LaneView(name)) for name in names})

        self._change(changed)
        self.bench.keep_only(self.view.lanes)
        self._on_trouble(self.view.troubles)

    def lane(self, name: str, **changes: Any) -> None:
        """Something of a lane may have changed. Where nothing has, the view stays the same object: a weight that
        stands still comes fifty times a second."""
        known = self.view.lanes.get(name)
        if known is not None and all(_is_same(getattr(known, key), value) for key, value in changes.items()):
            return
        self._of_lane(name, lambda lane: replace(lane, **changes))

    def drafted(self, lane: str, announced: bool) -> None:
        """A visit with drafts has ended; ``announced``: a pre-advice was found for one of them."""
        self._of_lane(
            lane, lambda view: replace(view, drafted=view.drafted + 1, announced=view.announced + announced)
        )

    def device(self, lane: str, status: DeviceStatus) -> None:
        """A device of a lane has another status."""
        self._of_lane(lane, lambda view: replace(view, devices={**view.devices, status.name: status}))

    def pictures(self, lane: str, camera: str, state: PictureState) -> None:
        """A camera's pictures are worth something else."""
        self._of_lane(lane, lambda view: replace(view, pictures={**view.pictures, camera: state}))

    def devices(self, lane: str, names: Collection[str]) -> None:
        """The devices of a lane from now on; what is known of others is forgotten."""

        def changed(view: LaneView) -> LaneView:
            devices = {name: status for name, status in view.devices.items() if name in names}
            pictures = {name: state for name, state in view.pictures.items() if name in names}
            return replace(view, devices=devices, pictures=pictures)

        self._of_lane(lane, changed)

    def on_trouble(self, tell: Callable[[str | None], None]) -> None:
        """Call ``tell`` with all troubles in one line, or None, now and whenever they change."""
        self._on_trouble = tell
        tell(self.view.troubles)

    def trouble(self, lane: str, kind: Trouble, found: str | None) -> None:
        """Something is wrong at a lane, as ``found`` says; None: not any more."""
        known = self.view.lanes.get(lane)
        if known is None or known.troubles.get(kind) == found:
            return

        def changed(view: LaneView) -> LaneView:
            others = {each: text for each, text in view.troubles.items() if each is not kind}
            return replace(view, troubles=others if found is None else {**others, kind: found})

        self._of_lane(lane, changed)
        self._on_trouble(self.view.troubles)

    def configuration(self, configuration: Configuration) -> None:
        """What came of reading the site's file again, or of what that waited for."""
        self._change(lambda view: replace(view, configuration=configuration))
        self._on_trouble(self.view.troubles)

    def link(self, status: LinkStatus) -> None:
        """The link has another status."""
        self._change(lambda view: replace(view, link=status))

    def uploads(self, status: UploadStatus) -> None:
        """Files of evidence on their way; never told where a site sends none."""
        self._change(lambda view: replace(view, uploads=status))

    def _of_lane(self, name: str, change: Callable[[LaneView], LaneView]) -> None:
        """Of a lane that is gone nothing is known any more: what its threads still say is passed over."""

        def changed(view: GateView) -> GateView:
            if name not in view.lanes:
                return view
            return replace(view, lanes={**view.lanes, name: change(view.lanes[name])})

        self._change(changed)

    def _change(self, change: Callable[[GateView], GateView]) -> None:
        with self._lock:
            self._view = change(self._view)


def _is_same(before: Any, after: Any) -> bool:
    return before is after or bool(before == after)
