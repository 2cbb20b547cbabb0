"""Text as detectors see it: the raw string and its canonical letters, with offsets back.

Folding is decided for each character alone (NFKC, case, base letter, look-alike Greek and
Cyrillic letters), so text folds the same whole or in pieces. A folded character is one code:
0 separates words, 1 vanishes (combining marks, zero-width), 2 expands (ligatures, fractions),
3 is a word of its own (scripts written without spaces), anything higher is a letter or digit.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from guardrail.types import Context

__all__ = ["SINGLE", "Folded", "Text", "ascii_codes", "fold"]

SEPARATOR, TRANSPARENT, EXPANDS, SINGLE = 0, 1, 2, 3

_UNFOLDED_RANGES = (
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
    *_UNFOLDED_RANGES,
)
# Only small, scattered blocks are folded one character at a time.
_FOLDED_RANGES = (
    (0x0000, 0x33FF),
    (0xA4D0, 0xABFF),
    (0xD7A4, 0xD7FF),
    (0xF900, 0x11FFF),
    (0x16800, 0x16FFF),
    (0x1B000, 0x1B2FF),
    (0x1BC00, 0x1FBFF),
    (0x2F800, 0x2FA1F),
    (0xE0000, 0xE01EF),
)
_LOOKALIKES = dict(
    zip("аеорсухіјѕкмтвнαβεζηικμνορτυχ", "aeopcyxijskmtbhabezhikmnoptyx", strict=True)
)
_PLAIN = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789")
_OTHER = tuple(code for code in range(4, 256) if code not in _PLAIN)


@dataclass(frozen=True, slots=True)
class Folded:
    """Canonical codes of a string, one byte each.

    `offsets` maps a code to the code point it came from (None: one to one), with the length
    of the string as a last entry. `points` holds code points where a code is `SINGLE`.
    """

    codes: bytes
    offsets: NDArray[np.int64] | None = None
    points: NDArray[np.uint32] | None = None


class Text:
    """A string to check: `raw`, its canonical form, and the context it answers.

    `start` is a hint: findings that begin before it are not needed.
    """

    def __init__(self, raw: str, *, start: int = 0, context: Context | None = None) -> None:
        self.raw = raw
        self.start = start
        self.context = Context() if context is None else context

    def __repr__(self) -> str:
        return f"Text({len(self.raw)} characters, start={self.start})"

    @cached_property
    def folded(self) -> Folded:
        return fold(self.raw)


def fold(raw: str) -> Folded:
    """The canonical form of a string; linear, and the same whole or in pieces."""
    if raw.isascii():
        return Folded(raw.encode("ascii").translate(ascii_codes()))
    tables = _tables()
    points = np.frombuffer(raw.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    codes = tables.code.take(points)
    if not ((codes - np.uint8(1)) < SINGLE).any():
        return Folded(codes.tobytes())
    return _unfold(tables, points, codes)


@dataclass(frozen=True, slots=True)
class _Tables:
    code: NDArray[np.uint8]
    first: dict[int, int]
    flat: NDArray[np.uint32]
    size: dict[int, int]


def _unfold(tables: _Tables, points: NDArray[np.uint32], codes: NDArray[np.uint8]) -> Folded:
    counts = np.ones(len(points), dtype=np.int64)
    counts[codes == TRANSPARENT] = 0
    expanding = np.flatnonzero(codes == EXPANDS)
    if len(expanding):
        kinds, kind = np.unique(points[expanding], return_inverse=True)
        sizes = np.array([tables.size[int(point)] for point in kinds], dtype=np.int64)[kind]
        firsts = np.array([tables.first[int(point)] for point in kinds], dtype=np.int64)[kind]
        counts[expanding] = sizes
    offsets = np.repeat(np.arange(len(points), dtype=np.int64), counts)
    out, marks = points.take(offsets), codes.take(offsets)
    if len(expanding):
        places = np.flatnonzero(marks == EXPANDS)
        within = np.arange(len(places)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        out[places] = tables.flat.take(np.repeat(firsts, sizes) + within)
        marks[places] = tables.code.take(out[places])
    singles = out if (marks == SINGLE).any() else None
    return Folded(marks.tobytes(), np.append(offsets, len(points)), singles)


@cache
def ascii_codes() -> bytes:
    """A table for `bytes.translate` that folds ASCII."""
    return bytes(
        code if code in _PLAIN else SEPARATOR
        for code in (ord(chr(point).lower()) for point in range(256))
    )


@cache
def _tables() -> _Tables:
    code = np.zeros(0x110000, dtype=np.uint8)
    expansions: dict[int, str] = {}
    for low, high in _FOLDED_RANGES:
        for point in range(low, high + 1):
            letters = _canonical(chr(point))
            if letters is None:
                continue
            if not letters:
                code[point] = TRANSPARENT
            elif len(letters) > 1 or (ord(letters) != point and _alone(ord(letters))):
                expansions[point] = letters
                code[point] = EXPANDS
            else:
                code[point] = SINGLE if _alone(ord(letters)) else _letter(letters)
    for low, high in _UNFOLDED_RANGES:
        code[low : high + 1] = SINGLE
    first: dict[int, int] = {}
    size: dict[int, int] = {}
    flat: list[int] = []
    for point, letters in expansions.items():
        kept = [ord(letter) for letter in letters if code[ord(letter)] > EXPANDS or letter == " "]
        first[point], size[point] = len(flat), len(kept)
        flat += kept
    return _Tables(code, first, np.array(flat, dtype=np.uint32), size)


def _canonical(char: str) -> str | None:
    """Base letters of a character; empty where it vanishes, None where it separates."""
    category = unicodedata.category(char)
    if category in ("Mn", "Me", "Cf"):
        return ""
    if category[0] not in "LNMS":
        return None
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", char).casefold())
    letters = "".join(_base(part) for part in unicodedata.normalize("NFKD", folded) if _keeps(part))
    return None if letters.isspace() else letters


def _keeps(part: str) -> bool:
    return unicodedata.category(part) not in ("Mn", "Me", "Cf")


def _base(part: str) -> str:
    if unicodedata.category(part)[0] not in "LNM":
        return " "
    digit = unicodedata.digit(part, None)
    return _LOOKALIKES.get(part, part) if digit is None else str(digit)


def _alone(point: int) -> bool:
    return any(low <= point <= high for low, high in _SINGLE_RANGES)


def _letter(letter: str) -> int:
    point = ord(letter)
    return point if point in _PLAIN else _OTHER[point % len(_OTHER)]
