"""The words of a JSON value, read as one text and put back safe."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from pydantic_core import from_json, to_json

from guardrail.wire.checks import Checks, WireError

__all__ = ["argument", "dump", "load", "safe"]

_ESCAPE = re.compile(r'\\(?:u[0-9a-fA-F]{4}|.)|"')


def load(raw: bytes | str) -> Any:
    """A JSON value; raises `WireError`."""
    try:
        return from_json(raw, allow_inf_nan=False)
    except ValueError:
        raise WireError("not JSON") from None


def dump(value: Any) -> bytes:
    """A JSON value as bytes."""
    return to_json(value, inf_nan_mode="null")


def safe(value: Any, checks: Checks, reads: Callable[[str], bool] | None = None) -> Any:
    """A value whose strings, numbers and keys are safe to show.

    They are read as one text, `key: value` a line, so that what is spread over several is seen
    as well. A number or a key that is redacted becomes the mark. With `reads` only the fields
    of the outermost object that it names are read; the rest is left as it is.
    """
    if reads is not None:
        if not isinstance(value, dict):
            return value
        inner = {key: part for key, part in value.items() if reads(key)}
        if not inner:
            return value
        return {key: part for key, part in value.items() if key not in inner} | safe(inner, checks)
    parts: list[str] = []
    _flatten(value, parts)
    if not parts:
        return value
    told = checks.parts(parts)
    if all(map(str.__eq__, told, parts)):
        return value
    return _rebuilt(value, iter(zip(parts, told, strict=True)))


def argument(raw: str, checks: Checks) -> str:
    """The arguments of a tool call: JSON stays JSON; what is not is read as text."""
    try:
        value = load(raw)
    except WireError:
        plain = _ESCAPE.sub(" ", raw)
        return raw if checks.text(plain) == plain else ""
    told = safe(value, checks)
    return raw if told is value else dump(told).decode()


def _flatten(value: Any, parts: list[str]) -> None:
    """Texts in order; each is followed by what stands between it and the next."""
    if isinstance(value, dict):
        for key, inner in value.items():
            parts += (key, ": ")
            _flatten(inner, parts)
    elif isinstance(value, list):
        for inner in value:
            _flatten(inner, parts)
    elif isinstance(value, str):
        parts += (value, "\n")
    elif isinstance(value, int | float) and not isinstance(value, bool):
        parts += (str(value), "\n")


def _rebuilt(value: Any, told: Iterator[tuple[str, str]]) -> Any:
    if isinstance(value, dict):
        fresh: dict[str, Any] = {}
        for key, inner in value.items():
            name = _next(told)
            while name in fresh or (name != key and name in value):
                name += "_"
            fresh[name] = _rebuilt(inner, told)
        return fresh
    if isinstance(value, list):
        return [_rebuilt(inner, told) for inner in value]
    if isinstance(value, str):
        return _next(told)
    if isinstance(value, int | float) and not isinstance(value, bool):
        text = _next(told)
        return value if text == str(value) else text
    return value


def _next(told: Iterator[tuple[str, str]]) -> str:
    """The next text; what stands behind it is passed over."""
    _, text = next(told)
    next(told)
    return text
