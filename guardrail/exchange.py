"""One request and its answer, from bytes to safe bytes, without I/O; every HTTP edge drives it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace
from urllib.parse import unquote_plus

from guardrail.answer import (
    Answer,
    Bare,
    Codec,
    Headers,
    Observed,
    Passed,
    Reply,
    Streamed,
    Whole,
)
from guardrail.attempt import Failure, attempt
from guardrail.checking import Checking
from guardrail.guard import Guard
from guardrail.results import Results
from guardrail.surface import Surface, controls, matches
from guardrail.types import Action, Admission, Context, Identity, Message
from guardrail.weight import beside
from guardrail.wire.bodies import content_type, said
from guardrail.wire.checks import Asked, Checks, Events, WireError
from guardrail.wire.decoders import Unread, decoder
from guardrail.wire.either import Either
from guardrail.wire.forms import shape_of
from guardrail.wire.images import Images
from guardrail.wire.leaves import dump, load_request
from guardrail.wire.lines import Lines
from guardrail.wire.openai import Embeddings
from guardrail.wire.plain import Plain, Prose
from guardrail.wire.rest import phrase
from guardrail.wire.sse import Stream, encode
from guardrail.wire.untyped import UNTYPED, Untyped

__all__ = ["Answer", "Exchange", "Headers", "Reply", "forwarded"]

_TEXT = ("text/*", "application/xml", "application/*+xml", "application/javascript")
_LINES = frozenset(
    {"application/x-ndjson", "application/jsonl", "application/x-jsonl", "application/x-jsonlines"}
)
# How some providers tell the results of a batch, and where.
_BYTES = frozenset({"application/octet-stream", "binary/octet-stream", "application/binary"})
_RESULTS = ("/content", "/results")
# They describe the bytes as they were, or offer parts of them.
_STALE = frozenset(
    {"content-length", "content-encoding", "etag", "content-md5", "digest", "content-digest"}
    | {"repr-digest", "accept-ranges", "content-range", "transfer-encoding", "last-modified"}
)
_ASKS_FOR_PARTS = frozenset(
    {"range", "if-range", "if-none-match", "if-modified-since", "accept-encoding"}
)
_NO_BODY = frozenset({204, 304})
# From here on, no client reads an answer as what it has asked for, whatever its type says.
_OTHERWISE = 300
_STATUS = {Action.THROTTLE: 429, Action.CHALLENGE: 401}
_KINDS = {Action.THROTTLE: "rate_limit_error", Action.CHALLENGE: "authentication_error"}
_JSON = (("content-type", "application/json"),)
_EVENTS = (("content-type", "text/event-stream"),)
_FINAL = ("x-should-retry", "false")

_OWN = " (list the path in `plain` of [http] if it is an application's own)"


class Exchange:
    """One request, admitted or not, and the answer to it.

    First `admit`; where it gives no reply, `answer` takes what the upstream says. What goes out
    keeps to its `pace`, which is up to the edge: made when the request was there, it begins then.
    What the path is called `below` a root path may be another name for it.
    """

    def __init__(
        self,
        guard: Guard,
        *,
        method: str,
        path: str,
        below: str = "",
        query: str = "",
        headers: Headers = (),
        body: bytes = b"",
        identity: Identity | None = None,
        surface: Surface | None = None,
    ) -> None:
        self._guard, self._method, self.pace = guard, method, guard.pace()
        self._surface = guard.surface if surface is None else surface
        self.limit = self._surface.max_body
        own = any(map(self._surface.plainly, (path, below)))
        self._form = Plain(self._surface.fields) if own else shape_of(path, self._surface.fields)
        self._shape = self._form
        self._batch = path.rstrip("/").endswith(_RESULTS)
        self._large = len(body) > self.limit
        self._asked, self._fault = self._read(path, query, headers, b"" if self._large else body)
        self.context = Context(
            messages=self._messages(),
            identity=Identity() if identity is None else identity,
            model=self._asked.model,
            request_id=_header(headers, "x-request-id"),
            queries=self._asked.choices,
            clearance=_header(headers, (guard.identification.clearance or "").lower()),
        )
        # Whatever is read of the answer, this may be read with it.
        self.weight = beside(turn.content for turn in self.context.messages)
        self.admission: Admission | None = None
        self._told: Checking | None = None

    def admit(self) -> Reply | None:
        """None where the request may go on, or what is answered in its place."""
        return self._unread() or self._admitted(self._guard.admit(self.context))

    async def aadmit(self) -> Reply | None:
        return self._unread() or self._admitted(await self._guard.aadmit(self.context))

    def _unread(self) -> Reply | None:
        if self._large:
            return self.too_large()
        fault = self._fault or self._too_many()
        if fault is not None:
            self._guard.fail(self.context, fault)
            if not self._guard.observes:
                return self._error(400, "invalid_request_error", fault)
        return None

    def _too_many(self) -> str | None:
        """What is wrong with a request that no limit would ever let through."""
        limits = self._guard.limits
        most = None if limits is None else limits.most(self.context)
        if most is None or self.context.queries <= most:
            return None
        return f"at most {most} answers may be asked for at once"

    def _admitted(self, admission: Admission) -> Reply | None:
        self.admission = admission
        if self._denies_embeddings:
            return self._error(403, "permission_error", self._guard.refusal)
        if not self._guard.stops(admission):
            return None
        if admission.action in _STATUS:
            status, kind = _STATUS[admission.action], _KINDS[admission.action]
            reply = self._error(status, kind, admission.verdict.text)
            return replace(reply, headers=(*reply.headers, *_told(admission)))
        self._told = self._checks()
        return self.refusal(self._told)

    def too_large(self) -> Reply:
        """What is answered to a request with too large a body."""
        self._guard.fail(self.context, "the body of a request is too large")
        return self._error(413, "request_too_large", "the request is too large")

    def unreachable(self) -> Reply:
        """What is answered where no upstream answers."""
        self._told = None
        return self._error(502, "upstream_error", "the upstream does not answer")

    def answer(self, status: int, headers: Iterable[tuple[str, str]]) -> Answer:
        """What goes out in place of an answer that begins so."""
        told = tuple((name.lower(), value) for name, value in headers)
        if status in _NO_BODY:
            # Servers would wait for a body of that length.
            told = tuple(pair for pair in told if pair[0] != "content-length")
        checks = self._checks()
        self._told = checks if status < 400 else None
        answer = attempt(None, self._read_answer, status, told, checks)
        if isinstance(answer, Failure):
            answer = self._unreadable(status, told, checks, "an answer of this form")
        return Observed(status, told, answer) if self._guard.observes else answer

    def _read_answer(self, status: int, headers: Headers, checks: Checking) -> Answer:
        try:
            return self._answer(status, headers, checks)
        except WireError as error:
            return self._unreadable(status, headers, checks, str(error))

    def _answer(self, status: int, headers: Headers, checks: Checking) -> Answer:
        if self._method == "HEAD" or status in _NO_BODY:
            return Bare(status, headers)
        kind, charset = content_type(_content(headers))
        if not self._formed and self._surface.unread(kind):
            return Passed(status, headers)
        fresh = _fresh(headers)
        if not kind and _header(headers, "content-length") == "0":
            return Bare(status, headers)
        if status == 206:
            raise WireError("a part of an answer")
        reads = decoder(_header(headers, "content-encoding"))
        shape = self._shape if status < 400 else Plain()
        if kind == "application/json" or kind.endswith("+json"):
            return Whole(status, fresh, shape, reads, checks, self)
        if kind == "text/event-stream":
            events = shape.events(self._asked, checks)
            return Streamed(status, fresh, Stream(events, checks), reads, checks)
        if self._batch and kind in _BYTES:
            lines = Lines(checks, self._surface.fields)
            return Results(status, fresh, lines, reads, checks, self)
        return Streamed(status, fresh, self._text(status, kind, charset, checks), reads, checks)

    def _text(self, status: int, kind: str, charset: str, checks: Checking) -> Codec:
        """What reads an answer that is neither JSON nor events."""
        formed = self._formed
        if not (formed and status < _OTHERWISE):
            if kind in _LINES:
                return Lines(checks, self._surface.fields)
            if matches(kind, _TEXT):
                return Prose(checks, charset)
        if not (kind or formed):
            return Untyped(checks)
        hint = _OWN if formed else ""
        raise WireError(f"content of the type {checks.named(kind)}{hint}" if kind else UNTYPED)

    def _unreadable(self, status: int, headers: Headers, checks: Checking, what: str) -> Answer:
        unread = Unread(f"{what} cannot be read")
        return Whole(status, _fresh(headers), Plain(), unread, checks, self)

    @property
    def _formed(self) -> bool:
        """Whether an answer is to be in a provider's form."""
        return self._shape is self._form and type(self._form) not in (Plain, Images)

    def unread(self, status: int, headers: Headers, checks: Checks, reason: str) -> Reply:
        """What is told in place of an answer that cannot be read; an error stays one."""
        checks.failed(reason)
        if status < _OTHERWISE:
            return self.refusal(checks)
        told = tuple(pair for pair in headers if pair[0] != "content-type")
        error = self._form.error(status, "upstream_error", "the upstream's answer cannot be read")
        return Reply(status, (*told, *_JSON), dump(error))

    def left(self, size: int) -> None:
        """Tell that an answer of so many bytes has left; errors of the upstream are none."""
        if self._told is not None:
            action, hit = self._told.end()
            self._guard.left(self.context, self.pace, action=action, hit=hit, size=size)

    def refusal(self, checks: Checks) -> Reply:
        """A refusal in the form that was asked for."""
        if self._asked.streams:
            events: Events = self._shape.events(self._asked, checks)
            return Reply(200, _EVENTS, encode(events.refuse()))
        body = dump(self._shape.refused(self._asked, checks))
        if isinstance(self._shape, Plain | Embeddings):
            return Reply(403, (*_JSON, _FINAL), body)
        return Reply(200, _JSON, body)

    def _error(self, status: int, kind: str, message: str) -> Reply:
        return Reply(status, (*_JSON, _FINAL), dump(self._form.error(status, kind, message)))

    @property
    def _denies_embeddings(self) -> bool:
        denied = self._guard.disclosure.embeddings == "deny"
        return denied and isinstance(self._shape, Embeddings) and not self._guard.observes

    def _checks(self) -> Checking:
        given = self.context if self.admission is None else self.admission
        return Checking(self._guard, given, strict=self._surface.strict)

    def _read(
        self, path: str, query: str, headers: Headers, body: bytes
    ) -> tuple[Asked, str | None]:
        """What was asked, or why it cannot be read.

        A request with none of the fields of the path's form is in none; its answer may be.
        """
        try:
            if controls(path):
                raise WireError("a path with control characters")
            if names := self._form.names:
                value = load_request(body) if body else {}
                if not names.isdisjoint(map(str.casefold, value)):
                    return self._form.asked(value), None
                self._shape = Either(self._form)
            around = (phrase(path), unquote_plus(query))
            told = self._shape.asked(said(body, _content(headers))) if body else Asked()
            messages = tuple(Message("user", text) for text in around if text)
            return replace(told, messages=messages + told.messages), None
        except WireError as error:
            hint = _OWN if self._shape.names else ""
            return Asked(), f"the request cannot be read: {error}{hint}"

    def _messages(self) -> tuple[Message, ...]:
        return tuple(
            replace(
                one,
                echo=self._surface.echoes(one.role, one.reader if one.echo is None else one.echo),
            )
            for one in self._asked.messages
        )


def forwarded(headers: Iterable[tuple[str, str]]) -> Headers:
    """The headers of a request without those that ask for parts, or for compressed answers."""
    kept = ((name.lower(), value) for name, value in headers)
    told = (pair for pair in kept if pair[0] not in _ASKS_FOR_PARTS)
    return (*told, ("accept-encoding", "identity"))


def _content(headers: Headers) -> str:
    """The type of content; raises `WireError` where there are several."""
    given = {value.strip() for name, value in headers if name == "content-type"}
    if len(given) > 1 or any("," in value for value in given):
        raise WireError("content of several types")
    return next(iter(given), "")


def _told(admission: Admission) -> Iterator[tuple[str, str]]:
    """What a reader is to do: show who they are, or come back later."""
    if admission.action is Action.CHALLENGE:
        yield "www-authenticate", admission.challenge
    if admission.retry_after is not None:
        yield "retry-after", str(max(1, math.ceil(admission.retry_after)))


def _fresh(headers: Headers) -> Headers:
    return tuple(pair for pair in headers if pair[0] not in _STALE)


def _header(headers: Headers, name: str) -> str | None:
    for key, value in headers:
        if key == name:
            return value
    return None
