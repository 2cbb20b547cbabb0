"""Passages in the spelling alphabet: Alfa Bravo Charlie."""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["BEGUN", "SPOKEN", "spoken"]

_LEAST = 20
_CODE = (
    r"(?:al(?:f|ph)a|bravo|charlie|delta|echo|foxtrot|golf|hotel|india|juliett?e?|kilo|lima|mike"
    r"|november|oscar|papa|quebec|romeo|sierra|tango|uniform|victor|whiske?y|x-?ray|yankee|zulu"
    r"|[0-9])"
)
_SIGNS = ",;/|.-"
_NEXT = rf"(?:[\s{_SIGNS}]{{1,16}}{_CODE}(?![^\W_]))"
_SPELT = re.compile(rf"(?<![^\W_]){_CODE}{_NEXT}{{{_LEAST - 1},}}+", re.IGNORECASE)
_ONE = re.compile(_CODE, re.IGNORECASE)
_WORD_END = re.compile(r"\s*[/|\n]\s*|\s{2,}")
# Text that spells out so much has some of them, which are searched for at once.
_USUAL, _SOME = ("echo", "tango", "oscar"), 3
_FROM_ONE = re.compile(rf"(?:{'|'.join(_USUAL)}){_NEXT}*+", re.IGNORECASE)

BEGUN = rf"(?i:{_CODE}(?:[{_SIGNS}]{{1,16}}{_CODE})*+[{_SIGNS}]{{0,16}})"
"""What stands before white space where a passage begins."""

SPOKEN = rf"[{_SIGNS}]{{0,16}}(?:{BEGUN})?"
"""What stands between white space where a passage may go on."""


def spoken(raw: str) -> Iterator[tuple[int, int, str]]:
    """Each passage `[start, end)` that spells words out, and the words as far as they are apart."""
    if _usual(raw) and any(_usual(match.group()) for match in _FROM_ONE.finditer(raw)):
        for match in _SPELT.finditer(raw):
            if _usual(match.group()):
                words = _WORD_END.split(match.group())
                yield match.start(), match.end(), " ".join(map(_read, words))


def _usual(raw: str) -> bool:
    return sum(map(raw.lower().count, _USUAL)) >= _SOME


def _read(word: str) -> str:
    return "".join(code.group()[0].lower() for code in _ONE.finditer(word))
