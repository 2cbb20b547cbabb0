"""An application as FastAPI's tutorial writes one, guarded by one line."""

from __future__ import annotations

import asyncio
import gzip
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.responses import (
    FileResponse,
    HTMLResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from pydantic import BaseModel
from starlette.applications import Starlette
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles

from guardrail import Finding, Guard, Identity, Rule, Text
from guardrail.asgi import ADMISSION, App, Event, GuardMiddleware, Receive, Scope, Send
from guardrail.errors import PolicyError
from guardrail.session.identity import Identification
from guardrail.surface import Surface
from tests.readers import LEAK, PATIENCE, REFUSAL, STOP, client, get, guard, nothing_left, reader
from tests.strategies import Pattern, Where

SAID = f"One two {LEAK} three. " * 3
SAFE = "One two [redacted] three. " * 3


class Item(BaseModel):
    name: str
    notes: list[str] = []
    price: float = 1.5


def tutorial(folder: Path, given: Guard | None = None) -> FastAPI:
    app = FastAPI()
    app.add_middleware(GuardMiddleware, guard=given or guard())

    @app.get("/items/{name}")
    def read(name: str, word: str = LEAK) -> Item:
        return Item(name=name, notes=["fine", f"it is {word}"])

    @app.post("/items")
    async def create(item: Item) -> Item:
        return item

    @app.get("/text")
    async def text(word: str = LEAK) -> StreamingResponse:
        return StreamingResponse(pieces(SAID.replace(LEAK, word)), media_type="text/plain")

    @app.get("/events")
    def events(word: str = LEAK) -> StreamingResponse:
        def told() -> Iterator[str]:
            for piece in chunks(SAID.replace(LEAK, word)):
                yield f"data: {json.dumps({'delta': piece})}\n\n"
            yield "data: [DONE]\n\n"

        return StreamingResponse(told(), media_type="text/event-stream")

    @app.get("/lines")
    def lines(word: str = LEAK) -> StreamingResponse:
        told = (json.dumps({"text": one}) + "\n" for one in chunks(SAID.replace(LEAK, word)))
        return StreamingResponse(told, media_type="application/x-ndjson")

    @app.get("/file")
    def file(word: str = LEAK) -> FileResponse:
        (folder / "file.txt").write_text(SAID.replace(LEAK, word))
        return FileResponse(folder / "file.txt")

    @app.get("/page", response_class=HTMLResponse)
    def page(word: str = LEAK) -> str:
        return f"<html><p>{SAID.replace(LEAK, word)}</p></html>"

    return app


async def pieces(text: str) -> AsyncIterator[str]:
    for piece in chunks(text):
        yield piece


def chunks(text: str) -> list[str]:
    return [text[place : place + 4] for place in range(0, len(text), 4)]


def joined(response: httpx.Response, field: str) -> str:
    rows = [line.removeprefix("data: ") for line in response.text.splitlines() if line]
    return "".join(json.loads(row)[field] for row in rows if row != "[DONE]")


async def test_every_kind_of_answer_is_redacted(tmp_path: Path) -> None:
    """JSON, text, events, lines, files and pages come out safe, whole and streamed."""
    app = tutorial(tmp_path)
    read = await get(app, "/items/pen")
    assert read.json() == {"name": "pen", "notes": ["fine", "it is [redacted]"], "price": 1.5}
    assert read.headers["content-length"] == str(len(read.content))
    sent = await get(app, "/items", method="POST", json={"name": LEAK})
    assert sent.json()["name"] == "[redacted]"
    assert (await get(app, "/text")).text == SAFE
    assert joined(await get(app, "/events"), "delta") == SAFE
    assert (await get(app, "/events")).text.endswith("data: [DONE]\n\n")
    assert joined(await get(app, "/lines"), "text") == SAFE
    assert (await get(app, "/file")).text == SAFE
    assert (await get(app, "/page")).text == f"<html><p>{SAFE}</p></html>"


async def test_every_kind_of_answer_is_refused(tmp_path: Path) -> None:
    """A refusal keeps the form of the answer, shows the same safe prefix, and nothing after it."""
    app = tutorial(tmp_path)
    read = await get(app, f"/items/pen?word={STOP}")
    assert (read.status_code, read.json()) == (403, {"detail": REFUSAL})
    assert (await get(app, f"/text?word={STOP}")).text == f"One two {REFUSAL}"
    for path, field in (("/events", "delta"), ("/lines", "text")):
        assert joined(await get(app, f"{path}?word={STOP}"), field) == f"One two {REFUSAL}"
    assert (await get(app, f"/file?word={STOP}")).text == f"One two {REFUSAL}"
    assert (await get(app, f"/page?word={STOP}")).text == f"<html><p>One two {REFUSAL}"


async def test_a_stream_that_names_no_type_is_read() -> None:
    """As in FastAPI's own examples: text is made safe, and what is none is refused."""
    app = FastAPI()
    app.add_middleware(GuardMiddleware, guard=guard())

    @app.get("/story")
    def story() -> StreamingResponse:
        return StreamingResponse(pieces(SAID))

    @app.get("/video")
    def video() -> StreamingResponse:
        return StreamingResponse(iter([b"\0\xff", LEAK.encode()]))

    response = await get(app, "/story")
    assert (response.text, "content-type" in response.headers) == (SAFE, False)
    assert (await get(app, "/video")).text == REFUSAL


async def test_what_fastapi_answers_of_its_own_still_works(tmp_path: Path) -> None:
    """The documentation, the schema, validation errors and 404 are as they were."""
    app = tutorial(tmp_path)
    assert "SwaggerUIBundle" in (await get(app, "/docs")).text
    schema = json.dumps(app.openapi()).replace(LEAK, "[redacted]")
    assert (await get(app, "/openapi.json")).json() == json.loads(schema)
    wrong = await get(app, "/items", method="POST", json={"price": 1})
    assert (wrong.status_code, wrong.json()["detail"][0]["loc"]) == (422, ["body", "name"])
    assert (await get(app, "/nowhere")).status_code == 404


@pytest.mark.parametrize("path", ["/items/pen?word=forbidden", "/text?word=forbidden"])
async def test_what_is_not_admitted_is_not_asked(tmp_path: Path, path: str) -> None:
    """A refused request never reaches a route."""
    response = await get(tutorial(tmp_path), path)
    assert (response.status_code, response.json()) == (403, {"detail": REFUSAL})
    assert response.headers["x-should-retry"] == "false"


async def test_a_large_body_is_not_held() -> None:
    """A body over the limit is answered with 413, and one without end is not read to it."""
    asked: list[Scope] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001
        asked.append(scope)

    guarded = GuardMiddleware(app, guard=guard(Surface(max_body=1000)))
    talk = reader("/", *[b"x" * 100] * 5000, method="POST")
    await talk.talk(guarded)
    assert (talk.start["status"], talk.ended, asked) == (413, True, [])
    assert 11 < talk.received < 200


async def test_a_request_that_breaks_off_is_not_asked() -> None:
    """A reader who leaves before the body has come gets no answer, and nobody is asked."""
    asked: list[Scope] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001
        asked.append(scope)

    talk = reader("/", method="POST")

    async def receive() -> Event:
        return {"type": "http.disconnect"}

    await GuardMiddleware(app, guard=guard())(talk.scope, receive, talk.send)
    assert (talk.events, asked) == ([], [])


async def test_parts_and_conditions_are_not_offered(tmp_path: Path) -> None:
    """Ranges, tags of what the answer was, and sending without reading it are taken out."""
    (tmp_path / "note.txt").write_text(SAID)
    files = Starlette()
    files.mount("/", StaticFiles(directory=tmp_path))
    plain = await get(files, "/note.txt")
    guarded = GuardMiddleware(files, guard=guard())
    asks = {"range": "bytes=8-12", "if-none-match": plain.headers["etag"]}
    response = await get(guarded, "/note.txt", headers=asks)
    assert (response.status_code, response.text) == (200, SAFE)
    stale = {"etag", "last-modified", "accept-ranges", "content-range"}
    assert stale & plain.headers.keys()
    assert not stale & response.headers.keys()
    offers: dict[str, Any] = {
        "http.response.pathsend": {},
        "http.response.zerocopysend": {},
        "tls": {},
    }
    talk = reader("/note.txt", extensions=offers)
    await talk.talk(guarded)
    assert talk.body.decode() == SAFE
    assert len(talk.scope["extensions"]) == 3


async def test_compressed_answers_are_read(tmp_path: Path) -> None:
    """What an application compresses is decoded and checked; an unknown coding is refused."""
    app = FastAPI()
    app.add_middleware(GZipMiddleware, minimum_size=1)
    app.add_middleware(GuardMiddleware, guard=guard())

    @app.get("/always")
    def always(coding: str) -> Response:
        body = gzip.compress(SAID.encode())
        return Response(body, media_type="text/plain", headers={"content-encoding": coding})

    @app.get("/text", response_class=PlainTextResponse)
    def text() -> str:
        return SAID

    response = await get(app, "/always?coding=gzip")
    assert (response.text, "content-encoding" in response.headers) == (SAFE, False)
    assert (await get(app, "/text")).text == SAFE
    for coding in ("br", "gzip, gzip", "zstd"):
        response = await get(app, f"/always?coding={coding}")
        assert (response.status_code, response.json()) == (403, {"detail": REFUSAL})
    outside = GZipMiddleware(tutorial(tmp_path), minimum_size=1)
    response = await get(outside, "/page")
    assert response.headers["content-encoding"] == "gzip"
    assert response.text == f"<html><p>{SAFE}</p></html>"


async def test_websockets_are_denied_unless_allowed() -> None:
    """A WebSocket is closed with 1008 before it opens; the surface may let it through."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "websocket"
        await receive()
        await send({"type": "websocket.accept"})

    for allowed, event in (
        (False, {"type": "websocket.close", "code": 1008}),
        (True, {"type": "websocket.accept"}),
    ):
        talk = reader("/live", kind="websocket")
        await talk.talk(GuardMiddleware(app, guard=guard(Surface(websockets=allowed))))
        assert talk.events == [event]


async def test_a_preflight_is_answered_outside_of_the_guard() -> None:
    """Where CORS is added after it; then a challenge can be read by a page as well."""
    app = FastAPI()
    app.add_middleware(
        GuardMiddleware, guard=guard(identification=Identification(missing="challenge"))
    )
    app.add_middleware(CORSMiddleware, allow_origins=["https://example.org"])
    app.get("/")(lambda: "fine")
    asks = {"origin": "https://example.org", "access-control-request-method": "GET"}
    assert (await get(app, "/", method="OPTIONS", headers=asks)).status_code == 200
    challenged = await get(app, "/", headers=asks)
    assert challenged.status_code == 401
    assert challenged.headers["access-control-allow-origin"] == "https://example.org"


async def test_lifespan_passes() -> None:
    """What is neither HTTP nor a WebSocket goes through as it is."""
    scopes: list[Scope] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001
        scopes.append(scope)

    talk = reader()
    scope = {"type": "lifespan", "state": {}}
    await GuardMiddleware(app, guard=guard())(scope, talk.receive, talk.send)
    assert scopes[0] is scope


async def test_paths_outside_the_surface_are_untouched(tmp_path: Path) -> None:
    """Unguarded paths keep their bytes, their headers, and have no admission."""
    app = tutorial(tmp_path, guard(Surface(skip=("/text", "/file"))))
    assert (await get(app, "/text")).text == SAID
    response = await get(app, "/file", headers={"range": "bytes=8-13"})
    assert (response.status_code, response.text) == (206, LEAK)
    assert (await get(app, "/page")).text == f"<html><p>{SAFE}</p></html>"


async def test_who_asks_is_told_by_a_callable() -> None:
    """`identify` reads the scope, and the application finds the admission there."""
    seen: list[Any] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope[ADMISSION].context.identity.subject)
        await PlainTextResponse("fine")(scope, receive, send)

    def identify(scope: Scope) -> Identity:
        return Identity(dict(scope["headers"])[b"x-user"].decode())

    guarded = GuardMiddleware(app, guard=guard(), identify=identify)
    assert (await get(guarded, "/", headers={"x-user": "alice"})).text == "fine"
    assert seen == ["alice"]


async def test_context_variables_go_out() -> None:
    """The application runs in the task of the request: what it sets can be seen outside."""
    variable: ContextVar[str] = ContextVar("variable", default="unset")

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        variable.set("set")
        await PlainTextResponse("fine")(scope, receive, send)

    await reader().talk(GuardMiddleware(app, guard=guard()))
    assert variable.get() == "set"


@pytest.mark.parametrize("inside", [True, False])
async def test_stands_beside_other_middleware(tmp_path: Path, *, inside: bool) -> None:
    """Middleware that runs the application in a task of its own may stand on either side."""
    app = tutorial(tmp_path)
    other = BaseHTTPMiddleware(app if inside else tutorial(tmp_path), dispatch=_passes)
    guarded: App = GuardMiddleware(other, guard=guard())
    for word, text in ((LEAK, SAFE), (STOP, f"One two {REFUSAL}")):
        response = await get(guarded, f"/text?word={word}")
        assert (response.text, response.headers["x-passed"]) == (text, "yes")


async def _passes(request: Any, call_next: Any) -> Any:
    response = await call_next(request)
    response.headers["x-passed"] = "yes"
    return response


async def test_answers_without_content_pass() -> None:
    """Redirects, 204 and HEAD have nothing to read."""
    app = FastAPI()
    app.add_middleware(GuardMiddleware, guard=guard())

    @app.get("/away")
    def away() -> RedirectResponse:
        return RedirectResponse("/there")

    @app.delete("/thing", status_code=204)
    def delete() -> None:
        return None

    @app.head("/thing")
    def head() -> Response:
        return Response("", headers={"x-size": "9"})

    away_ = await get(app, "/away")
    assert (away_.status_code, away_.headers["location"]) == (307, "/there")
    assert (await get(app, "/thing", method="DELETE")).status_code == 204
    assert (await get(app, "/thing", method="HEAD")).headers["x-size"] == "9"


@dataclass(frozen=True)
class Slow:
    """Finds nothing, and takes its time."""

    seconds: float

    def find(self, text: Text) -> list[Finding]:  # noqa: ARG002 - there is nothing to find
        time.sleep(self.seconds)
        return []

    def settled(self, text: Text) -> int:
        return len(text.raw)


async def test_slow_detectors_do_not_stop_the_others() -> None:
    """A rule with a time-out works off the event loop: fifty requests are answered meanwhile."""
    rules = [Rule(Slow(0.05), id="slow", timeout=PATIENCE), Rule(Pattern("zq[0-9]{4}", 6), id="a")]
    beats: list[int] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse(SAID)(scope, receive, send)

    async def beat() -> None:
        while True:
            beats.append(1)
            await asyncio.sleep(0.01)

    async with client(GuardMiddleware(app, guard=Guard(rules))) as asker, nothing_left():
        heart = asyncio.create_task(beat())
        answers = await asyncio.gather(*(asker.get("/") for _ in range(50)))
        heart.cancel()
    assert {answer.text for answer in answers} == {SAFE}
    assert len(beats) > 10


@pytest.mark.parametrize("messages", [["ok"] * 1000, ["ok " * 60_000]], ids=["many", "long"])
@pytest.mark.parametrize("stream", [False, True])
async def test_a_request_that_takes_long_does_not_stop_the_others(
    messages: list[str], *, stream: bool
) -> None:
    """It, and a short answer to it, are read off the event loop; a short request is not."""
    asks, tells = Where(), Where()
    rules = [Rule(asks, id="asks", on="prompt"), Rule(tells, id="tells")]
    yes = {"role": "assistant", "content": "Yes."}
    choice = {"index": 0, "delta" if stream else "message": yes, "finish_reason": "stop"}
    told = json.dumps({"choices": [choice]})
    kind = "text/event-stream" if stream else "application/json"

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        body = f"data: {told}\n\n" if stream else told
        await Response(body, media_type=kind)(scope, receive, send)

    async def ask(said: list[str]) -> None:
        turns = [{"role": "user", "content": one} for one in said]
        await asker.post("/v1/chat/completions", json={"model": "m", "messages": turns})

    async with client(GuardMiddleware(app, guard=Guard(rules))) as asker:
        await ask(["ok"])
        assert asks.took() == tells.took() == {True}
        await ask(messages)
        assert asks.took() == tells.took() == {False}


def test_a_guard_is_needed() -> None:
    """Without a guard nothing is built."""
    with pytest.raises(PolicyError, match="needs guard="):
        GuardMiddleware(Starlette(), guard=None)  # type: ignore[arg-type]
