"""Trains the head over sentence embeddings: two layers, in numpy."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.intent.fit import softmax
from benchmarks.intent.judge import cutoffs
from benchmarks.intent.mixture import mixture
from benchmarks.intent.prompts import NONE, Prompt
from benchmarks.intent.train import RATE, ordinary
from guardrail.intent import INTENTS
from guardrail.intent.head import Head, Network
from guardrail.intent.linear import Linear
from guardrail.semantic import encoder

__all__ = ["fitted", "train_head"]

Array = NDArray[np.float32]

_SEED = 1
_HIDDEN, _EPOCHS, _BATCH = 192, 12, 64
_RATE, _DECAY, _DROPPED, _SMOOTHED = 1e-3, 1e-4, 0.3, 0.05
_FIRST, _SECOND, _TINY = 0.9, 0.999, 1e-8
_CLASSES = (NONE, *INTENTS)


def train_head(model: str, out: Path, linear: Linear) -> Network:
    """Embed all that is for training, train, calibrate as the linear model is, write the file."""
    encode = encoder(model)
    kept, weights = mixture()
    texts = [prompt.text for prompt in kept]
    given = np.concatenate([encode(texts), linear.scores(texts)], axis=1)
    made = fitted(given, kept, weights, Head.probe(encode))
    texts = ordinary()
    _shifted(made, np.concatenate([encode(texts), linear.scores(texts)], axis=1))
    made.save(out)
    print(f"{len(kept)} prompts, written: {out.name}, {out.stat().st_size:,} B")
    return made


def fitted(given: Array, kept: Sequence[Prompt], weights: Sequence[float], probe: Array) -> Network:
    """A network without shift; `given` f4[prompts, width + intents]."""
    chance = np.random.default_rng(_SEED)
    width = given.shape[1]
    layers = [
        (chance.standard_normal((width, _HIDDEN)) / np.sqrt(width) * 2).astype(np.float32),
        np.zeros(_HIDDEN, np.float32),
        (chance.standard_normal((_HIDDEN, len(_CLASSES))) / np.sqrt(_HIDDEN)).astype(np.float32),
        np.zeros(len(_CLASSES), np.float32),
    ]
    smooth = np.full((len(kept), len(_CLASSES)), _SMOOTHED / len(_CLASSES), np.float32)
    for row, prompt in zip(smooth, kept, strict=True):
        row[_CLASSES.index(prompt.intent)] += 1 - _SMOOTHED
    each = np.array(weights, np.float32)
    means = [np.zeros_like(layer) for layer in layers]
    squares = [np.zeros_like(layer) for layer in layers]
    steps = _EPOCHS * (len(kept) // _BATCH)
    step = 0
    for _ in range(_EPOCHS):
        order = chance.permutation(len(kept))
        for begin in range(0, len(order) - _BATCH + 1, _BATCH):
            rows = order[begin : begin + _BATCH]
            kept_units = chance.random((len(rows), _HIDDEN)) >= _DROPPED
            downs = _slopes(layers, given[rows], smooth[rows], each[rows], kept_units)
            step += 1
            pace = _RATE * (1 - step / (steps + 1))
            for layer, down, mean, square in zip(layers, downs, means, squares, strict=True):
                mean += (1 - _FIRST) * (down - mean)
                square += (1 - _SECOND) * (down * down - square)
                ahead = mean / (1 - _FIRST**step)
                spread = np.sqrt(square / (1 - _SECOND**step)) + _TINY
                layer -= (pace * (ahead / spread + _DECAY * layer)).astype(np.float32)
    first, first_bias, second, second_bias = layers
    shift = np.zeros(len(INTENTS), np.float32)
    return Network(first, first_bias, second, second_bias, shift, probe)


def _slopes(
    layers: Sequence[Array], given: Array, truth: Array, each: Array, kept: NDArray[np.bool_]
) -> list[Array]:
    first, first_bias, second, second_bias = layers
    raised = given @ first + first_bias
    hidden = np.where(kept & (raised > 0), raised / (1 - _DROPPED), 0).astype(np.float32)
    told = softmax(hidden @ second + second_bias)
    error = (each / each.sum())[:, None] * (told - truth)
    back = np.where(hidden > 0, error @ second.T / (1 - _DROPPED), 0).astype(np.float32)
    return [given.T @ back, back.sum(axis=0), hidden.T @ error, error.sum(axis=0)]


def _shifted(made: Network, given: Array) -> None:
    made.shift[:] = -cutoffs(made.margins(given).astype(np.float64), RATE)
