"""Private passages as vectors, with the threshold that harmless text stays below.

One file; integers are little-endian:

    magic "LEAKSEMA", header length u32, header (JSON), vectors f2[windows, width],
    document u32[windows], HMAC-SHA256 of all before (32 bytes)

A vector tells much of what its passage says: keep the file as the passages are kept.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from guardrail.corpus.build import Document
from guardrail.corpus.files import replacing, sync_folder
from guardrail.corpus.fingerprint import Key
from guardrail.errors import (
    IndexCorruptError,
    IndexExistsError,
    IndexFormatError,
    IndexKeyError,
    IndexMissingError,
    InputError,
)
from guardrail.semantic.encoder import Encoder
from guardrail.semantic.windows import windows

__all__ = ["SemanticIndex"]

_MAGIC = b"LEAKSEMA"
_MAC_BYTES = 32
_BATCH = 64
_PROBE = "The quick brown fox jumps over the lazy dog."
_SAME = 0.99


class SemanticIndex:
    """Windows of documents, compared by the angle between sentence embeddings.

    `threshold` is the cosine that one window in `1 / rate` of harmless text reaches.
    """

    def __init__(
        self,
        vectors: NDArray[np.float16],
        document: NDArray[np.uint32],
        documents: Sequence[tuple[str, str]],
        threshold: float,
        probe: NDArray[np.float32],
    ) -> None:
        self.document, self.documents = document, documents
        self.threshold = threshold
        self._vectors = vectors.astype(np.float32)
        self._probe = probe

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
        probe = encode([_PROBE])[0]
        header = {
            "key": (key or Key.public()).id,
            "shape": matrix.shape,
            "documents": names,
            "threshold": threshold,
            "probe": probe.tolist(),
        }
        _write(path, header, matrix, owners, key or Key.public())
        return cls(matrix, owners, names, threshold, probe)

    @classmethod
    def open(cls, path: str | os.PathLike[str], *, key: Key | None = None) -> SemanticIndex:
        """Raises `IndexMissingError`, `IndexFormatError`, `IndexKeyError`, `IndexCorruptError`."""
        header, rest = _read(Path(path), key or Key.public())
        rows, width = header["shape"]
        vectors = np.frombuffer(rest, "<f2", rows * width).reshape(rows, width)
        owners = np.frombuffer(rest, "<u4", rows, 2 * rows * width)
        names = [(name, label) for name, label in header["documents"]]
        probe = np.array(header["probe"], dtype=np.float32)
        return cls(vectors, owners, names, header["threshold"], probe)

    def nearest(self, vector: NDArray[np.float32]) -> tuple[float, str, str]:
        """Cosine, document and class of the passage that means most nearly the same."""
        cosines = self._vectors @ vector
        row = int(cosines.argmax())
        name, label = self.documents[int(self.document[row])]
        return float(cosines[row]), name, label

    def fits(self, encode: Encoder) -> bool:
        """Whether this is the model that the file was made with."""
        probe = encode([_PROBE])[0]
        return probe.shape == self._probe.shape and float(probe @ self._probe) > _SAME


def _passages(
    documents: Iterable[Document | tuple[str, str]], names: list[tuple[str, str]]
) -> Iterator[tuple[int, str]]:
    """Windows of each document, cut from its beginning and once more from within the first."""
    for given in documents:
        document = given if isinstance(given, Document) else Document(*given)
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
    return float(np.quantile(cosines, 1 - rate, method="higher"))


def _write(
    path: Path,
    header: dict[str, object],
    matrix: NDArray[np.float16],
    owners: NDArray[np.uint32],
    key: Key,
) -> None:
    told = json.dumps(header).encode()
    data = b"".join(
        (
            _MAGIC,
            len(told).to_bytes(4, "little"),
            told,
            matrix.astype("<f2").tobytes(),
            owners.astype("<u4").tobytes(),
        )
    )
    with replacing(path) as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(data)
        file.write(key.mac(data))
    sync_folder(path.parent)


def _read(path: Path, key: Key) -> tuple[dict[str, Any], bytes]:
    try:
        data = path.read_bytes()
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        raise IndexMissingError(f"no semantic index at {path}") from None
    if not data.startswith(_MAGIC):
        raise IndexFormatError(f"{path} is not a leakrail semantic index")
    place = len(_MAGIC) + 4
    end = place + int.from_bytes(data[len(_MAGIC) : place], "little")
    try:
        header: dict[str, Any] = json.loads(data[place:end])
    except (ValueError, RecursionError):
        raise IndexCorruptError(f"{path} is damaged") from None
    if key.mac(data[:-_MAC_BYTES]) != data[-_MAC_BYTES:]:
        if isinstance(header, dict) and header.get("key") not in (None, key.id):
            raise IndexKeyError(f"{path} was made with another key than {key.id}")
        raise IndexCorruptError(f"{path} is damaged")
    return header, data[end:-_MAC_BYTES]
