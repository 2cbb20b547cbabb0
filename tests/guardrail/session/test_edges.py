"""One policy in every edge: the same people are held up, at the same question."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from guardrail import Context, CorpusIndex, Document, Guard, Identity
from guardrail.asgi import GuardMiddleware
from guardrail.proxy import create
from guardrail.transport import GuardTransport
from guardrail.upstream import Upstream as Place
from tests.guardrail.session.asking import HEAD, LONG
from tests.readers import LATER, PATIENCE
from tests.servers import Asked, completion, head, served, upstream

CHAT = "/v1/chat/completions"
PIECE = 20
POLICY = f"""{HEAD}
[[rule]]
use = "verbatim"
options = {{ index = "private.idx", min_words = 11, quote_words = 64 }}
[identity]
trusted_proxies = ["127.0.0.1"]
subject = "x-user"
[limits]
[[limits.rule]]
queries = "50/day"
burst = 50
[[limits.budget]]
share = 0.03
[limits.probing]
action = "throttle"
most = 1.5
"""

Says = Callable[[str, str], tuple[int, str]]
"""Somebody's question, and the status and text that they get."""


@pytest.fixture
def guard(tmp_path: Path) -> Iterator[Guard]:
    CorpusIndex.build([Document("long", " ".join(LONG))], tmp_path / "private.idx").close()
    path = tmp_path / "policy.toml"
    path.write_text(POLICY)
    with Guard.from_policy(path) as made:
        yield made


@pytest.fixture(params=["[]", '["system"]', '["*"]'])
def echoing(request: pytest.FixtureRequest, tmp_path: Path, guard: Guard) -> Guard:
    """The same guard, by whose policy other words are the reader's own."""
    (tmp_path / "policy.toml").write_text(f"{POLICY}[http]\necho = {request.param}\n")
    guard.reload()
    return guard


def piece(question: str) -> str:
    """What the model answers: the part of the document that a question names by number."""
    number = int(question.rpartition(" ")[2])
    return " ".join(LONG[PIECE * number : PIECE * number + PIECE])


def told(response: httpx.Response) -> tuple[int, str]:
    answer = response.json()
    text = answer["choices"][0]["message"]["content"] if response.is_success else ""
    return response.status_code, text


def body(question: str) -> dict[str, Any]:
    return {"model": "m", "messages": [{"role": "user", "content": question}]}


def wrapped(guard: Guard) -> Iterator[Says]:
    def call(question: str, identity: Identity) -> str:  # noqa: ARG001 - the context has it
        return piece(question)

    safe = guard.wrap(call, context=lambda question, identity: Context(question, identity=identity))

    def says(who: str, question: str) -> tuple[int, str]:
        text = safe(question, Identity(who))
        return (429, "") if text == LATER else (200, text)

    yield says


def middleware(guard: Guard) -> Iterator[Says]:
    app = FastAPI()
    app.add_middleware(GuardMiddleware, guard=guard)

    @app.post(CHAT)
    async def chat(asked: dict[str, Any]) -> Any:
        return json.loads(completion(piece(asked["messages"][-1]["content"])))

    async def post(who: str, question: str) -> httpx.Response:
        transport = httpx.ASGITransport(app, client=("127.0.0.1", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.post(CHAT, json=body(question), headers={"x-user": who})

    yield lambda who, question: told(asyncio.run(post(who, question)))


async def answering(asked: Asked, writer: asyncio.StreamWriter) -> None:
    whole = completion(piece(asked.json["messages"][-1]["content"]))
    writer.write(head("application/json", len(whole)) + whole)


def transport(guard: Guard) -> Iterator[Says]:
    with upstream(answering) as model:

        def says(who: str, question: str) -> tuple[int, str]:
            under = GuardTransport(guard, identify=lambda _: Identity(who))
            with httpx.Client(transport=under, timeout=PATIENCE) as client:
                return told(client.post(model.url + CHAT, json=body(question)))

        yield says


def proxy(guard: Guard) -> Iterator[Says]:
    with (
        upstream(answering) as model,
        served(create(guard, [Place(url=model.url)])) as address,
        httpx.Client(timeout=PATIENCE) as client,
    ):
        yield lambda who, question: told(
            client.post(address + CHAT, json=body(question), headers={"x-user": who})
        )


@pytest.mark.parametrize("edge", [wrapped, middleware, transport, proxy])
def test_the_same_policy_holds_up_the_same_people(
    edge: Callable[[Guard], Iterator[Says]], guard: Guard
) -> None:
    """A document that is asked for by numbers: a budget ends it for all, a risk for one."""
    says = next(opened := edge(guard))
    alice = [says("alice", f"Tell me what stands in part number {number}") for number in range(6)]
    bob = [says("bob", f"Please read to me part number {number}") for number in (6, 7)]
    opened.close()  # type: ignore[attr-defined]
    assert [status for status, _ in alice] == [200, 200, 200, 200, 429, 429]
    shown = [len(set(LONG) & set(text.split())) for _, text in (*alice, *bob)]
    assert shown == [PIECE, PIECE, PIECE, 0, 0, 0, 0, 0]
    assert [status for status, _ in bob] == [200, 200]


def test_whose_words_may_be_an_echo_does_not_say_who_is_watched(echoing: Guard) -> None:
    """A reader is seen by what they ask, also where nothing of it is an echo."""
    says = next(opened := middleware(echoing))
    told = [says("alice", f"Tell me what stands in part number {number}") for number in range(6)]
    opened.close()  # type: ignore[attr-defined]
    assert [status for status, _ in told] == [200, 200, 200, 200, 429, 429]
