from drivers.device import Aged
from drivers.readings import Scan
from drivers.scanner.repeats import Repeats

A, B = Scan("A", "]C1", b"]C1A\r"), Scan("B", "]C1", b"]C1B\r")


def test_the_same_code_within_two_seconds_is_one_scan_with_a_count() -> None:
    repeats = Repeats()
    assert repeats.add(A, 0.0) == repeats.add(A, 0.7) == repeats.add(A, 1.9) == []
    (held,) = repeats.due(2.1)
    scan = held.reading
    assert isinstance(scan, Scan)
    assert held.age == 2.1
    assert (scan.text, scan.aim, scan.raw, scan.count) == ("A", "]C1", b"]C1A\r", 3)
    assert repeats.due(9.0) == []


def test_the_same_code_later_is_another_scan() -> None:
    repeats = Repeats()
    repeats.add(A, 0.0)
    assert repeats.add(A, 2.0) == [Aged(A, 2.0)]
    assert repeats.due(4.0) == [Aged(A, 2.0)]


def test_different_codes_keep_their_order_and_their_own_counts() -> None:
    repeats = Repeats()
    for at, scan in ((0.0, A), (0.1, B), (0.2, A), (0.3, B), (0.4, B)):
        repeats.add(scan, at)
    assert [each.reading for each in repeats.due(2.05)] == [Scan("A", "]C1", b"]C1A\r", 2)]
    assert [each.reading for each in repeats.due(2.1)] == [Scan("B", "]C1", b"]C1B\r", 3)]


def test_the_same_text_in_another_symbology_is_another_scan() -> None:
    repeats = Repeats()
    repeats.add(A, 0.0)
    repeats.add(Scan("A", "]Q1"), 0.1)
    assert len(repeats.due(5.0)) == 2


def test_without_a_window_every_reading_is_given_out_at_once() -> None:
    repeats = Repeats(0)
    assert [*repeats.add(A, 0.0), *repeats.add(A, 0.0)] == [A, A]


def test_what_is_held_is_given_out_when_the_scanner_goes() -> None:
    repeats = Repeats()
    repeats.add(A, 0.0)
    repeats.add(B, 0.0)
    assert repeats.all(0.5) == [Aged(A, 0.5), Aged(B, 0.5)]
    assert repeats.all(0.5) == []
