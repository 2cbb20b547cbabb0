"""The tool calls of OpenAI's chat completions, whole or in pieces."""

from __future__ import annotations

from typing import Any

from guardrail.wire.checks import Checks, Json, WireError
from guardrail.wire.leaves import argument, safe

__all__ = ["Call", "told_call", "written"]

_HEAD = frozenset({"id", "type"})


class Call:
    """A tool call, held until its arguments are whole."""

    def __init__(self) -> None:
        self._head: Json = {}
        self._name, self._kind, self._size = "", "function", 0
        self._pieces: list[str] = []

    def add(self, part: Json, checks: Checks) -> None:
        """Add a piece: of a function's arguments, or of the input of a custom tool."""
        for key, value in part.items():
            if key in _HEAD:
                self._head |= safe({key: value}, checks, _HEAD) if value is not None else {}
            elif key not in ("index", "function", "custom") and value is not None:
                checks.unknown(f"tool_calls.{key}")
        for kind, field in (("function", "arguments"), ("custom", "input")):
            inner = part.get(kind)
            if inner is None:
                continue
            if not isinstance(inner, dict):
                raise WireError("a tool call without its function")
            self._kind = kind
            for key in inner.keys() - {"name", field}:
                checks.unknown(f"{kind}.{key}")
            name, text = written(inner.get("name")), written(inner.get(field))
            self._name += name
            self._pieces.append(text)
            self._size += len(name) + len(text)
            if self._size > checks.limit:
                raise WireError("a tool call is too large")

    def told(self, checks: Checks) -> Json:
        """The whole call, safe to show."""
        name, text = self._name and checks.text(self._name), "".join(self._pieces)
        if self._kind == "custom":
            return self._head | {"custom": {"name": name, "input": checks.text(text)}}
        return self._head | {"function": {"name": name, "arguments": argument(text, checks)}}


def told_call(whole: Json, checks: Checks) -> Json:
    """A call that came in one piece, safe to show."""
    call = Call()
    call.add(whole, checks)
    return call.told(checks)


def written(value: Any) -> str:
    """A text that may be missing."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise WireError("a text is not a string")
    return value
