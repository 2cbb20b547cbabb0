"""Lines of JSON: bytes in, safe bytes out."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from guardrail.wire.checks import Checks, Pair, StopError, WireError
from guardrail.wire.events import Events
from guardrail.wire.leaves import dump, load

__all__ = ["Lines"]

_LINE = 1 << 24


class Lines:
    """Lines of JSON in, safe lines out; `done` once nothing more is to be shown."""

    ended = False

    def __init__(self, checks: Checks, fields: frozenset[str] | None = None) -> None:
        self.done = False
        self._events, self._checks = Events(checks, fields), checks
        self._held = bytearray()

    def feed(self, raw: bytes) -> bytes:
        seen = len(self._held)
        self._held += raw
        if self.done or b"\n" not in raw:
            return self._bounded()
        end = self._held.rindex(b"\n", seen) + 1
        lines = bytes(self._held[:end]).splitlines()
        del self._held[:end]
        return self._told(lines) + self._bounded()

    def close(self) -> bytes:
        if self.done:
            return b""
        out = self._told([bytes(self._held)] if self._held else [])
        if not self.done:
            out += self._safely(self._events.close)
        self.done = True
        return out

    def fail(self) -> bytes:
        if self.done:
            return b""
        self.done = True
        list(self._events.fail())
        return dump({"error": "the answer broke off"}) + b"\n"

    def _told(self, lines: Iterable[bytes]) -> bytes:
        return b"".join(
            self._safely(self._line, line) for line in lines if line.strip() and not self.done
        )

    def _line(self, line: bytes) -> Iterable[Pair]:
        if len(line) > _LINE:
            raise WireError("a line is too large")
        try:
            text = line.decode()
        except UnicodeDecodeError:
            raise WireError("a line is not UTF-8") from None
        return self._read(text)

    def _read(self, line: str) -> Iterable[Pair]:
        return self._events.value(None, load(line), len(line))

    def _written(self, data: str) -> str:
        return data

    def refuse(self) -> bytes:
        self.done = True
        return self._bytes(self._events.refuse())

    def _safely(self, call: Callable[..., Iterable[Pair]], *args: bytes) -> bytes:
        try:
            out = self._bytes(call(*args))
            self.done |= self._events.done
            return out
        except StopError:
            return self.refuse()
        except WireError as error:
            self._checks.failed(str(error))
            return self.refuse()

    def _bounded(self) -> bytes:
        if self.done or len(self._held) <= _LINE:
            return b""
        self._checks.failed("a line is too large")
        return self.refuse()

    def _bytes(self, events: Iterable[Pair]) -> bytes:
        return b"".join(f"{self._written(data)}\n".encode() for _, data in events)
