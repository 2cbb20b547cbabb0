"""What somebody asks, in so few bytes that it can be kept: MinHash of its words, and its slots.

A slot is what changes from one prompt to the next of a kind: names, numbers, addresses, quotations.
Of what is left, the set of words, 64 minima are kept, 8 bits of each (b-bit MinHash: Li and König
2010, arXiv 0908.4029); what two prompts share of them estimates their Jaccard index. Around slots
long words weigh more, as they say more: what two questions about a name have in common is else that
they are questions. Words are hashed with a key, so that what is kept tells nothing without it. A
prompt of more than 16,000 characters is known by its first and last 8,000.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from guardrail.corpus.fingerprint import Key
from guardrail.corpus.words import Words, spell, split
from guardrail.session.signs import GRAMS, MINIMA, Asked, Prompt
from guardrail.text import SINGLE, Folded, fold
from guardrail.types import Message

__all__ = ["Sketcher"]

_TURNS = 4
_PART = 8000
_GRAM = 5
# The next of what is not all small letters, which most words are.
_UNLIKE = re.compile(r"(?:[a-z,.?!]*+\s++)*+([a-z,.?!]*+[^\sa-z,.?!]\S*+)")
_SLOT = re.compile(r"[\d@_/\\<>|]")
_QUOTED = re.compile(r'"[^"]{1,2000}"|“[^”]{1,2000}”|«[^»]{1,2000}»')
_ENDS = ".?!"
_SELF = ("I", "I'")
_NEAR = 4
_FEWEST = 3
_AROUND = "\"'([{<*“«"
_MANY = 255
_HALF = np.uint64(32)
# The lowest of the upper four bytes of each.
_FIFTH = slice(4, None, 8)
_MOST = np.uint64(2**64 - 1)
_NOTHING = np.zeros(0, dtype=np.uint64)

_chance = np.random.default_rng(20)
_TIMES = _chance.integers(1, 2**63, MINIMA, dtype=np.uint64) * 2 + 1
_PLUS = _chance.integers(0, 2**63, MINIMA, dtype=np.uint64)
_COPIES = _TIMES[2] * np.arange(6, dtype=np.uint64)
# Which copies of a word there are, by its letters.
_HEAVY = np.arange(len(_COPIES)) < np.maximum(np.arange(9) - 2, 1)[:, None]
# The hash of a run is the upper half of a polynomial of its words.
_POWERS = _TIMES[0] ** np.arange(_GRAM, dtype=np.uint64) * _TIMES[1]


class Sketcher:
    """Reads prompts and answers with a secret of at least 16 bytes."""

    def __init__(self, secret: bytes) -> None:
        self._key = Key(secret)

    def asked(self, turns: Sequence[Message]) -> Asked:
        """The last four things that the reader wrote, and runs of words of the last of them."""
        # Who wrote it, and whether it may be an echo, are two questions.
        written = [
            (number, turn.content)
            for number, turn in enumerate(turns)
            if turn.from_reader or turn.echo
        ]
        prompts, hashes = [], _NOTHING
        for number, content in written[-_TURNS:]:
            raw = _short(content)
            folded = fold(raw)
            words = split(folded, self._key)
            prompts.append(_prompt(number, raw, folded, words))
            hashes = words.hashes
        return Asked(tuple(prompts), _grams(hashes))

    def tail(self, answer: str) -> bytes:
        """The last runs of words of an answer; nothing of one of fewer than five words."""
        words = split(fold(answer[-_PART:]), self._key)
        grams = _grams(words.hashes[-GRAMS - _GRAM + 1 :])
        return np.resize(grams, GRAMS).tobytes() if len(grams) else b""


def _prompt(turn: int, raw: str, folded: Folded, words: Words) -> Prompt:
    hashes, slots = words.hashes, _slots(raw)
    text = _digest(hashes)
    if slots is not None:
        inside = slots[words.starts]
        different = _different(hashes[~inside])
        # Who writes all words like names hides nothing.
        if different >= _FEWEST and inside.any():
            shape, filled = _minima(_weighted(folded, words, ~inside)), _digest(hashes[inside])
            return Prompt(turn, shape, filled, text, min(different, _MANY))
    return Prompt(turn, _minima(hashes), _digest(_NOTHING), text, min(_different(hashes), _MANY))


def _different(hashes: NDArray[np.uint64]) -> int:
    return len(set(hashes.tolist()))


def _weighted(folded: Folded, words: Words, kept: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """Words of up to three letters once, longer ones once more a letter, up to six times."""
    copies: NDArray[np.uint64] = words.hashes[kept][:, None] + _COPIES
    return copies[_HEAVY.take(_sizes(folded, words)[kept], axis=0, mode="clip")]


def _sizes(folded: Folded, words: Words) -> NDArray[np.int64]:
    """The letters of each word; what vanishes between them does not count."""
    if folded.offsets is None:
        return words.ends - words.starts
    return np.array([len(word) if word[0] > SINGLE else 1 for word in spell(folded)])


def _minima(hashes: NDArray[np.uint64]) -> bytes:
    mixed = hashes[:, None] * _TIMES
    mixed += _PLUS
    # One word more, that each has: no set is empty.
    least = np.minimum(np.minimum.reduce(mixed, initial=_MOST), _PLUS)
    return least.astype("<u8", copy=False).tobytes()[_FIFTH]


def _begins(before: str) -> bool:
    """Whether a sentence begins behind it."""
    said = before.rstrip()
    return not said or said[-1] in _ENDS


def _digest(hashes: NDArray[np.uint64]) -> bytes:
    """Four bytes for words in their order; zeros for none."""
    return crc32(hashes.tobytes()).to_bytes(4, "little")


def _short(raw: str) -> str:
    return raw if len(raw) <= 2 * _PART else f"{raw[:_PART]}\n{raw[-_PART:]}"


def _slots(raw: str) -> NDArray[np.bool_] | None:
    """Which characters stand in a slot, if any may."""
    slots, end = np.zeros(len(raw), dtype=bool), 0
    while token := _UNLIKE.match(raw, end):
        word, start, end = token[1], token.start(1), token.end()
        named = word.lstrip(_AROUND)[:1].isupper() and word[:2] not in _SELF
        if _SLOT.search(word) or (named and not _begins(raw[max(start - _NEAR, 0) : start])):
            slots[start:end] = True
    if not end:
        return None
    for quoted in _QUOTED.finditer(raw):
        slots[quoted.start() : quoted.end()] = True
    return slots


def _grams(hashes: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """A hash for each run of five words."""
    if len(hashes) < _GRAM:
        return _NOTHING.astype("<u4")
    return (np.convolve(hashes, _POWERS, "valid") >> _HALF).astype("<u4")
