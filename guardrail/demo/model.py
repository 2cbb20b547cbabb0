"""A small language model: word n-grams with absolute discounting, in numpy.

The longest known context speaks first and leaves part of its say to the next shorter one. Long
contexts are rare, so the model repeats what it saw once: it memorises, as large models do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

__all__ = ["LanguageModel"]

_TOKEN = re.compile(r" ?\w+| ?[^\w\s]|\s+")
_CONTEXT = 6
_DISCOUNT = 0.4
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_END = 0


@dataclass(frozen=True, slots=True)
class _Level:
    """All contexts of one length; words and counts of context `i` lie in `bounds[i:i + 2]`."""

    contexts: NDArray[np.uint64]
    bounds: NDArray[np.int64]
    words: NDArray[np.int64]
    counts: NDArray[np.int64]

    def follow(self, context: np.uint64) -> slice:
        place = int(np.searchsorted(self.contexts, context))
        if place == len(self.contexts) or self.contexts[place] != context:
            return slice(0, 0)
        return slice(int(self.bounds[place]), int(self.bounds[place + 1]))


@dataclass(frozen=True, slots=True)
class LanguageModel:
    """An n-gram model of the texts it was trained on."""

    vocabulary: tuple[str, ...]
    numbers: dict[str, int]
    levels: tuple[_Level, ...]

    @classmethod
    def train(cls, texts: Iterable[str]) -> Self:
        """Learn from whole texts; each ends with an end mark that the model learns too."""
        numbers = {"": _END}
        stream: list[int] = []
        for text in texts:
            stream += [numbers.setdefault(token, len(numbers)) for token in _TOKEN.findall(text)]
            stream.append(_END)
        tokens = np.array(stream, dtype=np.int64)
        contexts = np.zeros(len(tokens), dtype=np.uint64)
        levels = []
        for length in range(min(_CONTEXT + 1, len(tokens))):
            if length:
                contexts = _extend(contexts[:-1], tokens[length - 1 : -1])
            levels.append(_level(contexts, tokens[length:], len(numbers)))
        return cls(tuple(numbers), numbers, tuple(levels))

    def stream(
        self, prompt: str, *, seed: int, max_tokens: int = 200, temperature: float = 0.5
    ) -> Iterator[str]:
        """The pieces of one answer that continues the prompt; the same seed, the same answer."""
        random = np.random.default_rng(seed)
        unknown = len(self.vocabulary)
        recent = [self.numbers.get(token, unknown) for token in _TOKEN.findall(prompt.rstrip())]
        for _ in range(max_tokens):
            recent = recent[-_CONTEXT:]
            chances = self._chances(recent) ** (1 / max(temperature, 0.02))
            total = np.cumsum(chances)
            token = int(np.searchsorted(total, random.random() * total[-1], side="right"))
            if token == _END:
                return
            recent.append(token)
            yield self.vocabulary[token]

    def _chances(self, recent: Sequence[int]) -> NDArray[np.float64]:
        chances = np.zeros(len(self.vocabulary))
        for length, level in enumerate(self.levels[: len(recent) + 1]):
            context = np.zeros(1, dtype=np.uint64)
            for token in recent[len(recent) - length :]:
                context = _extend(context, np.array([token]))
            found = level.follow(context[0])
            counts = level.counts[found]
            if not len(counts):
                break
            discount = _DISCOUNT if length else 0.0
            chances *= discount * len(counts) / counts.sum()
            chances[level.words[found]] += (counts - discount) / counts.sum()
        chances /= chances.max()
        return chances


def _extend(contexts: NDArray[np.uint64], tokens: NDArray[np.int64]) -> NDArray[np.uint64]:
    return (contexts + tokens.astype(np.uint64) + np.uint64(1)) * _MULTIPLIER


def _level(contexts: NDArray[np.uint64], words: NDArray[np.int64], size: int) -> _Level:
    known, place = np.unique(contexts, return_inverse=True)
    pairs, counts = np.unique(place * size + words, return_counts=True)
    bounds = np.searchsorted(pairs, np.arange(len(known) + 1) * size)
    return _Level(known, bounds, pairs % size, counts)
