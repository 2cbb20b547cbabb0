"""Answers in no provider's form: JSON, events of an application's own, lines of JSON, text."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from guardrail.types import Message
from guardrail.wire.checks import Asked, Channel, Checks, Json, Pair, StopError, WireError
from guardrail.wire.leaves import dump, load, safe

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
        texts = "\n".join(_strings(body))
        return Asked((Message("user", texts),) if texts else ())

    def whole(self, body: Any, checks: Checks) -> Any:
        told = safe(body, checks) if self._fields is None else self._picked(body, checks)
        return checks.disclosure.told_scores(told)

    def events(self, asked: Asked, checks: Checks) -> Events:  # noqa: ARG002 - in no form
        return Events(checks, self._fields)

    def refused(self, asked: Asked, refusal: str) -> Json:  # noqa: ARG002 - in no form
        return {"detail": refusal}

    def error(self, status: int, kind: str, message: str) -> Json:
        return {"type": "about:blank", "title": kind, "status": status, "detail": message}

    def _picked(self, value: Any, checks: Checks) -> Any:
        if isinstance(value, list):
            return [self._picked(inner, checks) for inner in value]
        if not isinstance(value, dict):
            return value
        fields = self._fields or frozenset()
        return {
            key: safe(inner, checks) if key in fields else self._picked(inner, checks)
            for key, inner in value.items()
        }


class Events:
    """Events whose data is text, or JSON with text in its strings.

    The strings that stand at one place of all events are one text: what is held of it goes out
    with a later event, at the latest with a copy of the last one that had something there.
    """

    def __init__(self, checks: Checks, fields: frozenset[str] | None = None) -> None:
        self.done = False
        self._checks, self._fields = checks, fields
        self._channels: dict[Path, Channel] = {}
        self._last: dict[Path, tuple[str | None, Any]] = {}

    def event(self, name: str | None, data: str) -> Iterator[Pair]:
        if data.strip() == "[DONE]":
            yield from self.close()
            yield name, data
            return
        body = _json(data)
        if body is None:
            text = self._feed((), data)
            if text or not data:
                yield name, text
            self._last[()] = (name, None)
            return
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
        if said or not any(_strings(body)):
            yield name, dump(self._checks.disclosure.told_scores(told)).decode()

    def close(self) -> Iterator[Pair]:
        self.done = True
        for path, channel in self._channels.items():
            if rest := channel.close():
                yield self._late(path, rest)

    def refuse(self) -> Iterator[Pair]:
        self.done = True
        for channel in self._channels.values():
            channel.cancel()
        path = next(iter(self._channels), ())
        yield self._late(path, self._checks.refusal)

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

        return name, dump(_mapped(body, (), tell)).decode()


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
        out = b""
        for line in lines:
            if line.strip() and not self.done:
                out += self._safely(self._line, line)
        return out

    def _line(self, line: bytes) -> Iterator[Pair]:
        try:
            text = line.decode()
        except UnicodeDecodeError:
            raise WireError("a line is not UTF-8") from None
        load(text)
        return self._events.event(None, text)

    def _safely(self, call: Callable[..., Iterable[Pair]], *args: bytes) -> bytes:
        out: list[bytes] = []
        try:
            for _, data in call(*args):
                out.append(f"{data}\n".encode())
        except (StopError, WireError) as error:
            if isinstance(error, WireError):
                self._checks.failed(str(error))
            self.done = True
            out += (f"{data}\n".encode() for _, data in self._events.refuse())
        return b"".join(out)

    def _bounded(self) -> bytes:
        if len(self._held) <= _LINE:
            return b""
        self._checks.failed("a line is too large")
        self.done = True
        return b"".join(f"{data}\n".encode() for _, data in self._events.refuse())


class Prose:
    """A text in its charset: bytes in, safe bytes out."""

    def __init__(self, checks: Checks, charset: str = "utf-8") -> None:
        self.done = False
        self._checks, self._charset = checks, charset
        try:
            self._decoder = codecs.getincrementaldecoder(charset)()
        except LookupError:
            raise WireError("a charset that is not known") from None
        self._channel = checks.channel()

    def feed(self, raw: bytes) -> bytes:
        return b"" if self.done else self._fed(raw, final=False)

    def close(self) -> bytes:
        if self.done:
            return b""
        out = self._fed(b"", final=True)
        if not self.done:
            out += self._encoded(self._channel.close())
        self.done = True
        return out

    def fail(self) -> bytes:
        self.done = True
        self._channel.cancel()
        return b""

    def _fed(self, raw: bytes, *, final: bool) -> bytes:
        try:
            text = self._decoder.decode(raw, final)
        except UnicodeDecodeError:
            self._checks.failed("a text that is not in its charset")
            self._channel.cancel()
            self.done = True
            return self._encoded(self._checks.refusal)
        out = self._encoded(self._channel.feed(text))
        self.done = self._channel.refused
        return out

    def _encoded(self, text: str) -> bytes:
        return text.encode(self._charset, "replace")


def _json(data: str) -> Any:
    """An object or list, or None for a text."""
    if data[:1] not in ("{", "["):
        return None
    try:
        return load(data)
    except WireError:
        return None


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)


def _mapped(value: Any, path: Path, tell: Callable[[Path, str], str]) -> Any:
    """The value with each string as `tell` gives it."""
    if isinstance(value, str):
        return tell(path, value)
    if isinstance(value, dict):
        return {key: _mapped(inner, (*path, key), tell) for key, inner in value.items()}
    if isinstance(value, list):
        return [_mapped(inner, (*path, place), tell) for place, inner in enumerate(value)]
    return value
