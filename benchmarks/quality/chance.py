"""How sure a share is: intervals at 95 %."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from typing import TypeVar

__all__ = ["bootstrap", "exact"]

T = TypeVar("T")

_TAIL = 0.025
_STEPS = 60


def exact(hits: int, trials: int) -> tuple[float, float]:
    """Clopper and Pearson's interval of a share."""
    low = 0.0 if hits == 0 else _root(lambda p: _at_least(hits, trials, p) - _TAIL)
    high = 1.0 if hits == trials else _root(lambda p: _at_least(hits + 1, trials, p) - 1 + _TAIL)
    return low, high


def bootstrap(
    groups: Sequence[T], figure: Callable[[Sequence[T]], float], *, seed: int, times: int = 1000
) -> tuple[float, float]:
    """The interval of a figure when whole groups are drawn anew."""
    chance = random.Random(seed)
    drawn = sorted(figure(chance.choices(groups, k=len(groups))) for _ in range(times))
    return drawn[int(_TAIL * times)], drawn[math.ceil((1 - _TAIL) * times) - 1]


def _at_least(hits: int, trials: int, p: float) -> float:
    """The probability of so many hits or more; grows with `p`."""
    total = 0.0
    for count in range(hits, trials + 1):
        ways = math.lgamma(trials + 1) - math.lgamma(count + 1) - math.lgamma(trials - count + 1)
        total += math.exp(ways + count * math.log(p) + (trials - count) * math.log1p(-p))
    return total


def _root(grows: Callable[[float], float]) -> float:
    low, high = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if grows(middle) < 0 else (low, middle)
    return (low + high) / 2
