"""The arguments of tool calls, which are JSON in a string."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from guardrail.wire.checks import Checks, WireError
from guardrail.wire.columns import Ends
from guardrail.wire.leaves import dump, following, load, once, readings

__all__ = ["argued", "argument", "arguments"]

_ESCAPE = re.compile(r'(?:\\u[0-9a-fA-F]{4})+|\\.|"')
_CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "b": " ", "f": " "}


def argument(raw: str, ends: Ends, checks: Checks) -> str:
    """The arguments of one more tool call, as `arguments` tells them."""
    return arguments([raw], ends, checks)[0]


def arguments(raws: Sequence[str], ends: Ends, checks: Checks) -> list[str]:
    """The arguments of calls, as `following` tells their JSON; what is none is read as text.

    JSON is written anew, since of a key that stands there twice only the last value was read.
    """
    read = [_read(raw) for raw in raws]
    told = iter(following([value for one in read for value in one], ends, checks))
    return [
        dump(next(told)).decode() if one else _plain(raw, checks)
        for raw, one in zip(raws, read, strict=True)
    ]


def argued(raws: Sequence[str]) -> list[str]:
    """What the arguments of calls say, as `arguments` reads them, in one text.

    Raises `WireError` where some of it would be left out: the first of two values of a key.
    """
    values: list[Any] = []
    texts: list[str] = []
    for raw in raws:
        found = _read(raw)
        if found:
            once(raw)
        values += found
        texts += [] if found else [_ESCAPE.sub(_unescaped, raw), "\n", raw, "\n"]
    return readings(values) + texts


def _read(raw: str) -> list[Any]:
    try:
        return [load(raw)]
    except WireError:
        return []


def _plain(raw: str, checks: Checks) -> str:
    plain = _ESCAPE.sub(_unescaped, raw)
    return raw if all(checks.text(view) == view for view in (plain, raw)) else ""


def _unescaped(match: re.Match[str]) -> str:
    escape = match.group()
    if escape.startswith("\\u"):
        units = b"".join(int(unit, 16).to_bytes(2, "big") for unit in escape.split("\\u")[1:])
        return units.decode("utf-16-be", "replace")
    return " " if escape == '"' else _CONTROLS.get(escape[1], escape[1])
