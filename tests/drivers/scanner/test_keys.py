"""Key strokes as the kernel writes them, built event by event as a keyboard scanner sends them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.scanner.keys import EVENT, LOST, Keys, numbered
from drivers.scanner.layouts import LATIN_AMERICAN, LAYOUTS, US, Layout, meant

SHIFT, CONTROL, ALT, ALTGR, CAPS, ENTER, TAB = 42, 29, 56, 100, 58, 28, 15
KEYPAD = dict(zip("0123456789", (82, 79, 80, 81, 75, 76, 77, 71, 72, 73), strict=True))


def event(kind: int, code: int, value: int) -> bytes:
    return EVENT.pack(1_767_000_000, 123_456, kind, code, value)


def key(code: int, value: int) -> bytes:
    """A key event as the kernel sends it: the scan code before it, the report after it."""
    return event(4, 4, 0x70000 + code) + event(1, code, value) + event(0, 0, 0)


def stroke(code: int, *held: int) -> bytes:
    """Hold, press, release, let go."""
    down = b"".join(key(each, 1) for each in held)
    up = b"".join(key(each, 0) for each in reversed(held))
    return down + key(code, 1) + key(code, 0) + up


def typed(text: str, layout: Layout = US) -> bytes:
    """The strokes that write this text in this layout; accents by their dead keys followed by a blank."""
    codes = {character: (code, ()) for code, character in layout.plain.items()}
    codes |= {character: (code, (SHIFT,)) for code, character in layout.shift.items()}
    for code, character in layout.altgr.items():
        codes.setdefault(character, (code, (ALTGR,)))
    out = b""
    for character in text:
        code, held = codes[character]
        out += stroke(code, *held)
        if character in layout.dead:
            out += stroke(57)
    return out


def read(events: bytes, layout: Layout = US) -> str:
    return "".join(piece or "<lost>" for piece in Keys(layout).feed(events))


@pytest.mark.parametrize(
    "text", ["028-2026-40-00123456", "https://x?id=A-1", "/ = $ : ? ! * @ \" ' # & ( ) ; _", "MSKU 123456 5"]
)
@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_the_signs_that_get_lost_elsewhere_are_read_in_either_layout(text: str, layout: Layout) -> None:
    assert read(typed(text, layout), layout) == text


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@given(data=st.data())
def test_whatever_a_layout_can_write_is_read(layout: Layout, data: st.DataObject) -> None:
    letters = sorted({*layout.plain.values(), *layout.shift.values(), *layout.altgr.values()})
    text = data.draw(st.text(st.sampled_from(letters), max_size=20))
    assert read(typed(text, layout), layout) == text


def test_caps_lock_turns_letters_and_nothing_else() -> None:
    assert read(stroke(CAPS) + typed("aB1-") + stroke(CAPS) + typed("aB")) == "Ab1-aB"


def test_either_shift_and_a_shift_that_is_held_over_several_keys() -> None:
    held = key(54, 1) + stroke(30) + stroke(48) + key(54, 0) + stroke(46)
    assert read(held) == "ABc"


def test_enter_and_tab_end_codes() -> None:
    assert read(stroke(ENTER) + stroke(96) + stroke(TAB)) == "\r\r\t"


def test_the_keypad_writes_digits_and_signs() -> None:
    assert (
        read(b"".join(stroke(code) for code in KEYPAD.values()) + stroke(55) + stroke(83)) == "0123456789*."
    )


@pytest.mark.parametrize(
    ("number", "character"),
    [
        ("029", "\x1d"),
        ("29", "\x1d"),
        ("065", "A"),
        ("0241", "ñ"),
        ("164", "ñ"),
        ("0209", "Ñ"),
        ("013", "\r"),
    ],
)
def test_alt_and_a_number_is_that_character(number: str, character: str) -> None:
    chord = (
        key(ALT, 1)
        + b"".join(key(KEYPAD[digit], 1) + key(KEYPAD[digit], 0) for digit in number)
        + key(ALT, 0)
    )
    assert read(typed("ab") + chord + typed("cd")) == f"ab{character}cd"
    assert numbered(number) == character


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize(
    ("code", "character"), [(27, "\x1d"), (50, "\r"), (36, "\n"), (23, "\t"), (46, "\x03"), (26, "\x1b")]
)
def test_control_and_a_key_is_a_control_character(code: int, character: str, layout: Layout) -> None:
    assert read(stroke(code, CONTROL), layout) == character


def test_a_group_separator_within_a_code_is_not_lost() -> None:
    assert read(typed("10ABC") + stroke(27, CONTROL) + typed("21X")) == "10ABC\x1d21X"


def test_altgr_and_its_windows_twin() -> None:
    assert read(stroke(16, ALTGR) + stroke(16, CONTROL, ALT), LATIN_AMERICAN) == "@@"


def test_a_dead_accent_joins_its_letter_and_stands_alone_where_it_cannot() -> None:
    acute, diaeresis = stroke(26), stroke(26, SHIFT)
    assert read(acute + stroke(30), LATIN_AMERICAN) == "á"
    assert read(diaeresis + stroke(22, SHIFT), LATIN_AMERICAN) == "Ü"
    assert read(acute + stroke(2), LATIN_AMERICAN) == "´1"
    assert read(acute + stroke(57), LATIN_AMERICAN) == "´"


def test_a_key_held_down_is_one_stroke() -> None:
    assert read(key(30, 1) + key(30, 2) * 5 + key(30, 0)) == "a"


def test_keys_without_a_character_are_none() -> None:
    assert read(stroke(59) + stroke(111) + stroke(200) + event(17, 0, 1) + event(2, 0, 5)) == ""


def test_lost_events_are_said_and_what_came_until_the_report_is_forgotten() -> None:
    events = typed("12") + key(SHIFT, 1) + event(0, 3, 0) + event(1, 30, 1) + event(0, 0, 0) + typed("34")
    assert Keys().feed(events) == ["1", "2", LOST, "3", "4"]


@given(st.binary(max_size=500))
def test_never_raises(noise: bytes) -> None:
    for layout in LAYOUTS.values():
        Keys(layout).feed(noise)


@given(st.data())
def test_strokes_are_the_same_however_their_bytes_are_split(data: st.DataObject) -> None:
    events = typed("Ab-1:") + stroke(27, CONTROL)
    keys = Keys()
    pieces: list[str | None] = []
    while events:
        length = data.draw(st.integers(1, len(events)))
        pieces += keys.feed(events[:length])
        events = events[length:]
    assert "".join(piece or "" for piece in pieces) == "Ab-1:\x1d"


class TestMeant:
    def test_an_address_that_came_through_a_spanish_desktop(self) -> None:
        assert meant("httpsÑ--x_id¿A'1") == "https://x?id=A-1"

    @pytest.mark.parametrize(
        ("arrived", "sent"),
        list(
            zip(
                ["'", "-", "Ñ", "ñ", "?", "_", "¿", "/", ")", "=", "[", "{", '"', "+", "´1", "Á"],
                ["-", "/", ":", ";", "_", "?", "=", "&", "(", ")", '"', "'", "@", "]", "[1", "[A"],
                strict=True,
            )
        ),
    )
    def test_each_sign(self, arrived: str, sent: str) -> None:
        assert meant(arrived) == sent

    @given(st.text(st.sampled_from(sorted({*US.plain.values(), *US.shift.values()} - {" "})), max_size=30))
    def test_undoes_what_the_desktop_did(self, text: str) -> None:
        """Everything that a US scanner can send comes back from what a Spanish desktop made of it."""
        assert meant(read(typed(text), LATIN_AMERICAN) + pending(text)) == text

    def test_what_no_key_gives_stays(self) -> None:
        assert meant("€\x1d") == "€\x1d"


def pending(text: str) -> str:
    """The accent that is still waiting for its letter when the text ends."""
    accents = {"[": "´", "{": "¨"}
    waiting = ""
    for character in text:
        waiting = "" if waiting else accents.get(character, "")
    return waiting
