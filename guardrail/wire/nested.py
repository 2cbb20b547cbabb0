"""JSON in the strings of JSON, and back."""

from __future__ import annotations

import json
from typing import Any

from pydantic_core import from_json, to_json

from guardrail.wire.names import Names

__all__ = ["begins", "closed", "opened"]

_BEGINS = frozenset('{["')
# Some writers set a byte order mark before it.
_BEFORE = "\ufeff \t\n\r"


def begins(text: str) -> bool:
    """Whether a text begins as an object, a list or a string of JSON does."""
    return text.lstrip(_BEFORE)[:1] in _BEGINS


def opened(value: Any) -> Any:
    """The value with what each string that is JSON says in its place, at any depth."""
    if isinstance(value, dict):
        return {key: opened(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [opened(inner) for inner in value]
    if not isinstance(value, str) or (said := _said(value)) is None:
        return value
    return opened(said)


def closed(value: Any, told: Any) -> Any:
    """What is told of a value that was opened, with JSON in the same strings again.

    A string of which all is told is as it was; of another a number that JSON has not becomes null.
    """
    if isinstance(value, dict):
        pairs = zip(value.values(), told.items(), strict=True)
        return {key: closed(inner, safe) for inner, (key, safe) in pairs}
    if isinstance(value, list):
        return [closed(inner, safe) for inner, safe in zip(value, told, strict=True)]
    if not isinstance(value, str) or (said := _said(value)) is None:
        return told
    safe = closed(said, told)
    return value if safe == said else to_json(safe, inf_nan_mode="null").decode()


def _said(text: str) -> Any:
    if not begins(text):
        return None
    try:
        # Refuses what is too deep for the other, which alone tells the names that stand twice.
        from_json(text.lstrip(_BEFORE))
        return _NAMED_APART.decode(text.lstrip(_BEFORE))
    except ValueError:
        return None


def _apart(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) == len(pairs):
        return value
    names = Names()
    return {names.add(key, key): inner for key, inner in pairs}


_NAMED_APART = json.JSONDecoder(object_pairs_hook=_apart)
