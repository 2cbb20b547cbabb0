"""Passages that a model finds too likely to have made them up."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from guardrail.errors import PolicyError
from guardrail.semantic import Cutter, Window, windows
from guardrail.text import Text
from guardrail.types import Context, Finding, Scanner, Source

__all__ = ["Likelihood", "Tokens", "min_k", "perplexity", "zlib_ratio"]

_LOWEST = 0.2
_SCORE = 0.5


@dataclass(frozen=True, slots=True)
class Tokens:
    """Natural log-probability of each token, and mean and deviation of those of all at its place.

    Mean and deviation are over the vocabulary as the model weighs it.
    """

    log: NDArray[np.float64]
    mean: NDArray[np.float64]
    deviation: NDArray[np.float64]


def perplexity(tokens: Tokens) -> float:
    """1 for a text that is certain, more for one that surprises."""
    return math.exp(-float(tokens.log.mean()))


def zlib_ratio(tokens: Tokens, raw: str) -> float:
    """Bits of zlib for each bit that the model needs (Carlini et al. 2021, arXiv 2012.07805)."""
    bits = -float(tokens.log.sum()) / math.log(2)
    return 8 * len(zlib.compress(raw.encode("utf-8", "replace"), 9)) / max(bits, 1e-9)


def min_k(tokens: Tokens) -> float:
    """Min-K%++: deviations from the mean of the 20 % least likely tokens (arXiv 2404.02936)."""
    away = np.sort((tokens.log - tokens.mean) / np.maximum(tokens.deviation, 1e-6))
    return float(away[: max(int(len(away) * _LOWEST), 1)].mean())


class Likelihood:
    """Finds stretches of up to 48 words that the model of `model`, a folder, knows too well.

    `measure` is `perplexity`, `zlib` or `min_k`; with `perplexity` what is at `threshold` or below
    is found, with the others what is at it or above. Thresholds hang on the model: take one that
    `measured` reaches for little of your own harmless text. It needs transformers, and runs the
    model once for each stretch, so give its rule a `timeout`. What it finds scores 0.5.

    While an answer streams, one to a few sentences are held back, 48 words at most.
    """

    def __init__(
        self, *, model: str, threshold: float, measure: Literal["perplexity", "zlib", "min_k"]
    ) -> None:
        self.threshold, self.measure = threshold, measure
        self._read = _reader(model)

    def measured(self, raw: str) -> float | None:
        """The measure of a text; None for one of fewer than two tokens."""
        tokens = self._read(raw)
        if tokens is None:
            return None
        if np.isnan([tokens.log, tokens.mean, tokens.deviation]).any():
            raise ValueError("the model gave no probability")
        if self.measure == "zlib":
            return zlib_ratio(tokens, raw)
        return perplexity(tokens) if self.measure == "perplexity" else min_k(tokens)

    def find(self, text: Text) -> Iterable[Finding]:
        return self.judged(windows(text.raw))

    def settled(self, text: Text) -> int:
        cutter = Cutter()
        cutter.feed(text.raw)
        return cutter.begin

    def scanner(self, context: Context) -> Scanner:  # noqa: ARG002 - a prompt changes nothing
        """Runs the model once for each stretch of one answer."""
        return _Scanner(self)

    def judged(self, cut: Iterable[Window]) -> Iterator[Finding]:
        """What is found among stretches of an answer."""
        for window in cut:
            value = self.measured(window.raw)
            if value is not None and self._reaches(value):
                source = Source("likelihood", self.measure, "", len(window.raw.split()))
                yield Finding(window.start, window.end, "memorised", _SCORE, source=source)

    def _reaches(self, value: float) -> bool:
        if self.measure == "perplexity":
            return value <= self.threshold
        return value >= self.threshold


class _Scanner:
    __slots__ = ("_cutter", "_likelihood")

    def __init__(self, likelihood: Likelihood) -> None:
        self._likelihood = likelihood
        self._cutter = Cutter()

    @property
    def settled(self) -> int:
        return self._cutter.begin

    def feed(self, chunk: str) -> Iterable[Finding]:
        return tuple(self._likelihood.judged(self._cutter.feed(chunk)))

    def close(self) -> Iterable[Finding]:
        return tuple(self._likelihood.judged(self._cutter.close()))


def _reader(model: str) -> Callable[[str], Tokens | None]:
    """A causal language model that is on this machine; raises `PolicyError` where it is not."""
    try:
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer
    except ImportError:
        needs = "likelihood needs transformers: pip install 'leakrail[likelihood]'"
        raise PolicyError(needs) from None
    try:
        tokenizer = AutoTokenizer.from_pretrained(model, local_files_only=True)
        loaded = AutoModelForCausalLM.from_pretrained(model, local_files_only=True).eval()
    except (OSError, ValueError):
        raise PolicyError(f"no causal language model {model!r} on this machine") from None
    first = [] if tokenizer.bos_token_id is None else [tokenizer.bos_token_id]

    def read(raw: str) -> Tokens | None:
        ids = first + tokenizer(raw, add_special_tokens=False).input_ids
        if len(ids) < 2:
            return None
        with torch.inference_mode():
            logits = loaded(torch.tensor([ids])).logits[0, :-1].double()
        logs = torch.log_softmax(logits, dim=-1)
        weights = logs.exp()
        mean = (weights * logs).sum(-1)
        spread = ((weights * logs.square()).sum(-1) - mean.square()).clamp(min=0).sqrt()
        own = logs.gather(-1, torch.tensor(ids[1:])[:, None])[:, 0]
        return Tokens(own.numpy(), mean.numpy(), spread.numpy())

    return read
