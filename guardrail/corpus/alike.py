"""Passages that resemble a document: runs of it near each other, and what agrees around them.

Words that were put in, left out or changed break a passage into short runs. Those of one document
that lie close together are one passage, and from the ends of each run it is followed further, by
the tags of its words, over changed words and over a shift by a few words (as seeds are extended
in Altschul et al. 1990, BLAST).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from guardrail.corpus.align import Runs, agree
from guardrail.corpus.segment import Segment
from guardrail.corpus.snapshot import Snapshot

__all__ = ["Alike", "Likeness"]

_REACH, _TIMES = 16, 4
# Runs that have been followed towards each other meet.
_GAP = 2 * _REACH
_LOSS = 1.0
_SHIFTS = np.array([0, -1, 1, -2, 2, -3, 3])
_LOOK = 10
_FOUND_AGAIN = 3.0
_TWINS, _RIVALS, _TILE = 4, 48, 32
_BESIDE = 2 * _REACH + 3

Flat = tuple[NDArray[np.intp], NDArray[np.int64], NDArray[np.int64]]


@dataclass(frozen=True, slots=True)
class Likeness:
    """Words of a text that agree with words of a document: their numbers, ascending, and places.

    Likenesses of one `region` of the text may overlap, those of two do not share a run.
    """

    words: NDArray[np.int64]
    places: NDArray[np.int64]
    part: int
    document: int
    region: int

    @property
    def start(self) -> int:
        return int(self.words[0])

    @property
    def end(self) -> int:
        return int(self.words[-1]) + 1


class Alike:
    """What a text, given by the hashes of its words and its runs, has in common with documents."""

    def __init__(self, snapshot: Snapshot, hashes: NDArray[np.uint64], runs: Runs) -> None:
        self._snapshot, self._hashes, self.runs = snapshot, hashes, runs
        if len(runs):
            self.runs, self._cluster = _clustered(runs)

    def settled(self) -> int:
        """The first word that may belong to another likeness once words are appended.

        The last word may be an unfinished one.
        """
        count, unseen = len(self._hashes), 2 * self._snapshot.manifest.gram
        open_ = count - unseen - _BESIDE
        if not len(self.runs):
            return max(open_, 0)
        starts, ends = self._regions
        late = np.flatnonzero(ends > count - unseen - _GAP)
        if len(late):
            open_ = min(open_, int(starts[late[0]]) - _BESIDE)
        return max(open_, 0)

    def settled_behind(self) -> int:
        """The same when words are put in front: the word that begins what is settled."""
        unseen = 2 * self._snapshot.manifest.gram
        open_ = unseen + _BESIDE
        if not len(self.runs):
            return min(open_, len(self._hashes))
        starts, ends = self._regions
        early = np.flatnonzero(starts < unseen + _GAP)
        if len(early):
            open_ = max(open_, int(ends[early[-1]]) + _BESIDE)
        return min(open_, len(self._hashes))

    @cached_property
    def found(self) -> tuple[Likeness, ...]:
        """What is alike; where very many documents are, the few that are so the most."""
        if not len(self.runs):
            return ()
        starts = self._regions[0]
        region = np.searchsorted(starts, self.runs.start, side="right") - 1
        kept = _weightiest(self.runs, self._cluster, starts[region])
        runs, cluster, region = self.runs.take(kept), self._cluster[kept], region[kept]
        return tuple(_likenesses(runs, cluster, region, self._agreeing(runs)))

    @cached_property
    def _regions(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        return _regions(self.runs)

    def _agreeing(self, runs: Runs) -> Flat:
        """All words that agree: number of the run, word of the text, place in the document."""
        sizes = runs.end - runs.start
        rows = np.repeat(np.arange(len(runs)), sizes)
        within = np.arange(len(rows)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        found = [(rows, runs.start[rows] + within, runs.place[rows] + within)]
        for part in np.unique(runs.part).tolist():
            rows = np.flatnonzero(runs.part == part)
            segment = self._snapshot.parts[part][0]
            document, shift = runs.document[rows], (runs.place - runs.start)[rows]
            for anchor, step in ((runs.end[rows], 1), (runs.start[rows] - 1, -1)):
                for run, words, places in self._beyond(segment, document, anchor, shift, step):
                    found.append((rows[run], words, places))
        first, second, third = (np.concatenate(column) for column in zip(*found, strict=True))
        return first, second, third

    def _beyond(
        self,
        segment: Segment,
        document: NDArray[np.int64],
        anchor: NDArray[np.int64],
        shift: NDArray[np.int64],
        step: int,
    ) -> Iterator[Flat]:
        """Words from `anchor` on that agree, each time perhaps some words to the side."""
        ahead = step * np.arange(_REACH)
        # Beyond `_BESIDE` words nothing is asked for: it may not have come yet.
        rows, left = np.arange(len(document)), np.full(len(document), 2 * _REACH)
        for times in range(_TIMES):
            asked = anchor[:, None] + ahead
            same = self._agree(segment, document, asked, shift)
            same &= np.arange(_REACH) < left[:, None]
            size = _gain(same)[0]
            hit, column = (same & (np.arange(_REACH) < size[:, None])).nonzero()
            words = asked[hit, column]
            yield rows[hit], words, words + shift[hit]
            anchor, left = anchor + step * size, left - size
            if times == _TIMES - 1:
                return
            shift, found = self._shifted(segment, document, anchor, shift, step, left)
            if not len(found):
                return
            rows, document, anchor, left = rows[found], document[found], anchor[found], left[found]

    def _shifted(
        self,
        segment: Segment,
        document: NDArray[np.int64],
        anchor: NDArray[np.int64],
        shift: NDArray[np.int64],
        step: int,
        left: NDArray[np.intp],
    ) -> tuple[NDArray[np.int64], NDArray[np.intp]]:
        """Which rows agree again within `left` words, here or to the side, and by which shift."""
        several = len(_SHIFTS)
        moved = (shift[:, None] + _SHIFTS).ravel()
        asked = np.repeat(anchor, several)[:, None] + step * np.arange(_LOOK)
        same = self._agree(segment, np.repeat(document, several), asked, moved)
        same &= np.arange(_LOOK) < np.repeat(left, several)[:, None]
        gains = _gain(same)[1].reshape(-1, several)
        best = gains.argmax(axis=1)
        found = np.flatnonzero(gains.max(axis=1) >= _FOUND_AGAIN)
        return shift[found] + _SHIFTS[best[found]], found

    def _agree(
        self,
        segment: Segment,
        document: NDArray[np.int64],
        asked: NDArray[np.int64],
        shift: NDArray[np.int64],
    ) -> NDArray[np.bool_]:
        return agree(self._hashes, segment, self._snapshot.key, document, asked, shift)


def _clustered(runs: Runs) -> tuple[Runs, NDArray[np.intp]]:
    """Runs by document and place in the text, and the number of each one's passage."""
    runs = runs.take(np.lexsort((runs.start, runs.uid)))
    other = np.diff(runs.uid) != 0
    # Documents apart from each other, so that one running maximum serves all.
    apart = np.concatenate(([0], np.cumsum(other))) << 32
    reached = (np.maximum.accumulate(runs.end + apart) - apart)[:-1]
    begins = other | (runs.start[1:] > reached + _GAP)
    return runs, np.concatenate(([0], np.cumsum(begins)))


def _regions(runs: Runs) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Stretches of the text that hold runs with no gap between them, whatever the document."""
    if not len(runs):
        return runs.start, runs.end
    order = np.argsort(runs.start, kind="stable")
    start, reached = runs.start[order], np.maximum.accumulate(runs.end[order])
    first = np.flatnonzero(np.concatenate(([True], start[1:] > reached[:-1] + _GAP)))
    return start[first], np.append(reached[first[1:] - 1], reached[-1])


def _weightiest(
    runs: Runs, cluster: NDArray[np.intp], region: NDArray[np.int64]
) -> NDArray[np.intp]:
    """The runs of the passages that share most words, where many do.

    Of passages of the same words `_TWINS` are kept, and of runs that begin within the same `_TILE`
    words of a region `_RIVALS`: so what is followed grows with the text alone.
    """
    first = np.flatnonzero(np.diff(cluster, prepend=-1))
    starts, ends = runs.start[first], np.maximum.reduceat(runs.end, first)
    alone = _ranks((starts, ends), first) < _TWINS
    rows = np.flatnonzero(alone[cluster])
    weights = np.add.reduceat(runs.end - runs.start, first)
    order = np.argsort(np.argsort(-weights, kind="stable"))[cluster[rows]]
    tiles = (runs.start[rows] - region[rows]) // _TILE
    return rows[_ranks((region[rows], tiles), order) < _RIVALS]


def _ranks(groups: Sequence[NDArray[np.int64]], order: NDArray[np.int64]) -> NDArray[np.intp]:
    """The place of each row among those of the same groups; the first of equal ones first."""
    rows = np.lexsort((order, *groups))
    new = np.zeros(len(rows), dtype=bool)
    for group in groups:
        new |= np.diff(group[rows], prepend=-1) != 0
    heads = np.flatnonzero(new)
    ranks = np.empty(len(rows), dtype=np.intp)
    ranks[rows] = np.arange(len(rows)) - heads[np.cumsum(new) - 1]
    return ranks


def _gain(same: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """How many words on an alignment pays most, row by row, and what it gains."""
    gains = np.where(same, 1.0, -_LOSS).cumsum(axis=1)
    best = gains.argmax(axis=1)
    most = gains[np.arange(len(gains)), best]
    return np.where(most > 0, best + 1, 0), most


def _likenesses(
    runs: Runs, cluster: NDArray[np.intp], region: NDArray[np.intp], agreeing: Flat
) -> Iterator[Likeness]:
    rows, words, places = agreeing
    passages = cluster[rows]
    order = np.lexsort((words, passages))
    passages, rows, words, places = passages[order], rows[order], words[order], places[order]
    once = np.diff(words, prepend=-1) != 0
    once |= np.diff(passages, prepend=-1) != 0
    passages, rows, words, places = passages[once], rows[once], words[once], places[once]
    bounds = np.append(np.flatnonzero(np.diff(passages, prepend=-1)), len(passages))
    for first, last in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        run = rows[first]
        yield Likeness(
            words[first:last],
            places[first:last],
            int(runs.part[run]),
            int(runs.document[run]),
            int(region[run]),
        )
