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

__all__ = ["Remembered", "area", "cutoffs", "flagged", "judged", "said"]

Scores = NDArray[np.float64]

_LEAST = 1e-12
_USUAL = 0.01


class Remembered:
    """A layer that is asked once for each text, however many detectors have it.

    `judged` asks it for all texts at once, so that a network reads those of like length together.
    """

    def __init__(self, layer: Layer) -> None:
        self.name, self.pull = layer.name, layer.pull
        self._layer = layer
        self._known: dict[str, NDArray[np.float32]] = {}

    def scores(self, texts: Sequence[str]) -> NDArray[np.float32]:
        news = [text for text in dict.fromkeys(texts) if text not in self._known]
        self._known.update(zip(news, self._layer.scores(news), strict=True))
        rows = [self._known[text] for text in texts]
        return np.array(rows, np.float32).reshape(-1, len(INTENTS))

    def reasons(self, text: str, intent: str) -> tuple[str, ...]:  # noqa: ARG002 - none is told
        return ()


class _Noting:
    """Stands for a layer, and notes what that would be asked."""

    def __init__(self, layer: Layer, asked: dict[str, None]) -> None:
        self.name, self.pull = layer.name, layer.pull
        self._asked = asked

    def scores(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self._asked.update(dict.fromkeys(texts))
        return np.full((len(texts), len(INTENTS)), 0.5, np.float32)

    def reasons(self, text: str, intent: str) -> tuple[str, ...]:  # noqa: ARG002 - none is told
        return ()


def judged(layers: Sequence[Layer], prompts: Iterable[Prompt]) -> Scores:
    """The greatest log-odds of each intent over all messages, as the guard reads them."""
    prompts = list(prompts)
    slow = [layer for layer in layers if isinstance(layer, Remembered)]
    if slow:
        asked: dict[str, None] = {}
        noting = _detector([_Noting(layer, asked) for layer in layers])
        for prompt in prompts:
            _row(noting, prompt)
        for layer in slow:
            layer.scores(list(asked))
    detector = _detector(layers)
    rows = [_row(detector, prompt) for prompt in prompts]
    chances = np.clip(np.array(rows).reshape(-1, len(INTENTS)), _LEAST, 1 - _LEAST)
    return np.asarray(np.log(chances / (1 - chances)))


def said(layers: Sequence[Layer], texts: Iterable[str]) -> Scores:
    """The same for plain texts."""
    return judged(layers, (Prompt(text, "none", "", "", "") for text in texts))


def cutoffs(benign: Scores, rate: float) -> Scores:
    """Log-odds for each intent that at most a share of benign prompts passes, of all together.

    Each lies as far as any other beyond what 1 in 100 pass, or where none does: by rank alone the
    one or two oddest prompts of an intent would set it.
    """
    usual = np.sort(benign, axis=0)[::-1][int(_USUAL * len(benign))]
    ranked = np.sort((benign - usual).max(axis=1))[::-1]
    lines = usual + ranked[int(rate * len(ranked))]
    return np.asarray(np.minimum(lines, benign.max(axis=0)))


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


def _detector(layers: Sequence[Layer]) -> Intent:
    return Intent(layers=tuple(layers), thresholds=dict.fromkeys(INTENTS, _LEAST))


def _row(detector: Intent, prompt: Prompt) -> list[float]:
    turns = (*prompt.before, ("user", prompt.text))
    context = Context(messages=tuple(Message(role, content) for role, content in turns))
    best = dict.fromkeys(INTENTS, 0.0)
    for number, (_, content) in enumerate(turns):
        for finding in detector.find(Text(content, context=context, message=number)):
            name = finding.kind.removeprefix("intent.")
            best[name] = max(best[name], finding.score)
    return [best[name] for name in INTENTS]
