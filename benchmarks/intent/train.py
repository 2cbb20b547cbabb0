"""Trains the linear model, and calibrates it on prompts that took no part in the training.

How steep scores are comes from a model that has not seen procedure C and is asked about it; where
0.5 lies comes from ordinary prompts: 1 in 1,000 of them, read whole, is given odds of 1 to 6.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import numpy as np

from benchmarks.intent import prompts
from benchmarks.intent.fit import fit, minimised
from benchmarks.intent.judge import cutoffs
from benchmarks.intent.mixture import CODED, mixture
from benchmarks.intent.prompts import OWN, Prompt
from guardrail.intent.features import pieces
from guardrail.intent.linear import SHIPPED, Linear, Weights

__all__ = ["CAUTION", "RATE", "ordinary", "shifted", "slope_of", "trained"]

RATE = 0.001
"""Share of ordinary prompts that are given odds of 1 to `CAUTION` or more."""

CAUTION = 6.0
"""What is kept between them and 0.5: prompts of other origin pass more often."""

_HELD_OUT = "C"
_NAMED, _FREQUENT = 4000, 12


def trained(out: Path = SHIPPED) -> Weights:
    """Train on all that is for training, and write the file."""
    unseen = [prompt for prompt in prompts.own(_HELD_OUT) if prompt.disguise not in CODED]
    kept, weights = mixture(without={_HELD_OUT})
    slope = slope_of(fit(kept, weights), unseen)
    kept, weights = mixture()
    made = fit(kept, weights)
    made.slope = slope
    shifted(made)
    made.named = _named(made, kept)
    made.save(out)
    print(f"{len(kept)} prompts, slope {slope:.3f}, written: {out.name}, {out.stat().st_size:,} B")
    return made


def slope_of(weights: Weights, unseen: Sequence[Prompt]) -> float:
    """What makes margins log-odds of an attack against a benign prompt (Platt)."""
    margins = Linear(weights).margins([prompt.text for prompt in unseen]).max(axis=1)
    attack = np.array([prompt.attack for prompt in unseen], np.float32)

    def slope(line: np.ndarray) -> tuple[float, np.ndarray]:
        told = 1 / (1 + np.exp(-(margins * line[0] + line[1])))
        right = np.where(attack > 0, told, 1 - told)
        error = (told - attack) / len(attack)
        down = np.array([(error * margins).sum(), error.sum()], np.float32)
        return -float(np.log(np.maximum(right, 1e-12)).mean()), down

    return float(minimised(slope, np.array([1, 0], np.float32))[0])


def shifted(weights: Weights) -> None:
    """Say where 0.5 is: at `CAUTION` times the odds that the rate of ordinary prompts reach."""
    margins = Linear(weights).margins(ordinary()).astype(np.float64)
    lines = -weights.slope * cutoffs(margins, RATE)
    weights.shift = (lines - np.log(CAUTION)).astype(np.float32)


def ordinary() -> list[str]:
    """The benign prompts that set thresholds."""
    return [text for texts in prompts.benign("dev").values() for text in texts]


def _named(weights: Weights, kept: Sequence[Prompt]) -> dict[int, str]:
    """Runs of words that are frequent in lines of ours and weigh most: none is of others."""
    met: Counter[tuple[str, int]] = Counter()
    ours = (prompt for prompt in kept if prompt.source in OWN)
    for _, forms in groupby(ours, key=lambda prompt: (prompt.source, prompt.id)):
        met.update({run for form in forms for run in pieces(form.text)})
    # Of runs that share a place the most frequent; of two, the later.
    frequent = sorted((count, run) for run, count in met.items() if count >= _FREQUENT)
    named = {place: name for _, (name, place) in frequent}
    heaviest = sorted(named, key=lambda place: (-int(weights.table[place].max()), place))
    return {place: named[place] for place in sorted(heaviest[:_NAMED])}
