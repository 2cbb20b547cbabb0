"""Private passages as vectors, with the threshold that harmless text stays below.

The index is one sealed file (see `guardrail.corpus.sealed`), whose arrays are vectors
f2[windows, width], centroids f2[lists, width], bounds u32[lists + 1] and document u32[windows]
(see `guardrail.semantic.lists`).

A vector tells much of what its passage says: keep the file as the passages are kept.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from guardrail.corpus import sealed
from guardrail.corpus.build import Document
from guardrail.corpus.fingerprint import Key
from guardrail.errors import IndexExistsError, InputError
from guardrail.semantic.encoder import Encoder
from guardrail.semantic.lists import Lists, group
from guardrail.semantic.windows import windows

__all__ = ["SemanticIndex"]

_MAGIC = b"LEAKSEM2"
_BATCH = 64
_PROBE = "The quick brown fox jumps over the lazy dog."
_SAME = 0.99
_DIGITS = 10_000


class SemanticIndex:
    """Windows of documents, compared by the angle between sentence embeddings.

    `threshold` is the cosine that one window in `1 / rate` of harmless text reaches.
    """

    def __init__(
        self,
        lists: Lists,
        document: NDArray[np.uint32],
        documents: Sequence[tuple[str, str]],
        threshold: float,
        probe: NDArray[np.float32],
    ) -> None:
        self.document, self.documents = document, documents
        self.threshold = threshold
        self._lists, self._probe = lists, probe

    @classmethod
    def build(
        cls,
        documents: Iterable[Document | tuple[str, str]],
        path: str | os.PathLike[str],
        *,
        encode: Encoder,
        harmless: Iterable[str],
        rate: float = 0.001,
        key: Key | None = None,
    ) -> SemanticIndex:
        """Write a new file at `path`; `harmless` is text of others that sets the threshold.

        At least `1 / rate` windows of it are needed. Raises `InputError` without them, and
        `IndexExistsError` where there is a file.
        """
        path = Path(path)
        if path.exists():
            raise IndexExistsError(f"{path} exists; remove it or take another name")
        if not 0 < rate < 1:
            raise InputError("rate must lie between 0 and 1")
        names: list[tuple[str, str]] = []
        vectors = list(_encoded(_passages(documents, names), encode))
        if not vectors:
            raise InputError("the documents hold no sentence of six words")
        matrix = np.concatenate([rows for _, rows in vectors]).astype(np.float16)
        owners = np.concatenate([numbers for numbers, _ in vectors])
        threshold = _threshold(matrix, harmless, encode, rate)
        lists, order = group(matrix)
        owners = owners[order]
        probe = encode([_PROBE])[0]
        header = {
            "shape": matrix.shape,
            "lists": len(lists.centroids),
            "documents": names,
            "threshold": threshold,
            "probe": probe.tolist(),
        }
        halves = (half.astype("<f2") for half in (lists.vectors, lists.centroids))
        arrays = *halves, lists.bounds.astype("<u4"), owners.astype("<u4")
        sealed.write(path, _MAGIC, key or Key.public(), header, arrays)
        return cls(lists, owners, names, threshold, probe)

    @classmethod
    def open(cls, path: str | os.PathLike[str], *, key: Key | None = None) -> SemanticIndex:
        """Raises `IndexMissingError`, `IndexFormatError`, `IndexKeyError`, `IndexCorruptError`."""
        path, secret = Path(path), key or Key.public()
        header, rest = sealed.read(path, _MAGIC, secret, what="semantic index", place=path)
        (rows, width), count = header["shape"], header["lists"]
        both = np.frombuffer(rest, "<f2", (rows + count) * width).reshape(rows + count, width)
        numbers = np.frombuffer(rest, "<u4", count + 1 + rows, both.nbytes)
        lists = Lists(both[:rows], both[rows:], numbers[: count + 1])
        names = [(name, label) for name, label in header["documents"]]
        probe = np.array(header["probe"], dtype=np.float32)
        return cls(lists, numbers[count + 1 :], names, header["threshold"], probe)

    def nearest(self, vector: NDArray[np.float32]) -> tuple[float, str, str]:
        """Cosine, document and class of the passage that means most nearly the same.

        Among more than some 8,000 windows it is searched where such passages are, and rarely
        missed.
        """
        cosine, row = self._lists.nearest(vector)
        name, label = self.documents[int(self.document[row])]
        return cosine, name, label

    def fits(self, encode: Encoder) -> bool:
        """Whether this is the model that the file was made with."""
        probe = encode([_PROBE])[0]
        return probe.shape == self._probe.shape and float(probe @ self._probe) > _SAME


def _passages(
    documents: Iterable[Document | tuple[str, str]], names: list[tuple[str, str]]
) -> Iterator[tuple[int, str]]:
    """Windows of each document, cut from its beginning and once more from within the first."""
    for document in map(Document.of, documents):
        names.append((document.id, document.sensitivity))
        cut = windows(document.text)
        for window in cut:
            yield len(names) - 1, window.raw
        if len(cut) > 1:
            middle = (cut[0].start + cut[0].end) // 2
            for window in windows(document.text[middle:].partition(" ")[2]):
                yield len(names) - 1, window.raw


def _encoded(
    passages: Iterator[tuple[int, str]], encode: Encoder
) -> Iterator[tuple[NDArray[np.uint32], NDArray[np.float32]]]:
    while batch := list(islice(passages, _BATCH)):
        numbers = np.array([number for number, _ in batch], np.uint32)
        yield numbers, encode([raw for _, raw in batch])


def _threshold(
    matrix: NDArray[np.float16], harmless: Iterable[str], encode: Encoder, rate: float
) -> float:
    known = matrix.astype(np.float32)
    texts = ((0, window.raw) for text in harmless for window in windows(text))
    best = [(rows @ known.T).max(axis=1) for _, rows in _encoded(texts, encode)]
    cosines = np.concatenate(best) if best else np.empty(0)
    if len(cosines) * rate < 1:
        least = f"a rate of {rate:g} needs {int(1 / rate):,}"
        raise InputError(f"{len(cosines):,} windows of harmless text are too few: {least}")
    # Rounded up, for the same product may come out otherwise in the last digits.
    most = float(np.quantile(cosines, 1 - rate, method="higher"))
    return math.ceil(most * _DIGITS) / _DIGITS
