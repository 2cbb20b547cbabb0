"""One request and its answer, from bytes to safe bytes, without I/O; every HTTP edge drives it."""

from __future__ import annotations

import logging
import zlib
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Protocol
from urllib.parse import unquote_plus

from guardrail.attempt import attempt
from guardrail.guard import Guard
from guardrail.rule import Failure
from guardrail.stream import StreamGuard
from guardrail.surface import Surface, matches
from guardrail.types import Action, Admission, Context, Identity, Message
from guardrail.wire.anthropic import Messages
from guardrail.wire.checks import Asked, Events, Shape, StopError, WireError
from guardrail.wire.leaves import dump, load
from guardrail.wire.openai import Chat, Completions, Embeddings
from guardrail.wire.plain import Lines, Plain, Prose
from guardrail.wire.responses import Responses
from guardrail.wire.sse import Stream, encode

__all__ = ["Answer", "Exchange", "Headers", "Reply", "forwarded"]

Headers = tuple[tuple[str, str], ...]
"""Header names, in lower case, and values."""

_SHAPES = (
    ("/chat/completions", Chat),
    ("/completions", Completions),
    ("/responses", Responses),
    ("/embeddings", Embeddings),
    ("/messages", Messages),
)
_TEXT = ("text/*", "application/xml", "application/*+xml", "application/javascript")
_FORM = "application/x-www-form-urlencoded"
_LINES = frozenset({"application/x-ndjson", "application/jsonl", "application/x-jsonlines"})
# They describe the bytes as they were, or offer parts of them.
_STALE = frozenset(
    {"content-length", "content-encoding", "etag", "content-md5", "digest", "content-digest"}
    | {"repr-digest", "accept-ranges", "content-range", "transfer-encoding", "last-modified"}
)
_ASKS_FOR_PARTS = frozenset(
    {"range", "if-range", "if-none-match", "if-modified-since", "accept-encoding"}
)
_NO_BODY = frozenset({204, 304})
_STATUS = {Action.THROTTLE: 429, Action.CHALLENGE: 401}
_KINDS = {Action.THROTTLE: "rate_limit_error", Action.CHALLENGE: "authentication_error"}

_log = logging.getLogger("guardrail")


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer."""

    status: int
    headers: Headers
    body: bytes


class Answer(Protocol):
    """What goes out in place of an upstream's answer.

    Where `whole` is true nothing goes out before `close`, and `status` and `headers` are settled
    only then. After `done` nothing more is taken, and the upstream may be let go.
    """

    status: int
    headers: Headers
    whole: bool

    @property
    def done(self) -> bool: ...

    def feed(self, raw: bytes) -> bytes: ...

    def close(self) -> bytes:
        """The upstream's answer has ended."""
        ...

    def fail(self) -> bytes:
        """The upstream's answer broke off."""
        ...

    def cancel(self) -> None:
        """The reader went away."""
        ...


class Exchange:
    """One request, admitted or not, and the answer to it.

    First `admit`; where it gives no reply, `answer` takes what the upstream says.
    """

    def __init__(
        self,
        guard: Guard,
        *,
        method: str,
        path: str,
        query: str = "",
        headers: Headers = (),
        body: bytes = b"",
        identity: Identity | None = None,
        surface: Surface | None = None,
    ) -> None:
        self._guard, self._method = guard, method
        self.surface = guard.surface if surface is None else surface
        self._shape = _shape(path, self.surface)
        self._asked, self._fault = self._read(query, headers, body)
        self.context = Context(
            messages=self._messages(),
            identity=Identity() if identity is None else identity,
            model=self._asked.model,
            request_id=_header(headers, "x-request-id"),
        )
        self.admission: Admission | None = None

    def admit(self) -> Reply | None:
        """None where the request may go on, or what is answered in its place."""
        if self._fault is not None:
            self._guard.fail(self.context, self._fault)
            if not self._guard.observes:
                return self._error(400, "invalid_request_error", self._fault)
        self.admission = admission = self._guard.admit(self.context)
        if self._denies_embeddings:
            return self._error(403, "permission_error", self._guard.refusal)
        if not self._guard.stops(admission):
            return None
        if admission.action in _STATUS:
            status, kind = _STATUS[admission.action], _KINDS[admission.action]
            reply = self._error(status, kind, self._guard.refusal)
            if admission.retry_after is not None:
                after = ("retry-after", str(max(1, round(admission.retry_after))))
                reply = replace(reply, headers=(*reply.headers, after))
            return reply
        return self.refusal(self._checks())

    def too_large(self) -> Reply:
        """What is answered to a request with too large a body."""
        self._guard.fail(self.context, "the body of a request is too large")
        return self._error(413, "request_too_large", "the request is too large")

    def unreachable(self) -> Reply:
        """What is answered where no upstream answers."""
        return self._error(502, "upstream_error", "the upstream does not answer")

    def answer(self, status: int, headers: Iterable[tuple[str, str]]) -> Answer:
        """What goes out in place of an answer that begins so."""
        told = tuple((name.lower(), value) for name, value in headers)
        checks = self._checks()
        if self._guard.observes:
            watched = attempt(None, self._answer, status, told, checks)
            return _Observed(status, told, None if isinstance(watched, Failure) else watched)
        answer = attempt(None, self._answer, status, told, checks)
        if isinstance(answer, Failure):
            return _Replied(self.refusal(checks))
        return answer

    def _answer(self, status: int, headers: Headers, checks: _Checks) -> Answer:
        kind, charset = _content_type(headers)
        if self._method == "HEAD" or status in _NO_BODY or self.surface.unread(kind):
            return _Passed(status, headers)
        fresh = tuple(pair for pair in headers if pair[0] not in _STALE)
        shape = self._shape if status < 400 else Plain()
        length = _header(headers, "content-length")
        if not kind and length == "0":
            return _Passed(status, headers)
        if status == 206:
            return self._unreadable(checks, "a part of an answer")
        try:
            decoder = _decoder(_header(headers, "content-encoding"))
        except WireError as error:
            return self._unreadable(checks, str(error))
        if kind == "text/event-stream":
            events = shape.events(self._asked, checks)
            return _Streamed(status, fresh, Stream(events, checks), decoder, checks)
        if kind in _LINES:
            lines = Lines(Plain(self.surface.fields).events(self._asked, checks), checks)
            return _Streamed(status, fresh, lines, decoder, checks)
        if kind == "application/json" or kind.endswith("+json"):
            return _Whole(self, status, fresh, shape, decoder, checks)
        if matches(kind, _TEXT):
            return _Streamed(status, fresh, Prose(checks, charset), decoder, checks)
        return self._unreadable(checks, f"content of the type {_printable(kind)}")

    def _unreadable(self, checks: _Checks, what: str) -> Answer:
        checks.failed(f"{what} cannot be read")
        return _Replied(self.refusal(checks))

    def refusal(self, checks: _Checks) -> Reply:
        """A refusal in the form that was asked for."""
        headers: Headers = (("content-type", "application/json"), ("x-should-retry", "false"))
        if self._asked.streams:
            events: Events = self._shape.events(self._asked, checks)
            headers = (("content-type", "text/event-stream"), *headers[1:])
            return Reply(200, headers, encode(events.refuse()))
        status = 403 if isinstance(self._shape, Plain | Embeddings) else 200
        return Reply(status, headers, dump(self._shape.refused(self._asked, checks.refusal)))

    def _error(self, status: int, kind: str, message: str) -> Reply:
        body = dump(self._shape.error(status, kind, message))
        headers = (("content-type", "application/json"), ("x-should-retry", "false"))
        return Reply(status, headers, body)

    @property
    def _denies_embeddings(self) -> bool:
        denied = self._guard.disclosure.embeddings == "deny"
        return denied and isinstance(self._shape, Embeddings) and not self._guard.observes

    def _checks(self) -> _Checks:
        given = self.context if self.admission is None else self.admission
        return _Checks(self._guard, given, strict=self.surface.strict)

    def _read(self, query: str, headers: Headers, body: bytes) -> tuple[Asked, str | None]:
        """What was asked, or why it cannot be read."""
        if not body:
            return Asked((Message("user", unquote_plus(query)),) if query else ()), None
        asked: list[Message] = [Message("user", unquote_plus(query))] if query else []
        kind, _ = _content_type(headers)
        try:
            if not isinstance(self._shape, Plain):
                value = load(body)
                if not isinstance(value, dict):
                    raise WireError("not a JSON object")
                return self._shape.asked(value), None
            if kind in ("", "application/json") or kind.endswith("+json"):
                with suppress(WireError):
                    told = self._shape.asked(load(body))
                    return replace(told, messages=(*asked, *told.messages)), None
            text = body.decode()
            asked.append(Message("user", unquote_plus(text) if kind == _FORM else text))
        except WireError as error:
            return Asked(), f"the request cannot be read: {error}"
        except UnicodeDecodeError:
            # A file that is sent in: nothing of it is text that somebody could ask with.
            pass
        return Asked(tuple(asked)), None

    def _messages(self) -> tuple[Message, ...]:
        echo = self.surface.echo
        return tuple(
            message if message.reader is False else replace(message, reader=message.role in echo)
            for message in self._asked.messages
        )


class _Checks:
    """The guard at work on one answer."""

    def __init__(self, guard: Guard, given: Context | Admission, *, strict: bool) -> None:
        self.refusal, self.disclosure = guard.refusal, guard.disclosure
        self.limit = guard.max_chars
        self._guard, self._given, self._strict = guard, given, strict
        self._known: dict[str, str] = {}
        self._channels: list[StreamGuard] = []

    def text(self, raw: str) -> str:
        # A text that came in pieces is told again whole, up to three times.
        if raw not in self._known:
            verdict = self._guard.check(raw, self._given)
            if self._guard.stopped(verdict):
                raise StopError
            if len(self._known) < 64:
                self._known[raw] = verdict.text
            return verdict.text
        return self._known[raw]

    def parts(self, raw: Sequence[str]) -> Sequence[str]:
        verdict, parts = self._guard.check_parts(raw, self._given)
        if self._guard.stopped(verdict):
            raise StopError
        return parts

    def channel(self) -> StreamGuard:
        channel = self._guard.start(self._given)
        self._channels.append(channel)
        return channel

    def failed(self, reason: str) -> None:
        self._guard.fail(self._context, reason)

    def unknown(self, name: str) -> None:
        if self._strict:
            raise WireError(f"{_printable(name)} is not known")
        _log.warning("left out: %s", _printable(name))

    def cancel(self) -> None:
        for channel in self._channels:
            channel.cancel()

    @property
    def _context(self) -> Context:
        given = self._given
        return given.context if isinstance(given, Admission) else given


class _Passed:
    """An answer that is not read."""

    whole = done = False

    def __init__(self, status: int, headers: Headers) -> None:
        self.status, self.headers = status, headers

    def feed(self, raw: bytes) -> bytes:
        return raw

    def close(self) -> bytes:
        return b""

    fail = close

    def cancel(self) -> None:
        pass


class _Replied:
    """A reply in place of an answer."""

    whole = done = True

    def __init__(self, reply: Reply) -> None:
        self.status, self.headers, self._body = reply.status, reply.headers, reply.body

    def feed(self, _: bytes) -> bytes:
        return b""

    def close(self) -> bytes:
        body, self._body = self._body, b""
        return body

    fail = close

    def cancel(self) -> None:
        pass


class _Codec(Protocol):
    done: bool

    def feed(self, raw: bytes) -> bytes: ...

    def close(self) -> bytes: ...

    def fail(self) -> bytes: ...


class _Streamed:
    """An answer that is made safe as it comes."""

    whole = False

    def __init__(
        self, status: int, headers: Headers, codec: _Codec, decoder: _Decoder, checks: _Checks
    ) -> None:
        self.status, self.headers = status, headers
        self._codec, self._decoder, self._checks = codec, decoder, checks

    @property
    def done(self) -> bool:
        return self._codec.done

    def feed(self, raw: bytes) -> bytes:
        return self._safely(self._fed, raw)

    def close(self) -> bytes:
        return self._safely(self._codec.close)

    def fail(self) -> bytes:
        return self._safely(self._codec.fail)

    def cancel(self) -> None:
        self._checks.cancel()

    def _fed(self, raw: bytes) -> bytes:
        try:
            return b"".join(map(self._codec.feed, self._decoder.feed(raw)))
        except WireError as error:
            self._checks.failed(str(error))
            return self._codec.fail()

    def _safely(self, call: Any, *args: bytes) -> bytes:
        out = attempt(None, call, *args)
        if not isinstance(out, Failure):
            return bytes(out)
        self._checks.failed("an answer that the codec cannot read")
        self._codec.done = True
        return b""


class _Whole:
    """An answer that is read when it is whole."""

    whole = True

    def __init__(
        self,
        exchange: Exchange,
        status: int,
        headers: Headers,
        shape: Shape,
        decoder: _Decoder,
        checks: _Checks,
    ) -> None:
        self.status, self.headers, self.done = status, headers, False
        self._exchange, self._shape = exchange, shape
        self._decoder, self._checks = decoder, checks
        self._held: list[bytes] = []
        self._size = 0

    def feed(self, raw: bytes) -> bytes:
        if not self.done:
            try:
                for piece in self._decoder.feed(raw):
                    self._held.append(piece)
                    self._size += len(piece)
                    if self._size > self._exchange.surface.max_body:
                        raise WireError("an answer is too large")
            except WireError as error:
                self._refuse(str(error))
        return b""

    def close(self) -> bytes:
        if not self.done:
            self.done = True
            told = attempt(None, self._told, b"".join(self._held))
            if isinstance(told, Failure):
                self._refuse("an answer that the codec cannot read")
            else:
                self._held = [told]
                self.headers = (*self.headers, ("content-length", str(len(told))))
        return b"".join(self._held)

    def fail(self) -> bytes:
        reply = self._exchange.unreachable()
        self.status, self.headers, self._held = reply.status, reply.headers, [reply.body]
        self.done = True
        return reply.body

    def cancel(self) -> None:
        self._held = []

    def _told(self, raw: bytes) -> bytes:
        try:
            body = load(raw) if raw else None
            if not isinstance(self._shape, Plain) and not isinstance(body, dict):
                raise WireError("an answer is not an object")
            return b"" if body is None else dump(self._shape.whole(body, self._checks))
        except WireError as error:
            return self._refused(str(error))
        except StopError:
            return self._refused(None)

    def _refuse(self, reason: str | None) -> None:
        self._held = [self._refused(reason)]

    def _refused(self, reason: str | None) -> bytes:
        if reason is not None:
            self._checks.failed(reason)
        self.done = True
        reply = self._exchange.refusal(self._checks)
        self.status, self.headers = reply.status, reply.headers
        return reply.body


class _Observed:
    """An answer that goes out as it came, and is decided on all the same."""

    whole = done = False

    def __init__(self, status: int, headers: Headers, answer: Answer | None) -> None:
        self.status, self.headers, self._answer = status, headers, answer

    def feed(self, raw: bytes) -> bytes:
        if self._answer is not None:
            self._answer.feed(raw)
        return raw

    def close(self) -> bytes:
        if self._answer is not None:
            self._answer.close()
        return b""

    def fail(self) -> bytes:
        if self._answer is not None:
            self._answer.fail()
        return b""

    def cancel(self) -> None:
        if self._answer is not None:
            self._answer.cancel()


class _Decoder(Protocol):
    def feed(self, raw: bytes) -> Iterable[bytes]: ...


class _Identity:
    def feed(self, raw: bytes) -> Iterable[bytes]:
        return (raw,)


class _Inflate:
    """Deflated bytes, in pieces of bounded size."""

    def __init__(self) -> None:
        # 32: gzip and zlib are told apart by their first bytes.
        self._inner = zlib.decompressobj(zlib.MAX_WBITS | 32)

    def feed(self, raw: bytes) -> Iterable[bytes]:
        while raw:
            try:
                yield self._inner.decompress(raw, 1 << 16)
            except zlib.error:
                raise WireError("an answer is not compressed as it says") from None
            raw = self._inner.unconsumed_tail


def _decoder(encoding: str | None) -> _Decoder:
    if encoding is None or encoding.lower() in ("", "identity"):
        return _Identity()
    if encoding.lower() in ("gzip", "x-gzip", "deflate"):
        return _Inflate()
    raise WireError("an answer in an unknown encoding")


def forwarded(headers: Iterable[tuple[str, str]]) -> Headers:
    """The headers of a request without those that ask for parts, or for compressed answers."""
    kept = ((name.lower(), value) for name, value in headers)
    told = (pair for pair in kept if pair[0] not in _ASKS_FOR_PARTS)
    return (*told, ("accept-encoding", "identity"))


def _shape(path: str, surface: Surface) -> Shape:
    ending = path.rstrip("/")
    for suffix, shape in _SHAPES:
        if ending.endswith(suffix):
            return shape()
    return Plain(surface.fields)


def _content_type(headers: Headers) -> tuple[str, str]:
    """The type of content, in lower case, and its charset."""
    kind, _, rest = (_header(headers, "content-type") or "").partition(";")
    charset = "utf-8"
    for part in rest.split(";"):
        name, _, value = part.strip().partition("=")
        if name.lower() == "charset":
            charset = value.strip('"').lower()
    return kind.strip().lower(), charset


def _header(headers: Headers, name: str) -> str | None:
    return next((value for key, value in headers if key == name), None)


def _printable(name: str) -> str:
    """A name for the log: short, and nothing in it that could be text."""
    return "".join(c for c in name[:64] if c.isalnum() or c in "._/+-") or "something"
