"""Letters of a text without what separates them, hashed so that any stretch of words can be.

A stretch is hashed as a polynomial of its letters modulo 2**64 with a secret base and secret
coefficients, then through AES with its length; what separates its words does not count.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from guardrail.corpus.fingerprint import Key, Prf
from guardrail.text import SINGLE, Folded

__all__ = ["Hashes", "Letters"]

_MODULUS = 2**64
_LEAST_POWERS = 1 << 12
_ZERO = np.uint8(ord("0"))


@dataclass(frozen=True, slots=True)
class Letters:
    """Canonical letters in a row; words are stretches `[starts, ends)` of them.

    `places` and `ends_at` tell where each letter begins and ends in the raw text, `sums`, `powers`
    and `inverses` make the polynomial of a stretch, and `digits` says which words are numbers.
    """

    starts: NDArray[np.intp]
    ends: NDArray[np.intp]
    places: NDArray[np.int64]
    ends_at: NDArray[np.int64]
    digits: NDArray[np.bool_]
    sums: NDArray[np.uint64]
    powers: NDArray[np.uint64]
    inverses: NDArray[np.uint64]

    def polynomials(self, starts: NDArray[np.intp], ends: NDArray[np.intp]) -> NDArray[np.uint64]:
        """The polynomial of each stretch of letters."""
        return (self.sums.take(ends) - self.sums.take(starts)) * self.inverses.take(starts)

    def spliced(
        self,
        first: tuple[NDArray[np.intp], NDArray[np.intp]],
        second: tuple[NDArray[np.intp], NDArray[np.intp]],
    ) -> NDArray[np.uint64]:
        """The polynomial of two stretches put together, without what stands between them."""
        shift = self.powers.take(first[1] - first[0])
        return self.polynomials(*first) + shift * self.polynomials(*second)


class Hashes:
    """Keyed 64-bit hashes of letters and of other normal forms."""

    def __init__(self, key: Key) -> None:
        self._prf = Prf(key.derive("rforms", 16))
        self._letters = Prf(key.derive("rletters", 16))
        self._table = self._letters(np.arange(256, dtype=np.uint64))
        self._values = key.derive("rvalues", 32)
        self._base = int.from_bytes(key.derive("rbase", 8), "little") | 1
        self._powers = _powers(self._base, _LEAST_POWERS)

    def letters(self, folded: Folded) -> Letters:
        """The letters of a folded text, ready to be hashed."""
        codes = np.frombuffer(folded.codes, dtype=np.uint8)
        at = (codes >= SINGLE).nonzero()[0]
        letters = codes.take(at)
        opens = np.ones(len(at), dtype=bool)
        np.not_equal(at[1:] - at[:-1], 1, out=opens[1:])
        coefficients = self._table.take(letters)
        if folded.points is not None:
            alone = letters == SINGLE
            opens |= alone
            opens[1:] |= alone[:-1]
            points = folded.points.take(at[alone]).astype(np.uint64)
            coefficients[alone] = self._letters(points + np.uint64(256))
        powers, inverses = self._scaled(len(at))
        starts = opens.nonzero()[0]
        places, ends_at = at, at + 1
        if folded.offsets is not None:
            # A letter keeps the marks that vanish behind it.
            places = folded.offsets.take(at)
            ends_at = np.maximum(places + 1, folded.offsets.take(ends_at))
        ends = np.append(starts[1:], len(at))[: len(starts)]
        sums = np.zeros(len(at) + 1, dtype=np.uint64)
        np.cumsum(coefficients * powers[: len(at)], out=sums[1:])
        numbers = letters - _ZERO < 10
        digits = np.logical_and.reduceat(numbers, starts) if len(starts) else numbers
        return Letters(starts, ends, places, ends_at, digits, sums, powers, inverses)

    def sealed(
        self, polynomials: NDArray[np.uint64], sizes: NDArray[np.intp]
    ) -> NDArray[np.uint64]:
        """The hash of letters that have a polynomial."""
        return self._prf(polynomials, sizes.astype(np.uint64))

    def value(self, kind: str, form: str) -> int:
        """The hash of a normal form that is not letters alone."""
        data = f"{kind}:{form}".encode("utf-8", "surrogatepass")
        return int.from_bytes(blake2b(data, key=self._values, digest_size=8).digest(), "little")

    def _scaled(self, size: int) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
        if len(self._powers[0]) <= size:
            self._powers = _powers(self._base, 2 * size)
        return self._powers


def _powers(base: int, size: int) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    rows = []
    for factor in (base, pow(base, -1, _MODULUS)):
        row = np.full(size, factor, dtype=np.uint64)
        row[0] = 1
        rows.append(np.cumprod(row, dtype=np.uint64))
    return rows[0], rows[1]
