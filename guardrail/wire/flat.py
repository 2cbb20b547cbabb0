"""The texts of a JSON value in order, and the value written anew with what is told of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, repeat
from typing import Any

from guardrail.wire.columns import Column, Spot, in_pieces
from guardrail.wire.names import Names
from guardrail.wire.nested import begins

__all__ = ["Flat", "Path"]

Path = tuple[str | int, ...]
"""The keys and places on the way to a value."""

_TOP: Spot = (-1, "")
_DIGITS = "0123456789"
# What stands further to the right in a table is one column.
_WIDE = 64
# The values of an object whose keys are ids.
_ROWS = {dict, list}
# In a list of rows, and in no row of it.
_ROW = -1


class Flat:
    """Texts in order, each followed by what stands between it and the next.

    In `columns` are the strings of lists by their keys, and once more, where that is another name,
    as cells of a table: by keys without the numbers around them and without ids, which an object of
    objects or of lists has for keys, and by the place in the innermost list that is a row. Where a
    string may be JSON itself, something is `nested`. Values of a list that goes on share `numbers`.
    """

    def __init__(
        self, value: Any, kinds: tuple[type, ...], numbers: dict[Spot, int] | None = None
    ) -> None:
        self.parts: list[str] = []
        self.columns: dict[Column, list[int]] = {}
        self.nested = False
        self._value, self._kinds = value, kinds
        self._numbers = {} if numbers is None else numbers
        # Names that are the keys are the same object.
        self._add(value, _TOP, _TOP, None)

    def apart(self) -> Iterable[Sequence[int]]:
        """Each column that says something else than all in order does."""
        columns = self.columns.values()
        return {tuple(one): one for one in columns if self._says_more(one)}.values()

    def _says_more(self, column: Sequence[int]) -> bool:
        between = column[-1] - column[0] > 2 * (len(column) - 1)
        return between or in_pieces([self.parts[place] for place in column])

    def put_back(self, told: Sequence[str]) -> Any:
        """The value with what is told of its texts."""
        if all(map(str.__eq__, told, self.parts)):
            return self._value
        return _rebuilt(self._value, iter(zip(self.parts, told, strict=True)), self._kinds)

    def _add(self, value: Any, keys: Spot, names: Spot, place: int | None) -> None:
        if isinstance(value, dict):
            self._object(value, keys, names, place)
        elif isinstance(value, list):
            for inner, at in zip(value, _places(value, place), strict=False):
                self._add(inner, keys, names, at)
        elif isinstance(value, self._kinds) and not isinstance(value, bool):
            if isinstance(value, str):
                self.nested = self.nested or begins(value)
                if place is not None or names is not keys:
                    self._column(keys, names, place)
            self.parts += (str(value), "\n")

    def _object(self, value: dict[str, Any], keys: Spot, names: Spot, place: int | None) -> None:
        ids = len(value) > 1 and _by_id(value, whole=names is keys)
        at = _ROW if ids and place is None else place
        same = names is keys and not ids
        by_key, by_name = self._number(keys), self._number(names)
        for key, inner in value.items():
            self.parts += (key, ": ")
            inside, name = (by_key, key), key.strip(_DIGITS)
            if same and name == key:
                self._add(inner, inside, inside, at)
            else:
                row = ids and type(inner) in _ROWS
                self._add(inner, inside, names if row else (by_name, name), at)

    def _number(self, spot: Spot) -> int:
        return self._numbers.setdefault(spot, len(self._numbers))

    def _column(self, keys: Spot, names: Spot, place: int | None) -> None:
        if place is not None:
            self.columns.setdefault(keys, []).append(len(self.parts))
        if names is not keys or place != _ROW:
            cell = names, _ROW if place is None else place
            self.columns.setdefault(cell, []).append(len(self.parts))


def _places(value: Sequence[Any], around: int | None) -> Iterator[int]:
    """The place of each value of a list: its own in a list of rows, unless it is the only one."""
    if around is None or _table(value):
        return repeat(_ROW)
    if around != _ROW and len(value) == 1:
        return repeat(around)
    return chain(range(_WIDE), repeat(_WIDE))


def _table(value: Sequence[Any]) -> bool:
    """Whether a list is one of rows, some of which may have a cell alone: the rest was empty."""
    return {*map(type, value)} == {list} and max(map(len, value)) > 1


def _by_id(value: dict[str, Any], *, whole: bool) -> bool:
    """Whether the keys of an object are ids: of objects alone, or of lists alone.

    Other values may stand beside rows that are alike where the names around are still whole: what
    has an id itself is read by the names of its fields.
    """
    kinds = {*map(type, value.values())}
    if len(kinds & _ROWS) != 1:
        return False
    return len(kinds) == 1 or (whole and _alike([*value.values()]))


def _alike(values: Sequence[Any]) -> bool:
    """Whether some of the values are objects that have a field in common, or lists of cells."""
    rows = [one for one in values if type(one) in _ROWS]
    if isinstance(rows[0], dict):
        return len(set().union(*rows)) < sum(map(len, rows))
    return len(rows) > 1 and not any(dict in map(type, row) for row in rows)


def _rebuilt(value: Any, told: Iterator[tuple[str, str]], kinds: tuple[type, ...]) -> Any:
    if isinstance(value, dict):
        names = Names(value)
        return {
            names.add(key, _next(told)): _rebuilt(inner, told, kinds)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_rebuilt(inner, told, kinds) for inner in value]
    if isinstance(value, kinds) and not isinstance(value, bool):
        text = _next(told)
        return value if text == str(value) else text
    return value


def _next(told: Iterator[tuple[str, str]]) -> str:
    """The next text; what stands behind it is passed over."""
    _, text = next(told)
    next(told)
    return text
