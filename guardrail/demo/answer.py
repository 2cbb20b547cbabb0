"""An answer as it arrives, and the two that the demo sets side by side."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from time import perf_counter

from guardrail.demo.prompts import Prompt

__all__ = ["Answer", "Pair"]


@dataclass(slots=True)
class Answer:
    """The text so far, the seconds until it began, and the seconds until it ended."""

    text: str = field(default="", repr=False)
    first: float | None = None
    seconds: float = 0.0

    def follow(self, pieces: Iterable[str]) -> None:
        """Take the pieces as they come."""
        began = perf_counter()
        for piece in pieces:
            if piece.strip() and self.first is None:
                self.first = perf_counter() - began
            self.text += piece
        self.seconds = perf_counter() - began


@dataclass(frozen=True, slots=True)
class Pair:
    """The answers to one prompt without and with the guard."""

    prompt: Prompt
    plain: Answer = field(default_factory=Answer)
    guarded: Answer = field(default_factory=Answer)
