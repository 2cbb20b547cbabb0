"""Prompts that are made from one template: half of their pairs of words are the same."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise

from guardrail.intent.features import words

__all__ = ["distinct", "unlike"]

_JACCARD = 0.5


def distinct(texts: Sequence[str]) -> list[int]:
    """Places of the texts that are not like an earlier one that was kept."""
    known = _Known([_pairs(text) for text in texts])
    return [place for place in range(len(texts)) if known.admits(place)]


def unlike(texts: Sequence[str], others: Iterable[str]) -> list[int]:
    """Places of the texts that are like none of the others."""
    sets = [_pairs(text) for text in others]
    first = len(sets)
    known = _Known([*sets, *map(_pairs, texts)])
    for place in range(first):
        known.add(place)
    return [place for place in range(len(texts)) if not known.has(first + place)]


class _Known:
    """Sets that were added, found by their rarest members: two alike share one of those."""

    def __init__(self, sets: Sequence[frozenset[str]]) -> None:
        met = Counter(member for one in sets for member in one)
        self._sets = sets
        self._rare = [
            sorted(one, key=lambda member: (met[member], member))[: len(one) // 2 + 1]
            for one in sets
        ]
        self._places: defaultdict[str, list[int]] = defaultdict(list)

    def add(self, place: int) -> None:
        for member in self._rare[place]:
            self._places[member].append(place)

    def has(self, place: int) -> bool:
        one = self._sets[place]
        near = {other for member in self._rare[place] for other in self._places[member]}
        return any(
            len(one & self._sets[other]) >= _JACCARD * len(one | self._sets[other])
            for other in near
        )

    def admits(self, place: int) -> bool:
        if self.has(place):
            return False
        self.add(place)
        return True


def _pairs(text: str) -> frozenset[str]:
    read = ["", *words(text), ""]
    return frozenset(f"{one} {other}" for one, other in pairwise(read))
