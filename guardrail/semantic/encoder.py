"""Sentences as vectors, by a model of the user's choice (sentence-transformers)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from guardrail.errors import PolicyError

__all__ = ["Encoder", "encoder"]

Encoder = Callable[[Sequence[str]], NDArray[np.float32]]
"""A row of length 1 for each text."""


def encoder(model: str) -> Encoder:
    """The model in a folder, or one fetched before from the hub by its id: nothing is fetched here.

    Raises `PolicyError` where it, or sentence-transformers, is not there.
    """
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError:
        needs = "semantic needs sentence-transformers: pip install 'leakrail[semantic]'"
        raise PolicyError(needs) from None
    try:
        loaded = SentenceTransformer(model, local_files_only=True)
    except (OSError, ValueError):
        raise PolicyError(f"no model {model!r} on this machine; give its folder") from None

    def encode(texts: Sequence[str]) -> NDArray[np.float32]:
        told = loaded.encode(list(texts), normalize_embeddings=True, show_progress_bar=False)
        rows = np.asarray(told, dtype=np.float32)
        if not np.isfinite(rows).all():
            raise ValueError(f"model {model!r} gave a vector that is no number")
        return rows

    return encode
