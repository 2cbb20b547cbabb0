"""Several segments into one, without their texts: deleted documents are left out for good.

Fingerprints are merged range by range, so memory does not grow with the segments.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from guardrail.corpus.fingerprint import Key
from guardrail.corpus.segment import (
    LOCATED,
    MAX_SEEDS,
    PRESENCE,
    Documents,
    Segment,
    bits_for,
    write_segment,
)

__all__ = ["merge_segments"]

_RANGE_SEEDS = 1 << 19
_ORDINAL = np.uint64(MAX_SEEDS - 1)


def merge_segments(
    path: Path,
    key: Key,
    sources: Sequence[tuple[Segment, NDArray[np.bool_] | None]],
    *,
    bits: int | None = None,
) -> None:
    """Write one segment from several, each with its mask of deleted documents."""
    first = sources[0][0]
    layout = LOCATED if first.located else PRESENCE
    kept = [np.arange(segment.documents) if mask is None else np.flatnonzero(~mask)
            for segment, mask in sources]  # fmt: skip
    documents = Documents(
        uid=_column(sources, kept, "uid"),
        words=_column(sources, kept, "words"),
        digest=_column(sources, kept, "digest"),
        meta=tuple(
            segment.meta[int(segment.meta0[row]) : int(segment.meta0[row + 1])].tobytes()
            for (segment, _), rows in zip(sources, kept, strict=True)
            for row in rows
        ),
    )
    seeds = sum(segment.alive(mask) for segment, mask in sources)
    write_segment(
        path,
        key,
        documents,
        gram=first.gram,
        layout=layout,
        bits=bits_for(seeds, layout) if bits is None else bits,
        keys=_keys(sources, kept, seeds),
        tags=_slices(sources, kept, "tags", "tag0"),
        anchors=_slices(sources, kept, "anchors", "anchor0"),
    )


def _column(
    sources: Sequence[tuple[Segment, Any]], kept: Sequence[NDArray[np.intp]], name: str
) -> NDArray[Any]:
    columns = (getattr(segment, name) for segment, _ in sources)
    return np.concatenate([column[rows] for column, rows in zip(columns, kept, strict=True)])


def _keys(
    sources: Sequence[tuple[Segment, Any]], kept: Sequence[NDArray[np.intp]], seeds: int
) -> Iterator[NDArray[np.uint64]]:
    moves, begin = [], 0
    for (segment, _), rows in zip(sources, kept, strict=True):
        if not segment.located:
            moves.append(np.empty(0, dtype=np.int64))
            continue
        counts = np.diff(segment.seed0.astype(np.int64))
        target = np.full(segment.documents, -1, dtype=np.int64)
        target[rows] = begin + np.cumsum(counts[rows]) - counts[rows]
        moves.append(target - segment.seed0[:-1])
        gone = np.ones(segment.documents, dtype=bool)
        gone[rows] = False
        moves[-1][gone] = np.iinfo(np.int64).min
        begin += int(counts[rows].sum())
    ranges = max(1, 1 << max(0, (seeds // _RANGE_SEEDS).bit_length()))
    ranges = min(ranges, *(1 << segment.bits for segment, _ in sources))
    for number in range(ranges):
        pieces = [
            _moved(segment, move, number, ranges)
            for (segment, _), move in zip(sources, moves, strict=True)
        ]
        merged = np.concatenate(pieces)
        # Several sorted runs: a merge sort is ten times as fast.
        merged.sort(kind="stable")
        yield merged


def _moved(
    segment: Segment, move: NDArray[np.int64], number: int, ranges: int
) -> NDArray[np.uint64]:
    width = (1 << segment.bits) // ranges
    keys = segment.keys(number * width, (number + 1) * width)
    if not segment.located:
        return keys
    if len(move) and (move == move[0]).all() and move[0] >= 0:
        # All documents move together: none was deleted.
        return keys + np.uint64(move[0])
    ordinals = (keys & _ORDINAL).astype(np.uint32)
    shift = move[np.searchsorted(segment.seed0, ordinals, side="right") - 1]
    alive = shift != np.iinfo(np.int64).min
    moved: NDArray[np.uint64] = (ordinals[alive] + shift[alive]).astype(np.uint64)
    moved |= keys[alive] & ~_ORDINAL
    return moved


def _slices(
    sources: Sequence[tuple[Segment, Any]],
    kept: Sequence[NDArray[np.intp]],
    name: str,
    begins: str,
) -> Iterator[NDArray[Any]]:
    for (segment, _), rows in zip(sources, kept, strict=True):
        if not len(rows) or not segment.located:
            continue
        starts = getattr(segment, begins)
        # Neighbouring documents are copied together.
        breaks = np.flatnonzero(np.diff(rows) != 1) + 1
        for group in np.split(rows, breaks):
            yield getattr(segment, name)[int(starts[group[0]]) : int(starts[group[-1] + 1])]
