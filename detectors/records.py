"""Fields of protected records, each alone or several of one record together."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import takewhile
from math import inf
from pathlib import Path
from typing import ClassVar

import numpy as np

from guardrail.corpus import Key
from guardrail.errors import PolicyError
from guardrail.records import RecordIndex
from guardrail.records.forms import TYPES
from guardrail.records.scan import Hit, Reading
from guardrail.records.together import Near, Together
from guardrail.text import Text
from guardrail.types import Context, Finding, Source
from guardrail.views import views

__all__ = ["Records"]

_MOST_RECORDS = 256


class Records:
    """Finds a field of a type that is `strong`, and others where several stand together.

    Fields stand together where `weak` of one record, or more, strong ones among them, in different
    columns and one of them a name, lie within `window` words. What the reader wrote, in whatever
    form but a shorter one, is an `echo`: it is reported with that discount, and still makes others
    stand together with it. A name that more than 256 records have is taken for that of the first
    256. A finding's source says which column its field has.

    While an answer streams, words that may become a field are held back, with some 48 characters
    more: as many letters as the longest field has, an address up to 340 characters, a number or a
    month for 48, a tag or a key for 120. A weak field is held back for `window` words.
    """

    step: ClassVar[int] = 48

    def __init__(
        self,
        *,
        index: Path,
        key_file: Path | None = None,
        key_env: str | None = None,
        strong: tuple[str, ...] = ("email", "phone", "id"),
        weak: int = 2,
        window: int = 40,
    ) -> None:
        for kind in strong:
            if kind not in TYPES:
                raise PolicyError(f"strong: no type {kind!r}; known: {', '.join(TYPES)}")
        if weak < 2 or window < 1:
            raise PolicyError("weak must be at least 2, and window at least 1")
        self.index = RecordIndex.open(index, key=Key.configured(key_file, key_env))
        self.window = window
        types = self.index.types
        self.strong = frozenset(at for at, kind in enumerate(types) if kind in strong)
        names = frozenset(at for at, kind in enumerate(types) if kind == "name")
        self.together = Together(self.index, weak, window, names)

    def find(self, text: Text) -> Iterable[Finding]:
        fields = _Fields(self, _Echo(self.index, text.context))
        return [*fields.add(Reading(self.index, text).hits()), *fields.judge(inf)]

    def settled(self, text: Text) -> int:
        scanner = self.scanner(text.context)
        scanner.feed(text.raw)
        return scanner.settled

    def scanner(self, context: Context) -> _Scanner:
        """Reads one answer every few words."""
        return _Scanner(self, context)

    def close(self) -> None:
        """Let go of the index."""
        self.index.close()


class _Scanner:
    """Keeps the unread tail of one answer, and enough before it to read that alike."""

    __slots__ = (
        "_base",
        "_fields",
        "_fresh",
        "_grown",
        "_index",
        "_read",
        "_ready",
        "_tail",
        "_words",
    )

    def __init__(self, detector: Records, context: Context) -> None:
        self._index = detector.index
        self._fields = _Fields(detector, _Echo(detector.index, context))
        self._tail, self._base = "", 0
        self._fresh: list[str] = []
        self._ready: list[Finding] = []
        self._grown = self._read = self._words = 0

    @property
    def settled(self) -> int:
        held = self._fields.held
        return self._read if held is None else min(self._read, held)

    def feed(self, chunk: str) -> Sequence[Finding]:
        self._fresh.append(chunk)
        self._grown += len(chunk)
        # Where much is held, as where most letters are none, it is not read anew for every few.
        if self._grown < len(self._tail) >> 3:
            return ()
        reading = self._reading()
        self._read_on(reading, self._base + reading.open)
        return self._final(self.settled)

    def close(self) -> Sequence[Finding]:
        self._read_on(self._reading(), self._base + len(self._tail) + 1)
        self._ready += self._fields.judge(inf)
        return self._final(self._read)

    def _reading(self) -> Reading:
        self._tail += "".join(self._fresh)
        self._fresh, self._grown = [], 0
        return Reading(self._index, Text(self._tail))

    def _final(self, settled: int) -> Sequence[Finding]:
        """From left to right: a strong field waits for what may be found before it."""
        self._ready.sort()
        final = bisect_left(self._ready, settled, key=lambda one: one.start)
        told, self._ready = self._ready[:final], self._ready[final:]
        return told

    def _read_on(self, reading: Reading, until: int) -> None:
        if until <= self._read:
            return
        base, seen = self._base, self._read
        before, words = np.searchsorted(reading.words, (seen - base, until - base)).tolist()
        shift = self._words - before
        hits = [
            replace(
                hit,
                start=hit.start + base,
                end=hit.end + base,
                first=hit.first + shift,
                last=hit.last + shift,
            )
            for hit in reading.hits()
            if seen <= hit.start + base < until
        ]
        self._read, self._words = until, shift + words
        begin = reading.behind(until - base)
        self._tail, self._base = self._tail[begin:], base + begin
        self._ready += self._fields.add(hits)
        self._ready += self._fields.judge(self._words)


class _Echo:
    """The fields that the reader wrote, in disguise too (see `guardrail.views`).

    Who wrote a part of a field, such as the end of a number, has not written more of it.
    """

    def __init__(self, index: RecordIndex, context: Context) -> None:
        self._index, self._context = index, context

    def __contains__(self, hit: Hit) -> bool:
        held = self._held
        return bool(held) and any(held.get(one, -1) >= hit.letters for one in self._of(hit))

    @cached_property
    def _held(self) -> dict[tuple[int, int], int]:
        """The most letters that were written of a column of a record."""
        seen = (view.raw for text in self._context.supplied for view in views(text))
        held: dict[tuple[int, int], int] = {}
        for hit in {hit.field: hit for raw in seen for hit in self._hits(raw)}.values():
            for one in self._of(hit):
                held[one] = max(held.get(one, 0), hit.letters)
        return held

    def _hits(self, raw: str) -> Sequence[Hit]:
        return Reading(self._index, Text(raw)).hits()

    def _of(self, hit: Hit) -> Iterator[tuple[int, int]]:
        for record in self._index.records(hit.field, _MOST_RECORDS).tolist():
            yield hit.field.column, record


class _Fields:
    """Fields in order, until it is known which of them stand together.

    A stretch of words begins at each of them, and is judged when all fields in it are known (see
    `Together`).
    """

    def __init__(self, detector: Records, echo: _Echo) -> None:
        self._detector, self._index, self._echo = detector, detector.index, echo
        self._waiting: deque[Near] = deque()
        self._covered: dict[tuple[int, str], int] = {}

    @property
    def held(self) -> int | None:
        """Where the first field begins that waits for others."""
        return next((one.hit.start for one in self._waiting if not self._strong(one.hit)), None)

    def add(self, hits: Iterable[Hit]) -> Iterator[Finding]:
        """Findings of strong fields; the others wait, and these stand with them."""
        for hit in hits:
            record = None
            if self._strong(hit):
                record = int(self._index.records(hit.field, 1)[0])
                yield from self._finding(hit, record)
            self._waiting.append(Near(hit, record))

    def judge(self, words: float) -> Iterator[Finding]:
        """Findings of fields whose stretch lies within so many words."""
        waiting, window = self._waiting, self._detector.window
        while waiting and waiting[0].hit.first + window <= words:
            begin = waiting[0].hit.first
            due = len(self._until(min(begin + window - 1, words - window)))
            near = self._until(begin + 2 * window - 1)
            self._detector.together.tell(near, due)
            for one in near[:due]:
                waiting.popleft()
                # A strong one was told when it came.
                if one.record is not None and not self._strong(one.hit):
                    yield from self._finding(one.hit, one.record)

    def _strong(self, hit: Hit) -> bool:
        return hit.field.column in self._detector.strong

    def _until(self, word: float) -> list[Near]:
        """Those that wait and begin at the word or before it."""
        return [*takewhile(lambda one: one.hit.first <= word, self._waiting)]

    def _finding(self, hit: Hit, record: int) -> Iterator[Finding]:
        discount = "echo" if hit in self._echo else ""
        place = hit.field.column, discount
        if hit.end <= self._covered.get(place, 0):
            return
        self._covered[place] = hit.end
        index = self._index
        source = Source(
            index.name,
            index.describe(record),
            index.sensitivity,
            max(hit.last - hit.first, 1),
            place=hit.field.column,
            reach=1,
            size=len(index.columns),
            unit="fields",
        )
        yield Finding(hit.start, hit.end, "record", source=source, discount=discount)
