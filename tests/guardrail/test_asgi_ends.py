"""What an application still does when its answer has ended."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import Depends, FastAPI
from starlette.background import BackgroundTask
from starlette.responses import JSONResponse, StreamingResponse

from guardrail.asgi import GuardMiddleware, Receive, Scope, Send
from guardrail.disclosure import Disclosure
from tests.readers import LEAK, PATIENCE, guard, nothing_left, reader, writes
from tests.servers import served

done: list[str] = []


@pytest.fixture(autouse=True)
def _fresh() -> None:
    done.clear()


def spoken(*events: dict[str, Any] | str) -> str:
    told = (one if isinstance(one, str) else json.dumps(one) for one in events)
    return "".join(f"data: {one}\n\n" for one in told)


_CHOICE = {"index": 0, "delta": {"content": "Hello there."}, "finish_reason": None}
_CHUNK = {"choices": [_CHOICE]}
_RESPONSE = {"type": "response.completed", "response": {"id": "r", "output": []}}
ENDS = [
    ("/say", spoken({"text": "Hello there."}, "[DONE]")),
    ("/v1/chat/completions", spoken(_CHUNK, "[DONE]")),
    ("/v1/chat/completions", spoken(_CHUNK, {"error": {"message": "too busy"}})),
    ("/v1/messages", spoken({"type": "message_stop"})),
    ("/v1/messages", spoken({"type": "error", "error": {"message": "too busy"}})),
    ("/v1/responses", spoken(_RESPONSE)),
    ("/v1/responses", spoken("[DONE]")),
    ("/v1/responses", spoken({"type": "error", "message": "too busy"})),
]


@pytest.mark.parametrize("leaves", [False, True])
@pytest.mark.parametrize("timing", [0, 20])
@pytest.mark.parametrize(("path", "last"), ENDS)
async def test_after_its_last_event_the_application_goes_on(
    path: str, last: str, timing: int, *, leaves: bool
) -> None:
    """It is not cancelled, even if the reader leaves; what it still sends is not shown."""
    resume = asyncio.Event()

    async def source() -> AsyncIterator[str]:
        yield last
        await resume.wait()
        yield spoken(f"too late {LEAK}")
        done.append("saved")

    talk = reader(path, b'{"model": "m", "messages": [], "stream": true}', method="POST")
    app = writes(source, "text/event-stream")
    held = guard(disclosure=Disclosure(timing=timing))
    async with nothing_left():
        task = asyncio.create_task(talk.talk(GuardMiddleware(app, guard=held)))
        await talk.next()
        await talk.next()
        assert not talk.ended
        if leaves:
            talk.leave()
            await asyncio.sleep(0.01)
        resume.set()
        await task
    assert (done, b"late" in talk.body) == (["saved"], False)
    assert talk.ended != leaves


def test_dependencies_and_background_tasks_outlive_the_last_event() -> None:
    """Under uvicorn a dependency of FastAPI comes to its end, and a background task is done."""
    app = FastAPI()
    app.add_middleware(GuardMiddleware, guard=guard())

    async def session() -> AsyncIterator[None]:
        yield
        done.append("committed")

    async def source() -> AsyncIterator[str]:
        yield spoken(_CHUNK, "[DONE]")
        await asyncio.sleep(0.01)
        done.append("saved")

    async def later() -> None:
        done.append("background")

    @app.post("/v1/chat/completions", dependencies=[Depends(session)])
    async def chat() -> StreamingResponse:
        task = BackgroundTask(later)
        return StreamingResponse(source(), media_type="text/event-stream", background=task)

    with served(app) as url, httpx.Client(timeout=PATIENCE) as asker:
        response = asker.post(f"{url}/v1/chat/completions", json={"messages": [], "stream": True})
        assert response.text.endswith("data: [DONE]\n\n")
        end = time.monotonic() + PATIENCE
        while len(done) < 3 and time.monotonic() < end:
            time.sleep(0.01)
    assert sorted(done) == ["background", "committed", "saved"]


async def test_after_the_end_nothing_more_is_sent() -> None:
    """What an application says after a refused whole answer is dropped."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001
        headers = [(b"content-type", b"application/x-unknown")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for _ in range(3):
            await send({"type": "http.response.body", "body": b"bytes", "more_body": True})
            await asyncio.sleep(0)

    talk = reader()
    async with nothing_left():
        await talk.talk(GuardMiddleware(app, guard=guard()))
    assert (talk.start["status"], len(talk.events), talk.ended) == (403, 2, True)


async def test_an_answer_begins_once() -> None:
    """A second beginning, which no server takes, changes nothing of how the rest is read."""

    async def app(_: Scope, __: Receive, send: Send) -> None:
        for kind in (b"text/plain", b"image/png"):
            headers = [(b"content-type", kind)]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": LEAK.encode()})

    talk = reader()
    async with nothing_left():
        with pytest.raises(RuntimeError, match="twice"):
            await talk.talk(GuardMiddleware(app, guard=guard()))
    assert LEAK.encode() not in talk.body


async def test_work_after_the_answer_is_done() -> None:
    """A background task runs to its end, although the reader is gone."""

    async def later() -> None:
        await asyncio.sleep(0.02)
        done.append("background")

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        background = BackgroundTask(later)
        if scope["path"] == "/json":
            await JSONResponse({"a": 1}, background=background)(scope, receive, send)
            return

        async def source() -> AsyncIterator[str]:
            yield "text"

        response = StreamingResponse(source(), media_type="text/plain", background=background)
        await response(scope, receive, send)

    for path in ("/json", "/text"):
        talk = reader(path, spec="2.4")
        async with nothing_left():
            task = asyncio.create_task(talk.talk(GuardMiddleware(app, guard=guard())))
            while not (talk.events and talk.ended):
                await talk.next()
            talk.leave()
            await task
    assert done == ["background", "background"]
