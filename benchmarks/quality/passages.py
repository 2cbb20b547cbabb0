"""Passages of a corpus, the ordinary sentences around them, and whether they were found."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.quality.chance import exact
from benchmarks.quality.lineup import Lineup, Span
from benchmarks.report import Value

__all__ = ["Host", "Planted", "Score", "hosts", "lengths", "planted", "prose", "score"]

Host = tuple[str, str]

_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_PROSE = 0.9
_GAPS = (" ", "\n\n")


@dataclass(frozen=True, slots=True)
class Planted:
    """A passage, perhaps rewritten, between two parts of an ordinary answer."""

    host: Host
    passage: str
    gap: str

    @property
    def text(self) -> str:
        return self.gap.join((self.host[0], self.passage, self.host[1]))

    @property
    def span(self) -> Span:
        begin = len(self.host[0]) + len(self.gap)
        return begin, begin + len(self.passage)


@dataclass(slots=True)
class Score:
    """How many passages were found, and which share of their characters findings covered."""

    outcomes: list[bool] = field(default_factory=list)
    covered: float = 0.0

    @property
    def recall(self) -> float:
        return sum(self.outcomes) / max(1, len(self.outcomes))

    @property
    def interval(self) -> tuple[float, float]:
        return exact(sum(self.outcomes), len(self.outcomes)) if self.outcomes else (0.0, 1.0)

    def add(self, span: Span, found: Iterable[Span]) -> None:
        """Count one passage and what was found in its text."""
        covered = _covered(span, found)
        self.outcomes.append(covered > 0)
        self.covered += covered / max(1, span[1] - span[0])

    def row(self, **named: Value) -> dict[str, Value]:
        low, high = self.interval
        return named | {
            "n": len(self.outcomes),
            "recall": round(self.recall, 4),
            "low": round(low, 4),
            "high": round(high, 4),
            "covered": round(self.covered / max(1, len(self.outcomes)), 3),
        }


def lengths(count: int, shortest: int = 20, longest: int = 200) -> list[int]:
    """Lengths from the shortest to the longest, each the same share longer than the one before."""
    grow = (longest / shortest) ** (1 / max(1, count - 1))
    return [round(shortest * grow**number) for number in range(count)]


def prose(corpus: Mapping[str, str], sizes: Sequence[int], *, seed: int) -> list[str]:
    """One passage for each size in words, from documents in proportion to their length."""
    chance = random.Random(seed)
    names = list(corpus)
    weights = [len(corpus[name]) for name in names]
    split: dict[str, list[str]] = {}
    found: list[str] = []
    while len(found) < len(sizes):
        size = sizes[len(found)]
        name = chance.choices(names, weights)[0]
        words = split.setdefault(name, corpus[name].split())
        if len(words) <= size:
            continue
        place = chance.randrange(len(words) - size)
        run = words[place : place + size]
        plain = [word for word in run if word.strip(".,;:!?\"'()").isalpha()]
        if len(plain) >= _PROSE * size and len(set(run)) > size // 3:
            found.append(" ".join(run))
    return found


def hosts(answers: Sequence[str], count: int, chance: random.Random) -> list[Host]:
    """Ordinary sentences, before and after the place of a passage."""
    made: list[Host] = []
    while len(made) < count:
        sentences = [part for part in _SENTENCE.split(chance.choice(answers)) if " " in part]
        if len(sentences) < 4:
            continue
        first = chance.randrange(len(sentences) - 3)
        part = sentences[first : first + 6]
        made.append((" ".join(part[:2])[-400:], " ".join(part[2:])[:600]))
    return made


def planted(passages: Sequence[str], around: Sequence[Host]) -> list[Planted]:
    """Each passage in a host of its own, in a line with it and in lines of its own by turns."""
    return [
        Planted(around[number % len(around)], passage, _GAPS[number % 2])
        for number, passage in enumerate(passages)
    ]


def score(lineup: Lineup, rows: Sequence[Planted]) -> dict[str, Score]:
    """How each method does; one that tells no place is not asked where it flags the host alone."""
    scores = {name: Score() for name in lineup.names}
    for row in rows:
        alone = lineup.vague(row.gap.join(row.host))
        for name, found in lineup.spans(row.text).items():
            if name not in alone:
                scores[name].add(row.span, found)
    return scores


def _covered(span: Span, found: Iterable[Span]) -> int:
    reached, total = span[0], 0
    for start, end in sorted(found):
        start, end = max(start, reached), min(end, span[1])
        if start < end:
            total += end - start
            reached = end
    return total
