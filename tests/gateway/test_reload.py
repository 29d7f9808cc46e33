"""The site's file is read again while trucks pass: only what differs changes, and nothing of a truck is lost."""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from benchmarks.peer import Peer
from drivers.device import DeviceState
from drivers.readings import Kind, Stability, Unit, Weight
from drivers.simulator.pty import TcpEnd
from drivers.simulator.scale import ScaleSimulator
from gateway.daemon import Daemon
from gateway.rehearsal.broker import Broker
from gateway.reload import BadFile, ReloadRefused
from gateway.site.checks import read_site
from gateway.tape.tape import read_tape
from record.command import CommandName
from record.event import EventType

from .house import GATE, ONE, TWO, House, at, calls

DAE = "02820264000000001"
Until = Callable[..., None]


@pytest.fixture(autouse=True)
def no_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No reader is prepared: none of these tests reads a picture."""
    monkeypatch.setenv("IIE_CACHE", str(tmp_path / "no-models"))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.close()


@pytest.fixture
def daemon(house: House, until: Until) -> Iterator[Daemon]:
    """A gate at work on both scales."""
    with Daemon(read_site(house.file), house.folder, file=house.file) as daemon:
        house.daemon = daemon
        until(lambda: all(house.state(name) is DeviceState.STREAMING for name in (ONE, TWO)))
        yield daemon


def test_the_same_file_touches_nothing(house: House, daemon: Daemon) -> None:
    before = {name: calls(scale) for name, scale in house.scales.items()}
    done = house.reload()
    assert (done.difference.changed, done.waiting) == ((), ())
    assert {name: calls(scale) for name, scale in house.scales.items()} == before


def test_another_port_is_followed_and_every_other_line_stays_as_it_is(
    house: House, daemon: Daemon, until: Until
) -> None:
    kept, new = calls(house.scales[TWO]), house.scale().start()
    old, house.scales[ONE] = house.scales[ONE], new
    house.content["lanes"][0]["scale"]["port"] = at(new.end)
    house.write()
    done = house.reload()
    assert [(lane.name, lane.changed) for lane in done.difference.changed] == [(ONE, ("balanza",))]
    until(lambda: calls(new) and not calls(old) and house.state(ONE) is DeviceState.STREAMING)
    old.close()
    house.arrive(ONE, until)
    assert house.leave(ONE, until)["outcome"]
    assert calls(house.scales[TWO]) == kept


def test_a_wrong_file_changes_nothing_and_is_told_with_its_place(
    house: House, daemon: Daemon, until: Until
) -> None:
    before, right = {name: calls(scale) for name, scale in house.scales.items()}, house.file.read_text()
    line = next(n for n, text in enumerate(right.splitlines(), 1) if '"settle_s"' in text)
    house.file.write_text(right.replace('"settle_s": 0.2', '"settle_s": "soon"', 1))
    with pytest.raises(BadFile) as told:
        house.reload()
    assert f"site.yaml:{line}:" in str(told.value)
    known = daemon.board.view.configuration
    assert known is not None
    assert [each.line for each in known.errors] == [line]
    assert f"site.yaml:{line}:" in str(daemon.board.view.troubles)
    assert {name: calls(scale) for name, scale in house.scales.items()} == before
    house.file.write_text(right)
    house.reload()
    assert daemon.board.view.troubles is None


def test_a_truck_is_finished_by_the_rules_that_it_came_under(
    house: House, daemon: Daemon, until: Until
) -> None:
    line, visit = calls(house.scales[ONE]), house.arrive(ONE, until)
    house.content["tares"]["tractor_kg"] = 9000
    house.write()
    assert house.reload().waiting == (ONE,)
    assert daemon.board.view.configuration.waiting == (ONE,)  # type: ignore[union-attr]
    house.scanner.send(DAE)
    until(lambda: house.of(EventType.DRAFT))
    assert house.view(ONE).visit.id == visit
    house.leave(ONE, until)
    until(lambda: not daemon.board.view.configuration.waiting)  # type: ignore[union-attr]
    house.arrive(ONE, until)
    house.leave(ONE, until)
    tapes = [read_tape(tape) for tape in sorted((house.folder / "data" / "tapes" / ONE).glob("*.jsonl"))]
    assert [tape.header.site.tares.tractor_kg for tape in tapes] == [7800, 9000]
    assert all(tape.ended for tape in tapes)
    assert calls(house.scales[ONE]) == line


def test_what_is_asked_for_later_takes_the_place_of_what_waits(
    house: House, daemon: Daemon, until: Until
) -> None:
    house.arrive(ONE, until)
    for tractor in (9000, 9500):
        house.content["tares"]["tractor_kg"] = tractor
        house.write()
        assert house.reload().waiting == (ONE,)
    house.leave(ONE, until)
    until(lambda: not daemon.board.view.configuration.waiting)  # type: ignore[union-attr]
    house.arrive(ONE, until)
    house.leave(ONE, until)
    last = sorted((house.folder / "data" / "tapes" / ONE).glob("*.jsonl"))[-1]
    assert read_tape(last).header.site.tares.tractor_kg == 9500


def test_a_lane_goes_with_its_line_and_another_comes(house: House, daemon: Daemon, until: Until) -> None:
    house.write(lanes=[house.lane(ONE), {**house.lane(TWO), "name": "carril-3"}])
    done = house.reload()
    assert (done.difference.new, done.difference.gone, done.waiting) == (("carril-3",), (TWO,), ())
    assert list(daemon.board.view.lanes) == [ONE, "carril-3"]
    until(lambda: house.state("carril-3") is DeviceState.STREAMING)
    assert len(calls(house.scales[TWO])) == 1
    assert daemon.hanging() == ()


def test_a_lane_with_a_truck_goes_when_the_truck_has_gone(house: House, daemon: Daemon, until: Until) -> None:
    visit = house.arrive(TWO, until)
    house.write(lanes=[house.lane(ONE)])
    assert house.reload().waiting == (TWO,)
    assert house.leave(TWO, until)["visit"] == visit
    until(lambda: list(daemon.board.view.lanes) == [ONE])
    until(lambda: not calls(house.scales[TWO]))


def test_a_lane_that_comes_back_before_its_truck_has_gone_stays(
    house: House, daemon: Daemon, until: Until
) -> None:
    line, visit, both = calls(house.scales[TWO]), house.arrive(TWO, until), house.content["lanes"]
    house.write(lanes=both[:1])
    assert house.reload().waiting == (TWO,)
    house.write(lanes=both)
    house.reload()
    assert house.leave(TWO, until)["visit"] == visit
    until(lambda: not daemon.board.view.configuration.waiting)  # type: ignore[union-attr]
    assert (list(daemon.board.view.lanes), calls(house.scales[TWO])) == ([ONE, TWO], line)


def test_a_dead_scale_is_exchanged_while_its_truck_waits_for_it(
    house: House, daemon: Daemon, until: Until
) -> None:
    visit, old = house.arrive(ONE, until), house.scales[ONE]
    old.close()
    until(lambda: house.state(ONE) is DeviceState.MISSING)
    house.scales[ONE] = house.scale()
    house.show(ONE, 29680)
    house.scales[ONE].start()
    house.content["lanes"][0]["scale"]["port"] = at(house.scales[ONE].end)
    house.write()
    assert house.reload().waiting == (ONE,)
    until(lambda: house.state(ONE) is DeviceState.STREAMING)
    assert house.view(ONE).visit.id == visit
    assert house.leave(ONE, until)["visit"] == visit
    until(lambda: not daemon.board.view.configuration.waiting)  # type: ignore[union-attr]


def test_a_lane_whose_tape_cannot_be_written_is_left_alone(
    house: House, daemon: Daemon, until: Until
) -> None:
    (house.folder / "data" / "tapes").write_text("a file in the way of the folder")
    house.arrive(ONE, until)
    house.write(lanes=[house.lane(ONE)])
    with pytest.raises(ReloadRefused, match=f"{ONE}: tape"):
        house.reload()
    assert list(daemon.board.view.lanes) == [ONE, TWO]
    assert "tape" in str(daemon.board.view.troubles)


def test_what_only_a_restart_can_change_is_named_and_stays(
    house: House, daemon: Daemon, until: Until
) -> None:
    house.content["rules"]["stay_hours"] = 24
    house.write(gate="g2", data="elsewhere")
    done = house.reload()
    assert done.difference.restart == ("gate", "data")
    assert daemon.board.view.configuration.restart == ("gate", "data")  # type: ignore[union-attr]
    house.arrive(ONE, until)
    house.leave(ONE, until)
    assert {each.topic.split("/")[3] for each in daemon.outbox.find() if "/visit" in each.topic} == {"g1"}
    assert not (house.folder / "elsewhere").exists()


def test_announcements_of_the_file_are_read_again(house: House, daemon: Daemon) -> None:
    shipped = Path(__file__).parents[2] / "config" / "preadvice.example.yaml"
    (house.folder / "pre.yaml").write_text(shipped.read_text())
    house.write(preadvice={"file": "pre.yaml"})
    memory = daemon._lanes._shared.memory  # type: ignore[union-attr]
    house.reload()
    assert len(memory.announcements) > 0
    (house.folder / "pre.yaml").write_text("preadvice: 7\n")
    with pytest.raises(BadFile, match=r"pre\.yaml:1"):
        house.reload()
    assert len(memory.announcements) > 0
    (house.folder / "pre.yaml").write_text("preadvice: []\n")
    house.reload()
    assert len(memory.announcements) == 0


def test_a_gate_that_follows_no_file_says_so(house: House) -> None:
    with Daemon(read_site(house.file), house.folder) as other, pytest.raises(ReloadRefused):
        other.reload()


class Service:
    """A gate as systemd starts it, and what it tells systemd."""

    def __init__(self, house: House) -> None:
        self.told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.told.bind(str(house.folder / "notify"))
        self.told.settimeout(60)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gateway", "run", str(house.file)],
            env=os.environ | {"NOTIFY_SOCKET": str(house.folder / "notify")},
            stderr=subprocess.PIPE,
            text=True,
        )

    def until(self, begin: str) -> str:
        """The next word to systemd that begins so; the watchdog's are passed over."""
        while (said := self.told.recv(1000).decode()) == "WATCHDOG=1":
            pass
        assert said.startswith(begin), said
        return said

    def reload(self) -> str:
        self.process.send_signal(signal.SIGHUP)
        assert "\nMONOTONIC_USEC=" in self.until("RELOADING=1")
        return self.until("READY=1")

    def end(self) -> str:
        self.process.send_signal(signal.SIGTERM)
        said = self.process.communicate(timeout=30)[1]
        self.told.close()
        assert self.process.returncode == 0, said
        return said


def test_a_service_follows_its_file_under_traffic_and_loses_no_record(
    house: House, broker: Broker, until: Until
) -> None:
    """By SIGHUP and by a signed command, with trucks on both lanes all the time."""
    with Peer(broker) as peer:
        peer.tell_state({})
        house.content["keys"]["registry"] = str(peer.key.public)
        house.content["broker"]["port"] = broker.port
        (house.folder / "gate.pass").write_text(broker.credentials(GATE)[1])
        house.write()
        service = Service(house)
        try:
            service.until("READY=1")
            until(lambda: all(calls(scale) for scale in house.scales.values()))
            line, trucks = calls(house.scales[TWO]), 0

            def closed() -> int:
                return sum(event["type"] == EventType.VISIT_CLOSED for event in peer.events)

            def documents() -> list[str]:
                drafts = (event["data"] for event in peer.events if event["type"] == EventType.DRAFT)
                return [draft["payload"].get("document", {}).get("number") for draft in drafts]

            for number in (1, 2, 3):
                for scale in house.scales.values():
                    scale.set(Weight(Decimal(29680), Unit.KG, Stability.STABLE, Kind.GROSS))
                house.content["lanes"][0]["scale"] |= {
                    "settle_s": 0.2 + number / 100,
                    "stale_after_s": number,
                }
                house.write()
                assert "the file is followed" in service.reload()
                until(lambda: calls(house.scales[ONE]))
                house.scanner.send(f"0282026400000000{number}")
                until(lambda wanted=f"0282026400000000{number}": wanted in documents())
                trucks += 2
                for scale in house.scales.values():
                    scale.set(Weight(Decimal(0), Unit.KG, Stability.STABLE, Kind.GROSS))
                until(lambda wanted=trucks: closed() == wanted)
            house.file.write_text("depot: 1\n")
            assert "not followed" in service.reload()
            peer.command(GATE, CommandName.RELOAD)
            peer.until(lambda: len(peer.replies) == 1)
            house.write(lanes=house.content["lanes"])
            peer.command(GATE, CommandName.RELOAD)
            peer.until(lambda: len(peer.replies) == 2)
            refused, done = (reply for reply, _ in peer.replies)
            assert (refused["outcome"], "site.yaml:1" in refused["detail"]) == ("refused", True)
            assert (done["outcome"], done["result"]["devices_restarted"]) == ("done", 0)
            assert calls(house.scales[TWO]) == line
            sequences = sorted({event["sequence"] for event in peer.events})
            assert sequences == list(range(1, len(sequences) + 1))
        finally:
            said = service.end()
    assert said.count("the site's file is not followed: ") >= 1
    assert "Traceback" not in said


def test_a_hangup_while_a_gate_starts_does_not_end_it(house: House, until: Until) -> None:
    service = Service(house)
    comm = Path(f"/proc/{service.process.pid}/status")
    until(lambda: _hears(comm))
    service.process.send_signal(signal.SIGHUP)
    service.until("READY=1")
    service.end()


def _hears(status: Path) -> bool:
    """Whether a process ignores or catches SIGHUP already (proc(5), SigIgn and SigCgt)."""
    lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
    return bool((int(lines["SigIgn"], 16) | int(lines["SigCgt"], 16)) & (1 << (signal.SIGHUP - 1)))


def test_a_device_that_goes_and_comes_is_told_once_each_with_its_lane(
    house: House, daemon: Daemon, until: Until, caplog: pytest.LogCaptureFixture
) -> None:
    """However often it is tried to open meanwhile."""
    end = house.scales[ONE].end
    assert isinstance(end, TcpEnd)
    with caplog.at_level(logging.INFO, "drivers.device"):
        house.scales[ONE].close()
        until(lambda: house.state(ONE) is DeviceState.MISSING)
        until(lambda: "refused" in str(house.view(ONE).devices["balanza"].error).lower())
        house.scales[ONE] = ScaleSimulator(f"127.0.0.1:{end.number}", "mt_continuous", rate_hz=20).start()
        until(lambda: house.state(ONE) is DeviceState.STREAMING)
    told = [each for each in caplog.records if each.name == "drivers.device"]
    assert [each.getMessage().split(": ")[:2] for each in told] == [
        [f"{ONE}/balanza", "is missing"],
        [f"{ONE}/balanza", "is back"],
    ]
    assert {(each.lane, each.device) for each in told} == {(ONE, "balanza")}  # type: ignore[attr-defined]
