"""A small network over sentence embeddings, in a file of our own: numpy, and a model to embed."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from guardrail.errors import PolicyError
from guardrail.intent import INTENTS
from guardrail.intent.linear import Linear
from guardrail.semantic.encoder import Encoder

__all__ = ["Head", "Network"]

Array = NDArray[np.float32]

_NAMES = ("first", "first_bias", "second", "second_bias", "shift", "probe")
_PROBE = "The quick brown fox jumps over the lazy dog."
_SAME = 0.99
_NONE = "the file does not hold a head for intents"


@dataclass(frozen=True, slots=True)
class Network:
    """Two layers: f4[width + intents, hidden] and f4[hidden, 1 + intents], `none` first.

    `shift` f4[intents] sets where 0.5 lies; `probe` f4[width] tells the model that embeds.
    """

    first: Array
    first_bias: Array
    second: Array
    second_bias: Array
    shift: Array
    probe: Array

    @classmethod
    def load(cls, file: Path | BinaryIO) -> Network:
        """Raises `PolicyError` where this is no such file."""
        try:
            with np.load(file, allow_pickle=False) as kept:
                made = cls(*(kept[name].astype(np.float32) for name in _NAMES))
        except OSError as error:
            raise PolicyError(f"cannot read the head {file}: {error.strerror}") from None
        except (ValueError, TypeError, KeyError, EOFError, BadZipFile, zlib.error):
            raise PolicyError(_NONE) from None
        hidden, intents = made.first_bias.size, len(INTENTS)
        shapes = (
            (made.probe.size + intents, hidden),
            (hidden,),
            (hidden, 1 + intents),
            (1 + intents,),
            (intents,),
            (made.probe.size,),
        )
        if tuple(getattr(made, name).shape for name in _NAMES) != shapes:
            raise PolicyError(_NONE)
        return made

    def save(self, file: Path | BinaryIO) -> None:
        np.savez_compressed(file, **{name: getattr(self, name) for name in _NAMES})

    def margins(self, given: Array) -> Array:
        """Log-odds of each intent against `none`, of embeddings with the linear model's beside."""
        hidden = np.maximum(given @ self.first + self.first_bias, 0)
        logits = hidden @ self.second + self.second_bias
        return np.asarray(logits[:, 1:] - logits[:, :1])


class Head:
    """Scores by what a text means and by what the linear model says of it.

    `path` is a file that `python -m benchmarks intent train --head` made with the same model as
    `encode` has (see `guardrail.semantic.encoder`). Raises `PolicyError` where it is another.
    """

    name = "head"
    pull = 0.1
    holds_linear = True

    def __init__(
        self, path: Path | BinaryIO, encode: Encoder, linear: Linear | None = None
    ) -> None:
        self._network, self._encode = Network.load(path), encode
        self._linear = linear or Linear()
        probe = encode([_PROBE])[0]
        if probe.shape != self._network.probe.shape or float(probe @ self._network.probe) < _SAME:
            raise PolicyError("the head was trained with another model than this one")

    @staticmethod
    def probe(encode: Encoder) -> Array:
        """What a file remembers of the model that it was trained with."""
        return np.asarray(encode([_PROBE])[0])

    def scores(self, texts: Sequence[str]) -> Array:
        if not texts:
            return np.empty((0, len(INTENTS)), np.float32)
        given = np.concatenate([self._encode(texts), self._linear.scores(texts)], axis=1)
        odds = np.clip(self._network.margins(given) + self._network.shift, -30, 30)
        return np.asarray(1 / (1 + np.exp(-odds)), dtype=np.float32)

    def reasons(self, text: str, intent: str) -> tuple[str, ...]:
        """Those of the linear model, which is part of it."""
        return self._linear.reasons(text, intent)
