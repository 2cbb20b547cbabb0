"""The texts of a JSON value in order, and the value written anew with what is told of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from guardrail.wire.checks import Checks, WireError

__all__ = ["KEYED", "LISTED", "Ends", "Flat", "Path", "across"]

# How much of the end of a column is read before what it goes on with; how many go on.
_BEFORE, _MOST = 1_000, 64
# Where a value stands: in no list, in one, in an object of one.
_ALONE, LISTED, KEYED = range(3)

Path = tuple[str | int, ...]
"""The keys and places on the way to a value."""


class Flat:
    """Texts in order, each followed by what stands between it and the next.

    `columns` are strings that have the same keys, and stand at least so deep in a list.
    """

    def __init__(self, value: Any, kinds: tuple[type, ...], least: int) -> None:
        self.parts: list[str] = []
        self.columns: dict[Path, list[int]] = {}
        self.kinds, self._least = kinds, least
        self._add(value, (), _ALONE)

    def _add(self, value: Any, path: Path, depth: int) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                self.parts += (key, ": ")
                self._add(inner, (*path, key), KEYED if depth else _ALONE)
        elif isinstance(value, list):
            for inner in value:
                self._add(inner, path, depth or LISTED)
        elif isinstance(value, self.kinds) and not isinstance(value, bool):
            if depth >= self._least and isinstance(value, str):
                self.columns.setdefault(path, []).append(len(self.parts))
            self.parts += (str(value), "\n")


class Ends:
    """How the columns of a list ended, which is read before what they go on with."""

    def __init__(self, most: int = _MOST) -> None:
        self._ends: dict[Path, str] = {}
        self._most = most

    def before(self, path: Path) -> list[str]:
        return [self._ends[path]] if path in self._ends else []

    def add(self, flat: Flat) -> None:
        for path, column in flat.columns.items():
            lines = [*self.before(path), *(flat.parts[place] for place in column)]
            self._ends[path] = _end("\n".join(lines))
        if len(self._ends) > self._most:
            raise WireError("too many fields of a list that goes on")


def across(value: Any, flat: Flat, told: list[str], checks: Checks, ends: Ends) -> Any:
    """The value with what is told of its texts, after its columns are read as well."""
    for path, column in flat.columns.items():
        before = ends.before(path)
        if len(column) + len(before) > 1:
            _reread(column, flat.parts, told, checks, before)
    if all(map(str.__eq__, told, flat.parts)):
        return value
    return _rebuilt(value, iter(zip(flat.parts, told, strict=True)), flat.kinds)


def _reread(
    column: Sequence[int],
    parts: Sequence[str],
    told: list[str],
    checks: Checks,
    before: Sequence[str],
) -> None:
    """Read a column as lines; a text that two readings alter in two ways is redacted whole."""
    lines = checks.lines([*before, *(parts[place] for place in column)])[len(before) :]
    for place, line in zip(column, lines, strict=True):
        if line != parts[place]:
            told[place] = line if told[place] in (line, parts[place]) else checks.redaction


def _rebuilt(value: Any, told: Iterator[tuple[str, str]], kinds: tuple[type, ...]) -> Any:
    if isinstance(value, dict):
        fresh: dict[str, Any] = {}
        for key, inner in value.items():
            name = _next(told)
            while name in fresh or (name != key and name in value):
                name += "_"
            fresh[name] = _rebuilt(inner, told, kinds)
        return fresh
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


def _end(text: str) -> str:
    """The end of a text, without a word that is cut."""
    end = text[-_BEFORE:]
    return end if end == text else end.partition(" ")[2] or end
