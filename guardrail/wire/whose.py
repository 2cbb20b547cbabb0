"""Whose words a request in no provider's form has, by the names of its fields."""

from __future__ import annotations

from enum import Enum, auto
from typing import Any

from guardrail.wire.checks import Json

__all__ = ["READER", "parted"]

_ASKS = ("prompt", "question", "query", "message")
_SAYS = (*_ASKS, "input", "text")
READER = frozenset({*_SAYS, *(f"user_{name}" for name in _SAYS)})
"""Names of what the reader writes."""

# What turns without a role and parts stand under, and the types of parts that somebody writes.
_HOLDERS = frozenset({"contents", "parts"})
_WRITTEN = frozenset({"message", "text", "input_text"})
_PEOPLE = frozenset({"user", "human"})


class _Whose(Enum):
    OPEN = auto()  # nothing has told so far
    TURN = auto()  # who speaks must tell
    READER = auto()
    OTHER = auto()


def parted(value: Any) -> tuple[list[str], list[str]]:
    """The strings of a JSON value: the reader's own, and all others.

    A text by itself is the reader's. Of more, what stands under a name that is the reader's, or in
    a message whose `role` is `user`, is theirs, and of that nothing under any other name, nor in a
    part of a `type` that nobody writes: a document or the result of a tool may stand there. A
    question in an object that is alone in the outermost one is asked as well.
    """
    own: list[str] = []
    others: list[str] = []
    first = _Whose.READER if isinstance(value, str) else _Whose.OPEN
    left: list[tuple[Any, _Whose]] = [(_unwrapped(value), first)]
    while left:
        inner, whose = left.pop()
        if isinstance(inner, str):
            (own if whose is _Whose.READER else others).append(inner)
        elif isinstance(inner, list):
            left += [(part, whose) for part in reversed(inner)]
        elif isinstance(inner, dict):
            whose = _wrote(inner, whose)
            left += [(part, _under(key, whose)) for key, part in reversed(inner.items())]
    return own, others


def _unwrapped(value: Any) -> Any:
    """What a framework may have put into an object of its own (`Body(embed=True)`)."""
    inner = [*value.values()] if isinstance(value, dict) else []
    asks = len(inner) == 1 and isinstance(inner[0], dict) and not inner[0].keys().isdisjoint(_ASKS)
    return inner[0] if asks else value


def _wrote(told: Json, whose: _Whose) -> _Whose:
    """Whose an object is, by who speaks in it; messages may name them by their type."""
    role, kind = told.get("role"), told.get("type")
    if role is None and whose is _Whose.TURN:
        role = kind or ""
    if whose is _Whose.OTHER:
        return whose
    if isinstance(role, str):
        return _Whose.READER if role.lower() in _PEOPLE else _Whose.OTHER
    return _Whose.OTHER if isinstance(kind, str) and kind not in _WRITTEN else whose


def _under(name: str, whose: _Whose) -> _Whose:
    if whose is _Whose.OTHER or name in _HOLDERS:
        return whose
    if name == "messages":
        return _Whose.TURN
    own = name in READER or (name == "content" and whose is _Whose.READER)
    return _Whose.READER if own else _Whose.OTHER
