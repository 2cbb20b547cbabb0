"""Server-sent events: bytes to frames, and safe frames to bytes (WHATWG HTML, section 9.2)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from guardrail.wire.checks import Checks, Events, Pair, StopError, WireError

__all__ = ["Frame", "Frames", "Stream", "encode"]

MAX_FRAME = 1 << 24

_END = re.compile(rb"[\r\n]")
_KEEPALIVE = b":\n\n"


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
        while end := _END.search(held, seen):
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

    def _line(self, line: bytes) -> Frame | None:
        if not line:
            return self._dispatch()
        try:
            name, _, value = line.decode().partition(":")
        except UnicodeDecodeError:
            raise WireError("an event is not UTF-8") from None
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


class Stream:
    """Bytes of an event stream in, safe bytes out; `done` once nothing more is to be shown.

    What cannot be read ends the answer as refused.
    """

    def __init__(self, events: Events, checks: Checks) -> None:
        self.done = False
        self._frames, self._events, self._checks = Frames(), events, checks

    def feed(self, raw: bytes) -> bytes:
        if self.done:
            return b""
        out: list[bytes] = []
        try:
            for frame in self._frames.feed(raw):
                if frame.data is None:
                    # A comment keeps the connection open; what it says is nobody's business.
                    out.append(_KEEPALIVE)
                    continue
                out.append(encode(self._events.event(frame.event, frame.data)))
                if self._events.done:
                    break
        except (StopError, WireError) as error:
            out.append(self._stop(error))
        self.done |= self._events.done
        return b"".join(out)

    def close(self) -> bytes:
        """The upstream has ended."""
        if self.done:
            return b""
        self.done = True
        return encode(self._events.close())

    def fail(self) -> bytes:
        """The upstream broke off."""
        if self.done:
            return b""
        self.done = True
        return encode(self._events.fail())

    def refuse(self) -> bytes:
        """End as refused."""
        self.done = True
        return encode(self._events.refuse())

    def _stop(self, error: StopError | WireError) -> bytes:
        if isinstance(error, WireError):
            self._checks.failed(str(error))
        return self.refuse()


def encode(events: Iterable[Pair]) -> bytes:
    """Events as bytes."""
    out: list[str] = []
    for name, data in events:
        if name is not None:
            out.append(f"event: {name}\n")
        out += (f"data: {line}\n" for line in data.split("\n"))
        out.append("\n")
    return "".join(out).encode()
