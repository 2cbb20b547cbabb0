"""Limits at an HTTP edge: what is answered, and what an answer is charged."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

from guardrail import Guard, Identity
from guardrail.asgi import GuardMiddleware
from guardrail.session.limits import Limit
from tests.guardrail.session.asking import (
    allowed,
    limited,
)


def app(guard: Guard) -> FastAPI:
    made = FastAPI()
    made.add_middleware(
        GuardMiddleware,
        guard=guard,
        identify=lambda scope: Identity(dict(scope["headers"]).get(b"x-user", b"").decode()),
    )

    @made.post("/v1/chat/completions")
    async def chat() -> dict[str, Any]:
        message = {"role": "assistant", "content": "word" * 50}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        return {"object": "chat.completion", "choices": [choice]}

    @made.post("/v1/completions")
    async def completions() -> dict[str, Any]:
        choice = {"index": 0, "text": "word", "finish_reason": "stop", "logprobs": None}
        return {"object": "text_completion", "choices": [choice]}

    @made.post("/tools/chat/completions")
    async def tools() -> StreamingResponse:
        return StreamingResponse(_called("word" * 50), media_type="text/event-stream")

    @made.post("/rows")
    async def rows() -> StreamingResponse:
        lines = (json.dumps({"text": "word" * 10}) + "\n" for _ in range(5))
        return StreamingResponse(lines, media_type="application/x-ndjson")

    @made.post("/v1/responses")
    async def responses() -> StreamingResponse:
        return StreamingResponse(_responses("word" * 50), media_type="text/event-stream")

    return made


def _called(text: str) -> Iterator[str]:
    for place in range(0, len(text), 20):
        arguments = ('{"a": "' if not place else "") + text[place : place + 20]
        arguments += '"}' if place + 20 >= len(text) else ""
        call: dict[str, Any] = {"index": 0, "function": {"arguments": arguments}}
        if not place:
            call |= {"id": "call_1", "type": "function"}
            call["function"]["name"] = "f"
        choice = {"index": 0, "delta": {"tool_calls": [call]}, "finish_reason": None}
        head = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
        yield f"data: {json.dumps(head | {'choices': [choice]})}\n\n"
    last = {"index": 0, "delta": {}, "finish_reason": "tool_calls"}
    head = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    yield f"data: {json.dumps(head | {'choices': [last]})}\n\ndata: [DONE]\n\n"


def _responses(text: str) -> Iterator[str]:
    part = {"type": "output_text", "text": text, "annotations": []}
    item = {"id": "m", "type": "message", "role": "assistant", "status": "completed"}
    whole = item | {"content": [part]}
    at = {"item_id": "m", "output_index": 0, "content_index": 0}
    done = {"id": "r", "object": "response", "status": "completed"}
    events: list[dict[str, Any]] = [
        {"type": "response.created", "response": done | {"status": "in_progress", "output": []}},
        {"type": "response.output_item.added", "output_index": 0, "item": item | {"content": []}},
        {"type": "response.content_part.added", "part": part | {"text": ""}} | at,
        *({"type": "response.output_text.delta", "delta": text[i : i + 10]} | at
          for i in range(0, len(text), 10)),
        {"type": "response.output_text.done", "text": text} | at,
        {"type": "response.content_part.done", "part": part} | at,
        {"type": "response.output_item.done", "output_index": 0, "item": whole},
        {"type": "response.completed", "response": done | {"output": [whole]}},
    ]  # fmt: skip
    for number, event in enumerate(events):
        yield f"event: {event['type']}\ndata: {json.dumps(event | {'sequence_number': number})}\n\n"


def post(made: FastAPI, path: str, user: str = "alice", **asks: Any) -> httpx.Response:
    async def asked() -> httpx.Response:
        transport = httpx.ASGITransport(made)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            streams = path not in ("/v1/chat/completions", "/v1/completions")
            body = {"model": "m", "messages": [], "input": "hello", "stream": streams}
            return await client.post(path, json=body | asks, headers={"x-user": user})

    return asyncio.run(asked())


def test_http_says_429_and_when() -> None:
    """In the provider's own form of an error."""
    made = app(limited(Limit(queries="2/minute", burst=2)))
    path = "/v1/chat/completions"
    assert [post(made, path).status_code for _ in range(2)] == [200, 200]
    refused = post(made, path)
    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "30"
    assert refused.json()["error"]["type"] == "rate_limit_error"
    assert post(made, path, "bob").status_code == 200


@pytest.mark.parametrize(
    ("path", "asks"),
    [
        ("/v1/chat/completions", {"n": 3, "messages": [{"role": "user", "content": "hi"}]}),
        ("/v1/completions", {"prompt": ["one", "two", "three"]}),
    ],
)
def test_a_request_counts_for_as_many_as_it_asks_for(path: str, asks: dict[str, Any]) -> None:
    """More than may ever go at once are an error, and count for none."""
    made = app(limited(Limit(queries="7/minute", burst=7)))
    assert [post(made, path, **asks).status_code for _ in range(3)] == [200, 200, 429]
    many = {"n": 8} | asks if "prompt" in asks else asks | {"n": 8}
    refused = post(made, path, "bob", **many)
    assert refused.status_code == 400
    assert "7 answers" in refused.json()["error"]["message"]
    assert post(made, path, "bob", **asks).status_code == 200


@pytest.mark.parametrize(
    "path", ["/v1/chat/completions", "/v1/responses", "/tools/chat/completions", "/rows"]
)
def test_an_answer_is_charged_once(path: str) -> None:
    """Also where a stream tells the same text four times, calls a tool, or is read in two ways."""
    guard = limited(Limit(tokens="200/day", burst=200))
    made = app(guard)
    assert "word" in post(made, path).text
    # 50 for the text; names and roles beside it are few.
    assert 140 < allowed(guard, Identity("alice"), times=300) <= 150
