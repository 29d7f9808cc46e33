"""Every model of the catalogue is built and read from, and every mistake in one is named with its line."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from drivers.catalogue import (
    Basis,
    CatalogueError,
    Connection,
    LineSettings,
    ScaleModel,
    ScannerModel,
    UnknownModel,
    find,
    scale_models,
    scanner_models,
)
from drivers.errors import CannotOpen
from drivers.readings import Kind, Range, Scan, Skip, Stability, Unit, Weight
from drivers.scale.device import MODBUS, Scale
from drivers.scale.protocol import CannotEncode
from drivers.scale.protocols import PROTOCOLS
from drivers.scale.register_map import RegisterMap, decode, encode
from drivers.scanner.framer import Framer
from drivers.scanner.hid import HidScanner
from drivers.scanner.layouts import LAYOUTS
from drivers.scanner.placed import scanner_at
from drivers.scanner.serial import Scanner
from drivers.simulator.scale import shown

CONFIG = Path(__file__).resolve().parents[2] / "config"
SCALES = sorted((CONFIG / "scales").glob("*.yaml"))
SCANNERS = sorted((CONFIG / "scanners").glob("*.yaml"))


def scale(path: Path) -> ScaleModel:
    return scale_models([path])[path.stem]


def scanner(path: Path) -> ScannerModel:
    return scanner_models([path])[path.stem]


def test_there_are_enough_models_and_none_twice() -> None:
    scales, scanners = scale_models(SCALES), scanner_models(SCANNERS)
    assert len(scales) >= 60
    assert len(scanners) >= 15
    names = [(model.brand, model.model) for model in (*scales.values(), *scanners.values())]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("path", SCALES, ids=lambda path: path.stem)
def test_each_scale_is_built_and_reads_what_its_protocol_writes(path: Path) -> None:
    model = scale(path)
    assert Scale("scale", model.line_at("/dev/ttyUSB0"), model.protocol, model.settings).name == "scale"
    if model.protocol == MODBUS:
        read_from_registers(model)
        return
    sent = something(model)
    spoken = PROTOCOLS[model.protocol]
    decoder = spoken.decoder(model.settings)
    (heard,) = [
        each
        for each in decoder.feed(spoken.encode(sent, model.settings)) + decoder.flush()
        if isinstance(each, Weight)
    ]
    assert heard.kg == sent.kg


def read_from_registers(model: ScaleModel) -> None:
    """What the model's map writes of a truck that moves, and of one that stands, it reads again."""
    declared = model.settings.declared
    assert isinstance(declared, RegisterMap)
    for stability in (Stability.STABLE, Stability.MOVING):
        says = stability if "moving" in declared.bits else Stability.UNKNOWN
        sent = Weight(Decimal(12340), Unit.KG, says, Kind.GROSS)
        heard = decode(encode(sent, declared), declared)
        assert isinstance(heard, Weight)
        assert (heard.kg, heard.stability, heard.kind) == (sent.kg, says, Kind.GROSS)
    if "over" in declared.bits:
        over = replace(sent, range=Range.OVER)
        assert decode(encode(over, declared), declared) is Skip.OVER


def something(model: ScaleModel) -> Weight:
    """A weight of some tonnes, or of some kilograms, that the protocol has a place for."""
    protocol = PROTOCOLS[model.protocol]
    for value in (Decimal(12340), Decimal("123.40"), Decimal("12.340")):
        try:
            return shown(protocol, value, model.settings)
        except CannotEncode:
            continue
    raise AssertionError(model.protocol)


@pytest.mark.parametrize("path", SCALES, ids=lambda path: path.stem)
def test_each_scale_that_speaks_only_when_asked_is_asked(path: Path) -> None:
    model = scale(path)
    asks = model.protocol == MODBUS or PROTOCOLS[model.protocol].request(model.settings) is not None
    assert asks or model.poll_interval is None


@pytest.mark.parametrize("path", SCALES, ids=lambda path: path.stem)
def test_what_is_known_of_each_scale_says_from_where(path: Path) -> None:
    model = scale(path)
    assert model.source
    assert model.basis is not Basis.GENERAL
    assert not model.menu or model.basis is not Basis.FAMILY or model.menu == "tF = 0"
    assert bool(model.notes.es) == bool(model.notes.en)


def test_indicators_that_are_read_by_registers_are_among_them() -> None:
    assert sum(model.protocol == MODBUS for model in scale_models(SCALES).values()) >= 3


def test_the_commonest_protocols_of_truck_gates_have_models() -> None:
    covered = {model.protocol for model in scale_models(SCALES).values()}
    assert not set(PROTOCOLS) - covered - {"st_gs_slash", "qa_slash", "pattern"}


@pytest.mark.parametrize("path", SCANNERS, ids=lambda path: path.stem)
def test_each_scanner_is_built_and_reads(path: Path) -> None:
    model = scanner(path)
    assert model.notes.es
    port = {"serial": "/dev/ttyACM0", "tcp": "socket://10.0.0.7:4001", "hid": "usb:0c2e:0b61"}[
        model.connection
    ]
    built = scanner_at("hand", model.line.on(port), model.framing, LAYOUTS[model.layout])
    assert isinstance(built, HidScanner if model.connection is Connection.HID else Scanner)
    framer = Framer(model.framing)
    suffix = b"\r" if model.framing.suffix is None else model.framing.suffix
    found = framer.feed(model.framing.prefix + b"]C1CODE" + suffix, 0.0) + framer.silence(1.0)
    assert [each.text for each in found if isinstance(each, Scan)] == ["CODE"]


class TestLine:
    def test_the_site_goes_before_the_model_and_the_model_before_the_protocol(self) -> None:
        model = ScaleModel("x", "B", "M", "mt_continuous", Basis.MANUAL, line=LineSettings(baud=4800))
        assert model.line_at("/dev/x").framing == "4800 7E1"
        assert model.line_at("/dev/x", LineSettings(baud=1200, parity="O")).framing == "1200 7O1"

    def test_a_scanner_without_settings_is_9600_8n1(self) -> None:
        assert LineSettings().on("/dev/x").framing == "9600 8N1"

    def test_nonsense_of_the_site_is_named(self) -> None:
        model = ScaleModel("x", "B", "M", "st_gs", Basis.MANUAL)
        with pytest.raises(CannotOpen, match="baud"):
            model.line_at("/dev/x", LineSettings(baud=1))


def test_a_name_that_is_not_there_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownModel, match="mettler-ind231"):
        find(scale_models(SCALES), "mettler_ind231")
    assert find(scale_models(SCALES), "mettler-ind231").brand == "Mettler Toledo"


GOOD = 'brand: ACME\nmodel: "100"\nprotocol: st_gs\nbasis: manual\nsource: page 1\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "keys with values"),
        ("- 1", "keys with values"),
        ("a: [", "line 1"),
        (GOOD.replace("brand: ACME\n", ""), "'brand' is missing"),
        (GOOD.replace("st_gs", "st_qs"), r"x\.yaml:3: protocol: there is no protocol 'st_qs'"),
        (GOOD.replace("manual", "rumour"), r"x\.yaml:4: basis: 'rumour'"),
        (GOOD.replace('"100"', "100"), r"x\.yaml:2: model: a text is expected, not 100"),
        (GOOD + "brand: B\n", r"x\.yaml:6: brand: stands twice"),
        (GOOD + "colour: red\n", r"x\.yaml:6: colour: there is no such key"),
        (GOOD + "line: {baud: fast}\n", r"x\.yaml:6: line"),
        (GOOD + "line: {speed: 9600}\n", r"x\.yaml:6: line: 'speed' is not one of baud, bits"),
        (GOOD + "line: {parity: X}\n", r"x\.yaml:6: line: .*parity is 'X'"),
        (GOOD + "line: 9600\n", r"x\.yaml:6: line: keys with values"),
        (GOOD + "settings: {checksum: sum}\n", r"x\.yaml:6: settings: 'checksum' is not one of"),
        (GOOD + "settings: {decimals: 9}\n", r"x\.yaml:6: settings: decimals"),
        (GOOD + "settings: {unit: stone}\n", r"x\.yaml:6: settings: 'stone'"),
        (GOOD + "settings: {poll: 5}\n", r"x\.yaml:6: settings: a text in double quotes"),
        (GOOD + "poll_interval: 0\n", r"x\.yaml:6: poll_interval: a number above 0"),
        (GOOD + "notes: {es: hola}\n", r"x\.yaml:6: notes: both es and en"),
        (GOOD + "notes: {es: hola, en: ''}\n", r"x\.yaml:6: notes: a text is expected"),
    ],
)
def test_a_mistake_is_named_with_file_line_and_key(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(text)
    with pytest.raises(CatalogueError, match=said):
        scale_models([path])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("connection: wire", "x.yaml:3: connection"),
        ("connection: hid\nlayout: dvorak", "x.yaml:4: layout: 'dvorak' is not one of us, latam"),
        ("connection: serial\nframing: {suffix: 13}", "x.yaml:4: framing: a text in double quotes"),
        ("connection: serial\nframing: {pause: true}", "x.yaml:4: framing: a number"),
    ],
)
def test_a_mistake_in_a_scanner_too(tmp_path: Path, change: str, said: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(f"brand: B\nmodel: M\n{change}\nbasis: general\n")
    with pytest.raises(CatalogueError, match=said):
        scanner_models([path])


def test_bytes_are_written_with_the_escapes_of_yaml(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(GOOD + 'settings: {poll: "\\x05W\\r", unit: lb}\n')
    settings = scale_models([path])["x"].settings
    assert (settings.poll, settings.unit) == (b"\x05W\r", Unit.LB)


PATTERN = """
brand: Own
model: P
protocol: pattern
basis: capture
source: ours
pattern:
  start: "\\x02"
  end: "\\x03"
  positions: {status: 2, value: 3-10, unit: 11-12}
  status: {S: stable, D: moving, O: over}
"""

REGISTERS = """
brand: Own
model: M
protocol: modbus
basis: manual
source: page 4
line: {baud: 19200, parity: E}
modbus:
  unit: 3
  numbered_from: 40001
  weight: {address: 40003, type: float32}
"""


class TestDeclared:
    def test_a_pattern(self, tmp_path: Path) -> None:
        (tmp_path / "own.yaml").write_text(PATTERN)
        model = scale_models([tmp_path / "own.yaml"])["own"]
        Scale("scale", model.line_at("/dev/x"), model.protocol, model.settings)
        decoder = PROTOCOLS["pattern"].decoder(model.settings)
        found = [each for each in decoder.feed(b"\x02S   12340kg\x03" * 3) if isinstance(each, Weight)]
        assert [each.value for each in found] == [12340] * 3

    def test_a_map_of_registers(self, tmp_path: Path) -> None:
        (tmp_path / "own.yaml").write_text(REGISTERS)
        model = scale_models([tmp_path / "own.yaml"])["own"]
        line = model.line_at("/dev/x")
        assert line.framing == "19200 8E1"
        assert Scale("scale", line, model.protocol, model.settings).name == "scale"

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            (PATTERN.replace("12}", "12x}"), r"own\.yaml:7: pattern: "),
            (PATTERN[: PATTERN.index("pattern:\n")], "'pattern' is missing"),
            (REGISTERS.replace("40003", "3"), r"own\.yaml:8: modbus: "),
            (REGISTERS + "settings: {decimals: 1}\n", "settings: what modbus needs"),
        ],
    )
    def test_a_mistake_in_a_declaration(self, tmp_path: Path, text: str, said: str) -> None:
        (tmp_path / "own.yaml").write_text(text)
        with pytest.raises(CatalogueError, match=said):
            scale_models([tmp_path / "own.yaml"])

    @pytest.mark.parametrize("name", ["pattern", "modbus"])
    def test_a_scale_without_its_declaration_says_so(self, name: str) -> None:
        with pytest.raises(CannotOpen, match="declaration"):
            Scale("scale", ScaleModel("x", "B", "M", name, Basis.MANUAL).line_at("/dev/x"), name)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_bytes(b"brand: \xff")
    for name in ("x.yaml", "nothing.yaml"):
        with pytest.raises(CatalogueError, match=name):
            scale_models([tmp_path / name])
