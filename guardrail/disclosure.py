"""What an answer may reveal besides its text: log-probabilities, usage, embeddings, scores, time.

Rounding probabilities does not stop attribute inference: with two decimals it still succeeds on
most records, with three bands or the label alone hardly more often than a guess (Fredrikson et
al. 2015). So scores become bands or labels here, and are never rounded.
"""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, get_args

import numpy as np

from guardrail.choice import one_of
from guardrail.errors import PolicyError

__all__ = ["Disclosure", "Embeddings", "Logprobs", "Scores", "Usage"]

Logprobs = Literal["drop", "round"]
Usage = Literal["exact", "bucket", "drop"]
Embeddings = Literal["allow", "deny", "reduce"]
Scores = Literal["label", "bands"]

_BANDS = ("low", "medium", "high")
_BUCKET = 64
_HUGE = 3e38
_SLOWEST = 60_000
_VECTORS = frozenset({"embedding", "embeddings"})
_ASIDE = _VECTORS | {"logprobs", "usage"}
# A key has more numbers in it, and a text is longer.
_NAME = re.compile(r"(?=.{1,40}\Z)[A-Za-z_.-]*+(?:\d{1,9}[A-Za-z_.-]*+){0,2}", re.ASCII)
_NUMBER = re.compile(r"\s*[-+]?[\d.,]+(?:[eE][-+]?\d+)?\s*", re.ASCII)
# Letters of base64 for four numbers: what is shorter is a name.
_CODED = 24
# Names that are no numbers.
_WORD = re.compile(rf"(?=[A-Za-z]){_NAME.pattern}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """What is kept back of everything that is no text.

    `logprobs` are dropped, or kept to one decimal without the tokens that they repeat. `usage`
    is exact, in steps of 64 tokens and without other numbers, or dropped. `embeddings` are allowed,
    denied, or reduced to their first `dimensions`, of length 1 again and in steps of 1/64. `scores`
    names numbers in JSON answers by path (`result.probability`, `*` for any key or place): a number
    becomes one of the bands low, medium and high; of several `label` leaves the name or place of
    the largest.

    With a `timing` an answer, a refusal or an error leaves an edge only at a whole number of so
    many milliseconds after its request came, and so do the beginning and the end of a stream: the
    number that follows the one within which the model answered. So the guard's own time does not
    show as long as it is shorter; what takes longer leaves a number later, so take more than the
    guard ever needs. How long the model takes, and pieces within a stream, are not hidden.
    """

    # How a policy file is read; no part of what is told.
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    logprobs: Logprobs = "drop"
    usage: Usage = "exact"
    embeddings: Embeddings = "allow"
    dimensions: int = 64
    scores: Mapping[str, Scores] = field(default_factory=dict)
    timing: int = 0

    def __post_init__(self) -> None:
        for name, kind in (("logprobs", Logprobs), ("usage", Usage), ("embeddings", Embeddings)):
            one_of(f"disclosure: {name}", getattr(self, name), get_args(kind))
        if self.dimensions < 1:
            raise PolicyError("disclosure: dimensions must be at least 1")
        if not 0 <= self.timing <= _SLOWEST:
            raise PolicyError(f"disclosure: timing must lie between 0 and {_SLOWEST} milliseconds")
        for path, value in self.scores.items():
            if value not in get_args(Scores):
                known = ", ".join(get_args(Scores))
                raise PolicyError(f"disclosure: scores of {path!r} are {value!r}; known: {known}")

    def told_logprobs(self, logprobs: Any) -> Any:
        """Log-probabilities in OpenAI's forms, without their tokens; None or [] if dropped."""
        if isinstance(logprobs, list):
            return [] if self.logprobs == "drop" else [_rounded(token) for token in logprobs]
        if self.logprobs == "drop" or not isinstance(logprobs, dict):
            return None
        tokens = logprobs.get("content")
        if not isinstance(tokens, list):
            return None
        return {"content": [_rounded(token) for token in tokens], "refusal": None}

    def told_usage(self, usage: Any) -> Any:
        """Token counts, nested ones too; None where they are dropped."""
        if self.usage == "drop":
            return None
        return _counted(usage, 1 if self.usage == "exact" else _BUCKET)

    def told_embedding(self, embedding: Any) -> Any:
        """One embedding, a list of numbers or base64 of 32-bit floats; the same form comes back.

        Raises `ValueError` for another form.
        """
        if isinstance(embedding, str):
            try:
                vector = np.frombuffer(base64.b64decode(embedding, validate=True), "<f4")
            except ValueError:
                raise ValueError("an embedding that is not base64") from None
        elif isinstance(embedding, list) and all(map(_is_number, embedding)):
            vector = np.array(embedding, dtype="<f4")
        else:
            raise ValueError("an embedding that is neither numbers nor base64")
        if self.embeddings == "allow":
            return embedding
        if not np.isfinite(vector).all():
            raise ValueError("an embedding that is not finite")
        told = self._reduced(vector)
        if isinstance(embedding, str):
            return base64.b64encode(told.tobytes()).decode()
        return [float(value) for value in told]

    def told_aside(self, answer: Any) -> Any:
        """JSON in no provider's form with what a provider tells beside its text, told as there."""
        return self._bared(answer) if _tells(answer) else answer

    def told_scores(self, answer: Any) -> Any:
        """A JSON answer with its scores coarsened; other values are left as they are."""
        for path, kind in self.scores.items():
            answer = _coarsened(answer, path.split("."), kind)
        return answer

    def _bared(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._aside(key, inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._bared(inner) for inner in value]
        return value

    def _aside(self, key: str, value: Any) -> Any:
        if key == "logprobs" and isinstance(value, dict | list):
            return self.told_logprobs(value)
        if key == "usage" and isinstance(value, dict) and any("token" in name for name in value):
            return value if self.usage == "exact" else self.told_usage(value)
        told = self._bared(value)
        return self._vectors(told) if key in _VECTORS and self.embeddings != "allow" else told

    def _vectors(self, value: Any) -> Any:
        with suppress(ValueError):
            told = self.told_embedding(value)
            return None if self.embeddings == "deny" else told
        if isinstance(value, list):
            return [self._unnumbered(inner) for inner in value]
        if isinstance(value, dict):
            # What stands beside a vector is its place, or its name.
            return {
                key: inner if key == "index" and isinstance(inner, int) else self._unnumbered(inner)
                for key, inner in value.items()
            }
        return value

    def _unnumbered(self, value: Any) -> Any:
        if _is_number(value) or (isinstance(value, str) and _NUMBER.fullmatch(value)):
            return None
        return value if isinstance(value, str) and len(value) < _CODED else self._vectors(value)

    def _reduced(self, vector: np.ndarray[Any, np.dtype[np.float32]]) -> Any:
        kept = vector[: self.dimensions].astype(np.float64)
        kept /= max(float(np.linalg.norm(kept)), 1e-12)
        return (np.round(kept * 64) / 64).astype("<f4")


def _tells(answer: Any) -> bool:
    """Whether something is told beside the text; most answers have nothing to look at twice."""
    left = [answer]
    while left:
        value = left.pop()
        if isinstance(value, dict):
            if not _ASIDE.isdisjoint(value):
                return True
            left += value.values()
        elif isinstance(value, list):
            left += value
    return False


def _rounded(token: Any) -> dict[str, Any]:
    value = token.get("logprob") if isinstance(token, dict) else None
    told = round(max(_number(value), -9999.0), 1)
    return {"token": "", "logprob": told, "bytes": None, "top_logprobs": []}


def _counted(usage: Any, step: int) -> Any:
    """Numbers in steps; of strings and keys only names, since others could be text."""
    if isinstance(usage, dict):
        return {key: _counted(value, step) for key, value in usage.items() if _NAME.fullmatch(key)}
    if isinstance(usage, list):
        return [_counted(value, step) for value in usage]
    if isinstance(usage, str):
        return usage if (_NAME if step == 1 else _WORD).fullmatch(usage) else None
    if isinstance(usage, bool) or not isinstance(usage, int | float) or step == 1:
        return usage
    # Who counts tokens has whole numbers: others are seconds, or prices.
    return -(-int(usage) // step) * step if usage == usage // 1 else None


def _coarsened(value: Any, path: list[str], kind: Scores) -> Any:
    if not path:
        return _told(value, kind)
    head, *rest = path
    if isinstance(value, dict):
        return {
            key: _coarsened(inner, rest, kind) if head in ("*", key) else inner
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [
            _coarsened(inner, rest, kind) if head in ("*", str(place)) else inner
            for place, inner in enumerate(value)
        ]
    return value


def _told(value: Any, kind: Scores) -> Any:
    if isinstance(value, dict) and value:
        if kind == "label":
            return max(value, key=lambda name: _number(value[name]))
        return {name: _told(inner, kind) for name, inner in value.items()}
    if isinstance(value, list) and value:
        if kind == "label":
            return max(range(len(value)), key=lambda place: _number(value[place]))
        return [_told(inner, kind) for inner in value]
    return _BANDS[int(3 * min(max(value, 0), 0.99))] if _is_number(value) else None


def _number(value: Any) -> float:
    return float(value) if _is_number(value) else -math.inf


def _is_number(value: Any) -> bool:
    """Whether it is one that floating point can hold."""
    return (
        isinstance(value, int | float) and not isinstance(value, bool) and -_HUGE <= value <= _HUGE
    )
