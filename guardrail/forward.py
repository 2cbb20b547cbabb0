"""Where the proxy's requests go on to, as an ASGI application that the guard is put around."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any

import aiohttp
from yarl import URL

from guardrail.exchange import shape_of
from guardrail.upstream import HOP_BY_HOP, Upstream

__all__ = ["Forward"]

Event = MutableMapping[str, Any]
Send = Callable[[Event], Awaitable[None]]

_TRIES = 2
_PIECE = 1 << 16


class Forward:
    """Sends each request to the first upstream that serves it, and its answer back as it comes.

    A connection that could not be made is tried once more; a request that went out never is.
    After `drain` the answers in flight break off, and nothing new is taken.
    """

    def __init__(self, upstreams: Sequence[Upstream]) -> None:
        self._upstreams = tuple(upstreams)
        self._session: aiohttp.ClientSession | None = None
        self._draining: asyncio.Event | None = None

    @property
    def draining(self) -> bool:
        return self._draining is not None and self._draining.is_set()

    async def open(self) -> None:
        self._draining = asyncio.Event()
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    def drain(self) -> None:
        if self._draining is not None:
            self._draining.set()

    async def __call__(
        self, scope: Event, receive: Callable[[], Awaitable[Event]], send: Send
    ) -> None:
        if scope["type"] != "http":
            return
        body = (await receive()).get("body", b"")
        path = scope["path"]
        upstream = next((one for one in self._upstreams if one.serves(path, _model(body))), None)
        if upstream is None:
            await _fail(path, send, 404, "no upstream serves this path and model")
            return
        try:
            response = await self._sent(upstream, scope, body)
        except (aiohttp.ClientError, TimeoutError, OSError):
            await _fail(path, send, 502, "the upstream does not answer")
            return
        try:
            await self._returned(response, send)
        finally:
            response.close()

    async def _sent(self, upstream: Upstream, scope: Event, body: bytes) -> aiohttp.ClientResponse:
        if self._session is None or self.draining:
            raise ConnectionError
        query = scope.get("query_string", b"").decode("latin-1")
        raw = scope.get("raw_path") or scope["path"].encode()
        address = upstream.url.rstrip("/") + raw.decode("latin-1") + (f"?{query}" if query else "")
        for attempt in range(_TRIES):
            try:
                return await self._session.request(
                    scope["method"],
                    URL(address, encoded=True),
                    headers=upstream.headers(scope["headers"]),
                    data=body or None,
                    allow_redirects=False,
                    timeout=aiohttp.ClientTimeout(
                        total=None, connect=upstream.timeout, sock_read=upstream.timeout
                    ),
                )
            except aiohttp.ClientConnectorError:
                if attempt + 1 == _TRIES:
                    raise
        raise ConnectionError

    async def _returned(self, response: aiohttp.ClientResponse, send: Send) -> None:
        headers = [
            (name, value)
            for name, value in response.raw_headers
            if name.decode("latin-1").lower() not in HOP_BY_HOP
        ]
        start = {"type": "http.response.start", "status": response.status, "headers": headers}
        await send(start)
        try:
            while piece := await self._piece(response):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        except (aiohttp.ClientError, TimeoutError, OSError):
            # An answer that has no end is told as broken by the guard around.
            return
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _piece(self, response: aiohttp.ClientResponse) -> bytes:
        if self._draining is None or self.draining:
            raise ConnectionError
        read = asyncio.ensure_future(response.content.readany())
        end = asyncio.ensure_future(self._draining.wait())
        try:
            await asyncio.wait((read, end), return_when=asyncio.FIRST_COMPLETED)
            if not read.done():
                raise ConnectionError
            return read.result()
        finally:
            read.cancel()
            end.cancel()


def _model(body: bytes) -> str:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    model = value.get("model") if isinstance(value, dict) else None
    return model if isinstance(model, str) else ""


async def _fail(path: str, send: Send, status: int, message: str) -> None:
    body = json.dumps(shape_of(path).error(status, "upstream_error", message)).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
