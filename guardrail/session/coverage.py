"""How much has been given away: one bit for some words of a document, or a field of a record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

__all__ = ["Cover", "Under", "part"]

_BITS = 4096


class Under(NamedTuple):
    """What bits are kept under, how many of them may be given, and for how long they are kept.

    They are forgotten once none was given for a `period`, in microseconds. With a `pool`, `most` is
    what may be given of all that counts there, and a period begins with the first of it. Keys are
    keyed digests of 16 bytes.
    """

    key: bytes
    most: int
    period: int
    pool: bytes = b""


@dataclass(frozen=True, slots=True)
class Cover:
    """Bits `[first, last)` to give away, if they fit under every key.

    In a pool a bit that was not given before counts as so many words as a `unit`.
    """

    under: tuple[Under, ...]
    first: int
    last: int
    unit: int = 1

    @property
    def mask(self) -> int:
        return ((1 << self.last - self.first) - 1) << self.first


def part(place: int, reach: int, size: int) -> tuple[int, int, int]:
    """The bits of `reach` words from `place` on, and how many words a bit stands for.

    A document of more than 4,096 words has a bit for two words or more.
    """
    unit = -(-size // _BITS)
    return place // unit, -(-(place + reach) // unit), unit
