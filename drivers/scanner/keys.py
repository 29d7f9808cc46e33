"""Key strokes of a keyboard scanner to characters: the kernel's input events, byte by byte as they are read.

    struct input_event (linux/input.h), 24 bytes on 64-bit machines, native order

    SSSSSSSS UUUUUUUU TT CC VVVV
       |        |     |  |   +--- 1 pressed, 0 released, 2 repeated by itself (no stroke of a scanner)
       |        |     |  +------- key code (linux/input-event-codes.h)
       |        |     +---------- 1 key, 0 synchronisation (code 3: events were lost), others are no strokes
       +--------+---------------- time, seconds and microseconds

A stroke means what the layout says under shift, caps lock and AltGr. Two chords carry what no key can: Alt
held while the keypad writes a number is the character of that number (029 is GS), and Ctrl with a character
of ``@A…Z[\\]^_`` is the control character of its five low bits (Ctrl and ``]`` is GS).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from drivers.scanner.layouts import US, Layout, accented

EVENT = struct.Struct("llHHi")
"""One ``struct input_event`` of this machine."""

EV_SYN, EV_KEY = 0, 1
SYN_REPORT, SYN_DROPPED = 0, 3
RELEASED, PRESSED = 0, 1

SHIFT, CONTROL, ALT, ALTGR = {42, 54}, {29, 97}, {56}, {100}
CAPS_LOCK = 58

CONTROLS = {28: "\r", 96: "\r", 15: "\t"}
"""Enter, the keypad's Enter, Tab."""

KEYPAD = dict(zip((82, 79, 80, 81, 75, 76, 77, 71, 72, 73), "0123456789", strict=True))
KEYPAD_SIGNS = {55: "*", 74: "-", 78: "+", 83: ".", 98: "/"}

LOST = None
"""In what `Keys.feed` returns: here the kernel lost events, so what stands around it is no code."""


class Keys:
    """The state of a scanner's keyboard. ``layout`` is the one that the scanner was set up for."""

    def __init__(self, layout: Layout = US) -> None:
        self._layout = layout
        self._rest = b""
        self._held: set[int] = set()
        self._caps = False
        self._alt_number = ""
        self._accent = ""
        self._skipping = False

    def feed(self, data: bytes) -> list[str | None]:
        """The characters that these bytes complete, in pieces; `LOST` where events were lost."""
        self._rest += data
        whole = len(self._rest) - len(self._rest) % EVENT.size
        events, self._rest = self._rest[:whole], self._rest[whole:]
        unpacked = EVENT.iter_unpack(events)
        return [piece for _, _, kind, code, value in unpacked for piece in self._event(kind, code, value)]

    def _event(self, kind: int, code: int, value: int) -> Iterator[str | None]:
        if kind == EV_SYN:
            yield from self._synchronised(code)
        elif kind == EV_KEY and not self._skipping:
            yield from self._key(code, value)

    def _synchronised(self, code: int) -> Iterator[None]:
        """After lost events the kernel asks to forget everything up to the next report."""
        if code == SYN_DROPPED:
            self._skipping = True
            self._held.clear()
            self._alt_number = self._accent = ""
            yield LOST
        elif code == SYN_REPORT:
            self._skipping = False

    def _key(self, code: int, value: int) -> Iterator[str]:
        if code in SHIFT | CONTROL | ALT | ALTGR:
            yield from self._modifier(code, value)
        elif value != PRESSED:
            return
        elif code == CAPS_LOCK:
            self._caps = not self._caps
        elif code in KEYPAD and self._held & ALT:
            self._alt_number += KEYPAD[code]
        else:
            yield from self._stroke(code)

    def _modifier(self, code: int, value: int) -> Iterator[str]:
        if value == RELEASED:
            self._held.discard(code)
            if code in ALT and self._alt_number:
                number, self._alt_number = self._alt_number, ""
                yield numbered(number)
        else:
            self._held.add(code)

    def _stroke(self, code: int) -> Iterator[str]:
        character = CONTROLS.get(code) or KEYPAD.get(code) or KEYPAD_SIGNS.get(code) or self._character(code)
        if character is None:
            return
        control, alt = self._held & CONTROL, self._held & (ALT | ALTGR)
        if control and not alt:
            character = _control(character) or _control(US.plain.get(code, "")) or ""
        if character in self._layout.dead and not self._accent:
            self._accent = character
            return
        accent, self._accent = self._accent, ""
        yield accented(accent, character) if accent else character

    def _character(self, code: int) -> str | None:
        altgr = bool(self._held & ALTGR) or bool(self._held & ALT and self._held & CONTROL)
        character = self._layout.character(code, shift=bool(self._held & SHIFT), altgr=altgr)
        if self._caps and character is not None and character.isalpha():
            return character.swapcase()
        return character


def numbered(number: str) -> str:
    """The character of Alt and a number: with a leading zero, or below 128, as in Windows-1252, else as in
    437."""
    value = int(number) % 256
    if value < 128:
        return chr(value)
    return bytes([value]).decode("cp1252" if number.startswith("0") else "cp437", errors="replace")


def _control(character: str) -> str | None:
    """The control character of Ctrl and this one, None where there is none."""
    upper = character.upper()
    return chr(ord(upper) & 0x1F) if len(upper) == 1 and "@" <= upper <= "_" else None
