"""From word hashes to runs: every gram is looked up, and the words around each hit are checked.

A run of n >= 2k - 1 words holds a stored gram whole, since grams of k words are stored at every
k-th word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from guardrail.corpus.align import Runs, carried, chained, located
from guardrail.corpus.droning import dull, repeats
from guardrail.corpus.fingerprint import Key
from guardrail.corpus.lookup import probe
from guardrail.corpus.segment import Segment

__all__ = ["find_runs"]

_BLOCK = 8192
_NO_RUNS = Runs(*(np.empty(0, dtype=np.int64) for _ in fields(Runs)))


def find_runs(
    texts: Sequence[NDArray[np.uint64]],
    segments: Sequence[tuple[Segment, NDArray[np.bool_] | None]],
    key: Key,
    gram: int,
    *,
    skim: bool = False,
) -> list[Runs]:
    """Every run of at least `2 * gram - 1` words that a text shares with a document not masked.

    The texts, given by the hashes of their words, are looked up together. Shorter runs come along
    where a stored gram lies in them. With `skim`, for segments with places, grams inside a stretch
    of few words repeated (see `droning`) are not looked up: a run that goes beyond the stretch is
    still found, one that does not may be missed.
    """
    hashes = texts[0] if len(texts) == 1 else np.concatenate(texts)
    skim = skim and repeats(hashes, gram)
    passed = [dull(text, gram) if skim else None for text in texts]
    bounds = list(accumulate(map(len, texts), initial=0))
    asked = None if len(texts) == 1 and passed[0] is None else _asked(bounds, gram, passed)
    searches: list[_Search] = []
    for first in range(0, max(len(hashes) - gram + 1, 0), _BLOCK):
        grams = key.grams(hashes[first : first + _BLOCK + gram - 1], gram)
        kept = None if asked is None else np.flatnonzero(asked[first : first + len(grams)])
        prints = key.fingerprints(grams if kept is None else grams.take(kept))
        for part, (segment, _) in enumerate(segments):
            hits = probe(segment, prints)
            if not len(hits):
                continue
            query = first + (hits.query if kept is None else kept.take(hits.query))
            crowded = first + (hits.crowded if kept is None else kept.take(hits.crowded))
            if not searches:
                searches = [
                    _Search(text, segments, key, gram, dulled)
                    for text, dulled in zip(texts, passed, strict=True)
                ]
            for search, begin, end in zip(searches, bounds, bounds[1:], strict=False):
                low, high = query.searchsorted((begin, end))
                if low < high:
                    full = crowded[(crowded >= begin) & (crowded < end)] - begin
                    search.add(part, query[low:high] - begin, hits.entry[low:high], full)
    return [search.runs() for search in searches] or [_NO_RUNS] * len(texts)


def _asked(
    bounds: Sequence[int], gram: int, passed: Sequence[NDArray[np.bool_] | None]
) -> NDArray[np.bool_]:
    """Which grams of the texts, one behind the other, to look up."""
    asked = np.ones(bounds[-1], dtype=bool)
    for begin, end, dulled in zip(bounds, bounds[1:], passed, strict=False):
        last = max(end - gram + 1, begin)
        # Of more than one text, which it would reach into.
        asked[last:end] = False
        if dulled is not None:
            asked[begin:last] = ~dulled
    return asked


class _Search:
    """One text, and what was found in it; `passed` are the grams that are not looked up."""

    def __init__(
        self,
        hashes: NDArray[np.uint64],
        segments: Sequence[tuple[Segment, NDArray[np.bool_] | None]],
        key: Key,
        gram: int,
        passed: NDArray[np.bool_] | None,
    ) -> None:
        self._hashes, self._segments, self._key, self._gram = hashes, segments, key, gram
        self._passed = passed
        self._found: list[Runs] = []
        self._present: dict[int, list[NDArray[np.int64]]] = {}
        self._crowded: dict[int, list[NDArray[np.int64]]] = {}

    def add(
        self,
        part: int,
        query: NDArray[np.int64],
        entry: NDArray[np.int64],
        crowded: NDArray[np.int64],
    ) -> None:
        """Grams and entries of a segment that agree, and the grams with more of them."""
        segment, masked = self._segments[part]
        if not segment.located:
            self._present.setdefault(part, []).append(np.unique(query))
            return
        self._found += located(self._hashes, segment, masked, self._key, part, query, entry)
        if len(crowded):
            self._crowded.setdefault(part, []).append(crowded)

    def runs(self) -> Runs:
        if not self._found and not self._present:
            return _NO_RUNS
        found = self._found + [
            _stepped(part, self._gram, np.concatenate(hits), len(self._hashes))
            for part, hits in self._present.items()
        ]
        runs = chained(Runs.joined(found))
        if self._passed is not None:
            for part in range(len(self._segments)):
                self._crowded.setdefault(part, []).append(np.flatnonzero(self._passed))
        for part, several in self._crowded.items():
            segment, _ = self._segments[part]
            runs = chained(carried(self._hashes, segment, self._key, part, runs, several))
        return runs


def _stepped(part: int, gram: int, query: NDArray[np.int64], words: int) -> Runs:
    # Two stored grams in step; the run may reach up to gram - 1 words further at either end.
    paired = query[np.isin(query + gram, query, assume_unique=True)]
    nowhere = np.full(len(paired), -1)
    return Runs(
        start=np.maximum(paired - gram + 1, 0),
        end=np.minimum(paired + 3 * gram - 1, words),
        part=np.full(len(paired), part),
        document=nowhere,
        place=nowhere,
        uid=nowhere,
    )
