"""The script of a day: trucks of every kind with all that can go wrong, what each lane hears, and what must come out.

What must come out is written down here from what each truck carries and from what was done to it, without a look
into the gate's own rules: a gate that decides otherwise is wrong, or the script is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal
from random import Random
from typing import Any

from gateway.rehearsal.trucks import BOX_KG, CARGO, CHASSIS_KG, DIVISION_KG, OWNERS, TRACTOR_KG
from gateway.story.line import StoryLine
from record.identifiers import access_key, container

VEHICLE_KG = TRACTOR_KG + CHASSIS_KG
FRAME_S = 0.25
STAND_S = 8.0
"""Seconds that a truck stands on the scale."""

GAP_S = (6.0, 90.0)
"""Seconds between a truck's leaving and the next one's arrival."""

CLEAR, ANNOUNCED_LEAN, UNSURE, BLIND, MISREAD = 0.90, 0.03, 0.03, 0.035, 0.005
"""How a truck's container is seen: shares near what the reader does on photographs of real doors.

A misreading is far more frequent here than measured (none in 184 accepted numbers), so that a day has some.
"""

LOOK_ALIKE = {"M": "W", "G": "Q", "H": "R", "E": "O", "C": "W", "S": "I", "T": "J"}
"""Letters with the same remainder in ISO 6346: the check digit does not tell them apart."""


@dataclass(frozen=True, slots=True)
class Expected:
    """One draft that must stand in the outbox at the end of the day, in its last revision."""

    lane: str
    report: str
    dae: str | None
    container: str | None
    weight_kg: int | None
    packages: int | None
    complete: bool


@dataclass(slots=True)
class Script:
    """A whole day."""

    lines: list[StoryLine] = field(default_factory=list)
    preadvice: list[dict[str, Any]] = field(default_factory=list)
    releases: list[dict[str, Any]] = field(default_factory=list)
    expected: list[Expected] = field(default_factory=list)
    visits: int = 0


def site(lanes: int) -> dict[str, Any]:
    """The site's file of a day: containers, loose cargo weighed in and out, air cargo, exits, and again."""
    kinds: tuple[dict[str, Any], ...] = (
        {"direction": "entry", "flow": "container"},
        {"direction": "both", "flow": "loose", "weigh": "in_and_out"},
        {"direction": "entry", "flow": "air"},
        {"direction": "exit", "flow": "container"},
    )
    return {
        "depot": {
            "name": "deposito-demo",
            "profile": "temporal",
            "district": "028",
            "oce": "99999999",
            "operator_type": "14",
        },
        "gate": "garita-1",
        "data": ".",
        "keys": {"signing": "gate.pem", "registry": "ed25519:11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
        "broker": {"host": "127.0.0.1", "port": 1883},
        "tares": {"tractor_kg": TRACTOR_KG, "chassis_kg": CHASSIS_KG, "boxes": BOX_KG},
        "rules": {"release_required": True},
        "simulated": True,
        "lanes": [_lane(number, kinds[number % len(kinds)]) for number in range(lanes)],
    }


def _lane(number: int, kind: dict[str, Any]) -> dict[str, Any]:
    scale: dict[str, Any] = {
        "protocol": "mt_continuous",
        "port": f"/dev/serial/by-id/scale-{number}",
        "certificate": {"number": f"DEMO-{number}", "authority": "demo", "valid_until": "2099-12-31"},
    }
    if kind["flow"] == "air":
        scale |= {"arrive_kg": 3, "leave_kg": 1, "settle_kg": "0.2", "zero_kg": "0.5"}
    return {"name": f"carril-{number + 1}", "scale": scale, **kind}


def script(trucks: int, lanes: int, seed: int, year: int) -> Script:
    """So many trucks spread over the lanes; the same seed gives the same day."""
    made = Script()
    shares = [trucks // lanes + (number < trucks % lanes) for number in range(lanes)]
    kinds = (_containers, _loose, _air, _exits)
    for number, share in enumerate(shares):
        name = f"carril-{number + 1}"
        day = _Day(Random(f"{seed}/{name}"), made, name, year, number)  # noqa: S311 - a rehearsal
        kinds[number % len(kinds)](day, share)
    made.lines.sort(key=lambda line: line.t)
    return made


class _Day:
    """One lane's day while it is written: its time, its chances, and what stands in the script so far."""

    def __init__(self, rng: Random, made: Script, lane: str, year: int, number: int) -> None:
        self.rng, self.made, self.lane, self.year = rng, made, lane, year
        self.t = rng.uniform(10, 40)
        self._serial = number * 1_000_000 + rng.randrange(1000)

    def say(self, after: float, **line: Any) -> None:
        """One line, so many seconds after the present truck's arrival."""
        self.made.lines.append(
            StoryLine.model_validate({"t": round(self.t + after, 3), "lane": self.lane, **line})
        )

    def dae(self) -> str:
        """A document that no other truck has."""
        self._serial += 1
        return f"028{self.year}40{self._serial % 10**8:08d}"

    def number(self) -> str:
        """A container number whose check digit is worth something."""
        while True:
            ten = self.rng.choice(OWNERS) + f"{self.rng.randrange(10**6):06d}"
            if container.remainder(ten) != 10:
                return f"{ten}{container.check_digit(ten)}"

    def passage(
        self, kg: Decimal, stand_s: float = STAND_S, still: bool = True, unit: int = DIVISION_KG
    ) -> float:
        """Weights of a whole passage; returns the second at which the truck is off."""
        t = -1.0
        for share in (0, 0, 0, 0, 0.3, 0.6, 0.9):
            self.frame(t, kg * Decimal(str(share)), share == 0, unit)
            t += FRAME_S
        until = t + stand_s
        while t < until:
            self.frame(t, kg, still, unit)
            t += FRAME_S
        for share in (0.6, 0.2, 0, 0, 0, 0):
            self.frame(t, kg * Decimal(str(share)), share == 0, unit)
            t += FRAME_S
        return t

    def frame(self, t: float, kg: Decimal, still: bool, unit: int) -> None:
        """One frame of the scale, in its division (tenths of a kilogram where ``unit`` is 0)."""
        value = (kg / unit).quantize(Decimal(1)) * unit if unit else kg.quantize(Decimal("0.1"))
        self.say(t, weight=str(value), stability="stable" if still else "moving")

    def leave(self, t: float) -> None:
        """The truck is off; somewhat later the next one comes."""
        self.made.visits += 1
        self.t += t + self.rng.uniform(*GAP_S)
        self.say(-0.5)

    def announce(self, dae: str, **cargo: Any) -> None:
        """Put an announcement into the depot's list."""
        containers = cargo.pop("containers", [])
        self.made.preadvice.append(
            {
                "id": f"aviso-{dae}",
                "keys": {"document": {"type": "DAE", "number": dae}, "containers": containers},
                "cargo": cargo,
            }
        )

    def expect(self, **draft: Any) -> None:
        """Write down a draft that must come out."""
        usual: dict[str, Any] = {"report": "IIE", "container": None, "weight_kg": None, "packages": None}
        self.made.expected.append(Expected(**{"lane": self.lane, **usual, **draft}))


@dataclass(frozen=True, slots=True)
class _Box:
    """A truck with one container, as it really is."""

    dae: str
    number: str
    type_code: str
    cargo_kg: int
    description: str
    packages: int
    packaging: str

    @property
    def gross_kg(self) -> Decimal:
        return Decimal(VEHICLE_KG + BOX_KG[self.type_code] + self.cargo_kg)


def _box(day: _Day) -> _Box:
    rng = day.rng
    type_code = rng.choice(sorted(BOX_KG))
    empty = VEHICLE_KG + BOX_KG[type_code]
    gross = rng.randrange(26000, 46000) // DIVISION_KG * DIVISION_KG
    return _Box(day.dae(), day.number(), type_code, gross - empty, *rng.choice(CARGO))


def _announce_box(day: _Day, box: _Box, **other: Any) -> None:
    cargo = {
        "description": box.description,
        "packages": box.packages,
        "packaging": box.packaging,
        "weight_kg": str(box.cargo_kg),
        "containers": [box.number],
    }
    day.announce(box.dae, **{**cargo, **other})


def _see(day: _Day, box: _Box, announced: bool) -> str:
    """What two cameras see of a truck; returns how: clear, lean, unsure, blind or misread."""
    how = day.rng.choices(
        ("clear", "lean", "unsure", "blind", "misread"), (CLEAR, ANNOUNCED_LEAN, UNSURE, BLIND, MISREAD)
    )[0]
    if how == "misread" and not _misread(box.number):
        how = "clear"
    right = {"number": box.number, "type_code": box.type_code, "cost": 0.4, "margin": 7.0}
    match how:
        case "clear":
            day.say(3.4, sighting={"camera": "trasera", **right})
            if day.rng.random() < 0.5:
                day.say(4.3, sighting={"camera": "lateral", **right})
        case "lean":
            guess = {
                "candidates": [[box.number, 3.0]],
                "cost": 3.0,
                "margin": 4.0,
                "type_code": box.type_code,
            }
            day.say(3.4, sighting={"camera": "trasera", **guess})
        case "unsure":
            other = day.number()
            guess = {"candidates": [[other, 9.0], [day.number(), 9.3]], "cost": 9.0, "margin": 0.3}
            day.say(3.4, sighting={"camera": "trasera", **guess})
        case "blind":
            day.say(3.4, sighting={"camera": "trasera"})
        case "misread":
            wrong = {"number": _misread(box.number), "type_code": box.type_code, "cost": 0.9, "margin": 4.0}
            day.say(3.4, sighting={"camera": "trasera", **wrong})
            day.say(4.3, sighting={"camera": "lateral", **right})
    if how == "lean" and not announced:
        return "unsure"
    if how == "misread" and announced:
        return "outvoted"
    return how


def _misread(number: str) -> str | None:
    """The same number with one letter taken for another that its check digit cannot tell from it."""
    for place in range(3):
        other = LOOK_ALIKE.get(number[place])
        changed = f"{number[:place]}{other}{number[place + 1 :]}"
        if other and container.check_digit(changed[:10]) == int(changed[10]):
            return changed
    return None


def _containers(day: _Day, count: int) -> None:
    """A lane where containers come in, weighed once."""
    kinds: tuple[tuple[Callable[[_Day], None], int], ...] = (
        (_plain, 60),
        (_unannounced, 8),
        (_no_paper, 4),
        (_empty, 4),
        (_reverses_out, 3),
        (_axle_first, 4),
        (_never_still, 2),
        (_early_scan, 4),
        (_late_scan, 3),
        (_unknown_code, 3),
        (_wrong_container, 2),
        (_two_documents, 2),
        (_guard_reads, 3),
    )
    for _ in range(count):
        day.rng.choices([kind for kind, _ in kinds], [weight for _, weight in kinds])[0](day)


def _papers(day: _Day, box: _Box, at: float = 5.0) -> None:
    written = f"{box.dae[:3]}-{box.dae[3:7]}-{box.dae[7:9]}-{box.dae[9:]}"
    day.say(at, scan=day.rng.choice((box.dae, written)), device="lector")
    if day.rng.random() < 0.5:
        day.say(at + 0.3, scan=_guide(day), device="lector")


def _guide(day: _Day) -> str:
    rng = day.rng
    date = f"{rng.randrange(1, 29):02d}{rng.randrange(1, 13):02d}{day.year}"
    first = f"{date}06179008578300120010010{rng.randrange(10**8):08d}{rng.randrange(10**8):08d}1"
    return f"{first}{access_key.check_digit(first)}"


def _draft_of(day: _Day, box: _Box, how: str, announced: bool, **other: Any) -> None:
    """What must come of one container that was seen so: without its number no tare, so no weight."""
    known = how in ("clear", "outvoted") or (how == "lean" and announced)
    day.expect(
        **{
            "dae": box.dae,
            "container": box.number if known else None,
            "weight_kg": box.cargo_kg if known else None,
            "packages": box.packages if announced else None,
            "complete": known and announced,
            **other,
        }
    )


def _plain(day: _Day) -> None:
    """Announced, scanned, seen."""
    box = _box(day)
    _announce_box(day, box)
    _papers(day, box)
    how = _see(day, box, announced=True)
    off = day.passage(box.gross_kg)
    _draft_of(day, box, how, announced=True)
    day.leave(off)


def _unannounced(day: _Day) -> None:
    """Nobody told the depot of it."""
    box = _box(day)
    _papers(day, box)
    how = _see(day, box, announced=False)
    off = day.passage(box.gross_kg)
    _draft_of(day, box, how, announced=False)
    day.leave(off)


def _no_paper(day: _Day) -> None:
    """No paper is scanned; the number on the door is clear."""
    box = _box(day)
    seen = {"camera": "trasera", "number": box.number, "type_code": box.type_code}
    day.say(3.4, sighting=seen)
    off = day.passage(box.gross_kg)
    _draft_of(day, box, "clear", announced=False, dae=None)
    day.leave(off)


def _empty(day: _Day) -> None:
    """Tractor and chassis alone: nothing to report."""
    day.leave(day.passage(Decimal(VEHICLE_KG + day.rng.choice((-40, 0, 60)))))


def _reverses_out(day: _Day) -> None:
    """On with one axle, and back again."""
    for t, kg, still in ((-0.5, 0, True), (0, 4000, False), (0.5, 6000, False), (1, 2000, False)):
        day.frame(t, Decimal(kg), still, DIVISION_KG)
    for n in range(6):
        day.frame(1.5 + n * FRAME_S, Decimal(0), True, DIVISION_KG)
    day.leave(3.0)


def _axle_first(day: _Day) -> None:
    """The driver stops with one axle on the platform before he drives on."""
    box = _box(day)
    _announce_box(day, box)
    for n in range(14):
        day.frame(-5 + n * FRAME_S, Decimal(7200), True, DIVISION_KG)
    _papers(day, box)
    how = _see(day, box, announced=True)
    t = -1.5
    while t < STAND_S:
        day.frame(t, box.gross_kg, t >= -0.5, DIVISION_KG)
        t += FRAME_S
    for n in range(6):
        day.frame(t + n * FRAME_S, Decimal(0), True, DIVISION_KG)
    _draft_of(day, box, how, announced=True)
    day.leave(t + 2)


def _never_still(day: _Day) -> None:
    """The indicator says moving until the truck is gone."""
    box = _box(day)
    _announce_box(day, box)
    _papers(day, box)
    how = _see(day, box, announced=True)
    off = day.passage(box.gross_kg, still=False)
    _draft_of(day, box, how, announced=True, weight_kg=None, complete=False)
    day.leave(off)


def _early_scan(day: _Day) -> None:
    """The paper is scanned at the window before the truck drives on."""
    box = _box(day)
    _announce_box(day, box)
    day.t += 12
    _papers(day, box, at=-9.0)
    how = _see(day, box, announced=True)
    off = day.passage(box.gross_kg)
    _draft_of(day, box, how, announced=True)
    day.leave(off)


def _late_scan(day: _Day) -> None:
    """The paper is scanned when the truck has just left."""
    box = _box(day)
    _announce_box(day, box)
    seen = {"camera": "trasera", "number": box.number, "type_code": box.type_code}
    day.say(3.4, sighting=seen)
    off = day.passage(box.gross_kg)
    day.say(off, scan=box.dae, device="lector")
    _draft_of(day, box, "clear", announced=True)
    day.leave(off + 1)


def _unknown_code(day: _Day) -> None:
    """Somebody scans a sweet wrapper first."""
    box = _box(day)
    _announce_box(day, box)
    day.say(4.6, scan="PROMO/2026*XYZ", device="lector")
    _papers(day, box)
    how = _see(day, box, announced=True)
    off = day.passage(box.gross_kg)
    _draft_of(day, box, how, announced=True)
    day.leave(off)


def _wrong_container(day: _Day) -> None:
    """Another container than the one announced under the document."""
    box = _box(day)
    _announce_box(day, box, containers=[day.number()])
    _papers(day, box)
    day.say(3.4, sighting={"camera": "trasera", "number": box.number, "type_code": box.type_code})
    off = day.passage(box.gross_kg)
    _draft_of(day, box, "clear", announced=True, complete=False)
    day.leave(off)


def _two_documents(day: _Day) -> None:
    """Two documents share the box: each has what was declared for it."""
    box = _box(day)
    second = day.dae()
    share = box.cargo_kg // 3
    _announce_box(day, box, weight_kg=str(share))
    cargo = {"description": "CACAO", "packages": 100, "packaging": "104", "containers": [box.number]}
    day.announce(second, weight_kg=str(box.cargo_kg - share), **cargo)
    day.say(5.0, scan=box.dae, device="lector")
    day.say(5.5, scan=second, device="lector")
    day.say(3.4, sighting={"camera": "trasera", "number": box.number, "type_code": box.type_code})
    off = day.passage(box.gross_kg)
    _draft_of(day, box, "clear", announced=True, weight_kg=share)
    _draft_of(day, box, "clear", True, dae=second, weight_kg=box.cargo_kg - share, packages=100)
    day.leave(off)


def _guard_reads(day: _Day) -> None:
    """The cameras hesitate and the guard enters what he reads on the door."""
    box = _box(day)
    _announce_box(day, box)
    _papers(day, box)
    day.say(
        3.4, sighting={"camera": "trasera", "candidates": [[day.number(), 9.0]], "cost": 9.0, "margin": 0.2}
    )
    for at, name, value in ((6.0, "container", box.number), (6.4, "size_type", box.type_code)):
        day.say(
            at, act={"person": "J. Mora", "field": f"/items/0/{name}", "value": value, "reason": "puerta"}
        )
    off = day.passage(box.gross_kg)
    _draft_of(day, box, "clear", announced=True)
    day.leave(off)


def _loose(day: _Day, count: int) -> None:
    """Loose cargo on a lane for both ways, weighed in and out; some trucks are still inside in the evening."""
    inside: list[tuple[str, str, int, int, int]] = []
    while count > 0:
        if inside and (len(inside) > 6 or day.rng.random() < 0.5 or count == 1):
            _comes_out(day, inside.pop(day.rng.randrange(len(inside))))
        else:
            inside.append(_comes_in(day))
        count -= 1
    for dae, _, _, _, packages in inside:
        day.expect(dae=dae, packages=packages, complete=False)


def _comes_in(day: _Day) -> tuple[str, str, int, int, int]:
    rng = day.rng
    dae, plate = day.dae(), f"G{rng.choice('ABCDEF')}{rng.choice('KLMNPR')}{rng.randrange(1, 9999):04d}"
    empty = rng.randrange(9000, 15000) // DIVISION_KG * DIVISION_KG
    cargo = rng.randrange(6000, 25000) // DIVISION_KG * DIVISION_KG
    packages = rng.randrange(50, 900)
    day.announce(dae, description="SACOS", packages=packages, packaging="104", weight_kg=str(cargo))
    day.say(4.0, scan=plate, device="lector")
    day.say(5.0, scan=dae, device="lector")
    day.leave(day.passage(Decimal(empty + cargo)))
    return dae, plate, empty, cargo, packages


def _comes_out(day: _Day, truck: tuple[str, str, int, int, int]) -> None:
    dae, plate, empty, cargo, packages = truck
    day.say(4.0, scan=plate, device="lector")
    day.leave(day.passage(Decimal(empty)))
    day.expect(dae=dae, weight_kg=cargo, packages=packages, complete=True)


def _air(day: _Day, count: int) -> None:
    """Pieces for air pallets, one after the other, a label scanned for each."""
    dae, left = "", 0
    for _ in range(count):
        if not left:
            dae, left = day.dae(), day.rng.randrange(2, 7)
            day.announce(dae, description="ROSAS", packages=left, packaging="035")
        left -= 1
        kg = Decimal(day.rng.randrange(80, 320)) / 10
        day.say(3.0, scan=dae, device="lector")
        off = day.passage(kg, stand_s=4.0, unit=0)
        whole = int(kg.quantize(Decimal(1), rounding=ROUND_HALF_EVEN))
        day.expect(dae=dae, weight_kg=whole, packages=1, complete=True)
        day.leave(off)


def _exits(day: _Day, count: int) -> None:
    """Containers that leave: back to the exporter with a release, or without one."""
    for _ in range(count):
        box = _box(day)
        _announce_box(day, box)
        released = day.rng.random() < 0.8
        if released:
            keys = {"document": {"type": "DAE", "number": box.dae}}
            day.made.releases.append({"id": f"rads-{box.dae}", "reason": "return", "keys": keys})
        _papers(day, box)
        how = _see(day, box, announced=True)
        off = day.passage(box.gross_kg)
        known = how in ("clear", "outvoted", "lean")
        _draft_of(day, box, how, announced=True, report="ISE", complete=known and released)
        day.leave(off)
