"""The probe on a bench in simulated time: right, or the right group, for everything that is a scale; else unknown."""

import random
from decimal import Decimal
from pathlib import Path

import pytest

from drivers.errors import OperationFailed
from drivers.port import Line
from drivers.probe.hearing import Heard
from drivers.probe.search import SPEEDS, Search
from drivers.probe.verdict import Decider, Verdict, framing
from drivers.readings import Weight
from drivers.scale.protocol import CannotEncode, Protocol, Settings
from drivers.scale.protocols import PROTOCOLS
from drivers.simulator.bench import Bench, answering, pushing
from drivers.simulator.scale import shown
from drivers.simulator.uart import Wire

SPOKEN = [each for each in PROTOCOLS.values() if "declared" not in each.fields]

ALIKE = {
    "ohaus_print": {"plain_number"},
    "toledo_c": {"plain_number"},
    "ti400_p08": {"mt_sics"},
    "tenzo_eq": {"xk3190_fwd"},
}
"""Whose frames others may write too, byte for byte, as far as a load that stands still or moves shows it."""

STREAMS = Path(__file__).resolve().parents[4] / "shared" / "data" / "streams"


LOADS = [
    *((load, True) for load in (0, 20, 1240, 8860, 12380, 12320, 34560, 34720, 8, 12340, 7100, 5, 18460)),
    *[(18460, False)] * 6,
]
"""Kilograms and whether they move: a truck drives on, rocks and stands."""


def frames(spoken: Protocol, settings: Settings | None = None, *, still: bool = False) -> list[bytes]:
    """The loads, or one load that never moves, as the protocol writes them."""
    settings = settings or Settings()
    loads = [(12340, False)] if still else LOADS
    written = [spoken.encode(weight(spoken, load, moving, settings), settings) for load, moving in loads]
    return [each for each in written for _ in range(2)]


def weight(spoken: Protocol, load: int, moving: bool, settings: Settings) -> Weight:
    """The load with as few decimals as the protocol has, lighter where it has no place for it."""
    for places in (0, 2, 3, 1):
        try:
            return shown(spoken, Decimal(load).scaleb(-places), settings, moving=moving)
        except CannotEncode:
            continue
    raise AssertionError(f"{spoken.id} cannot say {load}")


@pytest.fixture
def bench() -> Bench:
    return Bench()


def usual(spoken: Protocol) -> Wire:
    serial = spoken.serial
    return Wire(serial.baud, serial.bits, serial.parity, serial.stop)


def probed(bench: Bench, **options: object) -> Verdict:
    return Search("/dev/ttyUSB0", opener=bench.open, clock=bench.clock, **options).run()  # type: ignore[arg-type]


def ids(verdict: Verdict) -> set[str]:
    return {each.protocol.id for each in verdict.candidates}


@pytest.mark.parametrize("still", [False, True], ids=["driving on", "standing still"])
@pytest.mark.parametrize("spoken", SPOKEN, ids=lambda spoken: spoken.id)
def test_every_simulator_is_named_or_in_a_group_of_its_likes(
    spoken: Protocol, still: bool, bench: Bench
) -> None:
    bench.wire = usual(spoken)
    sent = frames(spoken, still=still)
    request = spoken.request(Settings())
    if request is None:
        bench.says = pushing(sent)
    else:
        bench.answers = answering(request, sent)
    verdict = probed(bench, ask=request is not None)
    assert spoken.id in ids(verdict)
    assert ids(verdict) <= {spoken.id} | ALIKE.get(spoken.id, set())
    assert (verdict.decider is None) is (len(verdict.candidates) == 1)
    found = next(each for each in verdict.candidates if each.protocol is spoken)
    assert found.line.baud == spoken.serial.baud
    assert bench.now <= 30.5


@pytest.mark.parametrize("baud", SPEEDS)
def test_every_speed_is_found(baud: int, bench: Bench) -> None:
    spoken = PROTOCOLS["st_gs"]
    bench.wire = Wire(baud)
    bench.says = pushing(frames(spoken), rate=min(10, baud / 400))
    (found,) = probed(bench).candidates
    assert (found.protocol.id, found.line.baud) == ("st_gs", baud)


@pytest.mark.parametrize("name", ["st_gs", "el05", "cas22", "mt_continuous"])
@pytest.mark.parametrize("baud", [600, 1200, 4800, 19200])
def test_an_indicator_that_speaks_once_a_second_is_named_in_half_a_minute(
    name: str, baud: int, bench: Bench
) -> None:
    bench.wire = Wire(baud)
    bench.says = pushing(frames(PROTOCOLS[name], still=True), rate=1)
    assert ids(probed(bench)) == {name}
    assert bench.now <= 30.5


@pytest.mark.parametrize(("bits", "parity"), [(7, "E"), (7, "O"), (8, "N")])
def test_bits_and_parity_are_seen_in_the_frames(bits: int, parity: str, bench: Bench) -> None:
    bench.wire = Wire(4800, bits, parity)
    bench.says = pushing(frames(PROTOCOLS["mt_continuous"]))
    found = probed(bench).named
    assert found is not None
    line = framing(found)
    assert (line.baud, line.bits, line.parity) == (4800, bits, parity)


def test_frames_without_their_checksum_are_named_too(bench: Bench) -> None:
    bench.says = pushing(frames(PROTOCOLS["mt_continuous"], Settings(checksum="none")))
    assert ids(probed(bench)) == {"mt_continuous"}


def test_a_group_says_what_would_decide_it(bench: Bench) -> None:
    bench.says = pushing(frames(PROTOCOLS["ohaus_print"], still=True))
    assert probed(bench).decider is Decider.MOVE_THE_LOAD


def test_the_same_digits_in_either_order_are_decided_by_a_known_weight(bench: Bench) -> None:
    bench.says = pushing([b"=00012100"])
    verdict = probed(bench)
    assert ids(verdict) <= {"xk3190_rev", "xk3190_fwd"}
    assert len(verdict.candidates) == 1 or verdict.decider is Decider.KNOWN_WEIGHT


@pytest.mark.parametrize(
    "sent", [b"=00000000", b"=00011000"], ids=["an empty scale", "the same from either end"]
)
def test_what_both_orders_read_alike_says_to_move_the_load(sent: bytes, bench: Bench) -> None:
    bench.says = pushing([sent])
    verdict = probed(bench)
    assert ids(verdict) == {"xk3190_rev", "xk3190_fwd"}
    assert verdict.decider is Decider.MOVE_THE_LOAD


def test_who_reads_many_weights_alike_serves_as_well(bench: Bench) -> None:
    bench.says = pushing(frames(PROTOCOLS["tenzo_eq"]))
    verdict = probed(bench)
    assert ids(verdict) == {"tenzo_eq", "xk3190_fwd"}
    assert verdict.decider is Decider.EITHER


def test_a_stream_with_a_damaged_frame_now_and_then_is_still_named(bench: Bench) -> None:
    sent = frames(PROTOCOLS["xk3190_tf0"])
    sent[7] = sent[7][:5] + b"?" + sent[7][6:]
    bench.says = pushing(sent)
    assert ids(probed(bench)) == {"xk3190_tf0"}


class TestUnknown:
    def test_silence_without_asking_says_to_ask(self, bench: Bench) -> None:
        verdict = probed(bench)
        assert verdict.unknown
        assert (verdict.decider, verdict.heard) == (Decider.ASK, 0)
        assert bench.written == []

    def test_silence_although_asked_says_to_turn_the_output_on(self, bench: Bench) -> None:
        verdict = probed(bench, ask=True)
        assert verdict.unknown
        assert verdict.decider is Decider.TURN_OUTPUT_ON
        assert bench.written

    def test_a_scanner(self, bench: Bench) -> None:
        codes = [
            "]C102820264000123456",
            "]C1MSKU1234565",
            "7861234567895",
            "]Q1https://x.ec?id=1",
            "12345678",
        ]
        bench.says = pushing([f"{code}\r".encode() for code in codes * 20], rate=2)
        verdict = probed(bench)
        assert verdict.unknown
        assert verdict.decider is Decider.NO_SCALE

    @pytest.mark.parametrize("code", ["12345678", "7861234567895", "02820264000123456", "0786100012345678"])
    def test_a_scanner_on_a_stand_that_reads_the_same_digits_again_and_again(
        self, code: str, bench: Bench
    ) -> None:
        bench.says = pushing([f"{code}\r\n".encode()], rate=2)
        assert probed(bench).unknown

    @pytest.mark.parametrize("ends", [(b"", b"\r\n"), (b"\x02", b"\x03"), (b"\x02", b"\r")])
    @pytest.mark.parametrize("digits", [3, 5, 6, 8])
    def test_a_scanner_of_short_numbers(self, digits: int, ends: tuple[bytes, bytes], bench: Bench) -> None:
        source = random.Random(digits)
        codes = [f"{source.randrange(10**digits):0{digits}d}".encode() for _ in range(60)]
        bench.says = pushing([ends[0] + code + ends[1] for code in codes], rate=2)
        assert probed(bench).unknown

    def test_a_gps(self, bench: Bench) -> None:
        bench.wire = Wire(4800)
        bench.says = pushing([nmea(tick) for tick in range(500)], rate=1)
        verdict = probed(bench)
        assert verdict.unknown
        assert verdict.decider is Decider.NO_SCALE
        assert verdict.heard > 0

    @pytest.mark.parametrize("seed", range(4))
    def test_noise(self, seed: int, bench: Bench) -> None:
        source = random.Random(seed)
        bench.says = lambda start, end: source.randbytes(int((end - start) * 400))
        assert probed(bench, ask=True).unknown

    @pytest.mark.parametrize("byte", [0x00, 0xFF, 0x02, 0x0D, 0x3D, 0x30])
    def test_one_byte_over_and_over(self, byte: int, bench: Bench) -> None:
        bench.says = lambda start, end: bytes([byte]) * int((end - start) * 400)
        assert probed(bench).unknown

    def test_an_indicator_that_is_overloaded_all_the_time(self, bench: Bench) -> None:
        bench.says = pushing([b"OL,GS,        ,kg\r\n"])
        verdict = probed(bench)
        assert verdict.unknown
        assert verdict.decider is Decider.LET_IT_STAND

    def test_numbers_that_jump_all_the_time(self, bench: Bench) -> None:
        bench.says = pushing([f"\x02{number * 7919 % 10**6:06d}\x03".encode() for number in range(1, 60)])
        assert probed(bench).decider is Decider.RESTLESS

    def test_too_few_frames_say_to_listen_longer(self, bench: Bench) -> None:
        sent = frames(PROTOCOLS["st_gs"])
        bench.says = lambda start, _end: sent[0] if start in (0.0, 0.2, 0.4, 0.6000000000000001) else b""
        verdict = probed(bench)
        assert verdict.unknown
        assert verdict.decider is Decider.LISTEN_LONGER


def nmea(tick: int) -> bytes:
    """A second of a GPS receiver's sentences."""
    bodies = (
        f"GPGGA,1235{tick % 60:02d}.00,0208.6401,S,07953.4823,W,1,08,0.9,12.4,M,-27.0,M,,",
        f"GPRMC,1235{tick % 60:02d}.00,A,0208.6401,S,07953.4823,W,000.1,{tick % 360:05.1f},241126,,,A",
    )
    sums = (f"{_xor(body):02X}" for body in bodies)
    return b"".join(f"${body}*{check}\r\n".encode() for body, check in zip(bodies, sums, strict=True))


def _xor(body: str) -> int:
    check = 0
    for character in body.encode():
        check ^= character
    return check


class TestAsking:
    def test_nothing_is_written_unless_it_is_allowed(self, bench: Bench) -> None:
        spoken = PROTOCOLS["sma"]
        bench.answers = answering(b"\nW\r", frames(spoken))
        assert probed(bench).unknown
        assert bench.written == []

    def test_nothing_is_asked_where_somebody_speaks(self, bench: Bench) -> None:
        bench.says = pushing(frames(PROTOCOLS["st_gs"]))
        assert ids(probed(bench, ask=True)) == {"st_gs"}
        assert bench.written == []

    def test_who_answers_is_asked_again_until_it_is_sure(self, bench: Bench) -> None:
        bench.answers = answering(b"\nW\r", frames(PROTOCOLS["sma"]))
        verdict = probed(bench, ask=True)
        assert verdict.named is not None
        assert verdict.named.request == b"\nW\r"
        assert bench.written.count(b"\nW\r") >= 8

    def test_a_line_of_seven_bits_is_asked_in_seven_bits(self, bench: Bench) -> None:
        spoken = PROTOCOLS["sbi"]
        bench.wire = usual(spoken)
        bench.answers = answering(b"\x1bP\r\n", frames(spoken))
        named = probed(bench, ask=True).named
        assert named is not None
        assert named.line.framing == "1200 7O1"


def test_a_socket_has_one_line_and_is_listened_to_all_the_time(bench: Bench) -> None:
    bench.says = pushing(frames(PROTOCOLS["weightech_eth"]))
    verdict = Search("socket://10.0.0.5:4001", opener=bench.open, clock=bench.clock).run()
    assert ids(verdict) == {"weightech_eth"}
    assert {line.port for line in bench.opened} == {"socket://10.0.0.5:4001"}


@pytest.mark.parametrize("port", ["socket://10.0.0.5:4001", "listen://0.0.0.0:4001"])
def test_a_converter_is_called_once_and_kept_on_the_line(port: str, bench: Bench) -> None:
    bench.says = pushing([b"$GPGGA,nonsense\r\n"])
    assert Search(port, opener=bench.open, clock=bench.clock, ask=True, seconds=12).run().unknown
    assert len(bench.opened) == 1


@pytest.mark.parametrize("after", [2.5, 0.5])
def test_a_port_that_goes_away_ends_the_search_with_what_was_recognised(after: float, bench: Bench) -> None:
    said = pushing(frames(PROTOCOLS["mt_continuous"]), rate=20)

    def says(start: float, end: float) -> bytes:
        if end > after:
            raise OperationFailed("gone")
        return said(start, end)

    bench.says = says
    search = Search("socket://10.0.0.5:4001", opener=bench.open, clock=bench.clock)
    if after > 2:
        assert ids(search.run()) == {"mt_continuous"}
    else:
        bench.says = lambda start, end: says(start, end)[:2]
        with pytest.raises(OperationFailed):
            search.run()


def test_findings_are_shown_as_they_come(bench: Bench) -> None:
    shown: list[tuple[Line, list[Heard]]] = []
    bench.wire = Wire(2400)
    bench.says = pushing(frames(PROTOCOLS["st_gs"]))
    probed(bench, progress=lambda line, heard: shown.append((line, heard)))
    assert [line.baud for line, _ in shown] == [9600, 4800, 2400]
    assert next(each.protocol.id for each in shown[-1][1]) == "st_gs"


@pytest.mark.parametrize(
    ("name", "protocol"),
    [
        ("defender3000", "ohaus_stream"),
        ("spun", "ohaus_stream"),
        ("tscale_nhb", "st_gs_1comma"),
        ("tscale_nhb2", "st_gs_1comma"),
        ("tscale_qhw", "st_gs"),
        ("tscale_qhw2", "st_gs"),
    ],
)
def test_recorded_streams(name: str, protocol: str, bench: Bench) -> None:
    path = STREAMS / f"{name}.bin"
    if not path.exists():
        pytest.skip(f"no recorded streams at {STREAMS}")
    data = path.read_bytes() * 10
    bench.says = lambda start, end: data[int(start * 200) : int(end * 200)]
    assert ids(probed(bench)) == {protocol}
