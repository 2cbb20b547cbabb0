"""How much of a document has been given away: one bit for some words of it, in a row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Cover", "part"]

_BITS = 4096


@dataclass(frozen=True, slots=True)
class Cover:
    """Bits `[first, last)` of a document to give away, if no more than `most` are given then.

    It must fit under every key, each with a `most` of its own. What was given is forgotten once
    nothing was for a `period`, in microseconds. Keys are keyed digests of 16 bytes.
    """

    keys: tuple[bytes, ...]
    most: tuple[int, ...]
    periods: tuple[int, ...]
    first: int
    last: int

    @property
    def under(self) -> Iterator[tuple[bytes, int, int]]:
        """Each key with its `most` and its period."""
        return zip(self.keys, self.most, self.periods, strict=True)

    @property
    def mask(self) -> int:
        return ((1 << self.last - self.first) - 1) << self.first


def part(place: int, words: int, size: int, share: float) -> tuple[int, int, int]:
    """The bits of `words` words from `place` on, and how many are a share of the document.

    A document of more than 4,096 words has a bit for two words or more.
    """
    unit = -(-size // _BITS)
    return place // unit, -(-(place + words) // unit), int(share * size) // unit
