"""The upstreams that the edges are measured with: an API as it is served, and ready bytes.

And what one more process on the way costs by itself: it passes on what it is asked, and answers.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping, Sequence
from contextlib import asynccontextmanager
from itertools import cycle
from pathlib import Path
from typing import Any, Literal

import uvicorn
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from pydantic import BaseModel
from starlette.applications import Starlette

from guardrail.forward import Forward
from guardrail.upstream import Upstream

__all__ = ["SHORT", "WORDS", "pieces", "whole"]

SHORT, WORDS = 40, 750
"""Words of a short answer, and of one of 1,000 tokens."""

_PIECE = 4
_LIMIT = 1 << 22

Event = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]
App = Callable[[Event, Receive, Send], Awaitable[None]]


class _Message(BaseModel):
    role: str
    content: str
    refusal: str | None = None


class _Asked(BaseModel):
    model: str
    messages: list[_Message]
    stream: bool = False
    words: int = WORDS


class _Choice(BaseModel):
    index: int
    message: _Message
    logprobs: None = None
    finish_reason: Literal["stop", "length"] = "stop"


class _Delta(BaseModel):
    content: str


class _Piece(BaseModel):
    index: int
    delta: _Delta
    logprobs: None = None
    finish_reason: Literal["stop", "length"] | None = None


class _Chunk(BaseModel):
    id: str
    object: Literal["chat.completion.chunk"] = "chat.completion.chunk"
    created: int
    model: str
    choices: list[_Piece]


class _Usage(BaseModel):
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class _Completion(BaseModel):
    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: list[_Choice]
    usage: _Usage


def whole(text: str) -> bytes:
    """A chat completion in JSON."""
    return _completion(text, "m").model_dump_json().encode()


def pieces(text: str) -> list[str]:
    """A text as a stream brings it, a token at a time."""
    return [text[i : i + _PIECE] for i in range(0, len(text), _PIECE)]


def main(kind: str, port: int, given: str) -> None:
    """Serve at a port of this machine: a file of answers, or what another upstream serves."""
    app = _hop(given) if kind == "hop" else _APPS[kind](json.loads(Path(given).read_text()))
    uvicorn.run(app, host="127.0.0.1", port=port, access_log=False, log_level="error")


def _hop(url: str) -> App:
    forward = Forward([Upstream(url=url)], limit=_LIMIT)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await forward.open()
        yield
        await forward.close()

    starting = Starlette(lifespan=lifespan)

    async def app(scope: Event, receive: Receive, send: Send) -> None:
        await (starting if scope["type"] == "lifespan" else forward)(scope, receive, send)

    return app


def _fastapi(answers: Sequence[str]) -> App:
    """Written as FastAPI's tutorial shows and servers of models are, but no model is asked."""
    app = FastAPI()
    turn = cycle(answers)

    @app.post("/v1/chat/completions", response_model=_Completion)
    async def create(asked: _Asked) -> _Completion | StreamingResponse:
        text = _cut(next(turn), asked.words)
        if asked.stream:
            return StreamingResponse(_streamed(text, asked.model), media_type="text/event-stream")
        return _completion(text, asked.model)

    return app


async def _streamed(text: str, model: str) -> AsyncIterator[str]:
    for piece in pieces(text):
        choice = _Piece(index=0, delta=_Delta(content=piece))
        chunk = _Chunk(id="c", created=1, model=model, choices=[choice])
        yield f"data: {chunk.model_dump_json()}\n\n"
    yield "data: [DONE]\n\n"


def _ready(answers: Sequence[str]) -> App:
    """Does nothing but hand out bytes, at once or a piece each `pace` seconds."""
    bodies = {words: [whole(_cut(text, words)) for text in answers] for words in (SHORT, WORDS)}
    chunks = [[_event(piece) for piece in pieces(text)] for text in answers]
    turn = cycle(range(len(answers)))

    async def app(scope: Event, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        asked = json.loads((await receive())["body"])
        number = next(turn) if asked["answer"] is None else asked["answer"] % len(answers)
        kind = b"text/event-stream" if asked["stream"] else b"application/json"
        headers = [(b"content-type", kind)]
        body = bodies[asked["words"]][number]
        if not asked["stream"]:
            headers.append((b"content-length", b"%d" % len(body)))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        if not asked["stream"]:
            await send({"type": "http.response.body", "body": body})
            return
        async for chunk in _paced(chunks[number], asked["pace"]):
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b"data: [DONE]\n\n"})

    return app


async def _paced(chunks: Sequence[bytes], pace: float) -> AsyncIterator[bytes]:
    begin = time.perf_counter()
    for number, chunk in enumerate(chunks):
        await asyncio.sleep(max(0.0, begin + pace * number - time.perf_counter()))
        yield chunk


def _cut(text: str, words: int) -> str:
    return " ".join(text.split(" ")[:words])


def _completion(text: str, model: str) -> _Completion:
    return _Completion(
        id="c",
        created=1,
        model=model,
        choices=[_Choice(index=0, message=_Message(role="assistant", content=text))],
        usage=_Usage(prompt_tokens=10, completion_tokens=1000, total_tokens=1010),
    )


def _event(piece: str) -> bytes:
    choice = {"index": 0, "delta": {"content": piece}, "finish_reason": None}
    chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    body = json.dumps(chunk | {"choices": [choice]}, separators=(",", ":"))
    return f"data: {body}\n\n".encode()


_APPS = {"fastapi": _fastapi, "ready": _ready}

if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
