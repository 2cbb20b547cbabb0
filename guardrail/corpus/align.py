"""Around what was looked up, the words that agree with a document by their tags.

Stored grams of one run follow each other without a gap, so a run is the grams hit on one diagonal
plus at most k - 1 words at either end: work is linear in the number of hits. A gram in very many
places is answered by some of them, and counts as hit on every other diagonal where a run reaches it
and the tags agree.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from guardrail.corpus.fingerprint import Key
from guardrail.corpus.lookup import ORDINAL
from guardrail.corpus.segment import Segment

__all__ = ["Runs", "agree", "carried", "chained", "located", "outermost"]

_HITS = 4096
_LEAPS = 256


@dataclass(frozen=True, slots=True)
class Runs:
    """Words of a text that stand in a document, one row a run.

    Words `[start, end)` of the text are words `place ...` of document `document` of part `part`;
    `uid` names the document in the index. In a presence-only index `place` and `uid` are -1.
    """

    start: NDArray[np.int64]
    end: NDArray[np.int64]
    part: NDArray[np.int64]
    document: NDArray[np.int64]
    place: NDArray[np.int64]
    uid: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.start)

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> Runs:
        return Runs(*(getattr(self, field.name)[rows] for field in fields(self)))

    @staticmethod
    def joined(several: Sequence[Runs]) -> Runs:
        if len(several) == 1:
            return several[0]
        columns = ([getattr(runs, field.name) for runs in several] for field in fields(Runs))
        return Runs(*(np.concatenate(column) for column in columns))


def located(
    hashes: NDArray[np.uint64],
    segment: Segment,
    masked: NDArray[np.bool_] | None,
    key: Key,
    part: int,
    query: NDArray[np.int64],
    entry: NDArray[np.int64],
) -> Iterator[Runs]:
    """Runs around pairs that `probe` found, in documents that are not masked."""
    ordinal = segment.place.take(entry) & ORDINAL
    document = np.searchsorted(segment.seed0, ordinal, side="right") - 1
    if masked is not None:
        kept = np.flatnonzero(~masked.take(document))
        query, ordinal, document = query[kept], ordinal[kept], document[kept]
    place = segment.begins(ordinal, document)
    for first in range(0, len(query), _HITS):
        rows = slice(first, first + _HITS)
        yield _verified(hashes, segment, key, part, query[rows], document[rows], place[rows])


def _verified(
    hashes: NDArray[np.uint64],
    segment: Segment,
    key: Key,
    part: int,
    query: NDArray[np.int64],
    document: NDArray[np.int64],
    place: NDArray[np.int64],
) -> Runs:
    gram = segment.gram
    around = np.arange(1 - gram, 2 * gram - 1)
    same = agree(hashes, segment, key, document, query[:, None] + around, place - query)
    kept = np.flatnonzero(same[:, gram - 1 : 2 * gram - 1].all(axis=1))
    same, query, document = same[kept], query[kept], document[kept]
    left = np.logical_and.accumulate(same[:, : gram - 1][:, ::-1], axis=1).sum(axis=1)
    right = np.logical_and.accumulate(same[:, 2 * gram - 1 :], axis=1).sum(axis=1)
    return chained(
        Runs(
            start=query - left,
            end=query + gram + right,
            part=np.full(len(kept), part),
            document=document,
            place=place[kept] - left,
            uid=segment.uid.take(document).astype(np.int64),
        )
    )


def agree(
    hashes: NDArray[np.uint64],
    segment: Segment,
    key: Key,
    document: NDArray[np.int64],
    asked: NDArray[np.int64],
    shift: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """Whether words `asked`, a row a document, have the tags of the words `shift` further there."""
    stored = asked + shift[:, None]
    length = segment.words.take(document).astype(np.int64)
    outside = (asked < 0) | (asked >= len(hashes)) | (stored < 0) | (stored >= length[:, None])
    uid = segment.uid.take(document).astype(np.uint64)
    places = (uid[:, None] << np.uint64(32)) | stored.astype(np.uint64)
    marks = key.marks(hashes.take(asked, mode="clip").ravel(), places.ravel())
    byte = segment.tag0.take(document).astype(np.int64)[:, None] + (stored >> 1)
    nibble = segment.tags.take(byte, mode="clip") >> ((stored & 1) << 2).astype(np.uint8) & 15
    same: NDArray[np.bool_] = (marks.reshape(asked.shape) == nibble) & ~outside
    return same


def carried(
    hashes: NDArray[np.uint64],
    segment: Segment,
    key: Key,
    part: int,
    runs: Runs,
    numbers: Sequence[NDArray[np.int64]],
) -> Runs:
    """Runs of one part carried on over crowded grams, at most 256 of them at either end."""
    gram = segment.gram
    crowded = np.zeros(len(hashes) + gram, dtype=bool)
    crowded[np.concatenate(numbers)] = True
    start, end, shift = runs.start.copy(), runs.end.copy(), runs.place - runs.start
    ahead = np.arange(2 * gram - 1)

    def leap(
        rows: NDArray[np.intp], grams: NDArray[np.int64], around: NDArray[np.int64]
    ) -> tuple[NDArray[np.intp], NDArray[np.int64], NDArray[np.int64]]:
        """Of rows whose next gram is crowded and agrees: row, gram, words that agree in turn."""
        near = np.flatnonzero((grams >= 0) & crowded.take(grams, mode="clip"))
        rows, grams = rows[near], grams[near]
        asked = grams[:, None] + around
        same = agree(hashes, segment, key, runs.document[rows], asked, shift[rows])
        words = np.logical_and.accumulate(same, axis=1).sum(axis=1)
        whole = np.flatnonzero(words >= gram)
        return rows[whole], grams[whole], words[whole]

    mine = np.flatnonzero(runs.part == part)
    rows = mine
    for _ in range(_LEAPS):
        after = (end + shift)[rows] // gram * gram - shift[rows]
        rows, grams, words = leap(rows, after, ahead)
        if not len(rows):
            break
        end[rows] = grams + words
    rows = mine
    for _ in range(_LEAPS):
        before = -(-(start + shift)[rows] // gram) * gram - gram - shift[rows]
        rows, grams, words = leap(rows, before, gram - 1 - ahead)
        if not len(rows):
            break
        start[rows] = grams + gram - words
    return replace(runs, start=start, end=end, place=start + shift)


def chained(runs: Runs) -> Runs:
    """The runs, those that overlap on one diagonal of a document as one."""
    if len(runs) < 2:
        return runs
    diagonal = np.where(runs.uid < 0, 0, runs.place - runs.start)
    order = np.lexsort((runs.start, diagonal, runs.uid))
    runs, diagonal = runs.take(order), diagonal[order]
    same = (runs.uid[1:] == runs.uid[:-1]) & (diagonal[1:] == diagonal[:-1])
    # A hit reaches less than one gram beyond itself, so ends are in order on a diagonal.
    joins = same & (runs.start[1:] < runs.end[:-1])
    first = np.flatnonzero(np.concatenate(([True], ~joins)))
    return replace(runs.take(first), end=np.maximum.reduceat(runs.end, first))


def outermost(runs: Runs) -> Runs:
    """The runs that lie in no other, in order; of equal ones the first document's."""
    runs = runs.take(np.lexsort((runs.place, runs.uid, -runs.end, runs.start)))
    before = np.concatenate(([-1], np.maximum.accumulate(runs.end)[:-1]))
    return runs.take(np.flatnonzero(runs.end > before))
