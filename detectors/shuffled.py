"""Passages of a private corpus whose parts stand in another order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import sqrt
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from guardrail.corpus import CorpusIndex, Key
from guardrail.corpus.discount import alphabetic, among, public
from guardrail.corpus.words import spell, split
from guardrail.errors import PolicyError
from guardrail.shuffled import BANDS, WINDOW, Agreement, ShuffledIndex, Splitter
from guardrail.text import Folded, Text, fold
from guardrail.types import Context, Finding, Scanner, Source
from guardrail.views import views

__all__ = ["Shuffled"]

_STRIDE = 10
_ECHO = 4


class Shuffled:
    """Finds stretches that have the word pairs of a passage, in whatever order.

    `index` is made by `guardrail shuffled build`. The answer is read in windows of 50 words, every
    10 words. One counts if `min_bands` of the 64 bands of its sketch agree with 50 words of one
    document (5 stand for a Jaccard similarity of 0.28, 6 for 0.31); if it does so without what
    stands, four words in a row, in what the reader wrote, and without what stands in the index of
    public text `background`; if fewer than `max_documents` documents agree as much; and if
    `distinct` different words of letters are left in it. The score estimates the similarity. What
    says much the same in like words has such pairs too, and no `min_bands` tells it apart: take
    this detector to `flag`.

    While an answer streams, some 60 to 100 words are held back.
    """

    step: ClassVar[int] = 256

    def __init__(
        self,
        *,
        index: Path,
        key_file: Path | None = None,
        key_env: str | None = None,
        min_bands: int = 5,
        max_documents: int = 10,
        distinct: int = 8,
        background: Path | None = None,
    ) -> None:
        self.index = ShuffledIndex.open(index, key=Key.configured(key_file, key_env))
        self.background = None if background is None else CorpusIndex.open(background)
        if not 1 <= min_bands <= BANDS:
            raise PolicyError(f"min_bands must be 1 to {BANDS}")
        if min(max_documents, distinct) < 1:
            raise PolicyError("max_documents and distinct must be at least 1")
        self.min_bands, self.max_documents, self.distinct = min_bands, max_documents, distinct

        self._name = self.index.name

    def find(self, text: Text) -> Iterable[Finding]:
        scanner = self.scanner(text.context)
        return [*scanner.feed(text.raw), *scanner.close()]

    def settled(self, text: Text) -> int:
        splitter = Splitter()
        begin, folded = splitter.feed(text.raw)
        words = split(folded, self.index.key)
        if not len(words):
            return splitter.begin
        return begin + int(words.starts[_windows(len(words)) * _STRIDE])

    def scanner(self, context: Context) -> Scanner:
        """Reads each window of one answer once."""
        return _Scanner(self, _Echo(self.index.key, context))

    def close(self) -> None:
        """Let go of the index of public text."""
        if self.background is not None:
            self.background.close()

    def judged(self, words: _Words, echo: _Echo) -> Iterator[Finding]:
        """What is found in each whole window of some words; fewer than it has are one as well."""
        for agreement in self._agreements(self.index.sketch.pairs(words.hashes)):
            first = agreement.window * _STRIDE
            yield self._finding(words.cut(first, first + WINDOW), agreement, echo)

    def _finding(self, window: _Words, agreement: Agreement, echo: _Echo) -> Finding:
        reason, counts = "", np.ones(len(window), dtype=bool)
        pairs = self.index.sketch.pairs(window.hashes)
        for name, mask in self._masks(window, echo):
            if not mask.any():
                continue
            counts &= ~mask
            left = next(self._agreements(pairs[counts[1:] | counts[:-1]]), None)
            if left is None:
                reason = name
                break
            agreement = left
        reason = reason or self._doubt(window, counts, agreement)
        source = Source(self._name, *self.index.documents[agreement.document], len(window))
        start, end = int(window.starts[0]), int(window.ends[-1])
        score = sqrt(agreement.bands / BANDS)
        return Finding(start, end, "near", score, source=source, discount=reason)

    def _masks(self, window: _Words, echo: _Echo) -> Iterator[tuple[str, NDArray[np.bool_]]]:
        yield "echo", echo.mask(window.hashes)
        yield "background", public(self.background, window.letters)

    def _doubt(self, window: _Words, counts: NDArray[np.bool_], agreement: Agreement) -> str:
        if agreement.documents >= self.max_documents:
            return "common"
        kinds = {window.letters[place] for place in np.flatnonzero(counts).tolist()}
        return "" if sum(map(alphabetic, kinds)) >= self.distinct else "indistinct"

    def _agreements(self, pairs: NDArray[np.uint32]) -> Iterator[Agreement]:
        return self.index.agreements(self.index.sketch.bands(pairs, _STRIDE), self.min_bands)


@dataclass(frozen=True, slots=True)
class _Words:
    """Words in order, their spans in the answer, and the letters of each."""

    hashes: NDArray[np.uint64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    letters: tuple[bytes, ...] = field(repr=False)

    @classmethod
    def of(cls, folded: Folded, begin: int, key: Key) -> _Words:
        words = split(folded, key)
        return cls(words.hashes, words.starts + begin, words.ends + begin, spell(folded))

    def __len__(self) -> int:
        return len(self.hashes)

    def __add__(self, other: _Words) -> _Words:
        return _Words(
            np.concatenate((self.hashes, other.hashes)),
            np.concatenate((self.starts, other.starts)),
            np.concatenate((self.ends, other.ends)),
            self.letters + other.letters,
        )

    def cut(self, first: int, last: int | None = None) -> _Words:
        """Words `[first, last)`."""
        part = slice(first, last)
        return _Words(self.hashes[part], self.starts[part], self.ends[part], self.letters[part])


class _Scanner:
    """Keeps the words from the first window on that is not yet whole."""

    __slots__ = ("_any", "_echo", "_shuffled", "_splitter", "_words")

    def __init__(self, shuffled: Shuffled, echo: _Echo) -> None:
        self._shuffled, self._echo = shuffled, echo
        self._splitter = Splitter()
        self._words = _Words.of(fold(""), 0, shuffled.index.key)
        self._any = False

    @property
    def settled(self) -> int:
        return int(self._words.starts[0]) if len(self._words) else self._splitter.begin

    def feed(self, chunk: str) -> Sequence[Finding]:
        return self._read(*self._splitter.feed(chunk))

    def close(self) -> Sequence[Finding]:
        found = self._read(*self._splitter.close())
        # What follows the last whole window is one of its own, unless that had all of it.
        if not self._any or len(self._words) > WINDOW - _STRIDE:
            found += self._shuffled.judged(self._words, self._echo)
        return found

    def _read(self, begin: int, folded: Folded) -> list[Finding]:
        if not folded.codes:
            return []
        self._words += _Words.of(folded, begin, self._shuffled.index.key)
        windows = _windows(len(self._words))
        if not windows:
            return []
        found = list(self._shuffled.judged(self._words, self._echo))
        self._words, self._any = self._words.cut(windows * _STRIDE), True
        return found


class _Echo:
    """Which words of a window stand, four or more in a row, in what the reader wrote.

    In what it says in disguise too (see `guardrail.views`).
    """

    def __init__(self, key: Key, context: Context) -> None:
        self._key, self._context = key, context

    @cached_property
    def _grams(self) -> NDArray[np.uint64]:
        seen = (view.raw for text in self._context.supplied for view in views(text))
        words = (split(fold(raw), self._key).hashes for raw in seen)
        grams = [self._key.grams(hashes, _ECHO) for hashes in words]
        return np.sort(np.concatenate([np.empty(0, dtype=np.uint64), *grams]))

    def mask(self, hashes: NDArray[np.uint64]) -> NDArray[np.bool_]:
        mask = np.zeros(len(hashes), dtype=bool)
        heads = np.flatnonzero(among(self._key.grams(hashes, _ECHO), self._grams))
        for step in range(_ECHO):
            mask[heads + step] = True
        return mask


def _windows(words: int) -> int:
    """How many windows are whole."""
    return max(words - WINDOW + _STRIDE, 0) // _STRIDE
