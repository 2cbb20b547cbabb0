"""A guard that knows two words, and a reader who talks ASGI by hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

import httpx

from guardrail import Action, Guard, Rule
from guardrail.asgi import App, Receive, Scope, Send
from guardrail.surface import Surface
from tests.strategies import Pattern

PATIENCE = 20
"""Seconds after which a test that hangs fails."""

LEAK = "zq" + "1234"
STOP = "xx" + "5678"
REFUSAL = "I can't share that."
LATER = "Too many requests; try again later."
WHO = "Show who you are to go on."


def guard(surface: Surface | None = None, **settings: Any) -> Guard:
    """Redacts one word, refuses at another, and lets nobody ask for `forbidden` things."""
    rules = (
        Rule(Pattern("zq[0-9]{4}", 6), id="leak"),
        Rule(Pattern("xx[0-9]{4}", 6), id="stop", action=Action.REFUSE),
        Rule(Pattern("forbidden", 9), id="asks", on="prompt", action=Action.REFUSE),
    )
    return Guard(rules, surface=surface, **settings)


class Reader:
    """Sends one request, sees each event as it is sent, and may go away."""

    def __init__(self, body: tuple[bytes, ...], scope: MutableMapping[str, Any]) -> None:
        self.scope = scope
        self.events: list[MutableMapping[str, Any]] = []
        self._coming: asyncio.Queue[MutableMapping[str, Any] | None] = asyncio.Queue()
        self._pieces = list(body)
        self._left = asyncio.Event()
        self.received = 0

    @property
    def start(self) -> MutableMapping[str, Any]:
        return self.events[0]

    @property
    def headers(self) -> dict[str, str]:
        return {name.decode(): value.decode() for name, value in self.start["headers"]}

    @property
    def body(self) -> bytes:
        return b"".join(event.get("body", b"") for event in self.events)

    @property
    def ended(self) -> bool:
        """Whether the answer has an end."""
        last = self.events[-1]
        return last["type"] == "http.response.body" and not last.get("more_body", False)

    def leave(self) -> None:
        self._left.set()

    async def next(self) -> MutableMapping[str, Any]:
        event = await self._coming.get()
        if event is None:
            raise EOFError
        return event

    async def receive(self) -> MutableMapping[str, Any]:
        if self._pieces:
            self.received += 1
            piece = self._pieces.pop(0)
            return {"type": "http.request", "body": piece, "more_body": bool(self._pieces)}
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def send(self, event: MutableMapping[str, Any]) -> None:
        self.events.append(event)
        await self._coming.put(event)

    async def talk(self, app: App) -> None:
        try:
            await app(self.scope, self.receive, self.send)
        finally:
            await self._coming.put(None)


def reader(
    path: str = "/",
    *body: bytes,
    method: str = "GET",
    headers: dict[str, str] | None = None,
    spec: str = "2.3",
    extensions: dict[str, Any] | None = None,
    kind: str = "http",
) -> Reader:
    told = [(name.encode(), value.encode()) for name, value in (headers or {}).items()]
    name, _, query = path.partition("?")
    scope = {
        "type": kind,
        "asgi": {"version": "3.0", "spec_version": spec},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": name,
        "raw_path": name.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": told,
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
        "extensions": extensions or {},
    }
    return Reader(body or (b"",), scope)


@asynccontextmanager
async def nothing_left() -> AsyncIterator[None]:
    """What was begun inside has ended when it is left."""
    before = asyncio.all_tasks()
    async with asyncio.timeout(PATIENCE):
        yield
        if left := asyncio.all_tasks() - before:
            await asyncio.wait(left)


async def get(app: App, path: str, **kwargs: Any) -> httpx.Response:
    """What an application answers, all of whose tasks have ended then."""
    async with client(app) as asker, nothing_left():
        return await asker.request(kwargs.pop("method", "GET"), path, **kwargs)


def client(app: App) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app)
    return httpx.AsyncClient(transport=transport, base_url="http://here", timeout=PATIENCE)


def writes(source: Callable[[], AsyncIterator[str]], kind: str = "text/plain") -> App:
    """An application that writes its events itself, and never asks for the reader's."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001
        headers = [(b"content-type", kind.encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        async for piece in source():
            body = memoryview(piece.encode())
            await send({"type": "http.response.body", "body": body, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    return app


async def later(chunks: Iterable[Any]) -> AsyncIterator[Any]:
    for chunk in chunks:
        yield chunk


async def gathered(pieces: AsyncIterator[str]) -> str:
    return "".join([piece async for piece in pieces])
