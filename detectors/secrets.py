"""Credentials of known formats, found by the literal that gives each away."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from math import prod
from string import printable, whitespace

import numpy as np

from detectors.credentials import FORMATS
from detectors.credentials.format import REACH
from detectors.credentials.keyblock import open_at
from guardrail.errors import PolicyError
from guardrail.text import Text
from guardrail.types import Context, Finding, Scanner

__all__ = ["Secrets"]

# A secret lies inside one word: a run of these, each a `LETTER`, ended by whatever is none.
_ASCII_WORD = "".join(sorted(set(printable) - set(whitespace)))
_WORD = _ASCII_WORD + "".join(map(chr, range(0xA1, 0x530)))
_CLUE = 3
# No `before` looks back further.
_BEFORE = 8
_GROUPS = 8
_COMMON = " etainosrlhcdumpgfy.,vbw"


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """Finds keys, tokens, passwords and key blocks; `kinds` names the formats to look for."""

    kinds: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if self.kinds is not None and not self.kinds:
            raise PolicyError("kinds is empty: nothing would be found")
        known = sorted({row.kind for row in FORMATS})
        for kind in self.kinds or ():
            if kind not in known:
                raise PolicyError(f"no secret of kind {kind!r}; known: {', '.join(known)}")

    def find(self, text: Text) -> Iterable[Finding]:
        """Findings in order; one that lies inside another is left out."""
        return _outermost(text.raw, _search(self.kinds).spans(text.raw))

    def settled(self, text: Text) -> int:
        """The beginning of the unfinished word, or of a key block that is still open."""
        return _settled(text.raw)

    def scanner(self, context: Context) -> Scanner:  # noqa: ARG002
        """Sees each word of one answer once."""
        return _Scanner(_search(self.kinds))


# Start, end (negated, so that of two that start together the longer comes first), row, score.
_Span = tuple[int, int, int, float]


@dataclass(frozen=True, slots=True)
class _Search:
    """All formats at once: rows by the clue that gives them away, and how far in it stands.

    The clues fall into eight groups, a bit each, and the table of a column gives for a letter
    the groups with a clue that has it there. The columns, looked up for all of the text as one
    large integer each, shifted over each other and put together by AND, leave a bit where a
    clue may stand.
    """

    columns: tuple[bytes, ...]
    rows: dict[str, list[tuple[int, int, re.Pattern[str]]]]

    def clues(self, raw: str) -> list[int]:
        letters = raw.encode("latin-1", "replace")
        marks = -1
        for place, table in enumerate(self.columns):
            marks &= int.from_bytes(letters.translate(table), "little") >> 8 * place
        if not marks:
            return []
        bits = np.frombuffer(marks.to_bytes(len(raw), "little"), dtype=np.uint8)
        places: list[int] = (bits != 0).nonzero()[0].tolist()
        return [place for place in places if raw[place : place + _CLUE] in self.rows]

    def spans(self, raw: str) -> list[_Span]:
        found: list[_Span] = []
        for place in self.clues(raw):
            for offset, row, pattern in self.rows[raw[place : place + _CLUE]]:
                match = pattern.match(raw, place - offset)
                if match is None:
                    continue
                start, end = match.span(pattern.groups)
                if start - match.start() <= REACH and FORMATS[row].check(raw[start:end]):
                    found.append((start, -end, row, FORMATS[row].scored(raw[start:end])))
        return sorted(found)


class _Scanner:
    """Keeps the unsettled tail of one answer, and enough before it to see an anchor.

    `warm` is how far a secret may begin that the last clue would give away.
    """

    __slots__ = ("_covered", "_held", "_known", "_patience", "_search", "_size", "_warm", "settled")

    def __init__(self, search: _Search) -> None:
        self.settled = 0
        self._search = search
        self._held: list[str] = []
        self._known = self._size = self._patience = self._warm = self._covered = 0

    def feed(self, chunk: str) -> Iterable[Finding]:
        self._held.append(chunk)
        if self._patience:
            # A long open block is looked at again when dashes may end it, or a quarter on.
            self._size += len(chunk)
            if "--" in self._held[-2][-1:] + chunk:
                self._patience = 0
            elif self._size < self._patience:
                return ()
        unfinished = len(chunk) - _word(chunk)
        if unfinished == len(chunk):
            return ()
        raw = "".join(self._held)
        word = len(raw) - unfinished
        if not self._warmed(raw[self._known : word]):
            self._settle(raw, word)
            return ()
        block = open_at(raw)
        if block is None or block > word:
            return self._findings(raw, word)
        self._size, self._patience = len(raw), len(raw) * 5 // 4
        return self._findings(raw, block)

    def close(self) -> Iterable[Finding]:
        raw = "".join(self._held)
        return self._findings(raw, len(raw))

    def _warmed(self, new: str) -> bool:
        if clues := self._search.clues(new):
            self._warm = self.settled + clues[-1] + REACH
        return self.settled < self._warm

    def _findings(self, raw: str, until: int) -> Iterable[Finding]:
        known, begin = self._known, self.settled - self._known
        self._settle(raw, until)
        new = [span for span in self._search.spans(raw) if known <= span[0] < until]
        found = tuple(_outermost(raw, new, begin, self._covered))
        self._covered = max((finding.end for finding in found), default=self._covered)
        return found

    def _settle(self, raw: str, until: int) -> None:
        start = max(until - REACH - _BEFORE, 0)
        self.settled += until - self._known
        self._held, self._known = [raw[start:]], until - start


def _outermost(
    raw: str, spans: Iterable[_Span], begin: int = 0, covered: int = 0
) -> Iterator[Finding]:
    for start, negated, row, score in spans:
        if begin - negated > covered:
            rest = re.compile(FORMATS[row].rest).match(raw, -negated)
            covered = begin + (rest.end() if rest else -negated)
            yield Finding(begin + start, covered, f"secret.{FORMATS[row].kind}", score)


def _settled(raw: str) -> int:
    word, block = _word(raw), open_at(raw)
    return word if block is None else min(word, block)


def _word(raw: str) -> int:
    return len(raw.rstrip(_ASCII_WORD if raw.isascii() else _WORD))


@cache
def _search(kinds: tuple[str, ...] | None) -> _Search:
    rows: dict[str, list[tuple[int, int, re.Pattern[str]]]] = {}
    for number, row in enumerate(FORMATS):
        if kinds is None or row.kind in kinds:
            forms = dict.fromkeys(form for anchor in row.anchors for form in _forms(anchor))
            anchors = "|".join(map(re.escape, forms))
            pattern = re.compile(f"{row.before}(?:{anchors}){row.tail}", re.ASCII)
            for offset, clue in sorted(set(map(_clue, forms))):
                rows.setdefault(clue, []).append((offset, number, pattern))
    return _Search(_columns(rows), rows)


def _columns(clues: Iterable[str]) -> tuple[bytes, ...]:
    """Each clue, the commonest first, joins the group that it makes least likely to mark a text."""
    tables = [bytearray(256) for _ in range(_CLUE)]
    shares = [[0.0] * _CLUE for _ in range(_GROUPS)]
    for clue in sorted(clues, key=lambda clue: (-prod(map(_share, clue)), clue)):
        grown = [
            [
                share if table[ord(letter)] >> group & 1 else share + _share(letter)
                for letter, table, share in zip(clue, tables, shares[group], strict=True)
            ]
            for group in range(_GROUPS)
        ]
        best = min(range(_GROUPS), key=lambda group: prod(grown[group]) - prod(shares[group]))
        shares[best] = grown[best]
        for letter, table in zip(clue, tables, strict=True):
            table[ord(letter)] |= 1 << best
    return tuple(map(bytes, tables))


def _share(letter: str) -> float:
    """How common a letter is, roughly."""
    return 1 / (2 + _COMMON.find(letter) % 40)


def _forms(anchor: str) -> tuple[str, str]:
    """An anchor as it is, and as Markdown writes it."""
    return anchor, anchor.replace("_", r"\_")


def _clue(anchor: str) -> tuple[int, str]:
    """The rarest letters of an anchor, after where they begin in it."""
    clues = [(at, anchor[at : at + _CLUE]) for at in range(len(anchor) - _CLUE + 1)]
    return max(clues, key=lambda clue: sum(_COMMON.find(letter) % 40 for letter in clue[1]))
