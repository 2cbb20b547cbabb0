"""What the detector says of prompts with one layer or several, and where thresholds lie."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.intent.prompts import Prompt
from detectors.intent import Intent
from guardrail.intent import INTENTS, Layer
from guardrail.text import Text
from guardrail.types import Context, Message

__all__ = ["area", "cutoffs", "flagged", "judged", "said"]

Scores = NDArray[np.float64]

_LEAST = 1e-12
_SEARCH = 40


def judged(layer: Layer, prompts: Iterable[Prompt]) -> Scores:
    """The greatest score of each intent over all messages of a prompt, as the guard reads them."""
    detector = Intent(layers=(layer,), thresholds=dict.fromkeys(INTENTS, _LEAST))
    rows = [_row(detector, prompt) for prompt in prompts]
    return np.array(rows, np.float64).reshape(-1, len(INTENTS))


def said(layer: Layer, texts: Iterable[str]) -> Scores:
    """The same for plain texts."""
    return judged(layer, (Prompt(text, "none", "", "", "") for text in texts))


def cutoffs(benign: Scores, rate: float) -> Scores:
    """A threshold for each intent, each passed by as many, that together flag at most `rate`."""
    ranked = np.sort(benign, axis=0)[::-1]
    low, high = 0.0, rate
    for _ in range(_SEARCH):
        middle = (low + high) / 2
        if flagged(benign, _at(ranked, middle)).mean() > rate:
            high = middle
        else:
            low = middle
    return _at(ranked, low)


def flagged(scores: Scores, thresholds: Scores) -> NDArray[np.bool_]:
    """Whether any intent is above its threshold."""
    return np.asarray((scores > thresholds).any(axis=1))


def area(scores: Sequence[float] | Scores, attack: NDArray[np.bool_]) -> float:
    """How often an attack has a higher score than a benign prompt; 0.5 is chance."""
    values, ties, counts = np.unique(np.asarray(scores), return_inverse=True, return_counts=True)
    assert len(values)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[ties]
    ours = int(attack.sum())
    return float((ranks[attack].sum() - ours * (ours + 1) / 2) / ours / (len(ranks) - ours))


def _at(ranked: Scores, share: float) -> Scores:
    """The score that so large a share of each column is above, between two where it falls so."""
    place = share * len(ranked)
    first = min(int(place), len(ranked) - 1)
    then = min(first + 1, len(ranked) - 1)
    between = ranked[first] + (place - first) * (ranked[then] - ranked[first])
    return np.asarray(np.maximum(between, _LEAST))


def _row(detector: Intent, prompt: Prompt) -> list[float]:
    turns = (*prompt.before, ("user", prompt.text))
    context = Context(messages=tuple(Message(role, content) for role, content in turns))
    best = dict.fromkeys(INTENTS, 0.0)
    for number, (_, content) in enumerate(turns):
        for finding in detector.find(Text(content, context=context, message=number)):
            name = finding.kind.removeprefix("intent.")
            best[name] = max(best[name], finding.score)
    return [best[name] for name in INTENTS]
