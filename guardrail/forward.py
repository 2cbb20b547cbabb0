"""Where the proxy's requests go on to, as an ASGI application that the guard is put around."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from io import BytesIO
from urllib.parse import quote

import aiohttp
from yarl import URL

from guardrail.asgi import ADMISSION, Event, Receive, Scope, Send, body_of
from guardrail.exchange import shape_of
from guardrail.upstream import HOP_BY_HOP, Upstream

__all__ = ["Forward"]

# An upstream may take such a path for another one, which the guard has not seen.
_UNCLEAR = re.compile(r"//|[/\\]\.{1,2}(?:[/\\;]|$)")
_HOPS = frozenset(name.encode() for name in HOP_BY_HOP)
_AT_ONCE = 0.0
_CONNECT = 10.0
# Most answers have come before somebody could have gone away, and watching costs more than waiting.
_SOON = 0.05
_SMALL = 1 << 16
_BROKEN = (aiohttp.ClientError, TimeoutError, OSError)


class Forward:
    """Sends each request to the first upstream that serves it, and its answer back as it comes.

    A connection that could not be made is tried once more; a request that went out never is. A
    body of more than `limit` bytes is refused. What is in flight ends when the reader goes away,
    and at `drain`, after which nothing new is taken.
    """

    def __init__(self, upstreams: Sequence[Upstream], *, limit: int) -> None:
        self._upstreams, self._limit = tuple(upstreams), limit
        self._session: aiohttp.ClientSession | None = None
        self._flights: set[_Flight] = set()
        self.draining = False

    async def open(self) -> None:
        self.draining = False
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=("accept", "accept-encoding", "content-type", "user-agent"),
        )

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    def drain(self) -> None:
        self.draining = True
        for flight in self._flights:
            flight.end()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        path = scope["path"]
        try:
            body = await body_of(receive, self._limit)
        except EOFError:
            return
        if body is None:
            await _fail(path, send, 413, "request_too_large", "the request is too large")
            return
        upstream = self._upstream(path, _model(scope, body))
        if upstream is None:
            unknown = "no upstream serves this path and model"
            await _fail(path, send, 404, "not_found_error", unknown)
            return
        begun = False

        async def told(event: Event) -> None:
            nonlocal begun
            begun = True
            await send(event)

        await self._answered(upstream, scope, body, receive, told)
        # An answer that began and has no end is told as broken by the guard around.
        if not begun:
            await _fail(path, send, 502, "upstream_error", "the upstream does not answer")

    def _upstream(self, path: str, model: str) -> Upstream | None:
        if _UNCLEAR.search(path):
            return None
        return next((one for one in self._upstreams if one.serves(path, model)), None)

    async def _answered(
        self, upstream: Upstream, scope: Scope, body: bytes, receive: Receive, send: Send
    ) -> None:
        """Tell what the upstream says, for as long as somebody wants to know."""
        with suppress(TimeoutError):
            async with asyncio.timeout(None) as timeout:
                flight = _Flight(timeout, receive)
                self._flights.add(flight)
                try:
                    await self._told(upstream, scope, body, send, flight)
                finally:
                    self._flights.discard(flight)
                    flight.land()

    async def _told(
        self, upstream: Upstream, scope: Scope, body: bytes, send: Send, flight: _Flight
    ) -> None:
        try:
            response = await self._sent(upstream, scope, body)
        except _BROKEN:
            return
        try:
            headers = [pair for pair in response.raw_headers if pair[0].lower() not in _HOPS]
            start = {"type": "http.response.start", "status": response.status, "headers": headers}
            await send(start)
            while (piece := await flight.piece(response, upstream.timeout)) is not None:
                more = bool(piece) and not response.content.at_eof()
                await send({"type": "http.response.body", "body": piece, "more_body": more})
                if not more:
                    return
        finally:
            response.close()

    async def _sent(self, upstream: Upstream, scope: Scope, body: bytes) -> aiohttp.ClientResponse:
        if self._session is None or self.draining:
            raise ConnectionError
        query = scope.get("query_string", b"").decode("latin-1")
        path = (scope.get("raw_path") or quote(scope["path"]).encode()).decode("latin-1")
        target = (path + (f"?{query}" if query else "")).replace("#", "%23")
        send = partial(
            self._session.request,
            scope["method"],
            URL(upstream.url.rstrip("/") + target, encoded=True),
            headers=upstream.headers(scope["headers"]),
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(
                total=None,
                sock_connect=min(_CONNECT, upstream.timeout),
                sock_read=upstream.timeout,
            ),
        )
        try:
            return await send(data=_data(body))
        except aiohttp.ClientConnectorError:
            return await send(data=_data(body))


class _Flight:
    """A request on its way, which ends early where nobody waits for its answer any more."""

    def __init__(self, timeout: asyncio.Timeout, receive: Receive) -> None:
        self._timeout, self._receive = timeout, receive
        self._loop = asyncio.get_running_loop()
        self._ended = False
        self._watch: asyncio.TimerHandle | asyncio.Task[None]
        self._watch = self._loop.call_later(_SOON, self._look)

    async def piece(self, response: aiohttp.ClientResponse, seconds: float) -> bytes | None:
        """What has come of the answer, nothing at its end, None where it broke off."""
        # After a chunk that it cannot read aiohttp forgets its own time-out, and waits for ever.
        self._until(self._loop.time() + seconds)
        try:
            piece = await response.content.readany()
        except _BROKEN:
            return None
        self._until(None)
        return piece

    def end(self) -> None:
        self._until(_AT_ONCE)
        self._ended = True

    def land(self) -> None:
        self._ended = True
        self._watch.cancel()

    def _until(self, when: float | None) -> None:
        if not (self._ended or self._timeout.expired()):
            self._timeout.reschedule(when)

    def _look(self) -> None:
        self._watch = self._loop.create_task(_left(self._receive))
        self._watch.add_done_callback(lambda _: self.end())


def _data(body: bytes) -> bytes | BytesIO | None:
    # In pieces: a large body written at once would stop everybody else.
    return BytesIO(body) if len(body) > _SMALL else body or None


async def _left(receive: Receive) -> None:
    """Wait until the reader goes away."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _model(scope: Scope, body: bytes) -> str:
    admission = scope.get(ADMISSION)
    if admission is not None and admission.context.model is not None:
        return str(admission.context.model)
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    model = value.get("model") if isinstance(value, dict) else None
    return model if isinstance(model, str) else ""


async def _fail(path: str, send: Send, status: int, kind: str, message: str) -> None:
    body = json.dumps(shape_of(path).error(status, kind, message)).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
