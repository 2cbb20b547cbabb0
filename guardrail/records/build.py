"""Making a record index: rows become normal forms, forms become hashes, and the rows are gone."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from guardrail.corpus.files import new_folder
from guardrail.corpus.fingerprint import Key
from guardrail.errors import IndexExistsError, InputError
from guardrail.records.columns import Column, columns_of, named
from guardrail.records.forms import LEAST_ID, TEXT_WORDS, FieldType, forms
from guardrail.records.letters import Hashes
from guardrail.records.names import enciphered
from guardrail.records.store import FILE, Store
from guardrail.text import fold

__all__ = ["build"]

_BATCH = 1 << 14
_LONGEST = 256
# In how many words an answer may break up an id or a telephone number, but for letters one by one.
_BROKEN = 12


def build(
    rows: Iterable[Mapping[str, Any]],
    folder: Path,
    key: Key,
    *,
    columns: Mapping[str, FieldType],
    id_field: str | None,
    sensitivity: str,
) -> None:
    """Write the index of the rows in a new folder, or nothing."""
    table = columns_of(columns, id_field)
    if (folder / FILE).exists():
        raise IndexExistsError(f"{folder} holds a record index already; remove it, or name another")
    with new_folder(folder):
        forms, names, records = _Forms(table, Hashes(key)), [], 0
        for records, row in enumerate(rows, 1):
            for column in table:
                forms.add(records - 1, column, column.value(row, records - 1))
            if id_field is not None:
                names.append(named(row, id_field, records - 1))
        if not records:
            raise InputError("there are no records")
        header = forms.header() | {"records": records, "class": sensitivity}
        sections = forms.sections()
        if id_field is not None:
            nonce = secrets.token_bytes(16)
            header["nonce"] = nonce.hex()
            sections |= enciphered(names, key, nonce)
        Store.write(folder, key, header, sections)


class _Forms:
    """Hashed normal forms; those of letters wait until there are many."""

    def __init__(self, table: Sequence[Column], hashes: Hashes) -> None:
        self._table, self._hashes = table, hashes
        # An id that is too short to tell anything by itself goes to a text column of its own.
        self._short = np.arange(len(table))
        self._kinds: list[tuple[str, FieldType]] = [(one.name, one.kind) for one in table]
        for column in table:
            if column.kind == "id":
                self._short[column.number] = len(self._kinds)
                self._kinds.append((column.name, "text"))
        self._cut = np.array([column.kind in ("name", "text") for column in table])
        self._broken = np.array([column.kind in ("id", "phone") for column in table])
        self._values: Counter[int] = Counter()
        self._unguarded: Counter[int] = Counter()
        self._waiting: list[tuple[str, int, int]] = []
        self._valued: list[tuple[int, int, int]] = []
        self._pieces: list[tuple[NDArray[np.uint64], NDArray[np.uint32], NDArray[np.uint8]]] = []
        self._sizes: set[int] = set()
        self._spelt: set[int] = set()
        self._most_words = 1

    def add(self, record: int, column: Column, value: str) -> None:
        if not value:
            return
        self._values[column.number] += 1
        found = forms(column.kind, value)
        if not found:
            self._unguarded[column.number] += 1
        for form in found:
            if form.kind:
                hashed = self._hashes.value(form.kind, form.text)
                self._valued.append((hashed, record, column.number))
            else:
                self._waiting.append((form.text, record, column.number))
        if len(self._waiting) + len(self._valued) >= _BATCH:
            self._flush()

    def header(self) -> dict[str, Any]:
        """What is said of the forms; raises `InputError` for a column that guards nothing."""
        self._flush()
        if not self._values:
            raise InputError("there are records, but no values in them")
        for column in self._table:
            values = self._values[column.number]
            if values and values == self._unguarded[column.number]:
                raise InputError(f"column {column.name!r}: none of its values is a {column.kind}")
        return {
            "columns": self._kinds,
            "told": [
                (one.name, one.kind, self._values[one.number], self._unguarded[one.number])
                for one in self._table
            ],
            "sizes": sorted(self._sizes),
            "spelt": sorted(self._spelt),
            "longest": max(self._sizes, default=0),
            "most_words": self._most_words,
        }

    def sections(self) -> dict[str, NDArray[Any]]:
        """The hashes in order, each once for a record and column."""
        hashes, records, columns = map(np.concatenate, zip(*self._pieces, strict=True))
        self._pieces.clear()
        order = np.lexsort((records, columns, hashes))
        hashes, records, columns = hashes[order], records[order], columns[order]
        fresh = np.ones(len(order), dtype=bool)
        for row in (hashes, records, columns):
            fresh[1:] &= row[1:] == row[:-1]
        fresh[1:] = ~fresh[1:]
        return {"hash": hashes[fresh], "record": records[fresh], "column": columns[fresh]}

    def _flush(self) -> None:
        if self._valued:
            hashes, records, columns = zip(*self._valued, strict=True)
            self._keep(np.array(hashes, dtype=np.uint64), np.array(records), np.array(columns))
            self._valued = []
        if self._waiting:
            self._flush_letters()
            self._waiting = []

    def _flush_letters(self) -> None:
        texts = [text for text, _, _ in self._waiting]
        records = np.array([record for _, record, _ in self._waiting])
        columns = np.array([column for _, _, column in self._waiting])
        begins = np.cumsum([0, *(len(text) + 1 for text in texts)])
        letters = self._hashes.letters(fold("\n".join(texts)))
        bounds = np.searchsorted(letters.places, begins)
        starts, ends = bounds[:-1], bounds[1:].copy()
        first, last = (np.searchsorted(letters.starts, place) for place in (starts, ends))
        # A text or name counts by its first words; a letter is one where no spaces part words.
        long = self._cut[columns] & (last - first > TEXT_WORDS)
        last[long] = first[long] + TEXT_WORDS
        ends[long] = letters.ends[last[long] - 1]
        sizes, words = ends - starts, last - first
        good = (sizes > 0) & (sizes <= _LONGEST) & (words <= TEXT_WORDS)
        values = records * len(self._table) + columns
        lost = np.unique(values[~np.isin(values, values[good])])
        self._unguarded.update((lost % len(self._table)).tolist())
        starts, ends, sizes, words = starts[good], ends[good], sizes[good], words[good]
        records, columns = records[good], columns[good]
        long = self._broken[columns] & (sizes > _BROKEN)
        self._spelt.update(sizes[long].tolist())
        broken = np.where(self._broken[columns], np.minimum(sizes, _BROKEN), words)
        self._most_words = max(
            self._most_words, int(broken.max(initial=1)), int(words.max(initial=1))
        )
        self._sizes.update(sizes.tolist())
        columns = np.where(sizes < LEAST_ID, self._short[columns], columns)
        self._keep(self._hashes.sealed(letters.polynomials(starts, ends), sizes), records, columns)

    def _keep(
        self, hashes: NDArray[np.uint64], records: NDArray[np.intp], columns: NDArray[np.intp]
    ) -> None:
        self._pieces.append((hashes, records.astype(np.uint32), columns.astype(np.uint8)))
