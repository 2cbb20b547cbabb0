"""From word hashes to runs: look every gram up, check the words around each hit by their tags.

A run of n >= 2k - 1 words holds a stored gram whole, since grams of k words are stored at every
k-th word. Stored grams of one run follow each other without a gap, so a run is the grams hit on
one diagonal plus at most k - 1 words at either end: work is linear in the number of hits. A gram
in very many places is answered by some of them, and counts as hit on every other diagonal where
a run reaches it and the tags agree.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from guardrail.corpus.droning import dull, repeats
from guardrail.corpus.fingerprint import Key
from guardrail.corpus.segment import MAX_SEEDS, ORDINAL_BITS, Segment

__all__ = [
    "MAX_PLACES",
    "Hits",
    "Runs",
    "agree",
    "find_runs",
    "located",
    "outermost",
    "probe",
]

MAX_PLACES = 1024
"""A gram stored in more places of a segment is answered by this many of them."""

_BLOCK = 8192
_HITS = 4096
_FEW = 32
_ORDINAL = np.uint32(MAX_SEEDS - 1)
_LEAPS = 256


@dataclass(frozen=True, slots=True)
class Hits:
    """Pairs (number of a fingerprint, seed entry) that agree in all 38 bits.

    `crowded` are the numbers of those with more than `MAX_PLACES` entries, most of them left out.
    """

    query: NDArray[np.int64]
    entry: NDArray[np.int64]
    crowded: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.query)


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


_NO_HITS = Hits(*(np.empty(0, dtype=np.int64) for _ in fields(Hits)))
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
    bounds = list(accumulate(map(len, texts), initial=0))
    hashes = texts[0] if len(texts) == 1 else np.concatenate(texts)
    skim = skim and repeats(hashes, gram)
    searches = [_Search(text, segments, key, gram, skim=skim) for text in texts]
    asked = _asked(searches, bounds, gram)
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
            for search, begin, end in zip(searches, bounds, bounds[1:], strict=False):
                low, high = query.searchsorted((begin, end))
                if low < high:
                    full = crowded[(crowded >= begin) & (crowded < end)] - begin
                    search.add(part, query[low:high] - begin, hits.entry[low:high], full)
    return [search.runs() for search in searches]


def _asked(
    searches: Sequence[_Search], bounds: Sequence[int], gram: int
) -> NDArray[np.bool_] | None:
    """Which grams of the texts, one behind the other, to look up; None for all of them."""
    if len(searches) == 1 and searches[0].dull is None:
        return None
    asked = np.ones(bounds[-1], dtype=bool)
    for search, begin, end in zip(searches, bounds, bounds[1:], strict=False):
        last = max(end - gram + 1, begin)
        # Of more than one text, which it would reach into.
        asked[last:end] = False
        if search.dull is not None:
            asked[begin:last] = ~search.dull
    return asked


class _Search:
    """One text, and what was found in it; `dull` are the grams that are not looked up."""

    def __init__(
        self,
        hashes: NDArray[np.uint64],
        segments: Sequence[tuple[Segment, NDArray[np.bool_] | None]],
        key: Key,
        gram: int,
        *,
        skim: bool,
    ) -> None:
        self._hashes, self._segments, self._key, self._gram = hashes, segments, key, gram
        self.dull = dull(hashes, gram) if skim else None
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
        runs = _chained(Runs.joined(found))
        if self.dull is not None:
            for part in range(len(self._segments)):
                self._crowded.setdefault(part, []).append(np.flatnonzero(self.dull))
        for part, several in self._crowded.items():
            segment, _ = self._segments[part]
            runs = _chained(_carried(self._hashes, segment, self._key, part, runs, several))
        return runs


def probe(segment: Segment, prints: NDArray[np.uint64]) -> Hits:
    """Look fingerprints up in a segment."""
    rows = np.arange(len(prints)) if segment.sieve is None else segment.sieve.rows(prints)
    if not len(rows):
        return _NO_HITS
    prints = prints.take(rows)
    if len(rows) <= _FEW:
        likely = [row for row, one in enumerate(prints.tolist()) if segment.lists(one)]
        if not likely:
            return _NO_HITS
        rows, prints = rows.take(likely), prints.take(likely)
    to_bucket, to_rem, rest = segment.masks
    buckets = (prints >> to_bucket).astype(np.int64)
    low = segment.table.take(buckets).astype(np.int64)
    counts = segment.table.take(buckets + 1) - low
    rems = (prints >> to_rem).astype(np.uint16)
    crowded = np.flatnonzero(counts > MAX_PLACES)
    if len(crowded):
        low, counts, crowded = _narrowed(segment, prints, rems, low, counts, crowded)
    query = np.repeat(np.arange(len(prints)), counts)
    ends = np.cumsum(counts)
    entry = np.arange(len(query)) + np.repeat(low - ends + counts, counts)
    same = np.flatnonzero(segment.rem.take(entry) == rems.take(query))
    if not len(same):
        return _NO_HITS
    query, entry = query[same], entry[same]
    if segment.located and rest:
        spare = (prints.take(query) & rest).astype(np.uint32)
        exact = segment.place.take(entry) >> np.uint32(ORDINAL_BITS) == spare
        query, entry = query[exact], entry[exact]
    return Hits(rows.take(query), entry, rows.take(crowded))


def _narrowed(
    segment: Segment,
    prints: NDArray[np.uint64],
    rems: NDArray[np.uint16],
    low: NDArray[np.int64],
    counts: NDArray[np.int64],
    crowded: NDArray[np.intp],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.intp]]:
    """Of large buckets the entries of each fingerprint alone, and which have too many of them."""
    counts = counts.astype(np.int64)
    known: dict[int, tuple[int, int]] = {}
    for row in crowded.tolist():
        fingerprint = int(prints[row])
        if fingerprint not in known:
            known[fingerprint] = _range(segment, fingerprint, rems[row], low[row], counts[row])
        low[row], counts[row] = known[fingerprint]
    full = crowded[counts[crowded] > MAX_PLACES]
    return low, np.minimum(counts, MAX_PLACES), full


def _range(
    segment: Segment, fingerprint: int, rem: np.uint16, low: np.int64, count: np.int64
) -> tuple[int, int]:
    bucket = segment.rem[low : low + count]
    first, last = (int(low + np.searchsorted(bucket, rem, side)) for side in ("left", "right"))
    if segment.located:
        lowest = (fingerprint & int(segment.masks[2])) << ORDINAL_BITS
        places = segment.place[first:last]
        last = first + int(np.searchsorted(places, np.uint32(lowest | int(_ORDINAL)), "right"))
        first += int(np.searchsorted(places, np.uint32(lowest)))
    return first, last - first


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
    ordinal = segment.place.take(entry) & _ORDINAL
    document = np.searchsorted(segment.seed0, ordinal, side="right") - 1
    if masked is not None:
        kept = np.flatnonzero(~masked.take(document))
        query, ordinal, document = query[kept], ordinal[kept], document[kept]
    place = (ordinal - segment.seed0.take(document)).astype(np.int64) * segment.gram
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
    return _chained(
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


def _carried(
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


def _chained(runs: Runs) -> Runs:
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
