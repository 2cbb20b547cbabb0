"""Whose words a request in no provider's form has, by the names of its fields."""

from __future__ import annotations

from typing import Any

__all__ = ["READER", "parted"]

_SAYS = ("prompt", "question", "query", "message", "input", "text")
READER = frozenset({*_SAYS, *(f"user_{name}" for name in _SAYS)})
"""Names of what the reader writes."""

# What messages, and the parts of one, stand under.
_HOLDERS = frozenset({"messages", "contents", "content", "parts"})


def parted(value: Any) -> tuple[list[str], list[str]]:
    """The strings of a JSON value: the reader's own, and all others.

    A text by itself is the reader's. Of more, what stands under a name that is the reader's, or in
    an object whose `role` is `user`, is theirs, and of that nothing under any other name: a
    document or the result of a tool may stand there.
    """
    own: list[str] = []
    others: list[str] = []
    # Each with whether it is the reader's; None where nothing has told so far.
    left: list[tuple[Any, bool | None]] = [(value, isinstance(value, str) or None)]
    while left:
        inner, reader = left.pop()
        if isinstance(inner, str):
            (own if reader else others).append(inner)
        elif isinstance(inner, list):
            left += [(part, reader) for part in reversed(inner)]
        elif isinstance(inner, dict):
            reader = _wrote(inner.get("role"), reader)
            left += [(part, _under(key, reader)) for key, part in reversed(inner.items())]
    return own, others


def _wrote(role: Any, reader: bool | None) -> bool | None:
    return reader is not False and role == "user" if isinstance(role, str) else reader


def _under(name: str, reader: bool | None) -> bool | None:
    return reader if name in _HOLDERS else reader is not False and name in READER
