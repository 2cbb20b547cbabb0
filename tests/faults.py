"""Detectors that fail, each in its own way."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field

from guardrail import Context, Finding, Text

__all__ = ["Claims", "Failing", "Outside", "Raises", "Recants", "Sleeps"]


@dataclass
class Raises:
    error: BaseException

    def find(self, _: Text) -> Iterable[Finding]:
        raise self.error

    def settled(self, text: Text) -> int:
        return len(text.raw)


@dataclass
class Sleeps:
    seconds: float
    woken: threading.Event = field(default_factory=threading.Event)

    def find(self, text: Text) -> Iterable[Finding]:
        self.woken.wait(self.seconds)
        yield Finding(0, len(text.raw), "test")

    def settled(self, text: Text) -> int:
        return len(text.raw)


@dataclass
class Outside:
    def find(self, text: Text) -> Iterable[Finding]:
        yield Finding(0, len(text.raw) + 1, "test")

    def settled(self, text: Text) -> int:
        return len(text.raw)


@dataclass
class Claims:
    """Finds every x, in a text of which it says that so much is settled."""

    says: int

    def find(self, text: Text) -> Iterable[Finding]:
        return (Finding(match.start(), match.end(), "x") for match in re.finditer("x", text.raw))

    def settled(self, _: Text) -> int:
        return self.says


class Recants:
    """Settles all of the text, then finds its beginning."""

    settled = 0

    def find(self, text: Text) -> Iterable[Finding]:
        return (Finding(0, len(text.raw), "x"),) if text.raw else ()

    def scanner(self, _: Context) -> Recants:
        return Recants()

    def feed(self, chunk: str) -> Iterable[Finding]:
        self.settled += len(chunk)
        return ()

    def close(self) -> Iterable[Finding]:
        return (Finding(0, self.settled, "x"),)


@dataclass
class Failing:
    """Raises, with text in the message, once it sees an exclamation mark."""

    where: str = "feed"
    calls: list[int] = field(default_factory=list)

    def find(self, text: Text) -> Iterable[Finding]:
        self.calls.append(len(text.raw))
        if "!" in text.raw or self.where == "find":
            raise ValueError(text.raw)
        return ()

    def settled(self, text: Text) -> int:
        return len(text.raw)
