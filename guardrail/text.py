"""Text as detectors see it: the raw string and its canonical letters, with offsets back.

Folding is decided for each character alone (NFKC, case, base letter, look-alike Greek and
Cyrillic letters, Braille), so text folds the same whole or in pieces. A folded character is one
code: 0 separates words, 1 vanishes (combining marks, what nobody sees), 2 expands (ligatures,
fractions), 3 is a word of its own (scripts written without spaces), anything higher is a letter or
digit.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from guardrail.characters import Characters
from guardrail.types import Context

__all__ = [
    "SINGLE",
    "Folded",
    "Text",
    "ascii_codes",
    "canonical",
    "fold",
    "translated",
    "vanishes",
]

SEPARATOR, TRANSPARENT, EXPANDS, SINGLE = 0, 1, 2, 3

_SINGLE_BLOCKS = (
    (0x3400, 0x4DBF),  # Han
    (0x4E00, 0x9FFF),
    (0xAC00, 0xD7A3),  # Hangul syllables
    (0x20000, 0x323AF),  # Han
)
_SINGLE_RANGES = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x3040, 0x30FF),  # Hiragana, Katakana
    (0x31F0, 0x31FF),  # Katakana extensions
    *_SINGLE_BLOCKS,
)
# What is to be ignored where it cannot be shown, but for what is a mark or format by category.
_UNSEEN = (
    (0x0640, 0x0640),  # the line that stretches Arabic words
    (0x115F, 0x1160),
    (0x2065, 0x2065),
    (0x3164, 0x3164),
    (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFF8),
    (0xE0000, 0xE0FFF),  # tags, variation selectors
)
_SPACING_MARKS = ((0x02B0, 0x02FF), (0xA700, 0xA721))
# A letter however it is drawn: small capitals, stroked, enclosed, regional indicators.
_LATIN = re.compile(
    r"(?:[A-Z]+ )*(?:LATIN|INDICATOR) (?:SMALL |CAPITAL |SYMBOL )?LETTER (?:SMALL CAPITAL )?"
    r"([A-Z])(?: WITH .+)?"
)
_LOOKALIKES = dict(
    zip(
        "аеорсухіјѕкмтвнһԁԛԝѵӏαβεζηικμνορτυχօսոհցɡıɑɩ⠁⠃⠉⠙⠑⠋⠛⠓⠊⠚⠅⠇⠍⠝⠕⠏⠟⠗⠎⠞⠥⠧⠺⠭⠽⠵",
        "aeopcyxijskmtbhhdqwvlabezhikmnoptyxounhggiaiabcdefghijklmnopqrstuvwxyz",
        strict=True,
    )
)
_PLAIN = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789")
_UNKNOWN = 255
# So many bytes more than characters, and these are looked up one by one; more of them together.
_FEW, _RARE = 64, 8
_ASCII = 0x80
_TRAILING = bytes(range(0x80, 0xC0))
_NO_CONTEXT = Context()
_OTHER = tuple(code for code in range(4, _UNKNOWN) if code not in _PLAIN)


@dataclass(frozen=True, slots=True)
class Folded:
    """Canonical codes of a string, one byte each.

    `offsets` maps a code to the code point it came from (None: one to one), with the length
    of the string as a last entry. `points` holds code points where a code is `SINGLE`.
    """

    codes: bytes = field(repr=False)
    offsets: NDArray[np.int64] | None = None
    points: NDArray[np.uint32] | None = field(default=None, repr=False)


class Text:
    """A string to check: `raw`, its canonical form, and the context it answers.

    `start` is a hint: findings that begin before it are not needed. In `notes` a detector may
    leave work on this text for its next question. A text that is a message of its context has the
    number of that turn in `message`.
    """

    def __init__(
        self,
        raw: str,
        *,
        start: int = 0,
        context: Context | None = None,
        message: int | None = None,
    ) -> None:
        self.raw = raw
        self.start = start
        self.message = message
        self.notes: dict[object, Any] = {}
        self.context = _NO_CONTEXT if context is None else context

    def __repr__(self) -> str:
        return f"Text({len(self.raw)} characters, start={self.start})"

    @cached_property
    def folded(self) -> Folded:
        return fold(self.raw)


def fold(raw: str) -> Folded:
    """The canonical form of a string; linear, and the same whole or in pieces."""
    if raw.isascii():
        return Folded(raw.encode("ascii").translate(ascii_codes()))
    encoded = raw.encode("utf-8", "surrogatepass")
    more = len(encoded) - len(raw)
    if more <= max(_FEW, len(raw) // _RARE):
        told = _nearly_ascii(raw, encoded) if more <= _FEW else _mostly_ascii(encoded)
        if told is not None:
            return Folded(told)
    points = np.frombuffer(raw.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    codes = _CODES.of(points)
    if not ((codes - np.uint8(1)) < SINGLE).any():
        return Folded(codes.tobytes())
    return _unfold(points, codes)


def _nearly_ascii(raw: str, encoded: bytes) -> bytes | None:
    """The codes of a string, if each character but ASCII has one of its own."""
    codes = bytearray(encoded.translate(_lead_codes(), _TRAILING))
    place = codes.find(_UNKNOWN)
    while place >= 0:
        code = _CODES.one(ord(raw[place]))
        if SEPARATOR < code <= SINGLE:
            return None
        codes[place] = code
        place = codes.find(_UNKNOWN, place + 1)
    return bytes(codes)


def _mostly_ascii(encoded: bytes) -> bytes | None:
    """The same in a few steps for all of them."""
    wide = np.frombuffer(encoded, dtype=np.uint8)
    others = wide[wide >= _ASCII].tobytes().decode("utf-8", "surrogatepass")
    told = _CODES.of(np.frombuffer(others.encode("utf-32-le", "surrogatepass"), dtype="<u4"))
    if ((told - np.uint8(1)) < SINGLE).any():
        return None
    codes = bytearray(encoded.translate(_lead_codes(), _TRAILING))
    every = np.frombuffer(codes, dtype=np.uint8)
    every[(every == _UNKNOWN).nonzero()[0]] = told
    return bytes(codes)


def _unfold(points: NDArray[np.uint32], codes: NDArray[np.uint8]) -> Folded:
    counts = np.ones(len(points), dtype=np.int64)
    counts[codes == TRANSPARENT] = 0
    expanding = np.flatnonzero(codes == EXPANDS)
    if len(expanding):
        kinds, kind = np.unique(points[expanding], return_inverse=True)
        letters = [_EXPANSIONS[int(point)] for point in kinds]
        sizes = np.array([len(several) for several in letters], dtype=np.int64)
        firsts = (np.cumsum(sizes) - sizes)[kind]
        sizes = sizes[kind]
        counts[expanding] = sizes
    offsets = np.repeat(np.arange(len(points), dtype=np.int64), counts)
    out, marks = points.take(offsets), codes.take(offsets)
    if len(expanding):
        places = np.flatnonzero(marks == EXPANDS)
        within = np.arange(len(places)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        out[places] = np.concatenate(letters).take(np.repeat(firsts, sizes) + within)
        marks[places] = _CODES.of(out[places])
    singles = out if (marks == SINGLE).any() else None
    return Folded(marks.tobytes(), np.append(offsets, len(points)), singles)


def _worked_out(first: int) -> list[int]:
    """The codes of 256 characters; what they expand to is known before."""
    letters = {point: canonical(point) for point in range(first, first + 256)}
    expanded = {point: text for point, text in letters.items() if text and _expands(point, text)}
    for point, text in expanded.items():
        parts = np.array([ord(letter) for letter in text], dtype=np.uint32)
        kept = [_code(canonical(int(part))) > EXPANDS for part in parts]
        _EXPANSIONS[point] = parts[np.array(kept) | (parts == ord(" "))]
    return [EXPANDS if point in expanded else _code(text) for point, text in letters.items()]


_CODES = Characters(np.uint8, _UNKNOWN, _worked_out)
_EXPANSIONS: dict[int, NDArray[np.uint32]] = {}


def translated(raw: str, table: bytes) -> str:
    """A text with other ASCII characters in place of its own, by a table for `bytes.translate`.

    Many times faster than `str.translate` where a text holds other characters too.
    """
    codec = "ascii" if raw.isascii() else "utf-8"
    return raw.encode(codec, "surrogatepass").translate(table).decode(codec, "surrogatepass")


@cache
def ascii_codes() -> bytes:
    """A table for `bytes.translate` that folds ASCII."""
    return bytes(
        code if code in _PLAIN else SEPARATOR
        for code in (ord(chr(point).lower()) for point in range(256))
    )


@cache
def _lead_codes() -> bytes:
    """The same for UTF-8, where the first byte of another character tells that it is unknown."""
    return ascii_codes()[:_ASCII] + bytes([_UNKNOWN]) * _ASCII


def canonical(point: int) -> str | None:
    """Base letters of a character; empty where it vanishes, None where it separates."""
    char = chr(point)
    if _within(point, _SINGLE_BLOCKS):
        return char
    if vanishes(char):
        return ""
    if unicodedata.category(char)[0] not in "LNMS":
        return None
    if latin := _latin(char):
        return latin
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", char).casefold())
    parts = unicodedata.normalize("NFKD", folded)
    letters = "".join(_base(part) for part in parts if not vanishes(part))
    return None if letters.isspace() else letters


def _expands(point: int, letters: str) -> bool:
    """Whether a character stands for others: several, or another that is a word alone."""
    return len(letters) > 1 or (ord(letters) != point and _alone(ord(letters)))


def _code(letters: str | None) -> int:
    if letters is None:
        return SEPARATOR
    if not letters:
        return TRANSPARENT
    if len(letters) > 1:
        return EXPANDS
    return SINGLE if _alone(ord(letters)) else _letter(letters)


def vanishes(char: str) -> bool:
    """Whether a character is a mark on others, or one that nobody sees."""
    return unicodedata.category(char) in ("Mn", "Me", "Cf") or _within(ord(char), _UNSEEN)


def _latin(char: str) -> str | None:
    named = _LATIN.fullmatch(unicodedata.name(char, ""))
    return named and named[1].lower()


def _base(part: str) -> str:
    if letter := _LOOKALIKES.get(part) or _latin(part):
        return letter
    if unicodedata.category(part)[0] not in "LNM" or _within(ord(part), _SPACING_MARKS):
        return " "
    digit = unicodedata.digit(part, None)
    return part if digit is None else str(digit)


def _within(point: int, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(low <= point <= high for low, high in ranges)


def _alone(point: int) -> bool:
    return _within(point, _SINGLE_RANGES)


def _letter(letter: str) -> int:
    point = ord(letter)
    return point if point in _PLAIN else _OTHER[point % len(_OTHER)]
