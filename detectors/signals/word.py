"""Words as signals see them, and what a signal is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from guardrail.text import ascii_codes, fold

__all__ = ["Signal", "Span", "Word"]

_CODES = ascii_codes()

Span = tuple[int, int, int]
"""Start and end in characters of the answer, and words."""


@dataclass(frozen=True, slots=True)
class Word:
    """What stands between white space: its `pieces` are runs of letters and digits, folded.

    `breaks` counts the line breaks before it.
    """

    raw: str = field(repr=False)
    pieces: tuple[bytes, ...] = field(repr=False)
    start: int
    breaks: int

    @classmethod
    def of(cls, raw: str, start: int, breaks: int) -> Word:
        codes = raw.encode().translate(_CODES) if raw.isascii() else fold(raw).codes
        return cls(raw, tuple(filter(None, codes.split(b"\0"))), start, breaks)

    @property
    def end(self) -> int:
        return self.start + len(self.raw)


class Signal(Protocol):
    """Watches one answer, word by word; `open` is where a span may begin that is not yet told."""

    open: int | None

    def see(self, word: Word) -> Span | None:
        """A span that is final with this word, or was with the one before."""
        ...

    def close(self) -> Span | None:
        """A span that is final because the answer has ended."""
        ...
