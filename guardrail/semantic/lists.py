"""Vectors in lists of near ones, so that a question looks at some of them only.

An inverted file (Sivic and Zisserman 2003; Jégou et al. 2011): lists around centroids, found by
spherical k-means on a sample, and of all lists those are searched whose centroids are nearest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Lists", "group"]

PROBES = 32
"""So many lists are searched; an index of no more is searched whole."""

_SIZE, _MOST = 256, 4096
_SAMPLE, _LARGEST = 32, 100_000
_TIMES = 8
_ROWS = 4096


@dataclass(frozen=True, slots=True)
class Lists:
    """Rows of length 1, f2[rows, width], in lists: `bounds[i]` to `bounds[i + 1]` is one.

    `centroids` is f2[lists, width], `bounds` u4[lists + 1].
    """

    vectors: NDArray[np.float16]
    centroids: NDArray[np.float16]
    bounds: NDArray[np.uint32]

    def nearest(self, vector: NDArray[np.float32]) -> tuple[float, int]:
        """The largest cosine found, and its row."""
        best = (-2.0, 0)
        for one in self._near(vector):
            first, last = int(self.bounds[one]), int(self.bounds[one + 1])
            if first == last:
                continue
            cosines = self.vectors[first:last].astype(np.float32) @ vector
            row = int(cosines.argmax())
            best = max(best, (float(cosines[row]), first + row))
        return best

    def _near(self, vector: NDArray[np.float32]) -> Sequence[int]:
        count = len(self.centroids)
        if count <= PROBES:
            return range(count)
        cosines = self.centroids.astype(np.float32) @ vector
        near: list[int] = np.argpartition(cosines, -PROBES)[-PROBES:].tolist()
        return near


def group(vectors: NDArray[np.float16]) -> tuple[Lists, NDArray[np.intp]]:
    """The rows in lists, and the number that each row had before; the same ones each time."""
    count = max(1, min(len(vectors) // _SIZE, _MOST))
    centroids = _centroids(vectors, count)
    owners = _owners(vectors, centroids)
    order = np.argsort(owners, kind="stable")
    bounds = np.searchsorted(owners[order], np.arange(count + 1)).astype(np.uint32)
    return Lists(vectors[order], centroids.astype(np.float16), bounds), order


def _centroids(vectors: NDArray[np.float16], count: int) -> NDArray[np.float32]:
    chance = np.random.default_rng(0)
    size = min(len(vectors), _SAMPLE * count, _LARGEST)
    sample = vectors[np.sort(chance.choice(len(vectors), size, replace=False))].astype(np.float32)
    centroids = sample[chance.choice(size, count, replace=False)]
    for _ in range(_TIMES if count > 1 else 0):
        owners = _owners(sample, centroids)
        order = np.argsort(owners, kind="stable")
        # An empty list keeps the centroid that it has.
        full, first = np.unique(owners[order], return_index=True)
        sums = np.add.reduceat(sample[order], first)
        sizes = np.linalg.norm(sums, axis=1, keepdims=True)
        centroids[full] = np.divide(sums, sizes, out=centroids[full], where=sizes > 0)
    return centroids


def _owners(
    vectors: NDArray[np.float16] | NDArray[np.float32], centroids: NDArray[np.float32]
) -> NDArray[np.intp]:
    """The number of the nearest centroid, row by row."""
    pieces = range(0, len(vectors), _ROWS)
    return np.concatenate(
        [
            (vectors[first : first + _ROWS].astype(np.float32) @ centroids.T).argmax(axis=1)
            for first in pieces
        ]
    )
