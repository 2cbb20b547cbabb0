"""Attribute and membership inference, by an attacker who sees what the route answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.tabular.credit import Floats, Table
from benchmarks.tabular.endpoint import Endpoint

__all__ = ["Guess", "Known", "balanced", "infer", "known", "members"]

Likelihood = Callable[[float, int], float]

_STEPS = 20


@dataclass(frozen=True, slots=True)
class Guess:
    """What came of one victim: whether it was guessed, and would have been without the model."""

    hit: bool
    prior: bool
    queries: int
    stopped: bool


@dataclass(frozen=True, slots=True)
class Known:
    """What an attacker knows beforehand: other people, and how the model answers them."""

    others: Table
    likelihood: Likelihood

    def shares(self, name: str) -> dict[float, float]:
        """How common each value of an attribute is, the commonest first."""
        column = self.others.rows[:, self.others.column(name)].tolist()
        return {value: count / len(column) for value, count in Counter(column).most_common()}


async def known(endpoint: Endpoint, others: Table) -> Known:
    """How often people default who are answered so; a probability says it itself."""
    if endpoint.mode in ("full", "rounded"):
        return Known(others, lambda level, label: level if label else 1 - level)
    levels = await endpoint.ask(list(others.rows), "analyst") or []
    counts = Counter(zip(levels, others.labels.tolist(), strict=True))

    def likelihood(level: float, label: int) -> float:
        return (counts[level, label] + 1) / (counts[level, 0] + counts[level, 1] + 2)

    return Known(others, likelihood)


async def infer(
    endpoint: Endpoint, victims: Table, name: str, before: Known, truths: Sequence[float]
) -> dict[str, list[Guess]]:
    """Guess an attribute of each victim, all else being known, and their label or their answer.

    `fredrikson` takes the value that is likeliest by its share and the label (Fredrikson et al.
    2015); `match`, the commonest that is answered as the victim was.
    """
    place, shares = victims.column(name), before.shares(name)
    told: dict[str, list[Guess]] = {"fredrikson": [], "match": []}
    for number, (row, label) in enumerate(zip(victims.rows, victims.labels, strict=True)):
        values = list(shares)[: endpoint.most(len(shares))]
        answers, queries = await _answers(endpoint, row, place, values, f"attacker {name}")
        guesses = {
            "fredrikson": _likeliest(shares, answers, before.likelihood, int(label)),
            "match": _matching(shares, answers, truths[number]),
        }
        for attack, value in guesses.items():
            stopped = len(answers) < queries
            hit, prior = (bool(one == row[place]) for one in (value, next(iter(shares))))
            told[attack].append(Guess(hit, prior, queries, stopped))
    return told


async def _answers(
    endpoint: Endpoint, row: Floats, place: int, values: Sequence[float], who: str
) -> tuple[dict[float, float], int]:
    """What is answered for each value, until it is refused; and how often was asked."""
    asked = []
    for value in values:
        other = row.copy()
        other[place] = value
        asked.append(other)
    if not endpoint.watched:
        levels = await endpoint.ask(asked, who) or []
        return dict(zip(values, levels, strict=True)), len(values)
    answers: dict[float, float] = {}
    for number, (value, one) in enumerate(zip(values, asked, strict=True), 1):
        level = await endpoint.ask([one], who)
        if level is None:
            endpoint.stopped()
            return answers, number
        answers[value] = level[0]
    return answers, len(values)


def _likeliest(
    shares: Mapping[float, float], answers: Mapping[float, float], told: Likelihood, label: int
) -> float:
    seen = {value: told(level, label) for value, level in answers.items()}
    rest = sum(seen.values()) / len(seen) if seen else 1.0
    return max(shares, key=lambda value: shares[value] * seen.get(value, rest))


def _matching(shares: Mapping[float, float], answers: Mapping[float, float], truth: float) -> float:
    unseen = [value for value in shares if value not in answers]
    nearest = min((abs(level - truth) for level in answers.values()), default=np.inf)
    if unseen and nearest > 0:
        return unseen[0]
    return next(value for value in shares if abs(answers[value] - truth) == nearest)


def members(
    inside: Sequence[float], outside: Sequence[float], labels: Sequence[Sequence[int]]
) -> dict[tuple[int, int], float]:
    """How much likelier a shadow model's answers and labels are for those it was trained on."""
    counts = [
        Counter((_step(level), label) for level, label in zip(levels, own, strict=True))
        for levels, own in zip((inside, outside), labels, strict=True)
    ]
    keys = set(counts[0]) | set(counts[1])
    return {key: (counts[0][key] + 1) / (counts[1][key] + 1) for key in keys}


def balanced(
    ratios: Mapping[tuple[int, int], float],
    inside: Sequence[float],
    outside: Sequence[float],
    labels: Sequence[Sequence[int]],
) -> list[float]:
    """Whether each person is told apart rightly; half a point where nothing speaks for either."""
    told = []
    for levels, own, member in zip((inside, outside), labels, (1, -1), strict=True):
        for level, label in zip(levels, own, strict=True):
            side = np.sign(ratios.get((_step(level), label), 1.0) - 1)
            told.append(0.5 if side == 0 else float(side == member))
    return told


def _step(level: float) -> int:
    return int(level * _STEPS)
