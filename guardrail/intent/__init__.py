"""What a prompt asks for: the intents, and the layers that tell how likely each is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

__all__ = ["INTENTS", "Layer"]

# The order of the columns of every array of scores.
INTENTS = (
    "verbatim",
    "membership",
    "attribute",
    "continuation",
    "divergence",
    "context",
    "personal",
)


@runtime_checkable
class Layer(Protocol):
    """One way to tell what a text asks for: deterministic, stateless, linear in the text."""

    @property
    def name(self) -> str: ...

    @property
    def pull(self) -> float:
        """How much of the log-odds of a part comes from a short whole that was read too, in [0, 1).

        0 where no other words change what is found.
        """
        ...

    def scores(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Calibrated probabilities in [0, 1], one row a text and one column an intent."""
        ...

    def reasons(self, text: str, intent: str) -> tuple[str, ...]:
        """Names of the rules or features that speak for an intent, never words of the text."""
        ...
