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

__all__ = ["Reader", "Said", "begin", "protocol"]

# By its first lines, or exactly so many characters of them, a text is known for events.
_MOST = 4096
_BLANKS, _INDENT = "\ufeff \t\r\n", 64
_FIELDS = ("data:", "event:", "id:", "retry:", ":")
_NAMED = tuple(field.encode() for field in _FIELDS)
_BREAK = re.compile(r"\r\n|[\r\n]")
_DATA = re.compile(rb"data: ?\{")
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


def begin(head: str) -> tuple[str, str]:
    """Blanks that tell nothing, and where a text begins: with its first line, little indented."""
    size = len(head) - len(head.lstrip(_BLANKS))
    line = max(head.rfind("\n", 0, size), head.rfind("\r", 0, size)) + 1
    place = max(line, size - _INDENT)
    return head[:place], head[place:]


def protocol(head: str, *, final: bool) -> Callable[[Checks], Reader] | None:
    """Who reads a text that begins so; None where more of it must be seen."""
    text = head.lstrip(_BLANKS)
    if _OBJECT.match(text):
        return _Objects
    if _TAGGED.match(text):
        return _Tagged
    if text.startswith(_FIELDS):
        return _begun(text, final=final)
    begins = _OPEN.fullmatch(text) or any(field.startswith(text) for field in _FIELDS)
    return None if begins and not final else Said


def _begun(text: str, *, final: bool) -> Callable[[Checks], Reader] | None:
    """Events, once the first of them has ended, or there is a second line of data.

    Of one, prose and events say the same.
    """
    says, mixed = 0, False
    for line in _BREAK.split(text[:_MOST])[: None if final else -1]:
        says += line.startswith("data:")
        if says > 1 or (says and not line and not mixed):
            return _events
        mixed |= bool(line) and not line.startswith(_FIELDS)
    if len(text) < _MOST:
        return Said if final else None
    return Said if mixed else _events


def _events(checks: Checks) -> Reader:
    return _Events(Events(checks), checks)


class _Frames(Frames):
    """Frames with lines of text among them, which are data here; objects may follow each other."""

    def _line(self, line: bytes) -> Frame | None:
        if line and not line.startswith(_NAMED):
            line = b"data: " + line
        ended = self._ended(line)
        return super()._line(line) or ended

    def _ended(self, line: bytes) -> Frame | None:
        """The object that ends before such a line: no JSON has these beside each other."""
        if not (_DATA.match(line) and self._data and self._data[0].startswith("{")):
            return None
        if not self._data[-1].endswith("}"):
            return None
        name, ended = self._event, self._dispatch()
        self._event, self._size = name, len(line)
        return ended


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
        if (found := _TAGGED.fullmatch(line.lstrip(_BLANKS))) is not None:
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
