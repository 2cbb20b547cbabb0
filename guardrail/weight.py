"""What it costs to read texts: what weighs much is read off the event loop."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["LONG", "beside", "weight"]

LONG = 20_000
"""As much as this, in characters, may hold up an event loop."""

_EACH, _ECHO = 200, 8


def weight(texts: Iterable[str]) -> int:
    """What it costs to read texts, in characters: each costs something, however short it is."""
    return sum(len(text) + _EACH for text in texts)


def beside(texts: Iterable[str]) -> int:
    """What a prompt of these texts adds to the cost of reading an answer: it may be an echo."""
    return weight(texts) // _ECHO
