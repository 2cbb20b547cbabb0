"""MinHash of windows: what it estimates, and which windows it makes."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from guardrail import Key
from guardrail.shuffled import BANDS, WINDOW, Sketch

SKETCH = Sketch(Key(b"0123456789abcdef"))
PAIRS = WINDOW - 1
SHARED = (5, 15, 23, 35)


def drawn(seed: int, size: int) -> NDArray[np.uint32]:
    words = np.random.default_rng(seed).integers(0, 2**63, size).astype(np.uint64)
    return SKETCH.pairs(words)


def overlapping(seed: int, shared: int) -> tuple[NDArray[np.uint32], NDArray[np.uint32], float]:
    """Two windows that have so many pairs in common, and their Jaccard similarity."""
    one, other = drawn(2 * seed, WINDOW), drawn(2 * seed + 1, WINDOW)
    other[:shared] = one[:shared]
    return one, other, shared / (2 * PAIRS - shared)


@pytest.mark.parametrize("shared", SHARED)
def test_estimates_jaccard(shared: int) -> None:
    """The share of equal minima is the similarity, and a band agrees as often as its square."""
    minima, bands = [], []
    for seed in range(300):
        one, other, jaccard = overlapping(seed, shared)
        minima.append(np.mean(SKETCH.minima(one) == SKETCH.minima(other)))
        bands.append(np.sum(SKETCH.bands(one) == SKETCH.bands(other)))
    error = (jaccard * (1 - jaccard) / 128 / 300) ** 0.5
    assert abs(np.mean(minima) - jaccard) < 4 * error
    agree = jaccard**2
    assert abs(np.mean(bands) - BANDS * agree) < 4 * (BANDS * agree * (1 - agree) / 300) ** 0.5
    assert 0.8 < np.std(minima) / (error * 300**0.5) < 1.2


@pytest.mark.parametrize("shared", SHARED)
def test_agrees_with_datasketch(shared: int) -> None:
    """The reference estimates the same within what sampling leaves open."""
    datasketch = pytest.importorskip("datasketch", exc_type=ImportError)
    differences, trials = [], 150
    for seed in range(trials):
        one, other, jaccard = overlapping(seed, shared)
        theirs = datasketch.MinHash.bulk(
            [[int(pair).to_bytes(4, "little") for pair in pairs] for pairs in (one, other)],
            num_perm=128,
        )
        ours = np.mean(SKETCH.minima(one) == SKETCH.minima(other))
        differences.append(float(ours) - theirs[0].jaccard(theirs[1]))
    error = (2 * jaccard * (1 - jaccard) / 128 / trials) ** 0.5
    assert abs(np.mean(differences)) < 4 * error


@pytest.mark.parametrize("stride", [5, 10, 25, 50])
@pytest.mark.parametrize("size", [2, 3, 30, 49, 50, 51, 60, 75, 101, 20_000])
def test_windows_are_those_of_the_stride(size: int, stride: int) -> None:
    """Each whole window gives what it gives alone, whatever stands around it."""
    pairs = drawn(size, size)
    bands = SKETCH.bands(pairs, stride)
    assert len(bands) == max((size - WINDOW) // stride, 0) + 1
    for number in {0, 1, len(bands) // 2, len(bands) - 2, len(bands) - 1} & set(range(len(bands))):
        first = number * stride
        assert (SKETCH.bands(pairs[first : first + PAIRS]) == bands[number]).all()


def test_nothing_has_no_window() -> None:
    """A pair takes two words, and one that is repeated counts once."""
    assert SKETCH.bands(drawn(1, 0)).shape == SKETCH.bands(drawn(1, 1)).shape == (0, BANDS)
    few = drawn(1, 6)
    assert (SKETCH.bands(np.tile(few, 3)) == SKETCH.bands(few)).all()


def test_another_key_gives_other_values() -> None:
    """Values of two keys agree by chance only."""
    words = np.arange(1000, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    other = Sketch(Key(b"another key, 16+"))
    bands = [one.bands(one.pairs(words), 10) for one in (SKETCH, other)]
    assert np.mean(bands[0] == bands[1]) < 0.001
