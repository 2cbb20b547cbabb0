"""The guard under the clients of both libraries, sync and async: one list of cases."""

from __future__ import annotations

import asyncio
import gzip
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from types import ModuleType
from typing import Any

import httpx
import httpx2
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse

from guardrail import Identity
from guardrail.errors import PolicyError
from guardrail.surface import Surface
from guardrail.transport import GuardTransport
from tests.readers import LEAK, PATIENCE, REFUSAL, STOP, guard, nothing_left
from tests.servers import Asked, Behaviour, Upstream, completion, event, head, served, upstream

CHAT = "/v1/chat/completions"
DONE = b"data: [DONE]\n\n"
KINDS = [(httpx, False), (httpx, True), (httpx2, False), (httpx2, True)]
every = pytest.mark.parametrize(
    ("library", "is_async"),
    KINDS,
    ids=[f"{library.__name__}-{'async' if more else 'sync'}" for library, more in KINDS],
)


def body(text: str = "hello", **fields: Any) -> dict[str, Any]:
    return {"model": "m", "messages": [{"role": "user", "content": text}], **fields}


def says(*pieces: bytes, kind: str = "application/json", **told: Any) -> Behaviour:
    async def behaviour(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(head(kind, **told))
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.002)

    return behaviour


def ask(
    library: ModuleType, is_async: bool, transport: Any, url: str, method: str = "POST", **told: Any
) -> tuple[Any, bytes]:
    """The response of one request, read as it comes, and its bytes."""

    async def asked() -> tuple[Any, bytes]:
        async with (
            nothing_left(),
            library.AsyncClient(transport=transport, timeout=PATIENCE) as asker,
            asker.stream(method, url, **told) as response,
        ):
            return response, b"".join([piece async for piece in response.aiter_bytes()])

    if is_async:
        return asyncio.run(asked())
    with (
        library.Client(transport=transport, timeout=PATIENCE) as asker,
        asker.stream(method, url, **told) as response,
    ):
        return response, b"".join(response.iter_bytes())


def content(raw: bytes) -> str:
    rows = [line[6:] for line in raw.decode().splitlines() if line.startswith("data: {")]
    choices = [choice for row in rows for choice in json.loads(row)["choices"]]
    return "".join(choice["delta"].get("content") or "" for choice in choices)


@every
def test_whole_answers_are_made_safe(library: ModuleType, *, is_async: bool) -> None:
    """An answer in JSON is redacted or refused in its own form, and asked for uncompressed."""
    for text, told in ((f"it is {LEAK}.", "it is [redacted]."), (f"it is {STOP}.", REFUSAL)):
        with upstream(says(completion(text))) as server:
            response, raw = ask(
                library, is_async, GuardTransport(guard()), server.url + CHAT, json=body()
            )
        assert response.status_code == 200
        assert json.loads(raw)["choices"][0]["message"]["content"] == told
        assert response.headers["content-length"] == str(len(raw))
        assert server.asked[0].headers["accept-encoding"] == "identity"
        assert server.asked[0].json == body()


@every
def test_streamed_answers_are_made_safe(library: ModuleType, *, is_async: bool) -> None:
    """A stream is redacted as it comes; after a refusal it says no more, and ends as it should."""
    chunks = [event(piece) for piece in ("it is ", LEAK[:3], LEAK[3:], " and", " more")]
    done = [event("", "stop"), b"data: [DONE]\n\n"]
    with upstream(says(*chunks, *done, kind="text/event-stream")) as server:
        response, raw = ask(
            library, is_async, GuardTransport(guard()), server.url + CHAT, json=body(stream=True)
        )
    assert content(raw) == "it is [redacted] and more"
    assert raw.endswith(b"data: [DONE]\n\n")
    assert not {"network_stream", "stream_id"} & response.extensions.keys()
    refused = [event("so "), event(STOP), *[event(" more")] * 20, done[1]]
    with upstream(says(*refused, kind="text/event-stream")) as server:
        _, raw = ask(
            library, is_async, GuardTransport(guard()), server.url + CHAT, json=body(stream=True)
        )
    assert content(raw) == f"so {REFUSAL}"
    assert b"content_filter" in raw
    assert raw.endswith(b"data: [DONE]\n\n")


@every
def test_compressed_text_that_ends_too_early_is_an_error(
    library: ModuleType, *, is_async: bool
) -> None:
    """Of the library's own, as where a connection breaks off."""
    raw = gzip.compress(b"some words")[:-2]
    with (
        upstream(says(raw, kind="text/plain", more="Content-Encoding: gzip\r\n")) as server,
        pytest.raises(library.RemoteProtocolError),
    ):
        ask(library, is_async, GuardTransport(guard()), server.url, "GET")


@every
def test_what_is_not_admitted_is_not_sent(library: ModuleType, *, is_async: bool) -> None:
    """A refused, unreadable or too large request gets its answer here, in the provider's form."""
    transport = GuardTransport(guard(Surface(max_body=500)))
    with upstream(says(completion("x"))) as server:
        url = server.url + CHAT
        response, raw = ask(library, is_async, transport, url, json=body("forbidden"))
        assert json.loads(raw)["choices"][0]["message"]["content"] == REFUSAL
        assert response.status_code == 200
        response, raw = ask(library, is_async, transport, url, json=body("x" * 600))
        assert (response.status_code, response.headers["x-should-retry"]) == (413, "false")
        response, raw = ask(library, is_async, transport, url, content=b"{")
        assert (response.status_code, "error" in json.loads(raw)) == (400, True)
    assert server.asked == []


@every
def test_answers_of_any_size(library: ModuleType, *, is_async: bool) -> None:
    """One with nothing in it passes, and one over the limit is refused before its end."""
    transport = GuardTransport(guard(Surface(max_body=500)))
    with upstream(says(kind="text/plain")) as server:
        response, raw = ask(library, is_async, transport, server.url, "GET")
        assert (response.status_code, raw) == (200, b"")
    with upstream(says(*[b'{"text": "', *[b"x" * 400] * 9])) as server:
        response, raw = ask(library, is_async, transport, server.url, "GET")
        assert (response.status_code, json.loads(raw)) == (403, {"detail": REFUSAL})


@every
def test_errors_of_the_upstream_keep_their_status(library: ModuleType, *, is_async: bool) -> None:
    """An error passes with its status and form, and what it quotes is redacted."""
    wrong = json.dumps({"error": {"message": f"no {LEAK}", "code": 7}}).encode()
    with upstream(says(wrong, status=429, more="Retry-After: 3\r\n")) as server:
        response, raw = ask(
            library, is_async, GuardTransport(guard()), server.url + CHAT, json=body()
        )
    assert (response.status_code, response.headers["retry-after"]) == (429, "3")
    assert json.loads(raw) == {"error": {"message": "no [redacted]", "code": 7}}


@every
def test_an_upstream_that_dies_raises(library: ModuleType, *, is_async: bool) -> None:
    """What was held is not shown; a stream tells of it before the client's own error."""
    transport = GuardTransport(guard())
    chunks = (event("it is "), event(LEAK[:4]))
    for kind, pieces in (("text/event-stream", chunks), ("application/json", (b'{"id": "c',))):
        with upstream(says(*pieces, kind=kind, length=9000)) as server:
            seen: list[bytes] = []
            with pytest.raises(library.RemoteProtocolError):
                _collect(library, is_async, transport, server, seen)
            raw = b"".join(seen)
            assert LEAK[:4].encode() not in raw
            assert b"broke off" in raw if pieces is chunks else raw == b""


def _collect(
    library: ModuleType, is_async: bool, transport: Any, server: Upstream, seen: list[bytes]
) -> None:
    told = body(stream=True)

    async def asked() -> None:
        async with (
            library.AsyncClient(transport=transport, timeout=PATIENCE) as asker,
            asker.stream("POST", server.url + CHAT, json=told) as response,
        ):
            async for piece in response.aiter_raw():
                seen.append(piece)  # noqa: PERF401 - what came before the error counts

    if is_async:
        asyncio.run(asked())
        return
    with (
        library.Client(transport=transport, timeout=PATIENCE) as asker,
        asker.stream("POST", server.url + CHAT, json=told) as response,
    ):
        seen.extend(response.iter_raw())


def several(library: ModuleType, is_async: bool, transport: Any, urls: list[str]) -> list[bytes]:
    """What one client is answered, one after the other."""
    told = body(stream=True)

    async def asked() -> list[bytes]:
        async with library.AsyncClient(transport=transport, timeout=PATIENCE) as asker:
            return [(await asker.post(url, json=told)).content for url in urls]

    if is_async:
        return asyncio.run(asked())
    with library.Client(transport=transport, timeout=PATIENCE) as asker:
        return [asker.post(url, json=told).content for url in urls]


@every
def test_streams_share_a_connection(library: ModuleType, *, is_async: bool) -> None:
    """One that has ended is read beyond its last event; one that is refused is given up."""
    ports: list[int] = []
    app = FastAPI()

    async def told(text: str) -> AsyncIterator[bytes]:
        yield event(text, "stop") + DONE
        await asyncio.sleep(0.01)
        yield event("too late")

    @app.post("/{text}" + CHAT)
    async def answer(text: str, request: Request) -> StreamingResponse:
        assert request.client is not None
        ports.append(request.client.port)
        return StreamingResponse(told(text), media_type="text/event-stream")

    with served(app) as url:
        urls = [f"{url}/{text}{CHAT}" for text in ("so", "so", STOP, "so")]
        raws = several(library, is_async, GuardTransport(guard()), urls)
    assert [content(raw) for raw in raws] == ["so", "so", REFUSAL, "so"]
    first, second, third, fourth = ports
    assert (first, second) == (second, third)
    assert third != fourth


@every
@pytest.mark.parametrize("rest", [[event("too late")] * 5_000, []], ids=["endless", "broken"])
def test_after_its_end_an_answer_is_not_waited_for(
    library: ModuleType, rest: list[bytes], *, is_async: bool
) -> None:
    """Of what follows only so much is read, and that it breaks off is no error any more."""
    pieces = [event("so", "stop") + DONE, *rest]
    with upstream(says(*pieces, kind="text/event-stream", length=9_000_000)) as server:
        _, raw = ask(
            library, is_async, GuardTransport(guard()), server.url + CHAT, json=body(stream=True)
        )
    assert content(raw) == "so"
    assert raw.endswith(DONE)
    assert server.working == 0


@every
def test_unguarded_paths_are_untouched(library: ModuleType, *, is_async: bool) -> None:
    """Outside the surface bytes and headers pass as they are."""
    transport = GuardTransport(guard(), surface=Surface(skip=("/health",)))
    with upstream(says(LEAK.encode(), kind="text/plain", more="ETag: x\r\n")) as server:
        response, raw = ask(library, is_async, transport, server.url + "/health", "GET")
        assert (raw.decode(), response.headers["etag"]) == (LEAK, "x")
        assert "gzip" in server.asked[0].headers["accept-encoding"]
        _, raw = ask(library, is_async, transport, server.url + "/other", "GET")
        assert raw == b"[redacted]"


@every
def test_a_path_with_control_characters_is_not_sent(library: ModuleType, *, is_async: bool) -> None:
    """Guarded or not."""
    transport = GuardTransport(guard(), surface=Surface(skip=("/health",)))
    with upstream(says(completion(LEAK))) as server:
        for path in ("/health%0A", "/v1/embeddings%0a"):
            response, _ = ask(library, is_async, transport, server.url + path, json=body())
            assert response.status_code == 400
    assert server.asked == []


@every
def test_a_reader_may_leave_early(library: ModuleType, *, is_async: bool) -> None:
    """Closing a response in the middle closes the upstream's."""
    pieces = [event(f"word {number} ") for number in range(5_000)]

    told = body(stream=True)

    async def asked(url: str) -> None:
        async with (
            nothing_left(),
            library.AsyncClient(transport=GuardTransport(guard())) as asker,
            asker.stream("POST", url, json=told) as response,
        ):
            await anext(response.aiter_raw())

    with upstream(says(*pieces, kind="text/event-stream")) as server:
        if is_async:
            asyncio.run(asked(server.url + CHAT))
            return
        with (
            library.Client(transport=GuardTransport(guard())) as asker,
            asker.stream("POST", server.url + CHAT, json=told) as response,
        ):
            next(response.iter_raw())
    assert server.working == 0


@every
def test_a_body_that_is_made_piece_by_piece_is_sent_whole(
    library: ModuleType, *, is_async: bool
) -> None:
    """A request in pieces is read, checked, and sent with its length."""

    def pieces() -> Iterator[bytes]:
        yield from (b'{"model": "m", ', b'"messages": []}')

    async def apieces() -> AsyncIterator[bytes]:
        for piece in pieces():
            yield piece

    with upstream(says(completion("fine"))) as server:
        content = apieces() if is_async else pieces()
        ask(library, is_async, GuardTransport(guard()), server.url + CHAT, content=content)
    assert server.asked[0].json == {"model": "m", "messages": []}
    assert "transfer-encoding" not in server.asked[0].headers


@every
def test_a_transport_of_ones_own_stands_below(library: ModuleType, *, is_async: bool) -> None:
    """`inner` sends what is admitted and is closed at the end; a callable tells who asks."""
    ended: list[str] = []
    asked: list[Any] = []

    class Inner(library.MockTransport):  # type: ignore[name-defined, misc]
        def close(self) -> None:
            ended.append("sync")

        async def aclose(self) -> None:
            ended.append("async")

    def handle(request: Any) -> Any:
        asked.append(request)
        return library.Response(200, text=f"for {LEAK}", headers={"content-length": "10"})

    def identify(request: Any) -> Identity:
        asked.append("identify")
        return Identity(request.headers["x-user"])

    transport = GuardTransport(guard(), Inner(handle), identify=identify)
    _, raw = ask(library, is_async, transport, "http://there/", "GET", headers={"x-user": "al"})
    assert raw == b"for [redacted]"
    assert asked[0] == "identify"
    assert isinstance(asked[1], library.Request)
    assert ended == ["async" if is_async else "sync"]


@every
def test_a_proxy_stands_below(library: ModuleType, *, is_async: bool) -> None:
    """It is given what is admitted, and what it answers is checked."""
    kind = library.AsyncHTTPTransport if is_async else library.HTTPTransport
    with upstream(says(completion(LEAK))) as server:
        transport = GuardTransport(guard(), kind(proxy=server.url))
        _, raw = ask(library, is_async, transport, "http://there" + CHAT, json=body())
    assert b"[redacted]" in raw
    assert server.asked[0].path == "http://there" + CHAT


def test_one_transport_serves_all_clients() -> None:
    """Sync and async clients of both libraries may share a transport, one after the other."""
    transport = GuardTransport(guard())
    with upstream(says(completion(LEAK))) as server:
        for library, is_async in KINDS * 2:
            _, raw = ask(library, is_async, transport, server.url + CHAT, json=body())
            assert b"[redacted]" in raw
    with transport:
        pass

    async def end() -> None:
        async with transport:
            pass

    asyncio.run(end())


def test_a_guard_is_needed() -> None:
    """The path of a policy is none, and is told before a request is sent."""
    with pytest.raises(PolicyError, match=r"GuardTransport needs a Guard: Guard.from_policy\("):
        GuardTransport("policy.toml")  # type: ignore[arg-type]


def test_importing_it_imports_neither_library() -> None:
    """Who uses one of the libraries, or none, needs no other."""
    code = "import guardrail.transport, sys; print(*sys.modules)"
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )
    assert not {"httpx", "httpx2", "starlette"} & set(done.stdout.split())
