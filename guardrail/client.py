"""HTTP/1.1 to an upstream: connections that are kept, and one answer at a time on each."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections import deque
from string import punctuation
from typing import cast
from urllib.parse import quote, urlsplit

import httptools

__all__ = ["Connection", "Connections"]

_PIECE = 1 << 16
_KEPT = 15.0
# Bytes that tell nothing of a body: a head, or what stands between its chunks and behind them.
_AROUND = 1 << 16
_LENGTHS = frozenset({b"content-length", b"transfer-encoding"})


class Connections:
    """Connections to one upstream; one whose answer has ended is used again for a while.

    Requests name its `host`, and their targets begin with its `path`.
    """

    def __init__(self, url: str) -> None:
        place = urlsplit(url)
        secure = place.scheme == "https"
        self.host = place.netloc.encode("idna")
        self.path = quote(place.path, safe=punctuation).encode()
        self._name = place.hostname or ""
        self._port = place.port or (443 if secure else 80)
        self._tls = ssl.create_default_context() if secure else None
        self._kept: deque[Connection] = deque()

    async def take(self, seconds: float) -> Connection:
        """One that was kept, or a new one, made within so many seconds; raises `OSError`.

        One that could not be made is tried once more.
        """
        while self._kept and not self._kept[0].fresh:
            self._kept.popleft().abort()
        while self._kept:
            if (connection := self._kept.pop()).fresh:
                return connection
        try:
            return await self._made(seconds)
        except OSError:
            return await self._made(seconds)

    def give(self, connection: Connection) -> None:
        """Keep it, or close it where its answer has not ended as it should."""
        if connection.rest():
            self._kept.append(connection)
        else:
            connection.abort()

    def close(self) -> None:
        while self._kept:
            self._kept.pop().abort()

    async def _made(self, seconds: float) -> Connection:
        loop = asyncio.get_running_loop()
        name = self._name if self._tls else None
        failed = OSError()
        async with asyncio.timeout(seconds):
            found = await loop.getaddrinfo(self._name, self._port, type=socket.SOCK_STREAM)
            for *_, address in found:
                host = str(address[0])
                try:
                    # An address that never answers leaves time for the others.
                    async with asyncio.timeout(seconds / len(found)):
                        _, made = await loop.create_connection(
                            Connection, host, self._port, ssl=self._tls, server_hostname=name
                        )
                        return made
                except OSError as error:
                    failed = error
        raise failed


class Connection(asyncio.Protocol):
    """A request at a time: first `ask`, then `piece` until it gives nothing or None."""

    _transport: asyncio.Transport
    _answer: _Answer
    _timer: asyncio.TimerHandle

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._waiter: asyncio.Future[None] | None = None
        self._since = self._loop.time()
        self._seconds = 0.0
        self._asked = self._sent = self._lost = self._full = self._paused = False

    @property
    def fresh(self) -> bool:
        """Whether a request may be sent on it."""
        return not self._lost and self._loop.time() - self._since < _KEPT

    @property
    def ended(self) -> bool:
        """Whether all of the answer was given."""
        return self._answer.complete and not self._answer.pieces

    @property
    def status(self) -> int:
        return self._answer.status

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """The names, in lower case, and values of the answer's headers."""
        return self._answer.headers

    async def ask(self, head: bytes, body: bytes, *, bodiless: bool, seconds: float) -> bool:
        """Send a request, and tell whether an answer has begun.

        An answer that is `bodiless` ends with its head. What does not go on for so many seconds
        is broken off.
        """
        self._answer = answer = _Answer(bodiless=bodiless)
        self._asked, self._seconds = True, seconds
        self._timer = self._loop.call_later(seconds, self._beat)
        self._sent = await self._send(head, body)
        while not (answer.begun or self._lost):
            await self._news()
        return answer.begun

    async def piece(self) -> bytes | None:
        """What has come of the body, nothing at its end, None where it broke off."""
        answer = self._answer
        while not answer.pieces:
            if answer.complete:
                return b""
            if self._lost:
                return None
            await self._news()
        piece = answer.taken()
        if self._paused and not self._lost:
            self._paused = False
            self._transport.resume_reading()
        return piece

    def rest(self) -> bool:
        """End with an answer; whether there may be another one."""
        self._stop()
        self._since = self._loop.time()
        return self._sent and not self._lost and self.ended and self._answer.keeps

    def abort(self) -> None:
        """Break off; what has come may still be taken."""
        self._stop()
        self._lost = True
        self._transport.abort()
        self._wake()

    async def _send(self, head: bytes, body: bytes) -> bool:
        if len(body) <= _PIECE:
            self._transport.write(head + body)
            return True
        self._transport.write(head)
        # In pieces: a large body written at once would stop everybody else.
        for place in range(0, len(body), _PIECE):
            while self._full and not (self._answer.begun or self._lost):
                await self._news()
            if self._answer.begun or self._lost:
                return False
            self._transport.write(body[place : place + _PIECE])
        return True

    async def _news(self) -> None:
        """Wait until something has happened."""
        self._since = self._loop.time()
        self._waiter = self._loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _beat(self) -> None:
        waited = 0.0 if self._waiter is None else self._loop.time() - self._since
        if waited < self._seconds:
            self._timer = self._loop.call_later(self._seconds - waited, self._beat)
        else:
            self.abort()

    def _stop(self) -> None:
        if self._asked:
            self._asked = False
            self._timer.cancel()
            self._answer.end()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._asked and exc is None and not self._lost:
            self._answer.close()
        self._lost = True
        self._wake()

    def data_received(self, data: bytes) -> None:
        # What nobody has asked for is no answer to the next request.
        if not self._asked or self._answer.complete or not self._answer.feed(data):
            self.abort()
        elif self._answer.held > _PIECE and not self._paused:
            self._paused = True
            self._transport.pause_reading()
        self._wake()

    def pause_writing(self) -> None:
        self._full = True

    def resume_writing(self) -> None:
        self._full = False
        self._wake()


class _Answer:
    """An answer as its bytes come, without I/O; `keeps` says whether another one may follow."""

    def __init__(self, *, bodiless: bool) -> None:
        self.status = self.held = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.pieces: list[bytes] = []
        self.begun = self.complete = self.keeps = False
        self._bodiless, self._around = bodiless, 0
        self._parser = httptools.HttpResponseParser(self)

    def feed(self, data: bytes) -> bool:
        """Whether it can be read so far."""
        self._around += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            return False
        return self._around <= _AROUND and self.status < 600

    def taken(self) -> bytes:
        """What has come of the body since the last time."""
        taken = self.pieces[0] if len(self.pieces) == 1 else b"".join(self.pieces)
        self.pieces, self.held = [], 0
        return taken

    def end(self) -> None:
        """Let go of the parser, which holds on to this."""
        del self._parser

    def close(self) -> None:
        """The connection was closed: without a length, an answer lasts until then."""
        self.complete |= self.begun and _LENGTHS.isdisjoint(name for name, _ in self.headers)

    def on_message_begin(self) -> None:
        # A second answer, to no request; what of it follows is not taken.
        self.keeps = False

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self.begun:
            self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        if self.begun:
            return
        self.status = self._parser.get_status_code()
        if self.status < 200:
            self.headers = []
        elif self.status < 600:
            self.begun, self.complete = True, self._bodiless

    def on_body(self, body: bytes) -> None:
        if not self.complete:
            self.pieces.append(body)
            self.held += len(body)
        self._around = 0

    def on_message_complete(self) -> None:
        if self.begun and not self.complete:
            self.complete, self.keeps = True, self._parser.should_keep_alive()
