"""The frames of server-sent events, cut from bytes (WHATWG HTML, section 9.2)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from guardrail.wire.checks import WireError

__all__ = ["MAX_FRAME", "Frame", "Frames"]

MAX_FRAME = 1 << 24

_END = re.compile(rb"[\r\n]")
_COMMON = re.compile(rb"(?:event: ?([^\r\n]*+)\n)?data: ?([^\r\n]*+)\n\n")


@dataclass(frozen=True, slots=True)
class Frame:
    """One event; without data it was a comment."""

    event: str | None = field(repr=False)
    data: str | None = field(repr=False)


class Frames:
    """Cuts bytes into frames, wherever they were split; raises `WireError`."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._seen = self._size = 0
        self._event: str | None = None
        self._data: list[str] = []
        self._comment = self._begun = self._halved = False

    def feed(self, raw: bytes) -> Iterator[Frame]:
        """The frames that are complete."""
        held = self._held
        held += raw
        place, seen = 0, self._seen
        while True:
            if seen == place and (whole := self._whole(place)):
                yield whole[0]
                place = seen = whole[1]
                continue
            if (end := _END.search(held, seen)) is None:
                break
            line = bytes(held[place : end.start()])
            second = self._halved and end.group() == b"\n" and not line
            place = seen = end.end()
            self._halved = end.group() == b"\r"
            if second:
                continue
            if not self._begun:
                self._begun, line = True, line.removeprefix(b"\xef\xbb\xbf")
            self._size += len(line)
            if self._size > MAX_FRAME:
                raise WireError("an event is too large")
            if frame := self._line(line):
                yield frame
        del held[:place]
        self._seen = len(held)
        if self._size + len(held) > MAX_FRAME:
            raise WireError("an event is too large")

    def _whole(self, place: int) -> tuple[Frame, int] | None:
        """An event as most are, of one line and whole, and where it ends."""
        if self._size or not self._begun or (found := _COMMON.match(self._held, place)) is None:
            return None
        if found.end() - place > MAX_FRAME:
            raise WireError("an event is too large")
        self._halved = False
        name, data = found.groups()
        return Frame(None if name is None else _text(name), _text(data)), found.end()

    def _line(self, line: bytes) -> Frame | None:
        if not line:
            return self._dispatch()
        name, _, value = _text(line).partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._event = value
        elif not name:
            self._comment = True
        return None

    def _dispatch(self) -> Frame | None:
        frame = None
        if self._data:
            frame = Frame(self._event, "\n".join(self._data))
        elif self._comment:
            frame = Frame(None, None)
        self._event, self._data, self._size, self._comment = None, [], 0, False
        return frame


def _text(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        raise WireError("an event is not UTF-8") from None
