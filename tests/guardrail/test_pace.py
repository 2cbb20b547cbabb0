"""When answers leave: at whole steps after their request, at every edge."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, MutableMapping
from types import ModuleType
from typing import Any

import httpx
import httpx2
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from guardrail import Guard
from guardrail.asgi import GuardMiddleware, Receive, Scope, Send
from guardrail.disclosure import Disclosure
from guardrail.errors import PolicyError
from guardrail.pace import Pace
from guardrail.proxy import create
from guardrail.surface import Surface
from guardrail.transport import GuardTransport
from tests.guardrail.test_transport import CHAT, ask, body, every, says
from tests.guardrail.test_wrap import SHAPES, answer
from tests.readers import PATIENCE, REFUSAL, STOP, Reader, guard, nothing_left, reader, writes
from tests.servers import completion, event, upstream

STEP = 0.06
LONG = 60_000
"""A step that no test can wait for."""


def paced(**settings: Any) -> Guard:
    return guard(disclosure=Disclosure(timing=round(STEP * 1000)), **settings)


times = st.floats(0, 1e4)


def pace(step: float, begun: float, came: float) -> Pace:
    made = Pace(step, begun)
    made.came = begun + came
    return made


@given(st.floats(0.001, 60), st.floats(0, 1e6), times, st.floats(0, 100))
def test_a_whole_number_of_steps(step: float, begun: float, came: float, took: float) -> None:
    """What has come leaves at the end of a step, and the guard has a whole one for its work."""
    left = pace(step, begun, came).left(begun + came + took)
    assert left >= 0
    steps = (came + took + left) / step
    assert steps == pytest.approx(max(round(steps), 1), abs=1e-5, rel=1e-9)
    assert took + left >= step - 1e-6


@given(st.integers(0, 10**6), st.integers(0, 999), st.integers(0, 999))
def test_how_long_the_guard_takes_does_not_show(came: int, took: int, other: int) -> None:
    """Whatever has come when: with less than a step of work it leaves at the same moment."""
    held = pace(1.0, 0.0, came / 1000)
    leaves = [(came + work) / 1000 + held.left((came + work) / 1000) for work in (took, other)]
    assert leaves[0] == pytest.approx(leaves[1], abs=1e-6)


@pytest.mark.parametrize("timing", [-1, 60_001])
def test_a_step_is_no_age(timing: int) -> None:
    """Less than nothing, or more than a minute, is no time to wait."""
    with pytest.raises(PolicyError, match="timing must lie between 0 and 60000 milliseconds"):
        Disclosure(timing=timing)


def test_a_policy_says_so() -> None:
    """By default nothing waits; who only observes makes nobody wait."""
    assert Guard().pace().step == 0
    assert paced().pace().step == STEP
    assert paced(mode="observe").pace().step == 0


class Watch:
    """How long it takes from here to where something leaves."""

    def __init__(self) -> None:
        self._begun = time.perf_counter()

    @property
    def steps(self) -> float:
        return (time.perf_counter() - self._begun) / STEP


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("prompt", ["me", "forbidden"])
def test_wrapped_callables(shape: Callable[..., Any], prompt: str) -> None:
    """Whatever its shape, an answer takes a step, and so does a refusal."""
    watch = Watch()
    assert answer(paced().wrap(shape), prompt)
    assert watch.steps >= 1


def test_the_beginning_and_the_end_of_an_iterator() -> None:
    """The first piece waits, those behind it do not have to, and the end does."""

    def told() -> Iterator[str]:
        yield "some words and more of them "
        yield "and an end"

    watch = Watch()
    seen = [watch.steps for _ in paced().wrap(told)()]
    assert seen[0] >= 1
    assert watch.steps >= 2


def test_an_answer_that_is_late_waits_for_its_own_step() -> None:
    """A model that takes longer than a step is told at the end of the one after the next."""

    def late() -> str:
        time.sleep(1.2 * STEP)
        return "well"

    watch = Watch()
    assert paced().wrap(late)() == "well"
    assert watch.steps >= 3


def test_exceptions_of_a_callable_are_the_callers() -> None:
    """They are raised at once: how they are told is not for the guard to say."""

    def broken() -> str:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        guard(disclosure=Disclosure(timing=LONG)).wrap(broken)()


async def test_an_iterator_that_is_left_while_it_waits() -> None:
    """Who gives up an answer that waits for its step is obeyed, and the model let go."""
    closed: list[str] = []

    async def told() -> AsyncIterator[str]:
        try:
            yield "some words and more of them "
        finally:
            closed.append("model")

    safe = guard(disclosure=Disclosure(timing=LONG)).wrap(told)
    async with nothing_left():
        task = asyncio.ensure_future(anext(safe()))
        await asyncio.sleep(0.02)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert closed == ["model"]


class Timed(Reader):
    """A reader who notes the steps after which each event came."""

    def __init__(self, path: str = "/", *body: bytes, method: str = "GET") -> None:
        super().__init__(body or (b"",), reader(path, method=method).scope)
        self._watch = Watch()
        self.came: list[float] = []

    async def send(self, event: MutableMapping[str, Any]) -> None:
        self.came.append(self._watch.steps)
        await super().send(event)


def json_app(status: int = 200, text: bytes = b'{"a":"b"}') -> Any:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": text})

    return app


@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        (("/",), 200, b'{"a":"b"}'),
        (("/forbidden?forbidden",), 403, REFUSAL.encode()),
        (("/", b"x" * 50), 413, b"too large"),
        (("/chat/completions", b"{"), 400, b"cannot be read"),
    ],
)
async def test_whole_answers_of_an_application(
    asked: tuple[Any, ...], status: int, said: bytes
) -> None:
    """An answer, a refusal and an error leave after a step, the beginning with the rest."""
    path, *body = asked
    talk = Timed(path, *body, method="POST" if body else "GET")
    app = GuardMiddleware(json_app(), guard=paced(surface=Surface(max_body=20)))
    async with nothing_left():
        await talk.talk(app)
    assert (talk.start["status"], talk.ended) == (status, True)
    assert said in talk.body
    assert talk.came[0] >= 1


async def test_refusals_of_a_question_and_of_an_answer_look_alike() -> None:
    """The same status, headers and bytes, whatever they are for."""
    asked = Timed("/?forbidden")
    told = Timed("/?harmless")
    broken = Timed("/?harmless")
    app = GuardMiddleware(json_app(text=f'{{"a": "{STOP}"}}'.encode()), guard=paced())
    part = GuardMiddleware(json_app(status=206), guard=paced())
    await asked.talk(app)
    await told.talk(app)
    await broken.talk(part)
    assert asked.events == told.events == broken.events
    assert REFUSAL.encode() in asked.body


async def test_streams_of_an_application() -> None:
    """The head waits with the first piece, and the end again; the end after a refusal too."""

    async def source() -> AsyncIterator[str]:
        yield "some words and more of them"
        yield " and so on"

    async def refused() -> AsyncIterator[str]:
        yield "some words and more of them"
        yield f" {STOP} and so on"
        yield "what is not taken"

    for told in (source, refused):
        talk = Timed()
        async with nothing_left():
            await talk.talk(GuardMiddleware(writes(told), guard=paced()))
        assert talk.ended
        assert talk.came[0] >= 1
        assert talk.came[-1] >= 2


async def test_an_application_that_breaks() -> None:
    """Before its answer has begun, in the midst of a whole one, or of a stream."""

    async def silent(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001
        raise ZeroDivisionError

    async def unfinished(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})

    async def events() -> AsyncIterator[str]:
        yield "data: one\n\n"
        raise ZeroDivisionError

    watch = Watch()
    with pytest.raises(ZeroDivisionError):
        await reader().talk(GuardMiddleware(silent, guard=paced()))
    assert watch.steps >= 1
    talk = Timed()
    await talk.talk(GuardMiddleware(unfinished, guard=paced()))
    assert (talk.start["status"], talk.came[0] >= 1) == (502, True)
    talk = Timed()
    with pytest.raises(ZeroDivisionError):
        await talk.talk(GuardMiddleware(writes(events, "text/event-stream"), guard=paced()))
    assert b"broke off" in talk.body
    assert talk.came[-1] >= 2


@pytest.mark.parametrize("path", ["/", "/?forbidden"])
@pytest.mark.parametrize("stream", [True, False])
async def test_a_reader_who_leaves_while_an_answer_waits(path: str, *, stream: bool) -> None:
    """Nothing is sent any more, and nothing goes on."""

    async def source() -> AsyncIterator[str]:
        yield "some words and more of them"

    held = guard(disclosure=Disclosure(timing=LONG))
    talk = reader(path)
    async with nothing_left():
        app = GuardMiddleware(writes(source) if stream else json_app(), guard=held)
        task = asyncio.create_task(talk.talk(app))
        await asyncio.sleep(0.02)
        talk.leave()
        await task
    assert (talk.events, task.cancelling()) == ([], 0)


async def test_a_reader_who_leaves_while_a_broken_answer_waits() -> None:
    """An answer that broke off is told to nobody."""

    async def unfinished(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})

    talk = reader()
    async with nothing_left():
        app = GuardMiddleware(unfinished, guard=guard(disclosure=Disclosure(timing=LONG)))
        task = asyncio.create_task(talk.talk(app))
        await asyncio.sleep(0.02)
        talk.leave()
        await task
    assert talk.events == []


async def test_who_cancels_an_answer_that_waits_is_obeyed() -> None:
    """A server that goes down does not wait for the step."""
    talk = reader()
    async with nothing_left():
        app = GuardMiddleware(json_app(), guard=guard(disclosure=Disclosure(timing=LONG)))
        task = asyncio.create_task(talk.talk(app))
        await asyncio.sleep(0.02)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert talk.events == []


async def test_others_go_on_while_an_answer_waits() -> None:
    """Waiting is done by the event loop: all are asked before the first answer leaves."""
    told: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        told.append("asked")
        await json_app()(scope, receive, send)
        told.append("left")

    guarded = GuardMiddleware(app, guard=guard(disclosure=Disclosure(timing=1000)))
    await asyncio.gather(*(reader().talk(guarded) for _ in range(20)))
    assert told == ["asked"] * 20 + ["left"] * 20


async def test_who_observes_makes_nobody_wait() -> None:
    """What would never come in a step that long comes at once."""
    held = guard(mode="observe", disclosure=Disclosure(timing=LONG))
    talk = reader()
    async with nothing_left():
        await talk.talk(GuardMiddleware(json_app(), guard=held))
    assert talk.body == b'{"a":"b"}'


@every
def test_transports(library: ModuleType, *, is_async: bool) -> None:
    """A whole answer and a refusal take a step under an SDK, a stream one for each of its ends."""
    transport = GuardTransport(paced())
    with upstream(says(completion("hello"))) as server:
        for text in ("hello", "forbidden"):
            watch = Watch()
            ask(library, is_async, transport, server.url + CHAT, json=body(text))
            assert watch.steps >= 1
    pieces = [event("some words and more of them"), event("", "stop"), b"data: [DONE]\n\n"]
    refused = [event(f"so {STOP} and so on"), event(" more")]
    for told in (pieces, refused):
        with upstream(says(*told, kind="text/event-stream")) as server:
            watch = Watch()
            ask(library, is_async, transport, server.url + CHAT, json=body(stream=True))
            assert watch.steps >= 2


@every
def test_transports_of_what_breaks_off(library: ModuleType, *, is_async: bool) -> None:
    """A stream that breaks off is told so at the end of a step, before the client's own error."""
    transport = GuardTransport(paced())
    with upstream(says(event("it is"), kind="text/event-stream", length=9000)) as server:
        watch = Watch()
        with pytest.raises(library.RemoteProtocolError):
            ask(library, is_async, transport, server.url + CHAT, json=body(stream=True))
        assert watch.steps >= 2


@pytest.mark.parametrize("library", [httpx, httpx2])
async def test_a_client_that_gives_up_while_an_answer_waits(library: ModuleType) -> None:
    """It is obeyed, and the upstream let go."""
    transport = GuardTransport(guard(disclosure=Disclosure(timing=LONG)))
    with upstream(says(completion("hello"))) as server:
        async with (
            nothing_left(),
            library.AsyncClient(transport=transport, timeout=PATIENCE) as asker,
        ):
            task = asyncio.create_task(asker.post(server.url + CHAT, json=body()))
            await asyncio.sleep(0.1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task


def test_litellms_generic_guardrail(monkeypatch: pytest.MonkeyPatch) -> None:
    """The proxy's own door for LiteLLM keeps to the steps as well."""
    monkeypatch.setenv("LITELLM_KEY", "k")
    app: FastAPI = create(paced(surface=Surface(litellm_key_env="LITELLM_KEY")), [])
    with TestClient(app, headers={"x-api-key": "k"}) as asker:
        watch = Watch()
        told = asker.post(
            "/beta/litellm_basic_guardrail_api", json={"input_type": "response", "texts": ["x"]}
        )
        assert (told.status_code, watch.steps >= 1) == (200, True)
