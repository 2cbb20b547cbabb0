"""Protected records, as keyed hashes of their fields."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from guardrail.corpus.fingerprint import Key
from guardrail.errors import CorpusIndexError
from guardrail.records.build import build
from guardrail.records.forms import FieldType
from guardrail.records.letters import Hashes
from guardrail.records.names import deciphered
from guardrail.records.sieve import Bits
from guardrail.records.store import Store

__all__ = ["Field", "RecordIndex"]


@dataclass(frozen=True, slots=True)
class Field:
    """A value of the index: the rows `[low, high)` of its hash in one column."""

    column: int
    low: int
    high: int


class RecordIndex:
    """A folder with keyed hashes of the fields of protected records, exact data match.

    Columns have a type, which says how values may be written and still be the same:

    - `email`: case, accents; `@` and `.` spelled out or in brackets; spaces around them.
    - `phone`: separators, leading zeros, country code: two numbers are one if they end in the
      same digits, at least 8 of them, and one has at most five more (7 where neither has more);
      an extension counts where it is written right behind.
    - `id`: case and separators. One of fewer than 6 letters and digits is taken as a text.
    - `name`: order (`Doe, John`), middle names and initials left out, accents, titles; it counts
      by its first 16 words, or letters of a script without spaces.
    - `date`: ISO, US, European, months by name; where day and month may be either, both count.
    - `money`: separators, currency, `85k`.
    - `text`: case, accents, punctuation; it counts by its first 16 words.

    A field of the first three may hold several, with `;`, `|`, a comma, `or` or ` / ` in between.

    Shared by all threads. Only keyed hashes are stored, never values; the key is not stored, and
    an index made without one can be tested by guesses.
    """

    def __init__(self, path: str | os.PathLike[str], *, key: Key | bytes | None = None) -> None:
        self.path = Path(path)
        self._key = Key.of(key)
        self._store: Store | None = Store(self.path, self._key)
        self.hashes = Hashes(self._key)
        header, sections = self._store.header, self._store.sections
        self.columns: tuple[str, ...] = tuple(name for name, _ in header["columns"])
        self.types: tuple[FieldType, ...] = tuple(kind for _, kind in header["columns"])
        self.sensitivity: str = header["class"]
        self.longest, self.most_words = int(header["longest"]), int(header["most_words"])
        self.spelt: tuple[int, ...] = tuple(header["spelt"])
        self.kinds = frozenset(
            kind for _, kind, values, unguarded in header["told"] if values > unguarded
        )
        self.fits = np.zeros(self.longest + 2, dtype=bool)
        self.fits[header["sizes"]] = True
        self._hash: NDArray[np.uint64] = sections["hash"]
        self._record: NDArray[np.uint32] = sections["record"]
        self._column: NDArray[np.uint8] = sections["column"]
        self._bits = Bits(self._hash)

    def __repr__(self) -> str:
        return f"RecordIndex({str(self.path)!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @classmethod
    def open(cls, path: str | os.PathLike[str], *, key: Key | bytes | None = None) -> Self:
        """Open an index for reading; raises `CorpusIndexError` in one of its kinds."""
        return cls(path, key=key)

    @classmethod
    def build(
        cls,
        rows: Iterable[Mapping[str, Any]],
        path: str | os.PathLike[str],
        *,
        columns: Mapping[str, FieldType],
        key: Key | bytes | None = None,
        id_field: str | None = None,
        sensitivity: str = "",
    ) -> Self:
        """Make an index of rows in a new folder; `columns` gives the type of each.

        A column `first+last` is made of two fields. A record is named by `id_field`, or by its
        number, from 1. Rows are read one by one; memory grows by some 50 bytes for each normal
        form, of which a name has up to a dozen. Raises `InputError` or a `CorpusIndexError`, and
        then leaves nothing behind.
        """
        secret = Key.of(key)
        build(rows, Path(path), secret, columns=columns, id_field=id_field, sensitivity=sensitivity)
        return cls(path, key=secret)

    @property
    def name(self) -> str:
        return self.path.resolve().name

    def fields(self, hashes: NDArray[np.uint64]) -> list[tuple[int, Field]]:
        """The values that have one of the hashes, each with the number of its hash."""
        self._opened()
        rows = self._bits.rows(hashes)
        if not len(rows):
            return []
        wanted = hashes.take(rows)
        lows = np.searchsorted(self._hash, wanted, side="left")
        highs = np.searchsorted(self._hash, wanted, side="right")
        found: list[tuple[int, Field]] = []
        for row, low, high in zip(rows.tolist(), lows.tolist(), highs.tolist(), strict=True):
            while low < high:
                column = int(self._column[low])
                size = int(np.searchsorted(self._column[low:high], column, side="right"))
                found.append((row, Field(column, low, low + size)))
                low += size
        return found

    def records(self, field: Field, most: int) -> NDArray[np.uint32]:
        """The first records, in order, that have a value."""
        return self._record[field.low : min(field.high, field.low + most)]

    def having(self, field: Field, records: NDArray[np.uint32]) -> NDArray[np.bool_]:
        """Which of the records have a value."""
        held = self._record[field.low : field.high]
        at = np.minimum(np.searchsorted(held, records), len(held) - 1)
        has: NDArray[np.bool_] = held.take(at) == records
        return has

    def describe(self, record: int) -> str:
        """The id of a record, or its number, from 1."""
        return deciphered(self._opened(), self._key, record)

    def info(self) -> dict[str, Any]:
        """What the index holds, in numbers; `unguarded` values are not of their column's type."""
        store = self._opened()
        header = store.header
        return {
            "name": self.name,
            "key": None if self._key == Key.public() else header["key"],
            "class": self.sensitivity,
            "records": header["records"],
            "forms": len(self._hash),
            "columns": {
                name: {"type": kind, "values": values, "unguarded": unguarded}
                for name, kind, values, unguarded in header["told"]
            },
            "bytes": store.size,
        }

    def close(self) -> None:
        """Let go of the file; a closed index answers no more."""
        self._store = None
        self._hash = self._hash[:0]

    def _opened(self) -> Store:
        if self._store is None:
            raise CorpusIndexError(f"{self.path} is closed")
        return self._store
