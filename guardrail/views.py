"""What a text may say in disguise: itself read otherwise, or decoded, with places of the original.

All views take linear time, and are local: a character far from the end of the text has its final
view. What was decoded is viewed once more, so that one code within another is seen.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from html.entities import html5
from string import ascii_lowercase, ascii_uppercase

import numpy as np
from numpy.typing import NDArray

from guardrail.blobs import blobs, open_at
from guardrail.shifted import shifted, shifted_open_at
from guardrail.text import translated

__all__ = ["View", "leet", "settled", "unmarked", "views"]

Pieces = tuple[str, Sequence[int]]
"""Characters in place of a match, and of how many of its own each takes the place."""

_SMALL, _CAPITAL = ascii_lowercase.encode(), ascii_uppercase.encode()
_ROT13 = bytes.maketrans(
    _SMALL + _CAPITAL, b"".join(half[13:] + half[:13] for half in (_SMALL, _CAPITAL))
)
_ATBASH = bytes.maketrans(_SMALL + _CAPITAL, _SMALL[::-1] + _CAPITAL[::-1])
_ROT47 = bytes.maketrans(bytes(range(33, 127)), bytes((*range(80, 127), *range(33, 80))))
_SIGNS = re.compile(r"[!|+](?=[^\W_])")
_LEET = re.compile(rf"[0-9@$]|{_SIGNS.pattern}")
_INNER = str.maketrans("!|+", "ilt")
_LEETS = tuple(bytes.maketrans(b"4@30$57681", b"aaeosstgb" + one) for one in (b"i", b"l"))
_UPSIDE_DOWN = re.compile("[ɐɔǝɟƃɥᴉɾʞɯɹʇʌʍʎ]")
_SPACED = re.compile(r"\S++")
_UPRIGHT = str.maketrans("ɐqɔpǝɟƃɥᴉɾʞlɯuodbɹsʇnʌʍxʎz", ascii_lowercase)
# Each begins with the characters that it may begin with, which are searched for at once.
_ESCAPE = re.compile(
    r"[%=\\&](?:(?<=%)[0-9A-Fa-f]{2}(?:%[0-9A-Fa-f]{2})*+"
    r"|(?<==)(?:[0-9A-F]{2}(?:=(?:[0-9A-F]{2}|\r?\n))*+|\r?\n)"
    r"|(?<=&)(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,31});"
    r"|(?<=\\)(?:x[0-9A-Fa-f]{2}(?:\\x[0-9A-Fa-f]{2})*+|u[0-9A-Fa-f]{4}(?:\\u[0-9A-Fa-f]{4})*+"
    r"|[bfnrt\"/\\]))"
)
_BYTE = re.compile(r"(?:[%=]|\\x)([0-9A-Fa-f]{2})(?:=\r?\n)*+")
_NOISE = re.compile(
    r"[-<0-9A-Z._*·|/ ](?:(?<=<)[^<>\n]{1,200}>"  # markup
    r"|(?<=[0-9])(?<!\w.)[0-9]{0,3}+(?!\w)"  # the numbers of a list
    r"|(?<=[a-z][A-Z])|(?<=[A-Z]{2})(?=[a-z])"  # wordsLikeThis, ALikeThat
    r"|(?<=[-._*·|/])(?<=\b\w.)(?=\w\b)"  # letters l-i-k-e  t h i s
    r"|(?<= )(?<=\b\w.)(?<![-._*·|/]\w.)(?=\w\b)(?!\w[-._*·|/]))"
)
_MARKUP = re.compile(r"<[^<>\n]{1,200}>|^[ \t]{0,8}[0-9]{1,3}[.)](?=\s)", re.MULTILINE)
# Markup or an entity that more text may complete; nothing else in a view hangs on more characters.
_OPEN = re.compile(r"(?:<[^<>\n]{0,200}|&#?[A-Za-z0-9]{0,31}|^[ \t]{0,8}[0-9]{1,3}[.)]?)\Z", re.M)
_OPEN_REACH = 201


@dataclass(frozen=True, slots=True)
class _Stretches:
    """Stretches of a view, one behind the other, whose characters each stand for equally many.

    From character `firsts[i]` of the view on, those from `starts[i]` of the original, `steps[i]`
    for each.
    """

    firsts: NDArray[np.int64]
    starts: NDArray[np.int64]
    steps: NDArray[np.int64]

    def span(self, place: int) -> tuple[int, int]:
        """What the character at a place of the view stands for."""
        row = int(self.firsts.searchsorted(place, side="right")) - 1
        step = int(self.steps[row])
        start = int(self.starts[row]) + (place - int(self.firsts[row])) * step
        return start, start + step


@dataclass(frozen=True, slots=True)
class View:
    """A string whose characters stand for others of the original; without more, for their own.

    In a view that is `backwards` the original's end comes first; one that was `decoded` stands, all
    of it, for the passage `[start, end)` that it was decoded from.
    """

    raw: str = field(repr=False)
    stretches: _Stretches | None = None
    backwards: bool = False
    decoded: tuple[int, int] | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where characters `[start, end)` of the view, one or more, stand in the original."""
        if self.decoded is not None:
            return self.decoded
        if self.backwards:
            return len(self.raw) - end, len(self.raw) - start
        if self.stretches is None:
            return start, end
        return self.stretches.span(start)[0], self.stretches.span(end - 1)[1]


def views(raw: str) -> Iterator[View]:
    """The text as it is, then backwards, then otherwise, where that may differ."""
    yield from _spellings(raw)
    for start, end, told in shifted(raw):
        yield View(told, decoded=(start, end))
    for start, end, told in blobs(raw):
        inner = [told, *(deeper for _, _, deeper in blobs(told))]
        for text in inner:
            for view in _spellings(text):
                yield View(view.raw, decoded=(start, end))
            for _, _, deeper in shifted(text):
                yield View(deeper, decoded=(start, end))


def unmarked(raw: str) -> Iterator[View]:
    """The text without markup and the numbers of its lines, if it has any; other numbers stay."""
    if (view := _rewritten(raw, _MARKUP, _left_out)) is not None:
        yield view


def settled(raw: str) -> int:
    """The place before which all views are final, whatever is appended, but for backwards ones."""
    tail = max(len(raw) - _OPEN_REACH, 0)
    unfinished = _OPEN.search(raw, tail)
    place = len(raw) if unfinished is None else unfinished.start()
    # The last of these is so far from the end that all other patterns have had their say.
    return min(place, open_at(raw), shifted_open_at(raw))


def leet(raw: str) -> Iterator[str]:
    """The text with letters for the digits and signs that resemble them, if it has any."""
    if _LEET.search(raw):
        for letters in _LEETS:
            yield translated(_SIGNS.sub(_signed, raw), letters)


def _spellings(raw: str) -> Iterator[View]:
    yield View(raw)
    yield View(raw[::-1], backwards=True)
    for table in (_ROT13, _ATBASH, _ROT47):
        yield View(translated(raw, table))
    yield from map(View, leet(raw))
    if not raw.isascii() and _UPSIDE_DOWN.search(raw):
        # Words without such a letter are read as they stand: a view is local.
        upright = _SPACED.sub(_turned, raw)
        yield View(upright)
        yield View(upright[::-1], backwards=True)
    for pattern, told in ((_ESCAPE, _unescaped), (_NOISE, _left_out)):
        if (view := _rewritten(raw, pattern, told)) is not None:
            yield view


def _turned(match: re.Match[str]) -> str:
    word = match.group()
    return word.translate(_UPRIGHT) if _UPSIDE_DOWN.search(word) else word


def _signed(match: re.Match[str]) -> str:
    return match.group().translate(_INNER)


def _rewritten(raw: str, pattern: re.Pattern[str], told: Callable[[str], Pieces]) -> View | None:
    """The text with something else in place of each match; None where there is none."""
    pieces: list[str] = []
    starts: list[int] = []
    sizes: list[int] = []
    steps: list[int] = []
    done = 0
    for match in pattern.finditer(raw):
        start, end = match.span()
        text, taken = told(match.group())
        pieces += (raw[done:start], text)
        starts.append(done)
        sizes.append(start - done)
        steps.append(1)
        for step in taken:
            starts.append(start)
            sizes.append(1)
            steps.append(step)
            start += step
        done = end
    if not pieces:
        return None
    pieces.append(raw[done:])
    starts.append(done)
    sizes.append(len(raw) - done)
    steps.append(1)
    firsts = np.cumsum([0, *sizes[:-1]])
    return View("".join(pieces), _Stretches(firsts, np.array(starts), np.array(steps)))


def _left_out(match: str) -> Pieces:
    # Where two words are written as one, a space is put between them.
    return (f" {match}", (0, 1)) if match.isalpha() else ("", ())


def _unescaped(match: str) -> Pieces:
    if match[0] in "%=" or match.startswith("\\x"):
        return _utf8(list(_BYTE.finditer(match)))
    if match.startswith("\\u"):
        text = "".join(chr(int(unit, 16)) for unit in match.split("\\u")[1:])
        return text, (6,) * len(text)
    text = " "
    if match.startswith("&#"):
        digits = match[2:-1]
        point = int(digits[1:], 16) if digits[0] in "xX" else int(digits)
        text = chr(point) if point < 0x110000 else text
    elif match[0] == "&":
        text = html5.get(match[1:], text)[:1]
    return text, (len(match),)


def _utf8(escapes: Sequence[re.Match[str]]) -> Pieces:
    """What bytes say that are escaped one by one."""
    data = bytes(int(escape[1], 16) for escape in escapes)
    text = data.decode("utf-8", "surrogateescape")
    sizes, done = [], 0
    for letter in text:
        count = len(letter.encode("utf-8", "surrogateescape"))
        sizes.append(sum(len(escape[0]) for escape in escapes[done : done + count]))
        done += count
    return text, sizes
