"""Words of a folded text and their hashes, without a loop over characters."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guardrail.corpus.fingerprint import Key
from guardrail.text import SINGLE, Folded

__all__ = ["WORD_LIMIT", "Words", "hash_word", "spell", "spell_out", "spell_single", "split"]

WORD_LIMIT = 32
"""Longer words are cut every 32 letters, so that no state grows with one."""

_ALONE = bytes([SINGLE])
_WORD = re.compile(rb"[\x04-\xff]{1,%d}|\x03" % WORD_LIMIT)
_BLOCK = 8
# Two blocks of letters go together, as one item: numpy takes and copies the faster.
_PAIR = np.dtype("V16")
_KEEP = [
    np.array(
        [
            [(1 << 8 * min(max(size - block, 0), _BLOCK)) - 1 for block in (first, first + _BLOCK)]
            for size in range(WORD_LIMIT + 1)
        ],
        dtype="<u8",
    ).view(_PAIR)[:, 0]
    for first in range(0, WORD_LIMIT, 2 * _BLOCK)
]
_SHIFT = np.array(32, dtype=np.uint64)
_TAIL = bytes(WORD_LIMIT)
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
    padded = b"".join((b"\0", folded.codes, _TAIL))
    codes = np.frombuffer(padded, dtype=np.uint8)
    starts, ends = _bounds(codes, folded.points is not None)
    sizes = ends - starts
    longest = int(sizes[sizes.argmax()]) if len(sizes) else 0
    if longest > WORD_LIMIT:
        starts, ends = _cut(starts, ends, sizes)
        sizes = ends - starts
    # Of each letter the two blocks from there on.
    heads = np.ndarray((len(padded) - _PAIR.itemsize,), _PAIR, padded, 1, (1,))
    hashes = _hash(heads, starts, sizes, longest, key, _alone(folded, starts))
    return Words(hashes, *_spans(folded, starts, ends))


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


def spell_out(raw: str) -> str:
    """A text whose letters are words each; character `i` stands at `2 * i`."""
    return " ".join(raw)


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
    """Where words begin and end, counted without the code that `codes` has in front."""
    if not singles:
        # Then every code but 0 is a letter.
        edges = np.logical_xor(codes[1:], codes[:-1]).nonzero()[0]
        return edges[0::2], edges[1::2]
    letters = codes > SINGLE
    alone = codes[1:-1] == SINGLE
    opens = (letters[1:-1] & ~letters[:-2]) | alone
    closes = (letters[1:-1] & ~letters[2:]) | alone
    return opens.nonzero()[0], closes.nonzero()[0] + 1


def _cut(
    starts: NDArray[np.int64], ends: NDArray[np.int64], sizes: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Words in pieces of at most 32 letters."""
    long = (sizes > WORD_LIMIT).nonzero()[0]
    cuts = (sizes.take(long) - 1) // WORD_LIMIT
    within = np.arange(1, cuts.sum() + 1) - np.repeat(np.cumsum(cuts) - cuts, cuts)
    places = np.repeat(starts.take(long), cuts) + within * WORD_LIMIT
    # Two runs in order, which a stable sort only merges.
    starts, ends = np.concatenate((starts, places)), np.concatenate((ends, places))
    starts.sort(kind="stable")
    ends.sort(kind="stable")
    return starts, ends


def _alone(
    folded: Folded, starts: NDArray[np.int64]
) -> tuple[NDArray[np.intp], NDArray[np.uint64]] | None:
    if folded.points is None:
        return None
    codes = np.frombuffer(folded.codes, dtype=np.uint8)
    places = np.flatnonzero(codes.take(starts) == SINGLE)
    points = folded.points.take(starts[places]).astype(np.uint64)
    # A first byte of SINGLE never begins a word of letters.
    return places, (points << np.uint64(8)) | np.uint64(SINGLE)


def _hash(
    heads: NDArray[np.void],
    starts: NDArray[np.int64],
    sizes: NDArray[np.int64],
    longest: int,
    key: Key,
    alone: tuple[NDArray[np.intp], NDArray[np.uint64]] | None,
) -> NDArray[np.uint64]:
    first, second, third, fourth, last = key.factors
    one, two = _letters(heads, starts, _KEEP[0], sizes)
    if alone is not None:
        one[alone[0]] = alone[1]
    total = one * first
    if longest > _BLOCK:
        # Many words have a second block: it is faster not to pick them out.
        two *= second
        total += two
    if longest > 2 * _BLOCK:
        longer = (sizes > 2 * _BLOCK).nonzero()[0]
        after = starts.take(longer) + 2 * _BLOCK
        one, two = _letters(heads, after, _KEEP[1], sizes.take(longer))
        total[longer] += one * third + two * fourth
    total ^= total >> _SHIFT
    total *= last
    return total


def _letters(
    heads: NDArray[np.void],
    starts: NDArray[np.int64],
    keep: NDArray[np.void],
    sizes: NDArray[np.int64],
) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Two blocks of each word from `starts`, without what is not its own."""
    # `take` would copy all of what overlaps first.
    pairs = heads[starts].view("<u8")
    pairs &= keep.take(sizes).view("<u8")
    return pairs[0::2], pairs[1::2]


def _spans(
    folded: Folded, starts: NDArray[np.int64], ends: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    if folded.offsets is None:
        return starts, ends
    # A word keeps the marks that vanish behind its last letter.
    offsets = folded.offsets
    return offsets.take(starts), np.maximum(offsets.take(ends - 1) + 1, offsets.take(ends))
