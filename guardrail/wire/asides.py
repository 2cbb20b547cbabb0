"""What stands beside the texts of a stream: fields that no codec knows, and the provider's own."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

from guardrail.wire.checks import Checks, Json
from guardrail.wire.leaves import dump, safe
from guardrail.wire.words import opaque

__all__ = ["Asides"]

_MOST = 256
_PLACES = 8


class Asides:
    """Fields of a stream's events that are read on their own.

    One that goes on to say something else could tell a text in pieces, each of them harmless, so
    that at each place only the first thing that is said goes out, whatever numbers are in it. `own`
    fields are the provider's; what `changes` may say something else every time.
    """

    def __init__(self, checks: Checks, own: Set[str], *, changes: Set[str] = frozenset()) -> None:
        self._checks, self._own, self._changes = checks, own, changes
        self._said: dict[tuple[str, str], bytes] = {}
        self._last: dict[str, tuple[Json, Json]] = {}

    def told(self, place: str, fields: Json) -> Json:
        """The fields of one event, safe to show."""
        # Most events of a stream have the same beside their text.
        last, told = self._last.get(place, (None, {}))
        if fields != last:
            told = self._told(place, fields)
            if place in self._last or len(self._last) < _PLACES:
                self._last[place] = fields, told
        return told.copy()

    def _told(self, place: str, fields: Json) -> Json:
        kept: Json = {}
        for key, value in fields.items():
            known = key in self._changes or (key in self._own and opaque(value))
            if known or self._first(place, key, value):
                kept[key] = value
            else:
                self._checks.unknown(f"{place}.{key}")
        told: Json = safe(kept, self._checks, self._own)
        return told

    def _first(self, place: str, key: str, value: object) -> bool:
        if not _says(value):
            return True
        said = dump(_words(value))
        return self._said.setdefault((place, key), said) == said and len(self._said) <= _MOST


def _says(value: Any) -> bool:
    if isinstance(value, list):
        return any(map(_says, value))
    return isinstance(value, str | dict) and bool(value)


def _words(value: Any) -> Any:
    """The value without its numbers."""
    if isinstance(value, dict):
        return {key: _words(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_words(inner) for inner in value]
    return value if isinstance(value, str) else None
