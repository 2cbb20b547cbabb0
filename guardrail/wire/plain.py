"""Answers in no provider's form: JSON, events of an application's own, lines of JSON, text."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from guardrail.types import Message
from guardrail.wire.checks import Asked, Channel, Checks, Json, Pair, StopError, WireError
from guardrail.wire.leaves import dump, framed, load, safe, strings

__all__ = ["Lines", "Plain", "Prose"]

# Fields whose strings say what an event is; they are read whole and hold nothing back.
_NAMES = frozenset({"type", "event", "id", "object", "role", "status", "model", "finish_reason"})
_MOST = 256
_LINE = 1 << 24

Path = tuple[str | int, ...]


class Plain:
    """Any JSON request and answer; `fields` names the fields that are read (default: all)."""

    def __init__(self, fields: frozenset[str] | None = None) -> None:
        self._fields = fields

    def asked(self, body: Json) -> Asked:
        """Every string of the request is taken as written by the reader."""
        texts = "\n".join(strings(body))
        return Asked((Message("user", texts),) if texts else ())

    def whole(self, body: Any, checks: Checks) -> Any:
        return checks.disclosure.told_scores(_picked(body, self._fields, checks, safe))

    def events(self, asked: Asked, checks: Checks) -> Events:  # noqa: ARG002 - in no form
        return Events(checks, self._fields)

    def refused(self, asked: Asked, checks: Checks) -> Json:  # noqa: ARG002 - in no form
        return {"detail": checks.refusal}

    def error(self, status: int, kind: str, message: str) -> Json:
        return {"type": "about:blank", "title": kind, "status": status, "detail": message}


class Events:
    """Events whose data is text, or JSON with text in its strings.

    The strings that stand at one place of all events are one text: what is held of it goes out
    with a later event, at the latest with a copy of the last one that had something there. Numbers
    and keys are read event by event. Where the first event of a name is text, a later one that
    happens to look like a list or a string of JSON is text as well.
    """

    def __init__(self, checks: Checks, fields: frozenset[str] | None = None) -> None:
        self.done = False
        self._checks, self._fields = checks, fields
        self._channels: dict[Path, Channel] = {}
        self._last: dict[Path, tuple[str | None, Any]] = {}
        self._prose: dict[str | None, bool] = {}
        self._refused: tuple[Path, str] | None = None

    def event(self, name: str | None, data: str) -> Iterator[Pair]:
        if data.strip() == "[DONE]":
            yield from self.close()
            yield None, data
            return
        told = None if name is None else self._checks.text(name)
        try:
            body = load(data)
        except WireError:
            body = None
        prose = self._prose.setdefault(name, not isinstance(body, dict | list | str))
        if (isinstance(body, dict) and body) or (not prose and isinstance(body, dict | list | str)):
            yield from self.value(told, body)
            return
        self._last[()] = (told, None)
        text = self._feed((), data)
        if text or not data:
            yield told, text

    def value(self, name: str | None, body: Any) -> Iterator[Pair]:
        """An event whose data is JSON; its name was read."""
        said = False

        def tell(path: Path, text: str) -> str:
            nonlocal said
            if not self._reads(path):
                said = True
                return text
            if path and path[-1] in _NAMES:
                return self._checks.text(text)
            self._last[path] = (name, body)
            told = self._feed(path, text)
            said |= bool(told) or not text
            return told

        told = _mapped(body, (), tell)
        if said or not any(strings(body)):
            yield name, self._written(told)

    def close(self) -> Iterator[Pair]:
        for path, channel in self._channels.items():
            rest = channel.close()
            if channel.refused:
                self._refused = (path, rest)
                yield from self.refuse()
                return
            if rest:
                yield self._late(path, rest)
        self.done = True

    def refuse(self) -> Iterator[Pair]:
        self.done = True
        for channel in self._channels.values():
            channel.cancel()
        if not self._channels:
            yield None, dump({"detail": self._checks.refusal}).decode()
            return
        # The text that is refused ends in the refusal.
        yield self._late(*(self._refused or (next(iter(self._channels)), self._checks.refusal)))

    def fail(self) -> Iterator[Pair]:
        self.done = True
        for channel in self._channels.values():
            channel.cancel()
        yield "error", "the answer broke off"

    def _reads(self, path: Path) -> bool:
        return self._fields is None or not self._fields.isdisjoint(map(str, path))

    def _feed(self, path: Path, text: str) -> str:
        if path not in self._channels:
            if len(self._channels) == _MOST:
                raise WireError("too many texts")
            self._channels[path] = self._checks.channel()
        told = self._channels[path].feed(text)
        if self._channels[path].refused:
            self._refused = (path, told)
            raise StopError
        return told

    def _late(self, path: Path, text: str) -> Pair:
        name, body = self._last.get(path, (None, None))
        if body is None:
            return name, text

        def tell(place: Path, known: str) -> str:
            if place == path:
                return text
            return self._checks.text(known) if place[-1] in _NAMES else ""

        return name, self._written(_mapped(body, (), tell))

    def _written(self, told: Any) -> str:
        """A value whose strings are safe, with its numbers and keys made safe as well."""
        told = _picked(told, self._fields, self._checks, framed)
        return dump(self._checks.disclosure.told_scores(told)).decode()


class Lines:
    """Lines of JSON in, safe lines out; `done` once nothing more is to be shown."""

    def __init__(self, events: Events, checks: Checks) -> None:
        self.done = False
        self._events, self._checks = events, checks
        self._held = bytearray()

    def feed(self, raw: bytes) -> bytes:
        seen = len(self._held)
        self._held += raw
        if self.done or b"\n" not in raw:
            return b"" if self.done else self._bounded()
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

    def _line(self, line: bytes) -> Iterator[Pair]:
        if len(line) > _LINE:
            raise WireError("a line is too large")
        try:
            text = line.decode()
        except UnicodeDecodeError:
            raise WireError("a line is not UTF-8") from None
        return self._events.value(None, load(text))

    def refuse(self) -> bytes:
        self.done = True
        return _lines(self._events.refuse())

    def _safely(self, call: Callable[..., Iterable[Pair]], *args: bytes) -> bytes:
        try:
            return _lines(call(*args))
        except StopError:
            return self.refuse()
        except WireError as error:
            self._checks.failed(str(error))
            return self.refuse()

    def _bounded(self) -> bytes:
        if len(self._held) <= _LINE:
            return b""
        self._checks.failed("a line is too large")
        return self.refuse()


class Prose:
    """A text in its charset: bytes in, safe bytes out."""

    def __init__(self, checks: Checks, charset: str = "utf-8") -> None:
        self.done = False
        self._checks = checks
        try:
            # There are codecs for other things than text, too.
            "".encode(charset)
            self._decoder = codecs.getincrementaldecoder(charset)()
            self._encoder = codecs.getincrementalencoder(charset)("replace")
        except (LookupError, ValueError):
            raise WireError("a charset that is not known") from None
        self._channel = checks.channel()

    def feed(self, raw: bytes) -> bytes:
        return b"" if self.done else self._fed(raw, final=False)

    def close(self) -> bytes:
        if self.done:
            return b""
        out = self._fed(b"", final=True)
        if not self.done:
            out += self._encoder.encode(self._channel.close(), final=True)
        self.done = True
        return out

    def fail(self) -> bytes:
        self.done = True
        self._channel.cancel()
        return b""

    def refuse(self) -> bytes:
        self.done = True
        self._channel.cancel()
        return self._encoder.encode(self._checks.refusal, final=True)

    def _fed(self, raw: bytes, *, final: bool) -> bytes:
        try:
            text = self._decoder.decode(raw, final)
        except UnicodeError:
            self._checks.failed("a text that is not in its charset")
            return self.refuse()
        out = self._channel.feed(text)
        self.done = self._channel.refused
        return self._encoder.encode(out, final=self.done)


def _lines(events: Iterable[Pair]) -> bytes:
    return b"".join(f"{data}\n".encode() for _, data in events)


def _picked(
    value: Any,
    fields: frozenset[str] | None,
    checks: Checks,
    read: Callable[[Any, Checks], Any],
) -> Any:
    """The value with what stands in one of the fields as `read` gives it."""
    if fields is None:
        return read(value, checks)
    if isinstance(value, list):
        return [_picked(inner, fields, checks, read) for inner in value]
    if not isinstance(value, dict):
        return value
    return {
        key: read(inner, checks) if key in fields else _picked(inner, fields, checks, read)
        for key, inner in value.items()
    }


def _mapped(value: Any, path: Path, tell: Callable[[Path, str], str]) -> Any:
    """The value with each string as `tell` gives it."""
    if isinstance(value, str):
        return tell(path, value)
    if isinstance(value, dict):
        return {key: _mapped(inner, (*path, key), tell) for key, inner in value.items()}
    if isinstance(value, list):
        return [_mapped(inner, (*path, place), tell) for place, inner in enumerate(value)]
    return value
