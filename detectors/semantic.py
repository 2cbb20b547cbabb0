"""Passages of a private corpus in other words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from guardrail.corpus import Key
from guardrail.errors import PolicyError
from guardrail.semantic import Cutter, Encoder, SemanticIndex, Window, encoder, windows
from guardrail.text import Text
from guardrail.types import Context, Finding, Scanner, Source

__all__ = ["Semantic"]


class Semantic:
    """Finds sentences that mean nearly what a passage of the index says.

    `index` is made by `guardrail semantic build` with the same `model`, a folder or hub id of a
    sentence-transformers model that is on this machine. The score is the cosine; what reaches
    `threshold` (between 0 and 1; default: that of the index) is found, and is an `echo` if
    something that the reader wrote is as near to it as the passage.

    While an answer streams, one to a few sentences are held back, 48 words at most.
    """

    def __init__(
        self,
        *,
        index: Path,
        model: str,
        key_file: Path | None = None,
        key_env: str | None = None,
        threshold: float | None = None,
    ) -> None:
        self.index = SemanticIndex.open(index, key=Key.configured(key_file, key_env))
        self.threshold = self.index.threshold if threshold is None else threshold
        if not 0 < self.threshold <= 1:
            raise PolicyError("threshold must be more than 0 and at most 1")
        self._encode: Encoder = encoder(model)
        if not self.index.fits(self._encode):
            raise PolicyError(f"{index} was made with another model than {model!r}")
        self._name = index.name

    def find(self, text: Text) -> Iterable[Finding]:
        return self.judged(windows(text.raw), text.context)

    def settled(self, text: Text) -> int:
        cutter = Cutter()
        cutter.feed(text.raw)
        return cutter.begin

    def scanner(self, context: Context) -> Scanner:
        """Encodes each window of one answer once."""
        return _Scanner(self, context)

    def judged(self, cut: Iterable[Window], context: Context) -> Iterator[Finding]:
        """What is found among windows of an answer."""
        for window in cut:
            vector = self._vector(window.raw)
            cosine, name, label = self.index.nearest(vector)
            if cosine >= self.threshold:
                source = Source(self._name, name, label, len(window.raw.split()))
                discount = "echo" if self._echoes(vector, context) >= cosine else ""
                score = min(cosine, 1.0)  # rounding may carry it beyond
                yield Finding(
                    window.start, window.end, "semantic", score, "", source, discount=discount
                )

    def _echoes(self, vector: NDArray[np.float32], context: Context) -> float:
        told = (window for text in context.supplied for window in windows(text))
        return max((float(self._vector(one.raw) @ vector) for one in told), default=0.0)

    def _vector(self, raw: str) -> NDArray[np.float32]:
        # One by one: what else is in a batch moves the last digits, and streams have no batch.
        vector: NDArray[np.float32] = self._encode([raw])[0]
        return vector


class _Scanner:
    __slots__ = ("_context", "_cutter", "_semantic")

    def __init__(self, semantic: Semantic, context: Context) -> None:
        self._semantic, self._context = semantic, context
        self._cutter = Cutter()

    @property
    def settled(self) -> int:
        return self._cutter.begin

    def feed(self, chunk: str) -> Iterable[Finding]:
        return tuple(self._semantic.judged(self._cutter.feed(chunk), self._context))

    def close(self) -> Iterable[Finding]:
        return tuple(self._semantic.judged(self._cutter.close(), self._context))
