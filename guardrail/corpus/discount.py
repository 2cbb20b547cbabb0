"""What an answer may share with a corpus without leaking it: echoes, public and common words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from guardrail.corpus.align import Runs
from guardrail.corpus.index import CorpusIndex
from guardrail.corpus.snapshot import Snapshot
from guardrail.corpus.words import hash_word
from guardrail.text import SINGLE, Text
from guardrail.types import Context
from guardrail.views import views

__all__ = ["Echo", "alphabetic", "among", "common", "public"]

_DIGITS = frozenset(b"0123456789")


class Echo:
    """Which words of an answer stand, six or `run` in a row, in what the reader wrote.

    In what it says in disguise too (see `guardrail.views`), and with its last word first: whoever
    has a guess decoded by the model must not learn from its answer whether it is true.
    """

    def __init__(self, snapshot: Snapshot, context: Context, run: int = 6) -> None:
        self._snapshot, self._context, self._run = snapshot, context, run

    @cached_property
    def _grams(self) -> NDArray[np.uint64]:
        supplied, notes = self._context.supplied, self._context.notes
        own = Echo, self._snapshot.key.id, self._snapshot.manifest.unit, self._run
        # The same for each text of an answer, and for each detector.
        if supplied and own not in notes:
            notes[own] = np.sort(np.concatenate([*self._read(supplied)]))
        known: NDArray[np.uint64] = notes.get(own, np.empty(0, dtype=np.uint64))
        return known

    def _read(self, supplied: Sequence[str]) -> Iterator[NDArray[np.uint64]]:
        for view in chain.from_iterable(map(views, supplied)):
            hashes = self._snapshot.words(Text(view.raw)).hashes
            for way in (hashes, hashes[::-1]):
                yield self._snapshot.key.grams(way, self._run)

    def mask(self, hashes: NDArray[np.uint64]) -> NDArray[np.bool_]:
        grams = self._snapshot.key.grams(hashes, self._run)
        heads = np.flatnonzero(among(grams, self._grams))
        mask = np.zeros(len(hashes), dtype=bool)
        for step in range(self._run):
            mask[heads + step] = True
        return mask


def among(values: NDArray[np.uint64], known: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Which values are among known ones, which are sorted."""
    # `np.isin` takes ten times as long: it does not know that, and hashes all of them.
    places = known.searchsorted(values)
    return known.take(places, mode="clip") == values if len(known) else places > 0


def public(background: CorpusIndex | None, letters: Sequence[bytes]) -> NDArray[np.bool_]:
    """The words that stand in runs of an index of public text."""
    mask = np.zeros(len(letters), dtype=bool)
    if background is None:
        return mask
    snapshot = background.snapshot()
    hashes = [hash_word(word, snapshot.key) for word in letters]
    runs = snapshot.runs(np.array(hashes, dtype=np.uint64))
    for start, end in zip(runs.start.tolist(), runs.end.tolist(), strict=True):
        mask[start:end] |= end - start >= snapshot.floor
    return mask


def common(runs: Runs, words: int, most: int) -> NDArray[np.bool_]:
    """The words, of so many, that stand in runs of `most` documents or more."""
    change = np.zeros(words + 1, dtype=np.int64)
    if not len(runs) or runs.uid[0] < 0:
        return change[:-1] > 0
    order = np.lexsort((runs.start, runs.uid))
    uid, start, end = runs.uid[order], runs.start[order], runs.end[order]
    # A document counts once: each of its runs begins where those before it ended.
    apart = np.concatenate(([0], np.cumsum(np.diff(uid) != 0))) * (words + 1)
    reached = np.concatenate(([0], np.maximum.accumulate(end + apart)[:-1])) - apart
    np.add.at(change, np.minimum(np.maximum(start, reached), end), 1)
    np.add.at(change, end, -1)
    return np.cumsum(change)[:-1] >= most


def alphabetic(letters: bytes) -> bool:
    """Whether a word has letters, two or more, and no digits."""
    if letters[0] == SINGLE:
        return True
    return len(letters) > 1 and not _DIGITS.intersection(letters)
