"""Server-sent events: bytes in, safe bytes out."""

from __future__ import annotations

from collections.abc import Iterable

from guardrail.wire.checks import Checks, Events, Pair, StopError, WireError
from guardrail.wire.frames import Frames
from guardrail.wire.joined import joined

__all__ = ["Stream", "encode"]

_KEEPALIVE = b":\n\n"


class Stream:
    """Bytes of an event stream in, safe bytes out; `done` once nothing more is to be shown.

    What cannot be read ends the answer as refused.
    """

    def __init__(self, events: Events, checks: Checks) -> None:
        self.done = False
        self._frames, self._events, self._checks = Frames(), events, checks

    @property
    def ended(self) -> bool:
        return self._events.ended

    def feed(self, raw: bytes) -> bytes:
        if self.done:
            return b""
        out: list[bytes] = []
        try:
            for frame in joined(self._frames.feed(raw), self._events.delta):
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
