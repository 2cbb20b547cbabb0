"""Limits on hits at the HTTP edges: whoever goes away, and in whatever form an answer comes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

import httpx
import pytest

from detectors.verbatim import Verbatim
from guardrail import Guard, Rule
from guardrail.asgi import App, GuardMiddleware, Receive, Scope, Send
from guardrail.session.history import History
from guardrail.session.limits import Limit, Limits
from guardrail.session.memory import MemoryStore
from guardrail.transport import GuardTransport
from tests.guardrail.session.asking import LONG, Clock
from tests.readers import nothing_left, reader

Make = Callable[..., Guard]

GET = ("GET", "http://test/")


@pytest.fixture
def make(index: Path) -> Iterator[Make]:
    made: list[Guard] = []

    def guard(patience: float | None = None, **settings: Any) -> Guard:
        history = History(MemoryStore(clock=Clock()), secret=b"k" * 32)
        limits = Limits([Limit(hits="2/day", burst=1)], history)
        rule = Rule(Verbatim(index=index), id="verbatim", timeout=patience)
        made.append(Guard([rule], limits=limits, **settings))
        return made[-1]

    yield guard
    for one in made:
        one.close()


async def recite(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001
    """Word by word, and then nothing more."""
    headers = [(b"content-type", b"text/plain")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    for word in LONG[:40]:
        await send({"type": "http.response.body", "body": f"{word} ".encode(), "more_body": True})
    await asyncio.Event().wait()


async def left(app: App) -> int:
    """The status that a reader sees who goes away while the answer is held back."""
    talk = reader()
    async with nothing_left():
        task = asyncio.create_task(talk.talk(app))
        status: int = (await talk.next())["status"]
        await asyncio.sleep(0.05)
        talk.leave()
        await task
    assert status == 429 or talk.body == b""
    return status


@pytest.mark.parametrize("patience", [None, 20.0])
async def test_who_goes_away_has_hit(make: Make, patience: float | None) -> None:
    """Where detectors run in threads of their own, too."""
    app = GuardMiddleware(recite, guard=make(patience))
    assert [await left(app) for _ in range(4)] == [200, 200, 429, 429]


class Reciting(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A passage in one piece, and then nothing more."""

    def __iter__(self) -> Iterator[bytes]:
        yield f"Here it is, as you have asked me to write it down: {' '.join(LONG[:40])}".encode()
        raise httpx.ReadTimeout("nothing more")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece


def recited(_: httpx.Request) -> httpx.Response:
    return httpx.Response(200, headers={"content-type": "text/plain"}, stream=Reciting())


def asked(transport: GuardTransport, first: int | None) -> int:
    """The status of an answer of which so many pieces are read."""
    with httpx.Client(transport=transport) as client, client.stream(*GET) as response:
        with suppress(httpx.ReadTimeout):
            assert list(islice(response.iter_bytes(), first))
        return response.status_code


async def aasked(transport: GuardTransport, first: int | None) -> int:
    async with httpx.AsyncClient(transport=transport) as client, client.stream(*GET) as response:
        with suppress(httpx.ReadTimeout):
            async for _ in response.aiter_bytes():
                if first:
                    break
        return response.status_code


@pytest.mark.parametrize("first", [1, None])
def test_a_client_that_goes_away_has_hit(make: Make, first: int | None) -> None:
    """Under an SDK, where the answer is closed before its end, or breaks off."""
    transport = GuardTransport(make(), httpx.MockTransport(recited))
    assert [asked(transport, first) for _ in range(4)] == [200, 200, 429, 429]
    transport = GuardTransport(make(), httpx.MockTransport(recited))
    told = [asyncio.run(aasked(transport, first)) for _ in range(4)]
    assert told == [200, 200, 429, 429]
