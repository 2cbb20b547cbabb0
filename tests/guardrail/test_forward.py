"""Upstreams that fail in every way: nothing unchecked comes out, and nothing is left behind."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from fastapi import FastAPI

from guardrail.proxy import create
from guardrail.surface import Surface
from guardrail.upstream import Upstream as Place
from tests.readers import LEAK, PATIENCE, Reader, guard, nothing_left, reader
from tests.servers import Asked, Behaviour, Upstream, completion, event, head, upstream

CHAT = "/v1/chat/completions"
EVENTS = "text/event-stream"
BROKEN = b"the answer broke off"


def says(*pieces: bytes, then: float = 0, pause: float = 0.002) -> Behaviour:
    async def behaviour(_: Asked, writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)
        await asyncio.sleep(then)

    return behaviour


@asynccontextmanager
async def proxy(*places: Place, **surface: Any) -> AsyncIterator[FastAPI]:
    """A proxy in this loop; what it began has ended when it is left."""
    app = create(guard(Surface(**surface)), places)
    async with nothing_left(), app.router.lifespan_context(app):
        yield app


async def answered(app: FastAPI, path: str = CHAT, *, stream: bool = True) -> Reader:
    body = json.dumps({"model": "m", "messages": [], "stream": stream}).encode()
    talk = reader(path, body, method="POST")
    async with asyncio.timeout(PATIENCE):
        await talk.talk(app)
    return talk


def shown(talk: Reader) -> str:
    rows = [line[6:] for line in talk.body.decode().splitlines() if line.startswith("data: {")]
    choices = [choice for row in rows for choice in json.loads(row).get("choices", [])]
    return "".join(choice["delta"].get("content") or "" for choice in choices)


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param([head(EVENTS, 9999), event("it is "), event(LEAK[:5])], id="killed"),
        pytest.param([head(EVENTS, 9999), event("it is "), event(LEAK[:5])[:-9]], id="cut frame"),
        pytest.param([head(EVENTS, 9999), event("it is "), b"data: {\x00\xff"], id="junk"),
    ],
)
async def test_a_stream_that_breaks_off_says_so(pieces: list[bytes]) -> None:
    """What had settled was shown, what was held is not, and an error event ends the answer."""
    with upstream(says(*pieces)) as server:
        async with proxy(Place(url=server.url)) as app:
            talk = await answered(app)
    assert "it is ".startswith(shown(talk))
    assert LEAK[:5].encode() not in talk.body
    assert BROKEN in talk.body
    assert (talk.start["status"], talk.ended) == (200, True)


async def test_junk_for_an_event_is_refused() -> None:
    """An event that cannot be read ends the stream as a refusal would."""
    junk = b"data: {\x00 not json\n\n"
    with upstream(says(head(EVENTS), event("it is "), junk, event(LEAK))) as server:
        async with proxy(Place(url=server.url)) as app:
            talk = await answered(app)
    assert LEAK.encode() not in talk.body
    assert b"content_filter" in talk.body
    assert talk.ended


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param([], id="nothing"),
        pytest.param([b"\x00\xff\x00 junk\r\n\r\n"], id="junk"),
        pytest.param([b"HTTP/1.1 200"], id="cut head"),
        pytest.param([head("application/json", 9999), completion(LEAK)[:40]], id="cut"),
        pytest.param(
            [head("application/json", more="Transfer-Encoding: chunked\r\n"), b"zz\r\n"],
            id="bad chunk",
        ),
    ],
)
@pytest.mark.parametrize("path", [CHAT, "/v1/messages"])
async def test_a_whole_answer_that_breaks_off_is_502(pieces: list[bytes], path: str) -> None:
    """Nothing of it is shown: the answer is an error in the provider's form."""
    with upstream(says(*pieces)) as server:
        async with proxy(Place(url=server.url, timeout=0.5)) as app:
            talk = await answered(app, path, stream=False)
    assert (talk.start["status"], talk.ended) == (502, True)
    assert json.loads(talk.body)["error"]["type"] == "upstream_error"


async def test_a_text_that_breaks_off_has_no_end() -> None:
    """A form that cannot tell of it is cut off."""
    text = f"it is so {LEAK[:5]}".encode()
    with upstream(says(head("text/plain", 9999), text)) as server:
        async with proxy(Place(url=server.url)) as app:
            talk = await answered(app, "/v1/other")
    assert (talk.body, talk.ended) == (text[:-6], False)


@pytest.mark.parametrize("begun", [True, False])
async def test_an_upstream_that_hangs_is_given_up(*, begun: bool) -> None:
    """After `timeout` seconds without a byte the answer ends, as an error or as broken."""
    pieces = [head(EVENTS), event("it is "), event(LEAK[:5])] if begun else []
    with upstream(says(*pieces, then=PATIENCE)) as server:
        async with proxy(Place(url=server.url, timeout=0.2)) as app:
            talk = await answered(app)
    assert talk.start["status"] == (200 if begun else 502)
    assert (BROKEN in talk.body) == begun
    assert (len(server.asked), talk.ended) == (1, True)


async def test_a_slow_answer_is_no_broken_one() -> None:
    """Bytes that drip are waited for as long as they come within `timeout`."""
    raw = event(f"it is {LEAK} and") + event(" more", "stop") + b"data: [DONE]\n\n"
    drips = [raw[place : place + 8] for place in range(0, len(raw), 8)]
    with upstream(says(head(EVENTS), *drips, pause=0.01)) as server:
        async with proxy(Place(url=server.url, timeout=0.3)) as app:
            talk = await answered(app)
    assert shown(talk) == "it is [redacted] and more"
    assert talk.body.endswith(b"data: [DONE]\n\n")


async def test_a_request_that_went_out_is_sent_once() -> None:
    """Whatever comes of it, nobody is asked twice."""
    with upstream(says()) as server:
        async with proxy(Place(url=server.url)) as app:
            assert (await answered(app)).start["status"] == 502
    assert len(server.asked) == 1


async def test_a_connection_that_fails_is_tried_once_more() -> None:
    """Before anything was sent a second try does no harm, and a third one no good."""
    tried: list[int] = []

    def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tried.append(1)
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        # What hangs up before it has spoken TLS was never connected to.
        async with proxy(Place(url=f"https://127.0.0.1:{port}")) as app:
            assert (await answered(app)).start["status"] == 502
    assert len(tried) == 2


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("begun", [True, False])
async def test_a_reader_who_leaves_ends_the_upstream(*, stream: bool, begun: bool) -> None:
    """Before the first byte and after it, the upstream's work is given up at once."""
    kind = EVENTS if stream else "application/json"
    pieces = [head(kind), b": \n\n" if stream else b"{"] if begun else []
    with upstream(says(*pieces, then=PATIENCE)) as server:
        async with proxy(Place(url=server.url)) as app:
            body = json.dumps({"model": "m", "messages": [], "stream": stream}).encode()
            talk = reader(CHAT, body, method="POST")
            task = asyncio.create_task(talk.talk(app))
            await _until(server, 1)
            await asyncio.sleep(0.05)
            talk.leave()
            await task
            await _until(server, 0)


@pytest.mark.parametrize("begun", [True, False])
async def test_drain_ends_what_is_in_flight(*, begun: bool) -> None:
    """An open stream ends with an error event; what has not begun is answered with 502."""
    pieces = [head(EVENTS), event("it is so "), event(LEAK[:5])] if begun else []
    with upstream(says(*pieces, then=PATIENCE)) as server:
        async with proxy(Place(url=server.url)) as app:
            talk = reader(CHAT, b'{"messages": [], "stream": true}', method="POST")
            task = asyncio.create_task(talk.talk(app))
            await _until(server, 1)
            while begun and len(talk.events) < 2:
                await talk.next()
            app.state.forward.drain()
            await task
    assert talk.start["status"] == (200 if begun else 502)
    assert (BROKEN in talk.body, talk.ended) == (begun, True)
    assert LEAK[:5].encode() not in talk.body


async def test_drain_ends_what_has_no_connection_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request whose upstream is still looked up is not sent any more."""
    looked_up = socket.getaddrinfo

    def slowly(*told: Any, **more: Any) -> Any:
        time.sleep(0.1)
        return looked_up(*told, **more)

    with upstream(says(head(EVENTS))) as server:
        async with proxy(Place(url=server.url)) as app:
            monkeypatch.setattr("socket.getaddrinfo", slowly)
            task = asyncio.create_task(answered(app))
            await asyncio.sleep(0.05)
            app.state.forward.drain()
            assert (await task).start["status"] == 502
    assert server.asked == []


@pytest.mark.parametrize("key", ["two\nlines", "two\rlines", "x\r\ny: z\r\n"])
async def test_a_key_that_no_header_can_hold_is_not_sent(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What would be read as several headers goes nowhere."""
    monkeypatch.setenv("LEAKRAIL_TEST_KEY", key)
    with upstream(says(head(EVENTS))) as server:
        async with proxy(Place(url=server.url, key_env="LEAKRAIL_TEST_KEY")) as app:
            assert (await answered(app)).start["status"] == 502
    assert (server.asked, server.connections) == ([], 0)


async def test_a_server_that_stops_cancels_the_upstream() -> None:
    """A request that is cancelled from outside takes its upstream's work with it."""
    with upstream(says(head(EVENTS), then=PATIENCE)) as server:
        async with proxy(Place(url=server.url)) as app:
            talk = reader(CHAT, b'{"messages": [], "stream": true}', method="POST")
            task = asyncio.create_task(talk.talk(app))
            await _until(server, 1)
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            await _until(server, 0)


async def test_a_request_that_breaks_off_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """On an unguarded path, and on one of the proxy's own, only a whole request counts."""
    monkeypatch.setenv("LITELLM_KEY", "k")
    surface: dict[str, Any] = {"skip": ("/free",), "litellm_key_env": "LITELLM_KEY"}
    with upstream(says(head("text/plain"))) as server:
        async with proxy(Place(url=server.url), **surface) as app:

            async def receive() -> dict[str, Any]:
                return {"type": "http.disconnect"}

            talk = reader("/free", method="POST")
            await app(talk.scope, receive, talk.send)
            own = reader("/beta/litellm_basic_guardrail_api", method="POST")
            await app(own.scope, receive, own.send)
    assert (talk.events, own.start["status"], server.asked) == ([], 400, [])


async def test_only_leaving_is_leaving() -> None:
    """A server that says more of the request than its end does not break the answer off."""

    async def receive() -> dict[str, Any]:
        if events:
            return events.pop()
        await asyncio.sleep(PATIENCE)
        raise AssertionError

    events: list[dict[str, Any]] = []
    with upstream(says(head("text/plain"), LEAK.encode())) as server:
        async with proxy(Place(url=server.url), skip=("/free",)) as app:
            for path, text in (("/free", LEAK), ("/other", "[redacted]")):
                events = [{"type": "http.request", "body": b""}] * 3
                talk = reader(path, method="POST")
                await app(talk.scope, receive, talk.send)
                assert (talk.body.decode(), talk.ended) == (text, True)


async def test_before_it_is_open_nothing_is_sent() -> None:
    """Without its lifespan the proxy answers 502, ends a WebSocket, and closes."""
    with upstream(says(head("text/plain"))) as server:
        app = create(guard(Surface(websockets=True)), [Place(url=server.url)])
        async with nothing_left():
            assert (await answered(app)).start["status"] == 502
            socket = reader(kind="websocket")
            await socket.talk(app)
            await app.state.forward.close()
    assert [event["type"] for event in socket.events] == ["websocket.close"]
    assert server.asked == []


async def test_fifty_at_once_stay_apart() -> None:
    """Many requests in flight each get their own answer."""

    async def echo(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(head(EVENTS))
        text = f"for {asked.json['model']}: {LEAK} "
        for letter in text:
            writer.write(event(letter))
            await writer.drain()
            await asyncio.sleep(0)
        writer.write(event("", "stop") + b"data: [DONE]\n\n")

    async def one(app: FastAPI, number: int) -> str:
        body = json.dumps({"model": f"m{number}", "messages": [], "stream": True}).encode()
        talk = reader(CHAT, body, method="POST")
        await talk.talk(app)
        return shown(talk)

    with upstream(echo) as server:
        async with proxy(Place(url=server.url)) as app:
            told = await asyncio.gather(*(one(app, number) for number in range(50)))
    assert told == [f"for m{number}: [redacted] " for number in range(50)]


async def _until(server: Upstream, working: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while server.working != working:  # noqa: ASYNC110 - it changes in another thread
            await asyncio.sleep(0.005)
