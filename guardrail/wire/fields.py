"""The fields of a JSON value that a policy says to read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from guardrail.wire.checks import Checks, Json
from guardrail.wire.repeats import once_told

__all__ = ["picked"]


def picked(
    value: Any,
    fields: frozenset[str] | None,
    checks: Checks,
    read: Callable[[Any, Checks], Any],
) -> Any:
    """The value with what stands in the fields as `read` gives it, for all of them at once."""
    if fields is None:
        return read(value, checks)
    value = once_told(value)
    told = read([*_fields(value, fields)], checks)
    return _refilled(value, fields, iter(told))


def _fields(value: Any, fields: frozenset[str]) -> Iterator[Json]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from [{key: inner}] if key in fields else _fields(inner, fields)
    elif isinstance(value, list):
        for inner in value:
            yield from _fields(inner, fields)


def _refilled(value: Any, fields: frozenset[str], told: Iterator[Json]) -> Any:
    if isinstance(value, dict):
        return {
            key: next(iter(next(told).values()))
            if key in fields
            else _refilled(inner, fields, told)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_refilled(inner, fields, told) for inner in value]
    return value
