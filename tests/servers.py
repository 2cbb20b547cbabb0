"""Real servers on this machine: an application under uvicorn, an upstream that does as told."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Thread
from typing import Any

import uvicorn

__all__ = ["Asked", "Behaviour", "Upstream", "completion", "event", "head", "served", "upstream"]


@contextmanager
def served(app: Any) -> Iterator[str]:
    """The base URL of an application under uvicorn, in a thread of its own."""
    config = uvicorn.Config(app, log_level=60, ws="none", timeout_graceful_shutdown=5)
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        try:
            # Connections wait in the listener until they are taken.
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(30)


@dataclass
class Asked:
    """One request that came to an upstream."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Behaviour = Callable[[Asked, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Upstream:
    """What came to an upstream, and how many of its answers are in flight."""

    url: str
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0
    working: int = 0


@contextmanager
def upstream(behaviour: Behaviour) -> Iterator[Upstream]:
    """A server that answers each request as `behaviour` writes it, and then hangs up."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setblocking(False)
    told = Upstream(f"http://127.0.0.1:{listener.getsockname()[1]}")
    loop = asyncio.new_event_loop()
    stopped = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        told.connections += 1
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                await talk(reader, writer)
        finally:
            writer.close()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await _read(reader)
        told.asked.append(asked)
        told.working += 1
        try:
            work = asyncio.ensure_future(behaviour(asked, writer))
            gone = asyncio.ensure_future(reader.read(1))
            end = asyncio.ensure_future(stopped.wait())
            tasks = (work, gone, end)
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        finally:
            told.working -= 1

    async def run() -> None:
        server = await asyncio.start_server(answer, sock=listener)
        await stopped.wait()
        # A connection that was just taken begins a task of its own, for which the server is open.
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.gather(*others, return_exceptions=True)
        server.close()

    def work() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(run())

    thread = Thread(target=work, daemon=True)
    thread.start()
    try:
        yield told
    finally:
        loop.call_soon_threadsafe(stopped.set)
        thread.join(30)


async def _read(reader: asyncio.StreamReader) -> Asked:
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").splitlines()
    method, path, _ = first.split(" ")
    pairs = (line.partition(": ") for line in lines if line)
    headers = {name.lower(): value for name, _, value in pairs}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Asked(method, path, headers, body)


def head(kind: str, length: int | None = None, *, status: int = 200, more: str = "") -> bytes:
    """The beginning of an answer; without a length it lasts until the connection is closed."""
    size = "" if length is None else f"Content-Length: {length}\r\n"
    text = f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\n{size}{more}Connection: close\r\n\r\n"
    return text.encode()


def completion(text: str) -> bytes:
    """A whole chat completion."""
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    body = {"id": "c1", "object": "chat.completion", "created": 1, "model": "m"}
    return json.dumps(body | {"choices": [choice]}).encode()


def event(text: str, reason: str | None = None) -> bytes:
    """One chunk of a streamed chat completion."""
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": reason}
    body = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return f"data: {json.dumps(body | {'choices': [choice]})}\n\n".encode()
