"""Passages of a private corpus whose words were run together or broken up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from guardrail.blobs import open_at
from guardrail.corpus import CorpusIndex, Key
from guardrail.corpus.align import Runs, outermost
from guardrail.corpus.discount import Echo
from guardrail.corpus.droning import PERIOD
from guardrail.corpus.snapshot import LETTERS, Snapshot
from guardrail.corpus.words import Words
from guardrail.errors import PolicyError
from guardrail.rescan import Rescan
from guardrail.spoken import spoken
from guardrail.text import Text
from guardrail.types import Context, Finding, Source

__all__ = ["Letters"]

_MOST_DIGITS = 0.2
_ECHO_LETTERS = 24


class Letters:
    """Finds runs of `min_letters` letters and digits of a document, however they are spaced.

    The index is one over letters (`guardrail index build --letters`). A run counts if as many of
    its letters are no `echo` of what the reader wrote, and if it has `distinct` different ones and
    few digits; otherwise it is reported with that discount. What is spelt out in code words (Alfa
    Bravo Charlie) is read as well. While an answer streams, some eighty letters are held back, a
    run for as long as it lasts, and what may be in a code for as long as that goes on.
    """

    step: ClassVar[int] = 192

    def __init__(
        self,
        *,
        index: Path,
        key_file: Path | None = None,
        key_env: str | None = None,
        min_letters: int | None = None,
        distinct: int = 10,
    ) -> None:
        self.index = CorpusIndex.open(index, key=Key.configured(key_file, key_env))
        if self.index.unit != LETTERS:
            raise PolicyError("letters needs an index over letters; build one with --letters")
        self.least = self.index.snapshot().least(min_letters)
        self.distinct = distinct
        self._name = self.index.name
        self._state: Snapshot | None = None

    def find(self, text: Text) -> Iterable[Finding]:
        found = [*self._found(text)]
        # The spelling alphabet is mostly written without the spaces between words.
        for start, end, told in spoken(text.raw):
            inner = self._found(Text(told, context=text.context))
            found += (replace(one, start=start, end=end) for one in inner)
        return found

    def settled(self, text: Text) -> int:
        snapshot, words, runs = self._runs(text)
        # A run that is shorter than the floor may hold no stored gram yet.
        hold = len(words) - snapshot.floor - _ECHO_LETTERS
        late = runs.start[runs.end > hold].tolist()
        first = max(min([hold, *late]) - _ECHO_LETTERS, 0)
        return min(int(words.starts[first]), open_at(text.raw)) if len(words) else 0

    def scanner(self, context: Context) -> Rescan:
        """Asks again while one answer grows, of one state of the index."""
        pinned = copy(self)
        pinned._state = self._state or self.index.snapshot()
        return Rescan(pinned, context)

    def close(self) -> None:
        """Let go of the index."""
        self.index.close()

    def _found(self, text: Text) -> Iterator[Finding]:
        snapshot, words, runs = self._runs(text)
        long = np.flatnonzero(runs.end - runs.start >= self.least)
        if len(long):
            yield from self._judged(text, snapshot, words, outermost(runs.take(long)))

    def _runs(self, text: Text) -> tuple[Snapshot, Words, Runs]:
        if self not in text.notes:
            snapshot = self._state or self.index.snapshot()
            words = snapshot.words(text)
            runs = snapshot.runs(words.hashes, skim=self.distinct > PERIOD)
            text.notes[self] = snapshot, words, runs
        known: tuple[Snapshot, Words, Runs] = text.notes[self]
        return known

    def _judged(
        self, text: Text, snapshot: Snapshot, words: Words, runs: Runs
    ) -> Iterator[Finding]:
        news = ~Echo(snapshot, text.context, _ECHO_LETTERS).mask(words.hashes)
        for row in range(len(runs)):
            match = snapshot.match(words, runs, row)
            own = slice(match.word, match.word + match.words)
            reason = ""
            if int(news[own].sum()) < self.least:
                reason = "echo"
            elif self._plain(text.raw[match.start : match.end], words.hashes[own]):
                reason = "indistinct"
            source = Source(
                self._name, match.document, match.sensitivity, match.words, grants=match.grants
            )
            yield Finding(match.start, match.end, "near", source=source, discount=reason)

    def _plain(self, raw: str, hashes: NDArray[np.uint64]) -> bool:
        """Whether a run says little: the same few letters, or numbers."""
        digits = sum(letter.isdigit() for letter in raw)
        return len(np.unique(hashes)) < self.distinct or digits > _MOST_DIGITS * len(hashes)
