"""Rows of an answer, and the texts that stand at the same place of all of them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from guardrail.redact import merge, redact
from guardrail.wire.checks import Checks
from guardrail.wire.flat import Path

__all__ = ["NAME", "Part", "Row", "Strings", "beside"]

NAME: Path = (-1,)
"""Where the name of an event stands, and behind its path each key: no value has such a place."""

_END = itemgetter(1)


def beside(path: Path) -> bool:
    """Whether it is a key, or the name of an event, that stands there."""
    return path[-1:] == NAME


class Strings:
    """The strings at one place of all rows, read as if they went on, and as lines."""

    def __init__(self, checks: Checks) -> None:
        self.whole, self.lines = checks.channel(), checks.again()
        self._size = self._count = 0

    def add(self, raw: str) -> Part:
        part = Part(self, raw, self._size, self._count)
        self.whole.feed(raw)
        self.lines.feed(f"\n{raw}" if self._count else raw)
        self._size += len(raw)
        self._count += 1
        return part

    @property
    def refused(self) -> bool:
        return self.whole.refused or self.lines.refused

    def close(self) -> None:
        self.whole.close()
        self.lines.close()

    def cancel(self) -> None:
        self.whole.cancel()
        self.lines.cancel()


@dataclass(frozen=True, slots=True)
class Part:
    """The string of one row, and where it begins; as a line, with the breaks before it."""

    strings: Strings = field(repr=False)
    raw: str = field(repr=False)
    start: int
    breaks: int

    @property
    def settled(self) -> bool:
        return self._size == len(self.raw)

    def told(self, marker: str) -> str:
        """What of it has settled, safe to show; a span that began in another row is told there."""
        size, spans = self._size, list(self._spans())
        merged = merge((max(start, 0), min(end, size)) for start, end in spans)
        begin = 0
        if merged and any(start < 0 for start, _ in spans):
            begin = merged.pop(0)[1]
        rest = ((start - begin, end - begin) for start, end in merged)
        return redact(self.raw[begin:size], rest, marker)

    @property
    def _size(self) -> int:
        whole, lines = self.strings.whole.released, self.strings.lines.released - self.breaks
        return min(max(min(whole, lines) - self.start, 0), len(self.raw))

    def _spans(self) -> Iterator[tuple[int, int]]:
        yield from self._inside(self.strings.whole.edits, self.start)
        for start, end in self._inside(self.strings.lines.edits, self.start + self.breaks):
            # The break before a line belongs to it.
            yield (0 if start == -1 else start), end

    def _inside(self, edits: Sequence[tuple[int, int]], begin: int) -> Iterator[tuple[int, int]]:
        for start, end in edits[bisect_right(edits, begin, key=_END) :]:
            if start >= begin + len(self.raw):
                return
            yield start - begin, end - begin


@dataclass(frozen=True, slots=True)
class Row:
    """A value that waits for its turn: its strings by place, some of them parts of a text."""

    value: Any = field(repr=False)
    parts: Mapping[Path, Part]
    known: Mapping[Path, str] = field(repr=False)
    size: int
    prose: bool = False

    @property
    def says(self) -> bool:
        """Whether it has a text beside its name and keys."""
        return not all(map(beside, self.parts))

    @property
    def settled(self) -> bool:
        return all(part.settled for part in self.parts.values())

    def cut(self, strings: Strings | None) -> bool:
        """Whether not all of such a string has settled."""
        return any(one.strings is strings and not one.settled for one in self.parts.values())

    def told(self, marker: str) -> dict[Path, str]:
        """Its strings, as far as they have settled, safe to show."""
        return {path: part.told(marker) for path, part in self.parts.items()}
