"""Credentials of known formats, found by the literal that gives each away."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from string import printable, whitespace

import numpy as np

from detectors.credentials import FORMATS
from detectors.credentials.format import REACH
from detectors.credentials.keyblock import LONGEST, open_at
from guardrail.errors import PolicyError
from guardrail.text import Text
from guardrail.types import Context, Finding, Scanner

__all__ = ["Secrets"]

# A secret lies inside one word: a run of these, ended by white space or any other letter.
_WORD = "".join(sorted(set(printable) - set(whitespace)))
_COLUMNS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """Finds keys, tokens, passwords and key blocks; `kinds` names the formats to look for."""

    kinds: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        known = sorted(row.kind for row in FORMATS)
        for kind in self.kinds or ():
            if kind not in known:
                raise PolicyError(f"no secret of kind {kind!r}; known: {', '.join(known)}")

    def find(self, text: Text) -> Iterable[Finding]:
        """Findings in order; one that lies inside another is left out."""
        return _outermost(_search(self.kinds).spans(text.raw))

    def settled(self, text: Text) -> int:
        """The beginning of the unfinished word, or of a key block that is still open."""
        return _settled(text.raw)

    def scanner(self, context: Context) -> Scanner:  # noqa: ARG002
        """Sees each word of one answer once."""
        return _Scanner(_search(self.kinds))


# Start, end (negated, so that of two that start together the longer comes first), row.
_Span = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class _Search:
    """All formats at once: rows in eight groups, a bit each.

    The table of a column gives for a letter the groups with an anchor that has it there. The
    columns, looked up for all of the text, shifted over each other and put together by AND,
    leave a bit where an anchor may begin; whole texts go through as one large integer each.
    """

    columns: tuple[bytes, ...]
    rows: tuple[tuple[tuple[int, re.Pattern[str]], ...], ...]

    def spans(self, raw: str) -> list[_Span]:
        letters = raw.encode("latin-1", "replace")
        marks = -1
        for place, table in enumerate(self.columns):
            marks &= int.from_bytes(letters.translate(table), "little") >> 8 * place
        return sorted(self._matches(raw, marks)) if marks else []

    def _matches(self, raw: str, marks: int) -> Iterator[_Span]:
        bits = np.frombuffer(marks.to_bytes(len(raw), "little"), dtype=np.uint8)
        places = bits.nonzero()[0]
        for place, groups in zip(places.tolist(), bits[places].tolist(), strict=True):
            for row, pattern in self.rows[groups]:
                match = pattern.match(raw, place, place + LONGEST)
                if match and FORMATS[row].check(match[pattern.groups]):
                    start, end = match.span(pattern.groups)
                    yield start, -end, row


class _Scanner:
    """Keeps the unsettled tail of one answer, and enough before it to see an anchor."""

    __slots__ = ("_before", "_covered", "_patience", "_pieces", "_search", "_size", "settled")

    def __init__(self, search: _Search) -> None:
        self.settled = 0
        self._search = search
        self._pieces: list[str] = []
        self._before = self._size = self._patience = self._covered = 0

    def feed(self, chunk: str) -> Iterable[Finding]:
        self._pieces.append(chunk)
        if self._patience:
            # A long open block is looked at again when a dash may end it, or a quarter on.
            self._size += len(chunk)
            if "-" in chunk:
                self._patience = 0
            elif self._size < self._patience:
                return ()
        if not chunk.rstrip(_WORD):
            return ()
        raw = "".join(self._pieces)
        word, block = _word(raw), open_at(raw)
        if block is None or block >= word:
            return self._settle(raw, word)
        self._size, self._patience = len(raw), len(raw) * 5 // 4
        return self._settle(raw, block)

    def close(self) -> Iterable[Finding]:
        raw = "".join(self._pieces)
        return self._settle(raw, len(raw))

    def _settle(self, raw: str, until: int) -> Iterable[Finding]:
        known, begin, start = self._before, self.settled - self._before, max(until - REACH, 0)
        self._pieces, self._before, self.settled = [raw[start:]], until - start, begin + until
        if not (spans := self._search.spans(raw)):
            return ()
        found = tuple(
            _outermost(
                ((begin + at, end - begin, row) for at, end, row in spans if known <= at < until),
                self._covered,
            )
        )
        self._covered = max((finding.end for finding in found), default=self._covered)
        return found


def _outermost(spans: Iterable[_Span], covered: int = 0) -> Iterator[Finding]:
    for start, end, row in spans:
        if -end > covered:
            covered = -end
            yield Finding(start, covered, f"secret.{FORMATS[row].kind}", FORMATS[row].score)


def _settled(raw: str) -> int:
    word, block = _word(raw), open_at(raw)
    return word if block is None else min(word, block)


def _word(raw: str) -> int:
    return len(raw.rstrip(_WORD))


@cache
def _search(kinds: tuple[str, ...] | None) -> _Search:
    columns = [bytearray(256) for _ in range(_COLUMNS)]
    groups: list[dict[int, re.Pattern[str]]] = [{} for _ in range(8)]
    for number, row in enumerate(FORMATS):
        if kinds is None or row.kind in kinds:
            anchors = "|".join(map(re.escape, row.anchors))
            pattern = re.compile(f"{row.before}(?:{anchors}){row.tail}", re.ASCII)
            for anchor in row.anchors:
                group = ord(anchor[0]) % 8
                groups[group][number] = pattern
                for place, table in enumerate(columns):
                    for letter in anchor[place : place + 1].encode() or range(256):
                        table[letter] |= 1 << group
    rows = [
        tuple(row for group in range(8) if mask >> group & 1 for row in groups[group].items())
        for mask in range(256)
    ]
    return _Search(tuple(map(bytes, columns)), tuple(rows))
