"""Fingerprints of a text, looked up in the table of a segment."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from guardrail.corpus.segment import MAX_SEEDS, ORDINAL_BITS, Segment

__all__ = ["MAX_PLACES", "ORDINAL", "Hits", "probe"]

MAX_PLACES = 1024
"""A gram stored in more places of a segment is answered by this many of them."""

ORDINAL = np.uint32(MAX_SEEDS - 1)
"""The bits of an entry's place that number its gram in the segment."""

_FEW = 32


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


_NO_HITS = Hits(*(np.empty(0, dtype=np.int64) for _ in fields(Hits)))


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
        last = first + int(np.searchsorted(places, np.uint32(lowest | int(ORDINAL)), "right"))
        first += int(np.searchsorted(places, np.uint32(lowest)))
    return first, last - first
