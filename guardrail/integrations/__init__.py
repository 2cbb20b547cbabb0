"""Thin doors for frameworks; each imports its own when it is imported, and no other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["needing"]


@contextmanager
def needing(door: str, install: str) -> Iterator[None]:
    """Raises `ImportError` that says what to install, where a framework's import finds nothing."""
    try:
        yield
    except ModuleNotFoundError:
        raise ImportError(f"{door} needs more: {install}") from None
