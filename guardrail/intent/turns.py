"""Where a message stands in its conversation, and what the reader said just before it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import islice

from guardrail.intent.windows import count, tail
from guardrail.types import Context, Message

__all__ = ["READER", "Turns"]

READER = "user"

_MODEL = frozenset({"assistant", "model"})


class Turns:
    """The messages of one conversation, looked through once for all of them.

    `since` says of each how often the reader has spoken again, after the model had, since it.
    """

    def __init__(self, messages: Sequence[Message]) -> None:
        self.since = _ages(messages)
        self._said = [
            (number, said)
            for number, message in enumerate(messages)
            if message.role == READER and (said := message.content.strip())
        ]

    @classmethod
    def of(cls, context: Context) -> Turns:
        if cls not in context.notes:
            context.notes[cls] = cls(context.turns)
        known: Turns = context.notes[cls]
        return known

    def before(self, number: int, size: int) -> str:
        """The last words that the reader said before a message."""
        said: list[str] = []
        first = len(self._said) - bisect_left(self._said, (number,))
        for _, content in islice(reversed(self._said), first, None):
            if size <= 0:
                break
            said.append(tail(content, size))
            size -= count(said[-1])
        return "\n".join(reversed(said))


def _ages(messages: Sequence[Message]) -> list[int]:
    ages: list[int] = []
    turns, speaks = 0, False
    for message in reversed(messages):
        if message.role in _MODEL and speaks:
            turns, speaks = turns + 1, False
        ages.append(turns)
        speaks |= message.role == READER
    return ages[::-1]
