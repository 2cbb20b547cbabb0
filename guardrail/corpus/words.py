"""Words of a folded text and their hashes, without a loop over characters."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guardrail.corpus.fingerprint import Key
from guardrail.text import SINGLE, Folded

__all__ = ["WORD_LIMIT", "Words", "hash_word", "spell", "spell_single", "split"]

WORD_LIMIT = 32
"""Longer words are cut every 32 letters, so that no state grows with one."""

_ALONE = bytes([SINGLE])
_WORD = re.compile(rb"[\x04-\xff]{1,%d}|\x03" % WORD_LIMIT)
_BLOCK = 8
_KEEP = np.array([(1 << 8 * size) - 1 for size in range(_BLOCK + 1)], dtype=np.uint64)
_SHIFT = np.uint64(32)
_MASK = 2**64 - 1


@dataclass(frozen=True, slots=True)
class Words:
    """Words in order: 64-bit hash, and span `[start, end)` in code points of the raw text."""

    hashes: NDArray[np.uint64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.hashes)


def split(folded: Folded, key: Key) -> Words:
    """The words of a folded text, hashed with the key."""
    padded = b"\0" + folded.codes + bytes(WORD_LIMIT)
    codes = np.frombuffer(padded, dtype=np.uint8)
    starts, ends = _bounds(codes, folded.points is not None)
    sizes = ends - starts
    if sizes.max(initial=0) > WORD_LIMIT:
        starts, sizes = _cut(starts, sizes)
    # Copied once: `take` would copy an array that is not aligned each time.
    heads = np.ndarray((len(padded) - _BLOCK + 1,), "<u8", padded, strides=(1,)).copy()
    hashes = _hash(heads, starts, sizes, key, _alone(folded, codes, starts))
    starts -= 1
    return Words(hashes, *_spans(folded, starts, sizes))


def spell(folded: Folded) -> tuple[bytes, ...]:
    """The letters of each word that `split` finds; for one without letters its code point."""
    found = _WORD.finditer(folded.codes)
    if folded.points is None:
        return tuple(word.group() for word in found)
    points = folded.points
    return tuple(
        spell_single(int(points[word.start()])) if word.group() == _ALONE else word.group()
        for word in found
    )


def spell_single(point: int) -> bytes:
    """A word of one character without letters, told apart by its first byte."""
    return _ALONE + point.to_bytes(4, "little")


def hash_word(letters: bytes, key: Key) -> int:
    """The hash of one word of at most 32 folded letters; equals what `split` gives."""
    first, second, third, fourth, last = key.multipliers
    total = int.from_bytes(letters[:8], "little") * first
    if len(letters) > _BLOCK:
        total += int.from_bytes(letters[8:16], "little") * second
        total += int.from_bytes(letters[16:24], "little") * third
        total += int.from_bytes(letters[24:32], "little") * fourth
    total &= _MASK
    return ((total ^ (total >> 32)) * last) & _MASK


def _bounds(codes: NDArray[np.uint8], singles: bool) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    letters = codes > SINGLE
    if not singles:
        edges = np.flatnonzero(letters[1:] != letters[:-1]) + 1
        return edges[0::2], edges[1::2]
    alone = codes[1:-1] == SINGLE
    opens = (letters[1:-1] & ~letters[:-2]) | alone
    closes = (letters[1:-1] & ~letters[2:]) | alone
    return np.flatnonzero(opens) + 1, np.flatnonzero(closes) + 2


def _cut(
    starts: NDArray[np.int64], sizes: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    pieces = -(-sizes // WORD_LIMIT)
    within = np.arange(pieces.sum()) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    skipped = within * WORD_LIMIT
    left = np.repeat(sizes, pieces) - skipped
    return np.repeat(starts, pieces) + skipped, np.minimum(left, WORD_LIMIT)


def _alone(
    folded: Folded, codes: NDArray[np.uint8], starts: NDArray[np.int64]
) -> tuple[NDArray[np.intp], NDArray[np.uint64]] | None:
    if folded.points is None:
        return None
    places = np.flatnonzero(codes.take(starts) == SINGLE)
    points = folded.points.take(starts[places] - 1).astype(np.uint64)
    # A first byte of SINGLE never begins a word of letters.
    return places, (points << np.uint64(8)) | np.uint64(SINGLE)


def _hash(
    heads: NDArray[np.uint64],
    starts: NDArray[np.int64],
    sizes: NDArray[np.int64],
    key: Key,
    alone: tuple[NDArray[np.intp], NDArray[np.uint64]] | None,
) -> NDArray[np.uint64]:
    *blocks, last = (np.uint64(multiplier) for multiplier in key.multipliers)
    total = heads.take(starts)
    total &= _KEEP.take(sizes, mode="clip")
    if alone is not None:
        total[alone[0]] = alone[1]
    total *= blocks[0]
    for number, multiplier in enumerate(blocks[1:], start=1):
        longer = np.flatnonzero(sizes > number * _BLOCK)
        if not len(longer):
            break
        part = heads.take(starts[longer] + number * _BLOCK)
        part &= _KEEP.take(sizes[longer] - number * _BLOCK, mode="clip")
        total[longer] += part * multiplier
    total ^= total >> _SHIFT
    total *= last
    return total


def _spans(
    folded: Folded, starts: NDArray[np.int64], sizes: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    ends = starts + sizes
    if folded.offsets is None:
        return starts, ends
    # A word keeps the marks that vanish behind its last letter.
    offsets = folded.offsets
    return offsets.take(starts), np.maximum(offsets.take(ends - 1) + 1, offsets.take(ends))
