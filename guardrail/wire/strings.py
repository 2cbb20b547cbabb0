"""The strings of JSON: one that is to be a text, and all of a value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from guardrail.wire.checks import WireError

__all__ = ["string", "strings", "written"]


def string(value: Any) -> str:
    """A text that is there; raises `WireError`."""
    if not isinstance(value, str):
        raise WireError("a text is not a string")
    return value


def written(value: Any) -> str:
    """A text that may be missing; raises `WireError`."""
    return "" if value is None else string(value)


def strings(value: Any) -> Iterator[str]:
    """Every string of a JSON value, without keys."""
    rest = [value]
    while rest:
        inner = rest.pop()
        if isinstance(inner, str):
            yield inner
        elif isinstance(inner, dict):
            rest.extend(reversed(inner.values()))
        elif isinstance(inner, list):
            rest.extend(reversed(inner))
