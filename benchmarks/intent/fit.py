"""Fits the linear model: a softmax over `none` and the intents, then whole numbers of a byte.

The same prompts give the same weights; no library that uses several threads takes part.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.intent.prompts import NONE, Prompt
from guardrail.intent import INTENTS
from guardrail.intent.features import BITS, features
from guardrail.intent.linear import Weights

__all__ = ["fit", "matrix", "minimised", "softmax"]

Array = NDArray[np.float32]
Slope = Callable[[Array], tuple[float, Array]]

_CLASSES = (NONE, *INTENTS)
_RARE = 2
_PENALTY = 1e-4
_STEPS, _MEMORY, _TRIES = 50, 8, 20
_ARMIJO, _SHRINK, _CLOSE = 1e-4, 0.5, 1e-5
_LARGEST = 127


def fit(
    prompts: Sequence[Prompt], weights: Sequence[float], *, penalty: float = _PENALTY
) -> Weights:
    """Weights whose margins are not calibrated yet: a slope of 1 and no shift."""
    rows = matrix([prompt.text for prompt in prompts])
    share, met = _rarity(rows)
    places = np.flatnonzero(met >= _RARE)
    known = rows[:, places].multiply(share[places]).tocsr().astype(np.float32)
    truth = np.array([_CLASSES.index(prompt.intent) for prompt in prompts])
    found, bias = _softmax_fit(known, truth, np.array(weights, np.float32), penalty)
    margins = (found[:, 1:] - found[:, :1]) * share[places][:, None]
    unit = np.abs(margins).max(axis=0) / _LARGEST
    table = np.zeros((2**BITS, len(INTENTS)), np.int8)
    table[places] = np.rint(margins / unit)
    nothing = np.zeros(len(INTENTS), np.float32)
    return Weights(table, unit, bias[1:] - bias[:1], 1.0, nothing, {})


def matrix(texts: Sequence[str]) -> Any:
    """Sparse f4[texts, 2 ** BITS]: 1 by the root of how many places of the kind are met."""
    sparse = import_module("scipy.sparse")
    columns: list[NDArray[np.uint32]] = []
    values: list[Array] = []
    ends = [0]
    for text in texts:
        kinds = features(text)
        columns += kinds
        values += [np.full(len(one), 1 / np.sqrt(max(len(one), 1)), np.float32) for one in kinds]
        ends.append(ends[-1] + sum(map(len, kinds)))
    shape = (len(texts), 2**BITS)
    rows = sparse.csr_matrix((np.concatenate(values), np.concatenate(columns), ends), shape=shape)
    rows.sum_duplicates()
    return rows


def minimised(slope: Slope, start: Array, *, steps: int = _STEPS) -> Array:
    """L-BFGS with a step that is halved until the loss falls enough."""
    here = start
    loss, down = slope(here)
    known: deque[tuple[Array, Array, float]] = deque(maxlen=_MEMORY)
    for _ in range(steps):
        way = -_scaled(down, known)
        falls = _dot(way, down)
        size = 1.0 if known else min(1.0, 1 / max(float(np.abs(down).sum()), 1e-12))
        for _ in range(_TRIES):
            there = here + np.float32(size) * way
            less, then = slope(there)
            if less <= loss + _ARMIJO * size * falls:
                break
            size *= _SHRINK
        else:
            return here
        moved, turned = there - here, then - down
        if (curve := _dot(moved, turned)) > 0:
            known.append((moved, turned, curve))
        done = loss - less < _CLOSE * max(abs(loss), 1e-3) * _ARMIJO
        here, loss, down = there, less, then
        if done:
            break
    return here


def softmax(logits: Array) -> Array:
    """Shares of the columns."""
    raised: Array = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: Array = raised / raised.sum(axis=1, keepdims=True)
    return shares


def _softmax_fit(
    rows: Any, truth: NDArray[np.int64], weights: Array, penalty: float
) -> tuple[Array, Array]:
    """Weights f4[columns of `rows`, classes], and biases."""
    turned = rows.T.tocsr()
    wide, classes = rows.shape[1], len(_CLASSES)
    one_hot = np.eye(classes, dtype=np.float32)[truth]
    each = (weights / weights.sum())[:, None]

    def slope(flat: Array) -> tuple[float, Array]:
        table = flat[:-classes].reshape(wide, classes)
        told = softmax(rows @ table + flat[-classes:])
        right = np.maximum((told * one_hot).sum(axis=1, keepdims=True), 1e-12)
        loss = -float((each * np.log(right)).sum()) + penalty / 2 * _dot(flat, flat)
        error = each * (told - one_hot)
        down = np.concatenate([(turned @ error).ravel(), error.sum(axis=0)])
        return loss, down + np.float32(penalty) * flat

    flat = minimised(slope, np.zeros(wide * classes + classes, np.float32))
    return flat[:-classes].reshape(wide, classes), flat[-classes:]


def _rarity(rows: Any) -> tuple[Array, NDArray[np.int64]]:
    """How much each place weighs, and in how many texts it is met."""
    met = np.bincount(rows.indices, minlength=rows.shape[1])
    # Squared, since what many prompts of one hand say tells little of another hand's.
    rarity = (np.log((1 + rows.shape[0]) / (1 + met)) / 3) ** 2
    return rarity.astype(np.float32), met


def _scaled(down: Array, known: Sequence[tuple[Array, Array, float]]) -> Array:
    """What the two loops of L-BFGS make of a gradient."""
    way, parts = down, []
    for moved, turned, curve in reversed(known):
        part = np.float32(_dot(moved, way) / curve)
        way = way - part * turned
        parts.append(part)
    if known:
        _, turned, curve = known[-1]
        way = way * np.float32(curve / _dot(turned, turned))
    for (moved, turned, curve), part in zip(known, reversed(parts), strict=True):
        way = way + moved * (part - np.float32(_dot(turned, way) / curve))
    return way


def _dot(one: Array, other: Array) -> float:
    # Not `@`: how that sums hangs on how many threads there are.
    return float((one.astype(np.float64) * other).sum())
