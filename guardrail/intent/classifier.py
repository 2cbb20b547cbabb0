"""A sequence classifier of the user's choice (transformers), told apart by its labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from guardrail.errors import PolicyError
from guardrail.intent import INTENTS, Layer
from guardrail.intent.linear import Linear

__all__ = ["Classifier"]

_NONE = "none"
_LONGEST = 256
_BATCH = 32
_LEAST = 1e-6

Logits = Callable[[Sequence[str]], NDArray[np.float32]]


class Classifier:
    """A model in a folder, or one fetched before from the hub by its id: nothing is fetched here.

    Its labels must be `none` and `guardrail.intent.INTENTS`, in any order; a score is how likely
    an intent is against `none`. To its log-odds come those of the linear model, as many times as
    `intent_linear` in its configuration says (default: 0), and `intent_shift`, which sets where
    0.5 lies. `python -m benchmarks intent train --classifier` makes one that has both.
    Raises `PolicyError` where the model, or transformers, is not there.
    """

    name = "classifier"
    pull = 0.5

    def __init__(self, path: str, linear: Layer | None = None) -> None:
        self._logits, labels, self._shift, self._share = _loaded(path)
        self._linear = linear or Linear()
        if set(labels) != {_NONE, *INTENTS}:
            raise PolicyError(f"the labels of {path!r} must be: {', '.join((_NONE, *INTENTS))}")
        self.holds_linear = self._share > 0
        self._none = labels.index(_NONE)
        self._columns = [labels.index(intent) for intent in INTENTS]

    def scores(self, texts: Sequence[str]) -> NDArray[np.float32]:
        odds = np.clip(self.margins(texts) + self._shift, -30, 30)
        return np.asarray(1 / (1 + np.exp(-odds)), dtype=np.float32)

    def margins(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Log-odds of each intent against `none`, before they are shifted."""
        rows = np.empty((len(texts), len(INTENTS)), np.float32)
        # Texts of like length together: what is filled up costs as much as what is read.
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        for first in range(0, len(texts), _BATCH):
            places = order[first : first + _BATCH]
            logits = self._logits([texts[place] for place in places])
            rows[places] = logits[:, self._columns] - logits[:, [self._none]]
        if self._share and len(texts):
            told = np.clip(self._linear.scores(texts), _LEAST, 1 - _LEAST)
            rows += self._share * np.log(told / (1 - told))
        return rows

    def reasons(self, text: str, intent: str) -> tuple[str, ...]:
        """Those of the linear model, where it is part of this; a network tells none."""
        return self._linear.reasons(text, intent) if self._share else ()


def _loaded(path: str) -> tuple[Logits, list[str], NDArray[np.float64], float]:
    """What the model says of texts, its labels, the shifts, and the share of the linear model."""
    try:
        import torch
        from transformers import AutoModelForSequenceClassification, AutoTokenizer
    except ImportError:
        needs = "this layer needs transformers: pip install 'leakrail[likelihood]'"
        raise PolicyError(needs) from None
    try:
        tokenizer = AutoTokenizer.from_pretrained(path, local_files_only=True)
        model = AutoModelForSequenceClassification.from_pretrained(path, local_files_only=True)
    except (OSError, ValueError):
        raise PolicyError(f"no model {path!r} on this machine; give its folder") from None
    model.eval()

    def logits(texts: Sequence[str]) -> NDArray[np.float32]:
        given = tokenizer(
            list(texts), padding=True, truncation=True, max_length=_LONGEST, return_tensors="pt"
        )
        with torch.inference_mode():
            return np.asarray(model(**given).logits.numpy(), dtype=np.float32)

    labels = [str(label) for _, label in sorted(model.config.id2label.items())]
    shift = np.array(getattr(model.config, "intent_shift", [0.0] * len(INTENTS)), np.float64)
    if shift.shape != (len(INTENTS),):
        raise PolicyError(f"`intent_shift` of {path!r} must have {len(INTENTS)} numbers")
    return logits, labels, shift, float(getattr(model.config, "intent_linear", 0.0))
