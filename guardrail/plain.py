"""Text in plain characters, for patterns that are written in ASCII.

Digits, dashes, spaces and full-width signs become those of ASCII, what nobody sees vanishes, and so
may markup. Each character that is left knows where it stands in the original.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from html.entities import html5

import numpy as np
from numpy.typing import NDArray

from guardrail.characters import Characters
from guardrail.text import vanishes

__all__ = ["Plain", "plain", "unmarked"]

_ASCII = 128
_GONE, _UNKNOWN = 0xFFFF_FFFF, 0xFFFF_FFFE
_MARKS = "\\*`&%<"
# Each begins with the characters that it may begin with, which are searched for at once.
_MARKUP = re.compile(
    r"[\\*`<&%](?:(?<=\\)(?=[!-/:-@\[-`{-~])"  # an escape
    r"|(?<=[*`])(?:(?<![0-9*`].)[*`]{0,2}|[*`]{0,2}(?![0-9*`]))"  # emphasis, but no 2*3
    r"|(?<=<)/?[A-Za-z][A-Za-z0-9]{0,11}[ ]?/?>"
    r"|(?<=&)(?:#[0-9]{1,5}|#[xX][0-9A-Fa-f]{1,4}|[A-Za-z]{2,8});"
    r"|(?<=%)(?:40|2[BDEbde]|5[Ff]))"  # a sign in a URL
)


@dataclass(frozen=True, slots=True)
class Plain:
    """Plain characters, and the size of the original.

    Where they begin and end there is told by `starts` and `ends`, unless they are the same.
    """

    text: str = field(repr=False)
    size: int
    starts: NDArray[np.intp] | None = None
    ends: NDArray[np.intp] | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where the characters `[start, end)`, one or more, stand in the original."""
        if self.starts is None or self.ends is None:
            return start, end
        return int(self.starts[start]), int(self.ends[end - 1])

    def place(self, at: int) -> int:
        """Where a character, or the end, stands in the original."""
        if at == len(self.text):
            return self.size
        return at if self.starts is None else int(self.starts[at])

    def before(self, place: int) -> int:
        """How many characters stand before a place of the original."""
        return (
            min(place, self.size) if self.starts is None else int(self.starts.searchsorted(place))
        )


def plain(raw: str) -> Plain:
    """A text in plain characters; linear, and each but for what vanishes stands for itself."""
    if raw.isascii():
        return Plain(raw, len(raw))
    points = _points(raw)
    return _kept(points, np.ones(len(points), dtype=bool), np.arange(1, len(points) + 1))


def unmarked(raw: str) -> Plain:
    """The same without markup: emphasis, escapes and tags vanish, and entities are what they say.

    Whether a character is markup hangs on few others, none of them white space but in `<br />`.
    """
    if not any(mark in raw for mark in _MARKS):
        return plain(raw)
    points = _points(raw)
    kept, ends = np.ones(len(points), dtype=bool), np.arange(1, len(points) + 1)
    for match in _MARKUP.finditer(raw):
        said = _said(match.group())
        if said is None:
            continue
        start, end = match.span()
        kept[start + len(said) : end] = False
        if said:
            points[start], ends[start] = ord(said), end
    return _kept(points, kept, ends)


def _said(markup: str) -> str | None:
    """The character that markup stands for, empty where it vanishes; None if there is none."""
    if markup[0] == "%":
        return chr(int(markup[1:], 16))
    if markup[0] != "&":
        return ""
    if markup[1] != "#":
        return html5.get(markup[1:], "")[:1] or None
    return chr(int(markup[3:-1], 16) if markup[2] in "xX" else int(markup[2:-1]))


def _points(raw: str) -> NDArray[np.uint32]:
    return np.frombuffer(raw.encode("utf-32-le", "surrogatepass"), dtype="<u4").copy()


def _kept(points: NDArray[np.uint32], kept: NDArray[np.bool_], ends: NDArray[np.intp]) -> Plain:
    points = _PLAIN.of(points)
    kept &= points != _GONE
    starts = kept.nonzero()[0]
    text = points.take(starts).tobytes().decode("utf-32-le", "surrogatepass")
    if len(starts) == len(points):
        return Plain(text, len(points))
    return Plain(text, len(points), starts, ends.take(starts))


def _plain(point: int) -> int:
    char = chr(point)
    if point < _ASCII or unicodedata.category(char) == "No":
        return point
    if vanishes(char):
        return _GONE
    if char.isspace():
        return ord(" ")
    if unicodedata.category(char) == "Pd" or char == "\N{MINUS SIGN}":
        return ord("-")
    digit = unicodedata.decimal(char, None)
    told = unicodedata.normalize("NFKC", char) if digit is None else str(digit)
    return ord(told) if len(told) == 1 else point


_PLAIN = Characters(
    np.uint32, _UNKNOWN, lambda first: [_plain(point) for point in range(first, first + 256)]
)
