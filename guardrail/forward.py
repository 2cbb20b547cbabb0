"""Where the proxy's requests go on to, as an ASGI application that the guard is put around."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Sequence
from urllib.parse import quote

from guardrail.asgi import ADMISSION, Receive, Scope, Send, body_of
from guardrail.client import Connection, Connections
from guardrail.surface import controls
from guardrail.upstream import Upstream, end_to_end
from guardrail.wire.forms import shape_of

__all__ = ["Forward"]

# An upstream may take such a path for another one, which the guard has not seen.
_UNCLEAR = re.compile(r"//|[/\\]\.{1,2}(?:[/\\;]|$)")
_CONNECT = 10.0
# Most answers have come before somebody could have gone away, and watching costs more than waiting.
_SOON = 0.05
_BODIED = frozenset({b"POST", b"PUT", b"PATCH"})


class Forward:
    """Sends each request to the first upstream that serves it, and its answer back as it comes.

    A connection that could not be made is tried once more; a request that went out never is. A
    body of more than `limit` bytes is refused. What is in flight ends when the reader goes away,
    and at `drain`, after which nothing new is taken.
    """

    def __init__(self, upstreams: Sequence[Upstream], *, limit: int) -> None:
        self._upstreams, self._limit = tuple(upstreams), limit
        self._connections: dict[str, Connections] | None = None
        self._flights: set[_Flight] = set()
        self.draining = False

    async def open(self) -> None:
        self.draining = False
        self._connections = {one.url: Connections(one.url) for one in self._upstreams}

    async def close(self) -> None:
        for connections in (self._connections or {}).values():
            connections.close()
        # What was broken off is closed by the event loop, the next time round.
        await asyncio.sleep(0)

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
        # An answer that began and has no end is told as broken by the guard around.
        if not await self._answered(upstream, scope, body, receive, send):
            await _fail(path, send, 502, "upstream_error", "the upstream does not answer")

    def _upstream(self, path: str, model: str) -> Upstream | None:
        if controls(path) or _UNCLEAR.search(path):
            return None
        return next((one for one in self._upstreams if one.serves(path, model)), None)

    async def _answered(
        self, upstream: Upstream, scope: Scope, body: bytes, receive: Receive, send: Send
    ) -> bool:
        """Tell what the upstream says for as long as somebody wants to know; whether it began."""
        if self._connections is None or self.draining:
            return False
        connections = self._connections[upstream.url]
        try:
            head = _head(upstream, connections, scope, len(body))
            connection = await connections.take(min(_CONNECT, upstream.timeout))
        except OSError:
            return False
        flight = _Flight(connection, receive)
        self._flights.add(flight)
        try:
            if self.draining:
                flight.end()
            bodiless = scope["method"] == "HEAD"
            begun = await connection.ask(head, body, bodiless=bodiless, seconds=upstream.timeout)
            if begun:
                await _told(connection, send)
            return begun
        finally:
            self._flights.discard(flight)
            flight.land()
            connections.give(connection)


class _Flight:
    """A request on its way, which ends early where nobody waits for its answer any more."""

    def __init__(self, connection: Connection, receive: Receive) -> None:
        self._connection, self._receive = connection, receive
        self._loop = asyncio.get_running_loop()
        self._watch: asyncio.TimerHandle | asyncio.Task[None]
        self._watch = self._loop.call_later(_SOON, self._look)

    def end(self) -> None:
        self._connection.abort()

    def land(self) -> None:
        self._watch.cancel()

    def _look(self) -> None:
        self._watch = self._loop.create_task(_left(self._receive))
        self._watch.add_done_callback(self._gone)

    def _gone(self, watch: asyncio.Task[None]) -> None:
        if not watch.cancelled():
            self.end()


async def _told(connection: Connection, send: Send) -> None:
    headers = end_to_end(connection.headers)
    await send({"type": "http.response.start", "status": connection.status, "headers": headers})
    while (piece := await connection.piece()) is not None:
        more = not connection.ended
        await send({"type": "http.response.body", "body": piece, "more_body": more})
        if not more:
            return


def _head(upstream: Upstream, at: Connections, scope: Scope, size: int) -> bytes:
    """The head of a request as it goes on; raises `OSError` where it cannot be written."""
    method = scope["method"].encode()
    path = scope.get("raw_path") or quote(scope["path"]).encode()
    query = scope.get("query_string", b"")
    target = (at.path + path + (b"?" + query if query else b"")).replace(b"#", b"%23")
    fields = [(b"host", at.host), *upstream.headers(scope["headers"])]
    if size or method in _BODIED:
        fields.append((b"content-length", b"%d" % size))
    lines = [b"%b %b HTTP/1.1" % (method, target), *(b"%b: %b" % field for field in fields)]
    head = b"\r\n".join((*lines, b"", b""))
    if lines[0].count(b" ") != 2 or b"\0" in head or len(head.splitlines()) != len(lines) + 1:
        raise OSError
    return head


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
