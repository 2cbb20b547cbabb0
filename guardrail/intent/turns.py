"""Where a message stands in its conversation, and what the reader said just before it."""

from __future__ import annotations

from collections.abc import Sequence

from guardrail.intent.windows import count, tail
from guardrail.types import Message

__all__ = ["READER", "before", "turns_since"]

READER = "user"

_MODEL = frozenset({"assistant", "model"})


def turns_since(messages: Sequence[Message], number: int) -> int:
    """How often the reader has spoken again, after the model had, since a message."""
    turns, answered = 0, messages[number].role in _MODEL
    for message in messages[number + 1 :]:
        if message.role in _MODEL:
            answered = True
        elif message.role == READER and answered:
            turns, answered = turns + 1, False
    return turns


def before(messages: Sequence[Message], number: int, size: int) -> str:
    """The last words that the reader said before a message."""
    said: list[str] = []
    for message in reversed(messages[:number]):
        if size <= 0:
            break
        if message.role == READER and message.content.strip():
            said.append(tail(message.content, size))
            size -= count(said[-1])
    return "\n".join(reversed(said))
