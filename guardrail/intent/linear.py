"""A linear model over runs of words and letters, in a file of our own: numpy and no more."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import BinaryIO
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from guardrail.errors import PolicyError
from guardrail.intent import INTENTS
from guardrail.intent.features import BITS, features, pieces

__all__ = ["SHIPPED", "Linear", "Weights"]

SHIPPED = Path(__file__).with_name("linear.npz")
"""Made by `python -m benchmarks intent train`."""

_MOST = 3


class Weights:
    """What a file of the model holds: arrays, and no code.

    `table` i1[2 ** BITS, intents] times `unit` f4[intents] is the weight of each place, `bias`
    f4[intents]; margins times `slope` plus `shift` f4[intents] are log-odds. `named` maps a place
    to a run of words that is frequent in the training data.
    """

    def __init__(
        self,
        table: NDArray[np.int8],
        unit: NDArray[np.float32],
        bias: NDArray[np.float32],
        slope: float,
        shift: NDArray[np.float32],
        named: dict[int, str],
    ) -> None:
        self.table, self.unit, self.bias = table, unit, bias
        self.slope, self.shift, self.named = slope, shift, named

    @classmethod
    def load(cls, file: Path | BinaryIO) -> Weights:
        """Raises `PolicyError` where this is no such file."""
        try:
            with np.load(file, allow_pickle=False) as kept:
                places, rows = kept["places"], kept["rows"]
                table = np.zeros((2**BITS, len(INTENTS)), np.int8)
                table[places] = rows
                named = {int(place): name for place, name in json.loads(kept["named"].tobytes())}
                unit, bias, shift = kept["unit"], kept["bias"], kept["shift"]
                if not unit.shape == bias.shape == shift.shape == (len(INTENTS),):
                    raise ValueError
                return cls(table, unit, bias, float(kept["slope"]), shift, named)
        except OSError as error:
            raise PolicyError(f"cannot read the linear model {file}: {error.strerror}") from None
        except (ValueError, TypeError, LookupError, EOFError, BadZipFile, zlib.error):
            raise PolicyError("the file of weights does not hold a linear model") from None

    def save(self, file: Path | BinaryIO) -> None:
        """The same weights make the same bytes."""
        places = np.flatnonzero(self.table.any(axis=1))
        named = json.dumps(sorted(self.named.items()), ensure_ascii=False).encode()
        np.savez_compressed(
            file,
            places=places.astype("<u4"),
            rows=self.table[places],
            unit=self.unit,
            bias=self.bias,
            slope=np.float32(self.slope),
            shift=self.shift,
            named=np.frombuffer(named, np.uint8),
        )


class Linear:
    """Each intent against `none`, by the sum of the weights of what a text is made of.

    A text of 200 tokens takes some 0.2 ms, and cost is linear in the length. Of ordinary
    prompts 1 in 1,000 reaches a score of 0.14.
    """

    name = "linear"
    pull = 0.1

    def __init__(self, weights: Weights | None = None) -> None:
        self._weights = weights or _shipped()

    def scores(self, texts: Sequence[str]) -> NDArray[np.float32]:
        weights = self._weights
        odds = np.clip(self.margins(texts) * weights.slope + weights.shift, -30, 30)
        return np.asarray(1 / (1 + np.exp(-odds)), dtype=np.float32)

    def margins(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Log-odds of each intent against `none`, before they are calibrated."""
        return np.array([self._margins(text) for text in texts], np.float32).reshape(
            -1, len(INTENTS)
        )

    def reasons(self, text: str, intent: str) -> tuple[str, ...]:
        """Up to three runs of words from the training data that say most for an intent."""
        weights, column = self._weights, INTENTS.index(intent)
        found = {
            name: int(weights.table[place, column])
            for name, place in pieces(text)
            if weights.named.get(place) == name
        }
        best = sorted(found, key=lambda name: (-found[name], name))[:_MOST]
        return tuple(name for name in best if found[name] > 0)

    def _margins(self, text: str) -> NDArray[np.float64]:
        weights = self._weights
        sums = np.zeros(len(INTENTS))
        for places in features(text):
            if len(places):
                total = weights.table.take(places, axis=0).sum(axis=0, dtype=np.int32)
                sums += total / np.sqrt(len(places))
        margins: NDArray[np.float64] = sums * weights.unit + weights.bias
        return margins


@cache
def _shipped() -> Weights:
    return Weights.load(SHIPPED)
