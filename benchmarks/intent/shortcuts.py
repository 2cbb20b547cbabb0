"""What could be told without reading a prompt: from its length, or from who wrote it and how."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np

from benchmarks.intent import prompts
from benchmarks.intent.judge import area
from benchmarks.intent.prompts import Prompt
from benchmarks.report import Value

__all__ = ["rows"]

_STEP, _DOUBT = 1.5, 2.0


def rows() -> list[dict[str, Value]]:
    """How well attack rates of procedures A and C, by length or by manner, order those of B."""
    train = [*prompts.own("A"), *prompts.own("C")]
    kinds: dict[str, Callable[[Prompt], str]] = {
        "length": lambda prompt: str(int(np.log(1 + len(prompt.text)) * _STEP)),
        "language, domain and register": lambda prompt: f"{prompt.language}/{prompt.manner}",
        "language and disguise": lambda prompt: f"{prompt.language}/{prompt.disguise}",
    }
    test = prompts.test()
    return [
        {"told by": name, "area": round(_area(kind, train, test), 3), "prompts": len(test)}
        for name, kind in kinds.items()
    ]


def _area(kind: Callable[[Prompt], str], train: Sequence[Prompt], test: Sequence[Prompt]) -> float:
    met: defaultdict[str, list[float]] = defaultdict(lambda: [_DOUBT, 2 * _DOUBT])
    for prompt in train:
        met[kind(prompt)][0] += prompt.attack
        met[kind(prompt)][1] += 1
    rates = [met[kind(prompt)][0] / met[kind(prompt)][1] for prompt in test]
    return area(rates, np.array([prompt.attack for prompt in test]))
