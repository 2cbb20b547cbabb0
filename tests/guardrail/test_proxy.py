"""The proxy before real upstreams on this machine."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse
from hypothesis import HealthCheck, given, settings

from guardrail import Guard, Rule
from guardrail.proxy import create
from guardrail.session.access import Access, Grant
from guardrail.session.history import History
from guardrail.session.identity import Identification
from guardrail.session.limits import Limit, Limits
from guardrail.session.memory import MemoryStore
from guardrail.session.probing import Probing, Watch
from guardrail.sketch import Sketcher
from guardrail.surface import Surface
from guardrail.upstream import Upstream as Place
from tests.readers import LEAK, PATIENCE, REFUSAL, STOP, guard
from tests.servers import Asked, Upstream, completion, event, head, served, upstream
from tests.strategies import Pattern

CHAT = "/v1/chat/completions"
GENERIC = "/beta/litellm_basic_guardrail_api"
KEYED = {"x-api-key": "the key of LiteLLM"}


async def echoing(asked: Asked, writer: asyncio.StreamWriter) -> None:
    """Says what it was asked, in the form that the path has."""
    if asked.path == "/moved":
        writer.write(b"HTTP/1.1 307 X\r\nLocation: /v1\r\nContent-Length: 0\r\n\r\n")
        return
    if asked.path.startswith("/plain"):
        plain = f"{len(asked.body)} {asked.path} {LEAK}".encode()
        writer.write(head("text/plain", len(plain), more="ETag: x\r\n") + plain)
        return
    if asked.path.startswith("/compressed"):
        writer.write(head("text/plain", 3, more="Content-Encoding: br\r\n") + b"abc")
        return
    text = asked.json["messages"][-1]["content"]
    if asked.json.get("stream"):
        writer.write(head("text/event-stream"))
        for piece in (text[:5], text[5:]):
            writer.write(event(piece))
            await writer.drain()
            await asyncio.sleep(0.002)
        writer.write(event("", "stop") + b"data: [DONE]\n\n")
        return
    body = completion(text)
    if asked.path.endswith("/messages"):
        told: dict[str, Any] = {
            "id": "m",
            "type": "message",
            "role": "assistant",
            "model": "m",
            "usage": {},
        }
        told |= {"content": [{"type": "text", "text": text}], "stop_reason": "end_turn"}
        body = json.dumps(told).encode()
    writer.write(head("application/json", len(body)) + body)


@pytest.fixture(scope="module")
def echo() -> Iterator[Upstream]:
    with upstream(echoing) as told:
        yield told


@pytest.fixture(scope="module")
def url(echo: Upstream) -> Iterator[str]:
    with served(create(guard(), [Place(url=echo.url)])) as address:
        yield address


@pytest.fixture
def keyed(monkeypatch: pytest.MonkeyPatch) -> Surface:
    """What is guarded, with a key for LiteLLM."""
    monkeypatch.setenv("LITELLM_KEY", KEYED["x-api-key"])
    return Surface(litellm_key_env="LITELLM_KEY", max_body=1000)


def chat(text: str, **fields: Any) -> dict[str, Any]:
    return {"model": "m", "messages": [{"role": "system", "content": "x"}, user(text)], **fields}


def user(text: str) -> dict[str, str]:
    return {"role": "user", "content": text}


def answered(url: str, text: str) -> str:
    response = httpx.post(url + CHAT, json=chat(text), timeout=PATIENCE)
    assert response.status_code == 200
    content: str = response.json()["choices"][0]["message"]["content"]
    return content


def test_answers_are_made_safe(url: str) -> None:
    """Whole and streamed answers of both providers are redacted, refused, and not admitted."""
    assert answered(url, f"it is {LEAK}.") == "it is [redacted]."
    assert answered(url, f"it is {STOP}.") == REFUSAL
    assert answered(url, "a forbidden thing") == REFUSAL
    told = httpx.post(url + "/v1/messages", json=chat(f"it is {LEAK}."), timeout=PATIENCE).json()
    assert told["content"] == [{"type": "text", "text": "it is [redacted]."}]
    response = httpx.post(url + CHAT, json=chat(f"it {LEAK}.", stream=True), timeout=PATIENCE)
    rows = [json.loads(line[6:]) for line in response.text.splitlines() if "{" in line]
    choices = [choice for row in rows for choice in row["choices"]]
    assert "".join(one["delta"].get("content", "") for one in choices) == "it [redacted]."
    assert response.text.endswith("data: [DONE]\n\n")


def test_streams_share_a_connection_to_the_upstream() -> None:
    """An answer is read beyond its last event, to where the next one begins."""
    ports: set[int] = set()
    app = FastAPI()

    async def told() -> AsyncIterator[bytes]:
        yield event("fine", "stop") + b"data: [DONE]\n\n"
        await asyncio.sleep(0.01)

    @app.post(CHAT)
    async def answer(request: Request) -> StreamingResponse:
        assert request.client is not None
        ports.add(request.client.port)
        return StreamingResponse(told(), media_type="text/event-stream")

    with served(app) as upstream_url, served(create(guard(), [Place(url=upstream_url)])) as url:
        for _ in range(3):
            response = httpx.post(url + CHAT, json=chat("so", stream=True), timeout=PATIENCE)
            assert response.text.endswith("data: [DONE]\n\n")
    assert len(ports) == 1


def test_a_request_goes_on_as_it_came(url: str, echo: Upstream) -> None:
    """Method, path, query, body and headers go on; those of the connection do not."""
    headers = {
        b"authorization": b"Bearer mine",
        b"x-api-key": b"mine",
        b"expect": b"100-continue",
        b"accept-encoding": b"gzip",
        b"x-more": "café".encode(),
    }
    with httpx.Client(timeout=PATIENCE, trust_env=False) as asker:
        del asker.headers["user-agent"]
        response = asker.put(url + "/plain%2Fpath/%C3%A9?q=a%20b", content=b"abc", headers=headers)
    asked = echo.asked[-1]
    assert response.text == "3 /plain%2Fpath/%C3%A9?q=a%20b [redacted]"
    assert (asked.method, asked.body) == ("PUT", b"abc")
    assert asked.headers["host"] == echo.url.removeprefix("http://")
    assert asked.headers["accept-encoding"] == "identity"
    assert (asked.headers["authorization"], asked.headers["x-api-key"]) == ("Bearer mine", "mine")
    assert asked.headers["x-more"].encode("latin-1").decode() == "café"
    assert not {"expect", "user-agent"} & asked.headers.keys()


def test_a_target_reaches_the_upstream_as_the_guard_saw_it(url: str, echo: Upstream) -> None:
    """What a client sends that is no part of a path is dropped before the guard or never."""
    place = url.removeprefix("http://").split(":")
    with socket.create_connection((place[0], int(place[1])), timeout=PATIENCE) as connection:
        connection.sendall(b"GET /plain#.png HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        with connection.makefile("rb") as answer:
            assert b"200" in answer.readline()
            answer.read()
    # The guard is asked about the same: httptools drops it before, h11 takes it for the path.
    assert echo.asked[-1].path in ("/plain", "/plain%23.png")


def test_answers_that_are_no_json(url: str) -> None:
    """Redirects are the caller's, and what cannot be read is refused."""
    moved = httpx.get(url + "/moved", timeout=PATIENCE)
    assert (moved.status_code, moved.headers["location"]) == (307, "/v1")
    assert moved.headers["content-length"] == "0"
    unread = httpx.get(url + "/compressed", timeout=PATIENCE)
    assert (unread.status_code, unread.json()) == (403, {"detail": REFUSAL})


def test_upstreams_are_chosen_by_model_and_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first that serves both is asked, with its own key; of the others nobody is."""
    monkeypatch.setenv("LEAKRAIL_TEST_KEY", "theirs")
    with upstream(echoing) as first, upstream(echoing) as second:
        places = (
            Place(url=first.url, models=("gpt-*",), key_env="LEAKRAIL_TEST_KEY"),
            Place(url=second.url + "/", paths=("/v1/*",)),
        )
        with served(create(guard(), places)) as url, httpx.Client(timeout=PATIENCE) as asker:
            mine = {"authorization": "Bearer mine"}
            asker.post(url + CHAT, json=chat("x", model="gpt-4"), headers=mine)
            asker.post(url + CHAT, json=chat("x"), headers=mine)
            nobody = asker.post(url + "/other", json=chat("x"))
            disguised = {
                asker.post(url + path, json=chat("x")).status_code
                for path in ("/v1/%2e%2e/other", "/v1//other", "/v1/..%5cx", "/v1/.;/x")
            }
        watching = guard(mode="observe")
        with served(create(watching, places)) as url, httpx.Client(timeout=PATIENCE) as asker:
            disguised.add(asker.post(url + "/v1/other%0A", json=chat("x")).status_code)
        assert [asked.headers["authorization"] for asked in first.asked] == ["Bearer theirs"]
        assert [asked.headers["authorization"] for asked in second.asked] == ["Bearer mine"]
        assert first.asked[0].headers["x-api-key"] == "theirs"
    assert (nobody.status_code, disguised) == (404, {404})


def test_no_upstream_is_an_error_in_the_providers_form() -> None:
    """A host that does not answer is 502, and a model that nobody serves is 404."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        address = f"http://127.0.0.1:{closed.getsockname()[1]}"
    places = [Place(url=address, models=("m",))]
    with served(create(guard(), places)) as url, httpx.Client(timeout=PATIENCE) as asker:
        for stream in (True, False):
            response = asker.post(url + CHAT, json=chat("x", stream=stream))
            assert response.status_code == 502
            assert response.json()["error"]["type"] == "upstream_error"
        response = asker.post(url + "/v1/messages", json=chat("x"))
        assert (response.status_code, response.json()["type"]) == (502, "error")
        response = asker.post(url + CHAT, json=chat("x", model="other"))
        assert (response.status_code, response.json()["error"]["code"]) == (404, "404")


def test_unguarded_paths_go_through_whole(echo: Upstream) -> None:
    """Outside the surface a large request comes whole, and the answer keeps its headers."""
    surface = Surface(skip=("/plain*",), max_body=2_000_000)
    with (
        served(create(guard(surface), [Place(url=echo.url)])) as url,
        httpx.Client(timeout=PATIENCE) as asker,
    ):
        del asker.headers["accept-encoding"]
        response = asker.post(url + "/plain", content=b"x" * 1_500_000)
        large = asker.post(url + "/plain", content=b"x" * 2_500_000)
    assert response.text == f"1500000 /plain {LEAK}"
    assert (response.headers["etag"], response.headers["content-length"]) == (
        "x",
        str(len(response.content)),
    )
    assert large.status_code == 413


def test_health_is_told(url: str) -> None:
    """Liveness and readiness are the proxy's own, and no upstream's."""
    assert httpx.get(url + "/healthz").json() == {"status": "ok"}
    assert httpx.get(url + "/readyz").json() == {"status": "ready"}
    paths = httpx.get(url + "/openapi.json").json()["paths"]
    assert {"/healthz", "/readyz", CHAT, "/v1/messages"} <= paths.keys()


def test_draining_takes_nothing_new(echo: Upstream) -> None:
    """After `drain` the proxy is not ready, and answers 502."""
    app = create(guard(), [Place(url=echo.url)])
    with served(app) as url:
        assert httpx.get(url + "/readyz").status_code == 200
        app.state.forward.drain()
        assert httpx.get(url + "/readyz").json() == {"status": "draining"}
        assert httpx.get(url + "/readyz").status_code == 503
        assert httpx.post(url + CHAT, json=chat("x"), timeout=PATIENCE).status_code == 502


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (("request", ["a fine thing"]), {"action": "NONE"}),
        (("request", ["a", "forbidden thing"]), {"action": "BLOCKED", "blocked_reason": REFUSAL}),
        (("response", ["fine", "too"]), {"action": "NONE"}),
        (("response", []), {"action": "NONE"}),
        (
            ("response", ["fine", f"it is {LEAK}"]),
            {"action": "GUARDRAIL_INTERVENED", "texts": ["fine", "it is [redacted]"]},
        ),
        (("response", ["fine", STOP]), {"action": "BLOCKED", "blocked_reason": REFUSAL}),
    ],
)
def test_speaks_litellms_generic_guardrail(
    keyed: Surface, given: tuple[str, list[str]], told: dict[str, Any]
) -> None:
    """Texts are admitted or checked; fields that are not known are no trouble."""
    body: dict[str, Any] = {
        "input_type": given[0],
        "texts": given[1],
        "request_data": {},
        "tool_calls": None,
    }
    with served(create(guard(keyed), [])) as url:
        answer = httpx.post(url + GENERIC, json=body, headers=KEYED, timeout=PATIENCE).json()
    assert {key: value for key, value in answer.items() if value is not None} == told


@pytest.mark.parametrize("headers", [{}, {"x-api-key": ""}, {"x-api-key": "another"}])
def test_nobody_else_is_told_what_leaks(url: str, keyed: Surface, headers: dict[str, str]) -> None:
    """Without its key LiteLLM's door is shut, and without a key in the policy there is none."""
    body = {"input_type": "response", "texts": [LEAK]}
    with served(create(guard(keyed), [])) as own:
        answer = httpx.post(own + GENERIC, json=body, headers=headers, timeout=PATIENCE)
    assert (answer.status_code, "action" in answer.text) == (401, False)
    assert "action" not in httpx.post(url + GENERIC, json=body, headers=KEYED).text


def test_litellms_texts_are_lines_of_one(keyed: Surface) -> None:
    """What several of them say together is redacted in each."""
    run = Guard([Rule(Pattern(r"one\s+two", 9), id="run")], surface=keyed)
    with served(create(run, [])) as url:
        body = {"input_type": "response", "texts": ["so one", "two."]}
        answer = httpx.post(url + GENERIC, json=body, headers=KEYED, timeout=PATIENCE).json()
    assert answer["texts"] == ["so [redacted]", "[redacted]."]


def test_litellms_users_are_not_one_person(keyed: Surface) -> None:
    """Who they are and what they ask is for LiteLLM to know: only rules on prompts are asked."""
    history = History(MemoryStore(), secret=b"k" * 32)
    made = guard(
        keyed,
        identification=Identification(tokens=True, missing="refuse"),
        access=Access([Grant(models=("chat-*",))]),
        limits=Limits([Limit(queries="1/day", burst=1)], history),
        watch=Watch(Probing(action="refuse", most=1.0), history, Sketcher(b"s" * 32)),
    )

    def action(text: str) -> str:
        body = {"input_type": "request", "texts": [text]}
        told: str = asker.post(url + GENERIC, json=body).json()["action"]
        return told

    with (
        served(create(made, [])) as url,
        httpx.Client(headers=KEYED, timeout=PATIENCE) as asker,
    ):
        asked = [f"What does the file on Ann number {number} say of her?" for number in range(9)]
        assert {action(text) for text in asked} == {"NONE"}
        assert action("a forbidden thing") == "BLOCKED"


def test_litellms_requests_are_bounded(keyed: Surface) -> None:
    """What is not in its form is 422, no JSON at all 400, and too large a body 413."""
    with (
        served(create(guard(keyed), [])) as url,
        httpx.Client(headers=KEYED, timeout=PATIENCE) as asker,
    ):
        wrong: dict[str, list[str]] = {"texts": []}
        assert asker.post(url + GENERIC, json=wrong).status_code == 422
        large = {"input_type": "response", "texts": ["x" * 2000]}
        assert asker.post(url + GENERIC, json=large).status_code == 413
        for odd in (b"{", b"[" * 900, b'{"input_type": "\\ud800"}', b'{"texts": ["\\ud800"]}'):
            assert asker.post(url + GENERIC, content=odd).status_code == 400


def test_no_request_is_an_internal_error(keyed: Surface) -> None:
    """Whatever schemathesis makes of the proxy's own description is answered."""
    from schemathesis import GenerationMode, openapi

    async def answers(_: Asked, writer: asyncio.StreamWriter) -> None:
        body = completion("fine")
        writer.write(head("application/json", len(body)) + body)

    with upstream(answers) as server, served(create(guard(keyed), [Place(url=server.url)])) as url:
        for found in openapi.from_url(url + "/openapi.json").get_all_operations():
            operation: Any = found.ok()  # type: ignore[union-attr]
            # There is no wrong way to ask for what takes nothing.
            wrong = [GenerationMode.NEGATIVE] if operation.method == "post" else []
            for mode in (GenerationMode.POSITIVE, *wrong):

                @settings(max_examples=60, suppress_health_check=list(HealthCheck))
                @given(case=operation.as_strategy(generation_mode=mode))
                def answered(case: Any) -> None:
                    assert case.call(headers=KEYED).status_code != 500

                answered()


def test_who_only_observes_changes_nothing(echo: Upstream) -> None:
    """Under `observe` every answer goes out as it came."""
    seen: list[str] = []
    given: Guard = guard(mode="observe", on_event=lambda event: seen.append(str(event.action)))
    with served(create(given, [Place(url=echo.url)])) as url:
        assert answered(url, f"it is {LEAK} {STOP}.") == f"it is {LEAK} {STOP}."
    assert "refuse" in seen
