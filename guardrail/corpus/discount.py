"""What an answer may share with a corpus without leaking it: echoes, public and common words."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from guardrail.corpus.align import Runs
from guardrail.corpus.index import CorpusIndex
from guardrail.corpus.snapshot import Snapshot
from guardrail.corpus.words import hash_word
from guardrail.text import SINGLE, Text
from guardrail.types import Context
from guardrail.views import views

__all__ = ["Echo", "alphabetic", "common", "public"]

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
        key = self._snapshot.key
        seen = (view.raw for text in self._context.supplied for view in views(text))
        words = [self._snapshot.words(Text(raw)).hashes for raw in seen]
        turned = [hashes[::-1] for hashes in words]
        grams = [key.grams(hashes, self._run) for hashes in words + turned]
        return np.unique(np.concatenate([np.empty(0, dtype=np.uint64), *grams]))

    def mask(self, hashes: NDArray[np.uint64]) -> NDArray[np.bool_]:
        grams = self._snapshot.key.grams(hashes, self._run)
        heads = np.flatnonzero(np.isin(grams, self._grams, assume_unique=False))
        mask = np.zeros(len(hashes), dtype=bool)
        for step in range(self._run):
            mask[heads + step] = True
        return mask


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
