"""Signs: what a prompt shows beside those that came before it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from guardrail.session.ring import Seen

__all__ = [
    "ALIKE",
    "GRAMS",
    "MINIMA",
    "SIGNS",
    "Asked",
    "Prompt",
    "goes_on",
    "intents",
    "named",
    "packed",
    "parted",
    "signs_of",
]

MINIMA = 64
ALIKE = MINIMA * 5 // 8
"""So many minima two prompts of one form have in common."""

GRAMS = 8
"""Runs of words from the end of an answer that are kept, four bytes of each."""

SIGNS: Mapping[str, float] = {
    # The third variation of two prompts, twice.
    "variation": 0.6,
    # The fourth name, or number, in the same place.
    "enumeration": 1.0,
    # The third prompt that goes on from the end of an earlier answer.
    "prefix": 0.4,
    # The second prompt in which a rule on prompts finds the same.
    "membership": 0.55,
    "personal": 0.55,
    "attribute": 0.55,
    "verbatim": 0.55,
    "continuation": 0.55,
    "divergence": 0.55,
    "context": 0.55,
}
"""What a request that shows a sign adds to the risk; a part of 1 is found."""

_INTENT = "intent."
_NAMES = tuple(SIGNS)
_LESS, _LEAST = MINIMA // 2, MINIMA * 7 // 16
_OTHERS = 3
_LATEST = 8
_VARIED, _LONG, _ENUMERATED = 4, 6, 3
_STEP = 3
_BYTES = MINIMA + 9
_NONE = bytes(4)


class Prompt(NamedTuple):
    """One thing that a reader wrote: its place among the turns, and what it is known by.

    `shape` has 64 minima of a byte; `slots`, and the `text` as a whole, are digests of 4 bytes;
    `words` has the number of different words, slots aside, up to 255.
    """

    turn: int
    shape: bytes
    slots: bytes
    text: bytes
    words: int

    @property
    def entry(self) -> bytes:
        return b"".join((self.shape, self.slots, self.text, bytes([self.words])))


class Asked(NamedTuple):
    """What a reader wrote last, and a hash of each run of words of the last of it."""

    prompts: tuple[Prompt, ...]
    grams: NDArray[np.uint32]


def parted(prompts: Sequence[Prompt], held: Seen) -> tuple[list[Prompt], NDArray[np.uint8]]:
    """Prompts that were not seen before, and all that were, one a row."""
    fresh = [prompt for prompt in prompts if prompt.entry not in held.joined]
    return fresh, np.frombuffer(held.joined, np.uint8).reshape(-1, _BYTES)


def intents(kinds: Iterable[str]) -> set[str]:
    """The signs among what rules on prompts found."""
    return {name for kind in kinds if (name := kind.removeprefix(_INTENT)) in SIGNS}


def signs_of(prompt: Prompt, earlier: NDArray[np.uint8]) -> Sequence[str]:
    """What a prompt shows beside earlier ones, the latest first."""
    same = earlier[:, :MINIMA] == np.frombuffer(prompt.shape, np.uint8)
    shared = np.add.reduce(same, axis=1, dtype=np.uint8)
    alike = _others(earlier, shared >= ALIKE)
    if len(alike) < _OTHERS:
        return ("variation",) if _less_alike(prompt, earlier, shared) else ()
    slots = {other[MINIMA : MINIMA + 4] for other in alike} - {_NONE, prompt.slots}
    if prompt.slots != _NONE and prompt.words >= _ENUMERATED and len(slots) >= _OTHERS:
        return ("enumeration",)
    return ("variation",) if prompt.words >= _VARIED else ()


def _less_alike(prompt: Prompt, earlier: NDArray[np.uint8], shared: NDArray[np.uint8]) -> bool:
    """Whether four others are less alike, or still less and in a row: names may be unseen slots."""
    if prompt.words >= _LONG and len(_others(earlier, shared >= _LESS)) > _OTHERS:
        return True
    latest = earlier[:_LATEST], shared[:_LATEST] >= _LEAST
    return prompt.slots == _NONE and prompt.words >= _VARIED and len(_others(*latest)) > _OTHERS


def _others(earlier: NDArray[np.uint8], which: NDArray[np.bool_]) -> set[bytes]:
    rows = which.nonzero()[0].tolist()
    return {earlier[row].tobytes() for row in rows} if len(rows) >= _OTHERS else set()


def goes_on(grams: NDArray[np.uint32], tails: Seen) -> bool:
    """Whether a prompt has the end of an earlier answer in it."""
    if not tails:
        return False
    known = set(grams.tolist())
    ends = np.frombuffer(tails.joined, "<u4").reshape(-1, GRAMS)
    return any(len(known.intersection(end)) >= _STEP for end in ends.tolist())


def packed(signs: set[str]) -> bytes:
    """Signs as they are kept, in two bytes."""
    return sum(1 << _NAMES.index(name) for name in signs).to_bytes(2, "little")


def named(entry: bytes) -> list[str]:
    """The signs with which an entry begins."""
    bits = int.from_bytes(entry[:2], "little")
    return [name for number, name in enumerate(_NAMES) if bits >> number & 1]
