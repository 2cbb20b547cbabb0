"""Lines and events that are sent as text: what tells them from prose, and who reads them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from contextlib import suppress

from guardrail.wire.checks import Checks, Pair, WireError
from guardrail.wire.events import Events
from guardrail.wire.frames import Frame, Frames
from guardrail.wire.leaves import dump, load
from guardrail.wire.lines import Lines
from guardrail.wire.sse import Stream

__all__ = ["Reader", "Said", "protocol"]

# By its first lines, or so many characters of them, a text is known for events.
_MOST, _BLANK = 4096, 64
_FIELDS = ("data:", "event:", "id:", "retry:", ":")
_NAMED = tuple(field.encode() for field in _FIELDS)
_BREAK = re.compile(r"\r\n|[\r\n]")
_OBJECT = re.compile(r"\{[ \t]{0,64}[\"}]")
_TAGGED = re.compile(r"([0-9a-z]):([\"\[{].*)")
_OPEN = re.compile(r"\{[ \t]{0,64}|[0-9a-z]:?")
# A number in a key tells no places apart.
_AS_KEYS = str.maketrans("0123456789", "ABCDEFGHIJ")
_AS_TAGS = str.maketrans("ABCDEFGHIJ", "0123456789")
_TAG = "tag:"


class Said:
    """Prose, as bytes in UTF-8 that are cut between letters."""

    ended = False

    def __init__(self, checks: Checks) -> None:
        self.done = False
        self._refusal, self._channel = checks.refusal, checks.channel()

    def feed(self, raw: bytes) -> bytes:
        out = self._channel.feed(raw.decode())
        self.done = self._channel.refused
        return out.encode()

    def close(self) -> bytes:
        self.done = True
        return self._channel.close().encode()

    def fail(self) -> bytes:
        self.done = True
        self._channel.cancel()
        return b""

    def refuse(self) -> bytes:
        return self.fail() + self._refusal.encode()


Reader = Said | Stream | Lines


def protocol(head: str) -> Callable[[Checks], Reader] | None:
    """Who reads a text that begins so; None where more of it must be seen."""
    text = head.lstrip("\ufeff \t\r\n")
    if _OBJECT.match(text):
        return _Objects
    if _TAGGED.match(text):
        return _Tagged
    if text.startswith(_FIELDS):
        return _begun(text)
    begins = _OPEN.fullmatch(text) or any(field.startswith(text) for field in _FIELDS)
    return None if begins and len(head) <= _BLANK + len(text) else Said


def _begun(text: str) -> Callable[[Checks], Reader] | None:
    """Events, once the first of them has ended, unless some line is none of theirs."""
    says = False
    for line in _BREAK.split(text)[:-1]:
        if not line and says:
            return _events
        if line and not line.startswith(_FIELDS):
            return Said
        says |= line.startswith("data:")
    return _events if len(text) > _MOST else None


def _events(checks: Checks) -> Reader:
    return _Events(Events(checks), checks)


class _Frames(Frames):
    """Frames with lines of text among them, which are data here."""

    def _line(self, line: bytes) -> Frame | None:
        return super()._line(line if line.startswith(_NAMED) or not line else b"data: " + line)


class _Events(Stream):
    """Events of which the last may have no end."""

    def __init__(self, events: Events, checks: Checks) -> None:
        super().__init__(events, checks)
        self._frames = _Frames()

    def close(self) -> bytes:
        return self.feed(b"\n\n") + super().close()


class _Objects(Lines):
    """Lines of JSON, with lines of text among them."""

    def _read(self, line: str) -> Iterable[Pair]:
        return self._events.event(None, line)


class _Tagged(_Objects):
    """Lines of JSON behind a letter or digit, which says what they are.

    The strings of all that have the same are one text.
    """

    def _read(self, line: str) -> Iterable[Pair]:
        if (found := _TAGGED.fullmatch(line)) is not None:
            with suppress(WireError):
                body = {_TAG + found[1].translate(_AS_KEYS): load(found[2])}
                return self._events.value(None, body, len(line))
        return super()._read(line)

    def _written(self, data: str) -> str:
        try:
            ((key, value),) = load(data).items()
        except (WireError, AttributeError, ValueError):
            return data
        if key == "detail":
            # A refusal in place of all.
            return f"0:{dump(value).decode()}"
        tag = key.removeprefix(_TAG)
        return data if tag == key else f"{tag.translate(_AS_TAGS)}:{dump(value).decode()}"
