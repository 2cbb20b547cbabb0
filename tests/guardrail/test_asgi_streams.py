"""Answers in flight: readers who leave, refusals, and applications that break."""

from __future__ import annotations

import asyncio
import gzip
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from starlette.responses import JSONResponse, PlainTextResponse, StreamingResponse

from guardrail import Finding, Guard, Rule, Text
from guardrail.asgi import App, GuardMiddleware, Receive, Scope, Send
from tests.readers import LEAK, PATIENCE, REFUSAL, STOP, guard, nothing_left, reader, writes
from tests.servers import served
from tests.strategies import Ending

closed: list[str] = []


@pytest.fixture(autouse=True)
def _fresh() -> None:
    closed.clear()


async def endless(first: str = "Hello there. ", then: str = "") -> AsyncIterator[str]:
    """Text that never ends; after the first piece it adds little."""
    try:
        yield first
        while True:
            await asyncio.sleep(0.001)
            yield then
    finally:
        closed.append("generator")


def streams(source: Callable[[], AsyncIterator[str]], kind: str = "text/plain") -> App:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await StreamingResponse(source(), media_type=kind)(scope, receive, send)

    return app


@pytest.mark.parametrize("spec", ["2.3", "2.4"])
@pytest.mark.parametrize("write", [streams, writes])
async def test_a_reader_who_leaves_ends_the_application(write: Any, spec: str) -> None:
    """While text is held back nothing is sent, and the generator is cancelled all the same."""
    talk = reader(spec=spec)
    async with nothing_left():
        task = asyncio.create_task(talk.talk(GuardMiddleware(write(endless), guard=guard())))
        await talk.next()
        assert (await talk.next())["body"] == b"Hello t"
        await asyncio.sleep(0.02)
        assert len(talk.events) == 2
        talk.leave()
        await task
    assert closed == ["generator"]
    assert task.cancelling() == 0


@dataclass(frozen=True)
class Slow:
    """Holds all, and takes its time."""

    def find(self, text: Text) -> list[Finding]:  # noqa: ARG002 - there is nothing to find
        time.sleep(0.2)
        return []

    def settled(self, text: Text) -> int:
        return len(text.raw)


async def test_a_reader_may_leave_while_a_detector_works() -> None:
    """A check in a thread is given up together with the answer."""
    talk = reader()
    rules = [Rule(Slow(), id="slow", timeout=PATIENCE)]
    async with nothing_left():
        app = GuardMiddleware(streams(lambda: endless(then="x")), guard=Guard(rules))
        task = asyncio.create_task(talk.talk(app))
        await talk.next()
        await asyncio.sleep(0.05)
        talk.leave()
        await task
    assert (talk.body, task.cancelling()) == (b"", 0)


async def test_text_goes_out_while_it_is_made() -> None:
    """What has settled is sent before the application says more."""
    more = asyncio.Event()

    async def source() -> AsyncIterator[str]:
        yield "Some words that are settled"
        await more.wait()
        yield " and the end."

    talk = reader()
    async with nothing_left():
        task = asyncio.create_task(talk.talk(GuardMiddleware(streams(source), guard=guard())))
        await talk.next()
        assert (await talk.next())["body"] == b"Some words that are s"
        more.set()
        await task
    assert (talk.body, talk.ended) == (b"Some words that are settled and the end.", True)


@pytest.mark.parametrize("write", [streams, writes])
async def test_after_a_refusal_the_application_is_stopped(write: Any) -> None:
    """The answer ends with the refusal, well-formed, and the generator is closed."""
    talk = reader()
    app = GuardMiddleware(write(lambda: endless(f"So: {STOP} ", "more ")), guard=guard())
    async with nothing_left():
        await talk.talk(app)
        await asyncio.sleep(0)
    assert (talk.body.decode(), talk.ended) == (f"So: {REFUSAL}", True)
    assert closed == ["generator"]


@pytest.mark.parametrize("swallows", [True, False])
async def test_a_stop_never_reaches_who_is_outside(*, swallows: bool) -> None:
    """An application that ends at once, or hides that it was cancelled, leaves nothing behind."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001
        headers = [(b"content-type", b"text/plain")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for more in (True, False):
            body = f"So: {STOP} ".encode()
            await send({"type": "http.response.body", "body": body, "more_body": more})
        if swallows:
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(PATIENCE)

    async def outside() -> str:
        talk = reader()
        await talk.talk(GuardMiddleware(app, guard=guard()))
        await asyncio.sleep(0.001)
        return talk.body.decode()

    async with nothing_left():
        task = asyncio.create_task(outside())
        assert await task == f"So: {REFUSAL}"
    assert task.cancelling() == 0


async def test_who_cancels_from_outside_is_obeyed() -> None:
    """A server that gives up an answer is not taken for the guard's own stop."""
    talk = reader()
    async with nothing_left():
        task = asyncio.create_task(talk.talk(GuardMiddleware(streams(endless), guard=guard())))
        await talk.next()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert closed == ["generator"]


async def test_a_stop_does_not_hide_who_cancels_from_outside() -> None:
    """A server that gives up an answer while the guard stops it is obeyed as well."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        task = asyncio.current_task()
        with suppress(asyncio.CancelledError):
            await writes(lambda: endless(f"So: {STOP} ", "more "))(scope, receive, send)
        assert task is not None
        task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(PATIENCE)

    async with nothing_left():
        task = asyncio.create_task(reader().talk(GuardMiddleware(app, guard=guard())))
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_an_application_is_stopped_once() -> None:
    """A reader who leaves while an answer is being refused is no second reason."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001
        headers = [(b"content-type", b"text/plain")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        body = f"So: {STOP} and more".encode()
        event = {"type": "http.response.body", "body": body, "more_body": True}
        sending = asyncio.ensure_future(send(event))
        with suppress(asyncio.CancelledError):
            await asyncio.shield(sending)
        await sending

    talk = reader()
    rules = [Rule(Slow(), id="slow", timeout=PATIENCE), *guard().rules]
    async with nothing_left():
        task = asyncio.create_task(talk.talk(GuardMiddleware(app, guard=Guard(rules))))
        await talk.next()
        await asyncio.sleep(0.05)
        talk.leave()
        await task
    assert task.cancelling() == 0
    assert talk.body.decode() == f"So: {REFUSAL}"


async def broken() -> AsyncIterator[str]:
    yield f"Hello, it is {LEAK[:4]}"
    raise ZeroDivisionError


async def broken_events() -> AsyncIterator[str]:
    async for piece in broken():
        yield f"data: {piece}\n\n"


@pytest.mark.parametrize("write", [streams, writes])
async def test_a_text_that_breaks_off_has_no_end(write: Any) -> None:
    """The held part is not shown, the answer is left open, and the server learns of the error."""
    talk = reader()
    async with nothing_left():
        with pytest.raises(ZeroDivisionError):
            await talk.talk(GuardMiddleware(write(broken), guard=guard()))
    assert (talk.body, talk.ended) == (b"Hello, it i", False)


async def test_a_compressed_text_that_ends_too_early_has_no_end() -> None:
    """What was held is not shown, and the answer is left open for the server to cut off."""
    headers = [(b"content-type", b"text/plain"), (b"content-encoding", b"gzip")]

    async def app(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": gzip.compress(b"some words")[:-2]})

    talk = reader()
    async with nothing_left():
        await talk.talk(GuardMiddleware(app, guard=guard()))
    assert (talk.ended, b"words" in talk.body) == (False, False)


@pytest.mark.parametrize("write", [streams, writes])
async def test_events_that_break_off_say_so(write: Any) -> None:
    """A stream of events ends with an event that tells that it broke off."""
    talk = reader()
    app = GuardMiddleware(write(broken_events, "text/event-stream"), guard=guard())
    async with nothing_left():
        with pytest.raises(ZeroDivisionError):
            await talk.talk(app)
    assert talk.body.endswith(b"event: error\ndata: the answer broke off\n\n")
    assert LEAK[:4].encode() not in talk.body
    assert talk.ended


async def test_an_error_before_the_answer_is_the_servers() -> None:
    """Nothing of a JSON answer was sent when the application raises: the server may answer."""
    app = FastAPI()
    app.add_middleware(GuardMiddleware, guard=guard())

    @app.get("/")
    def fails() -> None:
        raise ZeroDivisionError

    @app.get("/half")
    async def half() -> StreamingResponse:
        return StreamingResponse(broken(), media_type="application/json")

    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as asker:
        for path in ("/", "/half"):
            response = await asker.get(path)
            assert (response.status_code, response.text) == (500, "Internal Server Error")


@pytest.mark.parametrize("wrong", [Exception, 500, ZeroDivisionError])
async def test_around_the_application_all_its_errors_are_guarded(wrong: Any) -> None:
    """The middleware around a finished application sees what its handler for errors answers.

    As one that the application adds, it stands inside of that handler.
    """

    async def handler(_: Any, error: Exception) -> PlainTextResponse:
        return PlainTextResponse(str(error), 500)

    def fails() -> None:
        raise ZeroDivisionError(f"no JSON: {LEAK}")

    def build() -> FastAPI:
        app = FastAPI(exception_handlers={wrong: handler})
        app.get("/")(fails)
        return app

    added, around = build(), GuardMiddleware(build(), guard=guard())
    added.add_middleware(GuardMiddleware, guard=guard())
    told = []
    for app in (added, around):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as asker:
            told.append((await asker.get("/")).text)
    assert told[1] == "no JSON: [redacted]"
    assert (LEAK in told[0]) == (wrong is not ZeroDivisionError)


async def test_a_whole_answer_without_an_end_is_an_error() -> None:
    """An application that stops in the middle of JSON is answered for with 502."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        body = b'{"text": "it is'
        await send({"type": "http.response.body", "body": body, "more_body": True})

    talk = reader("/v1/chat/completions", b'{"messages": []}', method="POST")
    await talk.talk(GuardMiddleware(app, guard=guard()))
    assert (talk.start["status"], talk.ended) == (502, True)
    assert b"it is" not in talk.body


async def test_what_a_test_client_is_told_passes() -> None:
    """Templates are shown to who tests an application; trailers, which nobody reads, are not."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.debug", "info": {}})
        await JSONResponse({})(scope, receive, send)
        await send({"type": "http.response.trailers", "headers": []})

    talk = reader()
    await talk.talk(GuardMiddleware(app, guard=guard()))
    assert talk.events[0]["type"] == "http.response.debug"
    assert (talk.body, talk.ended) == (b"{}", True)


async def test_it_runs_in_a_task() -> None:
    """Where the loop knows no task nothing could be stopped: that is told, not guessed."""
    talk = reader()
    answer = asyncio.get_running_loop().create_future()

    def drive() -> None:
        try:
            talk.talk(GuardMiddleware(streams(endless), guard=guard())).send(None)
        except RuntimeError as error:
            answer.set_result(str(error))

    asyncio.get_running_loop().call_soon(drive)
    assert await answer == "GuardMiddleware runs in asyncio only"


async def test_what_needs_the_whole_text_waits_for_it() -> None:
    """A detector that never settles holds everything until the end."""
    talk = reader()
    rules = [Rule(Ending(4), id="ending")]

    async def source() -> AsyncIterator[str]:
        for _ in range(10_000):
            yield "abcd"

    async with nothing_left():
        await talk.talk(GuardMiddleware(streams(source), guard=Guard(rules)))
    assert talk.body.decode() == "abcd" * 9_999 + "[redacted]"
    assert len(talk.events) == 2


def test_a_server_cuts_off_what_has_no_end() -> None:
    """Under uvicorn a text that breaks off is not mistaken for a whole one."""
    with (
        served(GuardMiddleware(streams(broken), guard=guard())) as url,
        httpx.Client(timeout=PATIENCE) as asker,
        asker.stream("GET", url) as response,
    ):
        assert response.status_code == 200
        with pytest.raises(httpx.RemoteProtocolError):
            response.read()


def test_a_real_reader_who_hangs_up_is_noticed() -> None:
    """Under uvicorn a closed connection ends the generator while nothing is sent."""
    with served(GuardMiddleware(streams(endless), guard=guard())) as url:
        with httpx.Client(timeout=PATIENCE) as asker, asker.stream("GET", url) as response:
            assert next(response.iter_text()) == "Hello t"
        end = time.monotonic() + PATIENCE
        while not closed and time.monotonic() < end:
            time.sleep(0.01)
    assert closed == ["generator"]
