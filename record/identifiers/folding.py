"""From the text as it came to the text that is matched.

    raw                    "]C1(00) 0952…\r\n"   "028‑2026‑40‑00123456"   "МSKU 601167-2" (Cyrillic М)
     |  cut at LIMIT characters, compatibility forms to plain ones (full width, ligatures), accents off
     |  scanner frame off: AIM identifier ]C1, control characters, bidi and zero-width marks
     |  upper case; Cyrillic, Greek and other scripts' letters that look Latin, digits of any script
     v
    plain                  "(00) 0952…"          "028-2026-40-00123456"   "MSKU 601167-2"
     |  separators off
     v
    compact                "000952…"             "02820264000123456"      "MSKU6011672"

Group separators (GS, 0x1D, or spelled ``<GS>`` by a scanner) of GS1 element strings are kept in ``elements``
and are spaces in the others.
Digits and letters are not exchanged here: only a grammar knows where that is allowed (`swapped`).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from record.identifiers.remark import Code, Remark, remark

LIMIT = 4096
"""Characters looked at: more than the largest QR code holds in letters (4,296) is of no gate paper."""

GS = "\x1d"

_CYRILLIC = dict(zip("АВЕЅІЈКМНОРСТУХЗԚԜҮҺӀ", "ABESIJKMHOPCTYX3QWYHI", strict=True))
_GREEK = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹϺ", "ABEZHIKMNOPTYXCM", strict=True))
_LATIN = dict(zip("ƖƗŁØĐÐŦ", "IILODDT", strict=True))
_ARMENIAN = dict(zip("ՕՍՏԼ", "OUSL", strict=True))
HOMOGLYPHS: dict[str, str] = {**_CYRILLIC, **_GREEK, **_LATIN, **_ARMENIAN}
"""Capital letters of other alphabets that are drawn like a Latin capital, to that capital."""

SEPARATORS = " -.,/_:;()[]*'"
"""What people and printers put between the groups of a number; Code 39 prints its frame as asterisks."""

QUOTES = '"`“”„«»\u2018\u2019'
"""What people put around a number that they cite."""

_OTHER_FORMS = ("<wide>", "<narrow>", "<font>", "<circle>")
"""Decompositions that make another form of a letter; accents and ordinal signs are none."""
MOST_SHOWN = 16
"""Folded characters that a remark names."""

_DASHES = "‐‑‒–—―−⁃﹘﹣－·•"
_AIM = re.compile(r"^\][A-Za-z][0-9A-Za-z]")
_SPELLED_GS = re.compile(r"<GS>|\{GS\}|<FNC1>|\{FNC1\}|\[FNC1\]", re.IGNORECASE)
_GROUPS = re.compile(r"[A-Z0-9]+(?:[ -][A-Z0-9]+){0,3}")
_STRIP = str.maketrans("", "", SEPARATORS)

TO_DIGIT = {"O": "0", "I": "1", "S": "5", "B": "8", "Z": "2"}
"""Letters that are taken for the digit they look like, where a digit must stand."""
TO_LETTER = {digit: letter for letter, digit in TO_DIGIT.items()}


@dataclass(frozen=True)
class Text:
    """A text made ready for matching; ``raw`` is what came, ``remarks`` what had to be done to it."""

    raw: str
    plain: str
    compact: str
    aim: str | None = None
    elements: str = ""
    remarks: tuple[Remark, ...] = ()

    @property
    def grouped(self) -> bool:
        """Whether the text is one to four groups of letters and digits: no punctuation, no sentence."""
        return _GROUPS.fullmatch(self.plain) is not None


def fold(text: str | Text) -> Text:
    """A text of any origin, hostile ones too, to its matchable forms. Never raises; bounded by `LIMIT`."""
    if isinstance(text, Text):
        return text
    raw = text[:LIMIT]
    spelled = _SPELLED_GS.sub(GS, raw)
    remarks = []
    if len(text) > LIMIT:
        remarks.append(remark(Code.TOO_LONG, length=str(len(text)), limit=str(LIMIT)))
    body = unicodedata.normalize("NFKD", spelled)[:LIMIT].strip()
    body = "".join(map(_visible, body)).strip(" ")
    aim = _AIM.match(body)
    if aim:
        body = body[aim.end() :]
    latin = "".join(map(_latin, body))
    foreign = sorted(filter(_foreign, set(spelled)))[:MOST_SHOWN]
    if foreign:
        remarks.append(remark(Code.FOLDED, characters=" ".join(foreign)))
    elements = latin.strip(" ")
    plain = " ".join(elements.replace(GS, " ").split())
    return Text(raw, plain, plain.translate(_STRIP), aim[0] if aim else None, elements, tuple(remarks))


def _visible(character: str) -> str:
    """The character itself, a plain space or hyphen for its many forms, nothing for an invisible one."""
    if character == GS:
        return GS
    if character in _DASHES:
        return "-"
    if character.isspace() or character in QUOTES:
        return " "
    category = unicodedata.category(character)
    return "" if category in {"Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Me"} else character


def _latin(character: str) -> str:
    """The upper-case Latin letter or digit that a character stands for or is drawn like, else itself."""
    upper = character.upper()
    if upper.isascii():
        return upper
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit)
    return HOMOGLYPHS.get(upper, upper)


def _foreign(character: str) -> bool:
    """Whether a character is another alphabet's letter or digit, or another form of ours, and is folded."""
    if character.isascii() or not character.isalnum():
        return False
    decomposition = unicodedata.decomposition(character)
    if decomposition:
        return decomposition.startswith(_OTHER_FORMS)
    return _latin(character) != character.upper()


def swapped(compact: str, grammar: str, most: int = 3) -> tuple[str, tuple[Remark, ...]] | None:
    """The text with look-alike digits and letters exchanged to fit a grammar of the same length.

    The grammar has one character a position: ``A`` a letter, ``9`` a digit, ``?`` either. Returns the text
    and its remark (none when nothing had to be exchanged), or None when it cannot be made to fit with at
    most ``most`` exchanges.
    """
    if len(compact) != len(grammar):
        return None
    taken = "".join(map(_fit, compact, grammar))
    if len(taken) != len(compact):
        return None
    count = sum(map(str.__ne__, compact, taken))
    if count > most:
        return None
    return taken, (remark(Code.SWAPPED, found=compact, taken=taken),) if count else ()


def _fit(character: str, wanted: str) -> str:
    if wanted == "9":
        return character if _is_digit(character) else TO_DIGIT.get(character, "")
    if wanted == "A":
        return character if _is_letter(character) else TO_LETTER.get(character, "")
    return character if _is_digit(character) or _is_letter(character) else ""


def _is_digit(character: str) -> bool:
    return "0" <= character <= "9"


def _is_letter(character: str) -> bool:
    return "A" <= character <= "Z"
