"""The tool calls of OpenAI's chat completions, whole or in pieces."""

from __future__ import annotations

from collections.abc import Iterable

from guardrail.wire.arguments import arguments
from guardrail.wire.checks import Checks, Json, WireError
from guardrail.wire.columns import Ends
from guardrail.wire.leaves import dump, safe
from guardrail.wire.strings import written
from guardrail.wire.texts import together

__all__ = ["Call", "told_calls", "whole_call"]

_HEAD = frozenset({"id", "type"})
# What a provider wants back with a call.
_EXTRA = "extra_content"


class Call:
    """A tool call, held until its arguments are whole."""

    def __init__(self) -> None:
        self._head: Json = {}
        self.extra: Json = {}
        self.name, self._kind, self._size = "", "function", 0
        self._pieces: list[str] = []

    def add(self, part: Json, checks: Checks) -> None:
        """Add a piece: of a function's arguments, or of the input of a custom tool."""
        for key, value in part.items():
            if key in _HEAD:
                self._head |= safe({key: value}, checks, _HEAD) if value is not None else {}
            elif key == _EXTRA and isinstance(value, dict) and self.extra in ({}, value):
                self.extra = value
                self._grow(len(dump(value)), checks)
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
            self.name += name
            self._pieces.append(text)
            self._grow(len(name) + len(text), checks)

    def _grow(self, size: int, checks: Checks) -> None:
        self._size += size
        if self._size > checks.limit:
            raise WireError("a tool call is too large")

    @property
    def custom(self) -> bool:
        return self._kind == "custom"

    @property
    def text(self) -> str:
        return "".join(self._pieces)

    def told(self, name: str, text: str, extra: Json) -> Json:
        """The whole call, with its name, what it says and what a provider adds told already."""
        field = "input" if self.custom else "arguments"
        added = {_EXTRA: extra} if extra else {}
        return self._head | {self._kind: {"name": name, field: text}} | added


def told_calls(calls: Iterable[Call], checks: Checks) -> list[Json]:
    """Calls, safe to show; what they say is read together, and so are their names."""
    calls = list(calls)
    names = iter(together([call.name for call in calls if call.name], checks))
    inputs = iter(together([call.text for call in calls if call.custom], checks))
    raws = [call.text for call in calls if not call.custom]
    said = iter(arguments(raws, Ends(checks.limit), checks))
    extras = safe([call.extra for call in calls], checks)
    return [
        call.told(call.name and next(names), next(inputs if call.custom else said), extra)
        for call, extra in zip(calls, extras, strict=True)
    ]


def whole_call(part: Json, checks: Checks) -> Call:
    """A call that came in one piece."""
    call = Call()
    call.add(part, checks)
    return call
