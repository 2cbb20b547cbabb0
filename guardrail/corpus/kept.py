"""What an index keeps of texts: prints of every k-th gram and of the last, tags, and anchors.

Short texts are read together, and each group of them from beginning to end while it is in a
processor's cache.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guardrail.corpus.fingerprint import Key
from guardrail.corpus.pieces import chunked
from guardrail.corpus.segment import ANCHOR_WORDS, seeds_of
from guardrail.corpus.words import split
from guardrail.text import fold

__all__ = ["Kept", "grouped", "keep"]

_TOGETHER = 1 << 17
_SLICE = 1 << 15


@dataclass(frozen=True, slots=True)
class Kept:
    """Of texts that follow each other: how many words each has, and what is kept of them.

    Fingerprints of grams, tags two a byte (the first in the low bits), and where each anchor
    starts in its text.
    """

    words: NDArray[np.int64]
    prints: NDArray[np.uint64]
    tags: NDArray[np.uint8]
    anchors: NDArray[np.uint32]


def grouped(texts: Sequence[str]) -> Iterator[tuple[int, Sequence[str]]]:
    """Neighbouring short texts together, each group with the number of its first."""
    first, size = 0, 0
    for number, text in enumerate(texts):
        if number > first and size + len(text) > _TOGETHER:
            yield first, texts[first:number]
            first, size = number, 0
        size += len(text)
    if texts:
        yield first, texts[first:]


def keep(texts: Sequence[str], key: Key, *, first_uid: int, gram: int, tagged: bool) -> Kept:
    """Read a group of texts, the first of which has the number `first_uid` in the index."""
    hashes, anchors, sizes = _alone(texts[0], key) if len(texts) == 1 else _together(texts, key)
    uid = np.arange(first_uid, first_uid + len(texts), dtype=np.uint64)
    tags = _tags(hashes, sizes, uid, key) if tagged else np.empty(0, dtype=np.uint8)
    return Kept(sizes, _prints(hashes, sizes, key, gram), tags, anchors)


def _alone(text: str, key: Key) -> tuple[NDArray[np.uint64], NDArray[np.uint32], NDArray[np.int64]]:
    """Word hashes of a text, where its anchors start, and how many words it has."""
    hashes, anchors = [np.empty(0, np.uint64)], [np.empty(0, np.uint32)]
    size = 0
    for offset, words in chunked(text, key):
        hashes.append(words.hashes)
        starts = words.starts[-size % ANCHOR_WORDS :: ANCHOR_WORDS] + offset
        anchors.append(starts.astype(np.uint32))
        size += len(words)
    return np.concatenate(hashes), np.concatenate(anchors), np.array([size])


def _together(
    texts: Sequence[str], key: Key
) -> tuple[NDArray[np.uint64], NDArray[np.uint32], NDArray[np.int64]]:
    """The same of several short texts."""
    words = split(fold("\n".join(texts)), key)
    begins = np.cumsum([0] + [len(text) + 1 for text in texts])
    bounds = words.starts.searchsorted(begins)
    sizes = bounds[1:] - bounds[:-1]
    counts = -(-sizes // ANCHOR_WORDS)
    anchors = words.starts.take(_every(sizes, counts, ANCHOR_WORDS))
    anchors -= np.repeat(begins[:-1], counts)
    return words.hashes, anchors.astype(np.uint32), sizes


def _every(sizes: NDArray[np.int64], counts: NDArray[np.int64], step: int) -> NDArray[np.int64]:
    """Numbers of the words at the first multiples of `step` in each text, `counts` of them."""
    before = np.cumsum(counts) - counts
    places = np.repeat(np.cumsum(sizes) - sizes - before * step, counts)
    places += np.arange(0, len(places) * step, step)
    return places


def _prints(
    hashes: NDArray[np.uint64], sizes: NDArray[np.int64], key: Key, gram: int
) -> NDArray[np.uint64]:
    """Fingerprints of the grams that are kept of each text."""
    counts = seeds_of(sizes, gram)
    places = _every(sizes, counts, gram)
    some = np.flatnonzero(counts)
    places[np.cumsum(counts)[some] - 1] = np.cumsum(sizes)[some] - gram
    # Of each word the gram from there on, as one item: numpy copies the faster.
    wide = np.dtype((np.void, 8 * gram))
    grams = np.ndarray((max(len(hashes) - gram + 1, 0),), wide, hashes, 0, (8,))
    prints = np.empty(len(places), dtype=np.uint64)
    for first in range(0, len(places), _SLICE):
        rows = grams[places[first : first + _SLICE]].view(np.uint64).reshape(-1, gram)
        prints[first : first + len(rows)] = key.fingerprints(rows @ key.weights[-gram:])
    return prints


def _tags(
    hashes: NDArray[np.uint64], sizes: NDArray[np.int64], uid: NDArray[np.uint64], key: Key
) -> NDArray[np.uint8]:
    """The tags of each text, each text's first at the beginning of a byte."""
    # A place is uid << 32 | word, where the words of the texts before do not count; uint64 wraps.
    before = (np.cumsum(sizes) - sizes).astype(np.uint64)
    places = np.repeat((uid << np.uint64(32)) - before, sizes)
    places += np.arange(len(hashes), dtype=np.uint64)
    marks = np.empty(len(hashes), dtype=np.uint8)
    for first in range(0, len(hashes), _SLICE):
        some = slice(first, first + _SLICE)
        marks[some] = key.marks(hashes[some], places[some])
    filled = sizes + (sizes & 1)
    ends = np.cumsum(filled)
    nibbles = np.zeros(ends[-1], dtype=np.uint8)
    nibbles[_but(ends[filled > sizes] - 1, len(nibbles))] = marks
    pairs = nibbles.view("<u2")
    pairs |= pairs >> np.uint16(4)
    return pairs.astype(np.uint8)


def _but(places: NDArray[np.int64], size: int) -> NDArray[np.bool_]:
    mask = np.ones(size, dtype=bool)
    mask[places] = False
    return mask
