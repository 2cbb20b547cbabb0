"""Vectors in lists: all of them there, small ones searched whole, large ones nearly so."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from guardrail.semantic.lists import PROBES, group

WIDTH = 16


def rows(count: int, seed: int, *, themes: int = 40) -> NDArray[np.float16]:
    """Directions around some themes, as sentences about some subjects are."""
    chance = np.random.default_rng(seed)
    centres = chance.normal(size=(themes, WIDTH))
    told = centres[chance.integers(themes, size=count)] + 0.4 * chance.normal(size=(count, WIDTH))
    unit = told / np.linalg.norm(told, axis=1, keepdims=True)
    return np.asarray(unit, dtype=np.float16)


@settings(max_examples=30)
@given(st.integers(1, 3000), st.integers(0, 99))
def test_a_small_index_is_searched_whole(count: int, seed: int) -> None:
    """Each row is in one list, and the nearest is the one that a search of all would find."""
    vectors = rows(count, seed)
    lists, order = group(vectors)
    assert sorted(order.tolist()) == list(range(count))
    assert np.array_equal(lists.vectors, vectors[order])
    assert (int(lists.bounds[0]), int(lists.bounds[-1])) == (0, count)
    asked = rows(1, seed + 1)[0].astype(np.float32)
    cosine, row = lists.nearest(asked)
    cosines = lists.vectors.astype(np.float32) @ asked
    assert np.isclose(cosine, cosines.max(), atol=1e-5)
    assert np.isclose(cosines[row], cosines.max(), atol=1e-5)


def test_a_large_one_finds_what_is_near() -> None:
    """Of passages near to what was asked hardly one is missed where not all lists are searched."""
    vectors = rows(40_000, 1, themes=400)
    lists, _ = group(vectors)
    assert len(lists.centroids) > 2 * PROBES
    chance = np.random.default_rng(2)
    asked = vectors[chance.choice(len(vectors), 200, replace=False)].astype(np.float32)
    asked += 0.1 * chance.normal(size=asked.shape).astype(np.float32)
    asked /= np.linalg.norm(asked, axis=1, keepdims=True)
    best = (asked @ lists.vectors.astype(np.float32).T).max(axis=1)
    found = [lists.nearest(one)[0] for one in asked]
    assert np.isclose(found, best, atol=1e-5).mean() > 0.97


def test_equal_rows_fill_one_list() -> None:
    """Vectors that are all the same are in some list, and found."""
    vectors = np.repeat(rows(1, 3), 2000, axis=0)
    lists, _ = group(vectors)
    cosine, _ = lists.nearest(vectors[0].astype(np.float32))
    assert np.isclose(cosine, 1, atol=1e-2)
