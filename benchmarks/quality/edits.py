"""Edits of a passage word by word, and shuffles of its parts."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

__all__ = ["EDITS", "SHUFFLES"]

Edit = Callable[[Sequence[str], float, Sequence[str], random.Random], list[str]]
Shuffle = Callable[[str, random.Random], str]


def _substituted(
    words: Sequence[str], rate: float, others: Sequence[str], chance: random.Random
) -> list[str]:
    made = list(words)
    for place in _places(words, rate, chance):
        made[place] = _other(words[place], others, chance)
    return made


def _mixed(
    words: Sequence[str], rate: float, others: Sequence[str], chance: random.Random
) -> list[str]:
    places = _places(words, rate, chance)
    made: list[str] = []
    held: str | None = None
    for place, word in enumerate(words):
        kind = chance.choice(("substitute", "insert", "delete", "swap")) if place in places else ""
        if kind == "swap" and held is None:
            held = word
            continue
        if kind == "insert":
            made.append(_other(word, others, chance))
        if kind != "delete":
            made.append(_other(word, others, chance) if kind == "substitute" else word)
        if held is not None:
            made.append(held)
            held = None
    return made if held is None else [*made, held]


def _places(words: Sequence[str], rate: float, chance: random.Random) -> frozenset[int]:
    return frozenset(chance.sample(range(len(words)), round(rate * len(words))))


def _other(word: str, others: Sequence[str], chance: random.Random) -> str:
    while (other := chance.choice(others)).lower() == word.lower():
        continue
    return other


def _sentences(passage: str, chance: random.Random) -> str:
    return _shuffled(re.split(r"(?<=[.!?;:,])\s+", passage), chance)


def _blocks(size: int) -> Shuffle:
    def shuffle(passage: str, chance: random.Random) -> str:
        words = passage.split()
        parts = [" ".join(words[i : i + size]) for i in range(0, len(words), size)]
        return _shuffled(parts, chance)

    return shuffle


def _shuffled(parts: list[str], chance: random.Random) -> str:
    return " ".join(chance.sample(parts, len(parts)))


EDITS: dict[str, Edit] = {"substituted": _substituted, "mixed": _mixed}
"""Edits of a share of the words: others in their place; or substituted, inserted, deleted, swapped
with the next one, each as often."""

SHUFFLES: dict[str, Shuffle] = {
    "clauses": _sentences,
    "blocks of 10 words": _blocks(10),
    "blocks of 5 words": _blocks(5),
}
"""Parts of a passage in another order."""
