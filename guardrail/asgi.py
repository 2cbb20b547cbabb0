"""The guard around an ASGI application: FastAPI, Starlette, or any other."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from contextlib import suppress
from typing import Any

from guardrail.answer import Answer, Headers, Reply
from guardrail.errors import PolicyError
from guardrail.exchange import Exchange, forwarded
from guardrail.guard import Guard
from guardrail.surface import Surface
from guardrail.types import Identity

__all__ = ["ADMISSION", "GuardMiddleware", "body_of"]

Scope = MutableMapping[str, Any]
Event = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Identify = Callable[[Scope], Identity]

ADMISSION = "guardrail.admission"
"""Where in the scope the application finds its `Admission`."""

# What would send bytes that nobody looks at.
_UNREAD = frozenset({"http.response.pathsend", "http.response.zerocopysend", "http.response.push"})
_POLICY_VIOLATION = 1008
_LINGER = 16


class GuardMiddleware:
    """Pure ASGI: requests are admitted before the application sees them, answers checked after.

    `identify` tells from the scope who asks; by default the guard's `identification` does. Put it
    inside of what compresses answers. What is not HTTP passes, but for WebSockets, which the
    surface must allow. Raises `PolicyError` without a guard.
    """

    def __init__(
        self,
        app: App,
        *,
        guard: Guard,
        identify: Identify | None = None,
        surface: Surface | None = None,
    ) -> None:
        if not isinstance(guard, Guard):
            raise PolicyError("GuardMiddleware needs guard=Guard(...)")
        self._app, self._guard = app, guard
        self._identify, self._surface = identify, surface

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        surface = self._guard.surface if self._surface is None else self._surface
        kind = scope["type"]
        if kind not in ("http", "websocket") or not any(map(surface.guards, _paths(scope))):
            await self._app(scope, receive, send)
        elif kind == "http":
            headers = _decoded(scope["headers"])
            identity = self._identity(scope, headers)
            responder = _Responder(self._app, self._guard, surface, identity)
            await responder.run(scope, headers, receive, send)
        elif surface.websockets:
            await self._app(scope, receive, send)
        else:
            await receive()
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION})

    def _identity(self, scope: Scope, headers: Headers) -> Identity:
        if self._identify is not None:
            return self._identify(scope)
        client = scope.get("client")
        return self._guard.identification.identify(headers, client[0] if client else None)


class _Responder:
    """One request and its answer."""

    def __init__(self, app: App, guard: Guard, surface: Surface, identity: Identity) -> None:
        self._app, self._guard, self._surface, self._identity = app, guard, surface, identity
        self._answer: Answer | None = None
        self._listener: asyncio.Task[None] | None = None
        self._begun = self._ended = self._stopped = False
        self._body: bytes | None = None
        self._size = self._sent = 0

    async def run(self, scope: Scope, headers: Headers, receive: Receive, send: Send) -> None:
        self._outer_receive, self._outer_send = receive, send
        try:
            body = await body_of(receive, self._surface.max_body)
        except EOFError:
            return
        held = body or b""
        self._exchange = exchange = await self._guard.aside(
            len(held),
            Exchange,
            self._guard,
            method=scope["method"],
            path=scope["path"],
            below=_paths(scope)[0],
            query=scope.get("query_string", b"").decode("latin-1"),
            headers=headers,
            body=held,
            identity=self._identity,
            surface=self._surface,
        )
        try:
            if body is None:
                await self._reply(exchange.too_large())
            elif reply := await exchange.aadmit():
                await self._reply(reply)
            else:
                self._body = body
                offered = scope.get("extensions") or {}
                inner = {
                    **scope,
                    ADMISSION: exchange.admission,
                    "headers": _encoded(forwarded(headers)),
                    "extensions": {key: offered[key] for key in offered if key not in _UNREAD},
                }
                await self._through(inner)
        finally:
            if self._listener is not None:
                self._listener.cancel()

    async def _through(self, scope: Scope) -> None:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("GuardMiddleware runs in asyncio only")
        self._task = task
        before = task.cancelling()
        try:
            await self._app(scope, self._receive, self._send)
            await self._broken()
        except asyncio.CancelledError:
            # Either we have stopped the application, or somebody stops us.
            if not self._stopped:
                raise
        except Exception:
            if self._answer is not None and not self._answer.whole:
                await self._broken()
            else:
                await self._waited()
            raise
        finally:
            self._ended = True
            try:
                if self._stopped:
                    await _calm(task, before)
            finally:
                if self._answer is not None:
                    await self._guard.gone(self._weight, self._answer)

    async def _broken(self) -> None:
        """The application is done; if its answer is not, it broke off.

        Where the form of the answer cannot say so, it is left open: the server cuts it off.
        """
        answer = self._answer
        if answer is None or self._ended:
            return
        out = await self._guard.aside(self._weight, answer.fail)
        if (answer.whole or out) and await self._waited():
            await self._put(answer, out, more=False)

    async def _receive(self) -> Event:
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        await asyncio.shield(self._listening())
        return {"type": "http.disconnect"}

    async def _send(self, event: Event) -> None:
        kind = event["type"]
        if kind == "http.response.start":
            if self._answer is not None:
                raise RuntimeError("the application begins its answer twice")
            headers = _decoded(event.get("headers", ()))
            self._answer = answer = self._exchange.answer(event["status"], headers)
            if not answer.whole:
                # Nothing may be sent for long: a reader who goes away is to be noticed.
                self._listening().add_done_callback(self._gone)
                if not self._exchange.pace.step:
                    await self._start(answer.status, answer.headers)
        elif kind == "http.response.body":
            await self._take(bytes(event.get("body", b"")), more=event.get("more_body", False))
        elif kind == "http.response.debug":
            await self._outer_send(event)

    async def _take(self, raw: bytes, *, more: bool) -> None:
        answer = self._answer
        if answer is None or self._ended:
            return
        if answer.done and not answer.stopped:
            # All is told, and the application comes to its end by itself.
            if not more and await self._waited():
                await self._put(answer, b"", more=False)
            return
        self._size += len(raw)
        self._exchange.pace.mark()
        weight = self._exchange.weight + len(raw) if more else self._weight
        try:
            out = await self._guard.aside(weight, _taken, answer, raw, more=more)
        except EOFError:
            # It is left open, as one that broke off.
            return
        last = answer.done or not more
        if (last or (out and not self._sent)) and not await self._waited():
            return
        if last or out:
            await self._put(answer, out, more=more and not answer.stopped)
        if last:
            self._exchange.left(self._sent)
        if answer.stopped and more:
            self._stop()

    @property
    def _weight(self) -> int:
        """What it costs to read all that has come."""
        return self._exchange.weight + self._size

    async def _waited(self) -> bool:
        """Wait until something may leave; whether the reader has waited too."""
        if left := self._exchange.pace.left(time.perf_counter()):
            gone, _ = await asyncio.wait([self._listening()], timeout=left)
            self._ended |= bool(gone)
            return not gone
        return True

    async def _start(self, status: int, headers: Headers) -> None:
        self._begun, told = True, _encoded(headers)
        await self._outer_send({"type": "http.response.start", "status": status, "headers": told})

    async def _put(self, answer: Answer, body: bytes, *, more: bool) -> None:
        if not self._begun:
            await self._start(answer.status, answer.headers)
        await self._say(body, more=more)

    async def _say(self, body: bytes, *, more: bool) -> None:
        self._sent += len(body)
        self._ended |= not more
        await self._outer_send({"type": "http.response.body", "body": body, "more_body": more})

    async def _reply(self, reply: Reply) -> None:
        if await self._waited():
            await self._start(reply.status, reply.sized)
            await self._say(reply.body, more=False)
            self._exchange.left(self._sent)

    def _listening(self) -> asyncio.Task[None]:
        if self._listener is None:
            self._listener = asyncio.create_task(self._listen())
        return self._listener

    async def _listen(self) -> None:
        while (await self._outer_receive())["type"] != "http.disconnect":
            pass

    def _gone(self, listener: asyncio.Task[None]) -> None:
        if not listener.cancelled() and not self._ended:
            self._ended = True
            if self._answer is None or not self._answer.done:
                self._stop()

    def _stop(self) -> None:
        """Let the application go: what it would still say is not wanted."""
        if not self._stopped:
            self._stopped = True
            self._task.cancel()


async def body_of(receive: Receive, limit: int) -> bytes | None:
    """The body of a request, or None if it is too large; raises `EOFError` if it breaks off.

    What is too large is not held, but read on for a while: who is still sending when the server
    hangs up may never see the answer.
    """
    pieces: list[bytes] = []
    size, more = 0, True
    while more and size <= _LINGER * limit:
        event = await receive()
        if event["type"] == "http.disconnect":
            raise EOFError
        piece = event.get("body", b"")
        size += len(piece)
        if size > limit:
            pieces.clear()
        else:
            pieces.append(piece)
        more = event.get("more_body", False)
    return None if size > limit else b"".join(pieces)


def _paths(scope: Scope) -> tuple[str, str]:
    """What a path is called below the application's own root, and with it."""
    root, path = scope.get("root_path", "").rstrip("/"), scope["path"]
    inner = path[len(root) :] if path.startswith(f"{root}/") else path
    return inner, root + inner


def _taken(answer: Answer, raw: bytes, *, more: bool) -> bytes:
    out = answer.feed(raw)
    if (more and not answer.done) or (answer.done and not answer.whole):
        return out
    return out + answer.close()


async def _calm(task: asyncio.Task[Any], before: int) -> None:
    """Take back a stop, also one that the application ended too soon to notice."""
    with suppress(asyncio.CancelledError):
        await asyncio.sleep(0)
    if task.uncancel() > before:
        raise asyncio.CancelledError


def _decoded(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    return tuple(
        (name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in headers
    )


def _encoded(headers: Headers) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
