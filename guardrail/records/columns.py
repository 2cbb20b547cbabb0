"""The typed columns of protected records, and what a row holds in them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from guardrail.errors import InputError
from guardrail.records.forms import TYPES, FieldType

__all__ = ["Column", "columns_of", "named"]

_MOST = 100
_WHOLE = re.compile(r"[0-9]{4,}\.0")
_BLANK = frozenset(("", "n/a", "null", "none", "nan", "\\n"))


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a type, made of one field or of several."""

    name: str
    kind: FieldType
    number: int
    fields: tuple[str, ...]

    def value(self, row: Mapping[str, Any], number: int) -> str:
        """What a row holds in it; empty for what stands for nothing, such as `N/A`."""
        parts = (_plain(row, name, number, self.kind) for name in self.fields)
        return " ".join(part for part in parts if part.casefold() not in _BLANK)


def columns_of(types: Mapping[str, FieldType], id_field: str | None) -> tuple[Column, ...]:
    """The columns that a mapping of names to types asks for."""
    if not 0 < len(types) <= _MOST:
        raise InputError(f"{len(types)} columns are given; take 1 to {_MOST}")
    table = []
    for number, (name, kind) in enumerate(types.items()):
        if kind not in TYPES:
            raise InputError(f"column {name!r}: no type {kind!r}; known: {', '.join(TYPES)}")
        table.append(Column(name, kind, number, tuple(name.split("+"))))
    if any(id_field in column.fields for column in table):
        told = "findings name records by it, and would tell its values"
        raise InputError(f"the id field {id_field!r} is a protected column: {told}")
    return tuple(table)


def named(row: Mapping[str, Any], id_field: str, number: int) -> bytes:
    """The id of a row."""
    name = _plain(row, id_field, number, "text")
    if not name:
        raise InputError(f"record {number + 1} has no id in the field {id_field!r}")
    return name.encode("utf-8", "surrogatepass")


def _plain(row: Mapping[str, Any], name: str, number: int, kind: FieldType) -> str:
    if name not in row:
        known = ", ".join(map(str, row))
        raise InputError(f"record {number + 1} has no field {name!r}; it has: {known}")
    value = row[name]
    if value is None:
        return ""
    if isinstance(value, (Mapping, list, tuple, set, bytes)):
        raise InputError(f"record {number + 1}: the field {name!r} is no single value")
    if isinstance(value, float):
        whole = value.is_integer() and kind != "money"
        return str(int(value)) if whole else f"{value:.2f}" if kind == "money" else str(value)
    written = str(value).strip()
    # A column with gaps was one of floats, before it was a file.
    return written[:-2] if kind != "money" and _WHOLE.fullmatch(written) else written
