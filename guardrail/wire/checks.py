"""What a codec asks of the guard, and the shapes that it reads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from guardrail.disclosure import Disclosure
from guardrail.errors import GuardrailError
from guardrail.types import Message

__all__ = [
    "Asked",
    "Channel",
    "Checks",
    "Delta",
    "Events",
    "Json",
    "Pair",
    "Shape",
    "StopError",
    "WireError",
]

Json = dict[str, Any]
Pair = tuple[str | None, str]
"""A server-sent event: its name, if it has one, and its data."""

Delta = re.Pattern[str]
"""Finds the one string in which events of a kind differ; it is the first group."""


class WireError(GuardrailError):
    """An answer or request that cannot be read; the message names what, never the text."""


class StopError(Exception):
    """The guard refused: nothing of this answer is to be shown."""


class Channel(Protocol):
    """One text of an answer in flight; `released` and `edits` count in what was fed."""

    refused: bool

    @property
    def released(self) -> int: ...

    @property
    def edits(self) -> Sequence[tuple[int, int]]: ...

    def feed(self, chunk: str) -> str: ...

    def close(self) -> str: ...

    def cancel(self) -> None: ...


class Checks(Protocol):
    """A guard at work on one answer; what may not be shown at all raises `StopError`."""

    refusal: str
    redaction: str
    disclosure: Disclosure
    limit: int

    def text(self, raw: str) -> str:
        """A whole text, safe to show."""
        ...

    def parts(self, raw: Sequence[str]) -> Sequence[str]:
        """Texts that are read as one, each safe to show."""
        ...

    def lines(self, raw: Sequence[str]) -> Sequence[str]:
        """Texts that are told already, each as safe as it is where they are lines of one."""
        ...

    def pieces(self, raw: Sequence[str]) -> Sequence[str]:
        """The same, where they go on without a break."""
        ...

    def channel(self) -> Channel:
        """A text that comes in pieces."""
        ...

    def again(self) -> Channel:
        """One that is being told already, read in another way."""
        ...

    def cancel(self) -> None:
        """The reader went away: the texts in flight have ended."""
        ...

    def failed(self, reason: str) -> None:
        """Note what could not be read."""
        ...

    def unknown(self, name: str) -> None:
        """Note a part that no codec knows; raises `WireError` where the guard is strict."""
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as a guard sees it: how many answers it asks for, and whether a stream `counts`."""

    messages: tuple[Message, ...] = ()
    model: str | None = None
    streams: bool = False
    choices: int = 1
    counts: bool = False


class Events(Protocol):
    """The events of one streamed answer, made safe one by one.

    Neighbours that differ in a `delta` alone may be given as one. Nothing more is to be shown once
    it is `done`; it is `ended` if the upstream has said its last.
    """

    delta: Delta | None

    @property
    def done(self) -> bool: ...

    @property
    def ended(self) -> bool: ...

    def event(self, name: str | None, data: str) -> Iterable[Pair]: ...

    def close(self) -> Iterable[Pair]:
        """The upstream has ended."""
        ...

    def refuse(self) -> Iterable[Pair]:
        """End the answer here as one that is refused, well-formed."""
        ...

    def fail(self) -> Iterable[Pair]:
        """End the answer here as one that broke off; what was held is not shown."""
        ...


class Shape(Protocol):
    """One kind of request and its answer, in one provider's form.

    A request has some of its `names`, the fields in which it says what is asked, and of whom.
    """

    @property
    def names(self) -> frozenset[str]: ...

    def asked(self, body: Json) -> Asked: ...

    def tells(self, body: Json) -> bool:
        """Whether this can be an answer in this form, or an event of one."""
        ...

    def whole(self, body: Json, checks: Checks) -> Json:
        """A whole answer, safe to show; raises `StopError` where nothing of it is."""
        ...

    def events(self, asked: Asked, checks: Checks) -> Events: ...

    def refused(self, asked: Asked, checks: Checks) -> Json:
        """A whole answer that refuses."""
        ...

    def error(self, status: int, kind: str, message: str) -> Json: ...
