"""A stand-in for sentence-transformers, which is too large to be installed for tests."""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import blake2b
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

SYNONYMS = {"physician": "doctor", "stated": "said", "ill": "sick", "purchased": "bought"}


class SentenceTransformer:
    """Means by a text the words in it, whatever their order; `wide` has more dimensions."""

    def __init__(self, name: str, *, local_files_only: bool) -> None:
        if not local_files_only or name == "none":
            raise OSError("not on this machine")
        self._name = name
        self._width = 512 if name == "wide" else 256

    def encode(
        self, texts: Sequence[str], *, normalize_embeddings: bool, show_progress_bar: bool
    ) -> NDArray[np.float32]:
        assert normalize_embeddings
        assert not show_progress_bar
        return np.stack([self._row(text) for text in texts])

    def _row(self, text: str) -> NDArray[np.float32]:
        row = np.full(self._width, 1e-3, dtype=np.float32)
        for word in re.findall(r"\w+", text.lower()):
            told = f"{self._name == 'other'}{SYNONYMS.get(word, word)}".encode()
            row[int.from_bytes(blake2b(told, digest_size=4).digest(), "little") % self._width] += 1
        return row / np.linalg.norm(row)


def stand_in() -> ModuleType:
    """The module to be imported in its place."""
    module = ModuleType("sentence_transformers")
    module.SentenceTransformer = SentenceTransformer  # type: ignore[attr-defined]
    return module
