"""Tightening: a prompt that a rule finds makes the rules on its answer stricter."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from guardrail import Action, Admission, Context, Finding, Guard, Rule, Text, Verdict
from guardrail.asgi import GuardMiddleware
from guardrail.errors import PolicyError
from guardrail.proxy import create
from guardrail.transport import GuardTransport
from guardrail.upstream import Upstream as Place
from tests.readers import PATIENCE
from tests.servers import Asked, completion, event, head, served, upstream
from tests.strategies import Pattern, cut, rules, texts

EDITS = (Action.FLAG, Action.REDACT)
SAID = "It is bbb here."
SAFE = "It is [redacted] here."
ASKED, PLAIN = "an odd question", "a question"


@dataclass(frozen=True)
class Raises:
    def find(self, _: Text) -> Iterator[Finding]:
        raise ValueError

    def settled(self, text: Text) -> int:
        return len(text.raw)


def guard(tighten: float = 0.5, **settings: Any) -> Guard:
    """Reads an answer to what is odd with half of the threshold, below a finding's score."""
    return Guard(
        [
            Rule(Pattern("odd", 3), id="odd", on="prompt", action=Action.FLAG, tighten=tighten),
            Rule(Pattern("b+", 9), id="b", min_score=1.0),
        ],
        **settings,
    )


def test_a_found_prompt_tightens_its_answer() -> None:
    """Only that prompt, only where a rule says so, and only by its share."""
    odd = guard().admit(Context(prompt=ASKED))
    assert (odd.action, odd.tighten) == (Action.FLAG, 0.5)
    assert guard().check(SAID, odd).text == SAFE
    assert guard().check(SAID, guard().admit(Context(prompt=PLAIN))).text == SAID
    assert guard().check(SAID, Context(prompt=ASKED)).text == SAID
    for held in (guard(0.0), guard(0.05)):
        assert held.check(SAID, held.admit(Context(prompt=ASKED))).text == SAID


def test_the_strictest_rule_decides() -> None:
    """The admission carries the largest share of those that fired; a discount is no finding."""
    held = Guard(
        [
            Rule(Pattern("odd", 3), id="odd", on="prompt", action=Action.FLAG, tighten=0.2),
            Rule(Pattern("question", 8), id="all", on="prompt", action=Action.ALLOW, tighten=0.7),
            Rule(Pattern("an", 2, "common"), id="an", on="prompt", tighten=1.0),
        ]
    )
    assert held.admit(Context(prompt=ASKED)).tighten == 0.7


def test_a_failed_rule_tightens() -> None:
    """Where an error is no refusal, the answer is read as if the prompt had been found."""
    failing = Rule(Raises(), id="bad", on="prompt", action=Action.FLAG, tighten=0.5)
    held = Guard([failing, *guard().rules], on_error=Action.FLAG)
    assert held.check(SAID, held.admit(Context(prompt=PLAIN))).text == SAFE


def test_what_is_observed_is_recorded_tightened() -> None:
    """An answer that is only observed is not changed; what is found is what would have been."""
    held = guard(mode="observe")
    verdict = held.check(SAID, held.admit(Context(prompt=ASKED)))
    assert (verdict.text, len(verdict.findings)) == (SAID, 1)


def tightened(held: tuple[Rule, ...], x: float) -> tuple[Guard, Admission]:
    return Guard(held), Admission(Context(), Verdict(Action.FLAG, ""), tighten=x)


@given(rules(EDITS), texts, st.floats(0, 1))
def test_a_tightened_check_finds_no_less(held: tuple[Rule, ...], text: str, x: float) -> None:
    """All that is found is found tightened too; at 1 no score is too low."""
    judge, admission = tightened(held, x)
    plain, strict = judge.check(text), judge.check(text, admission)
    assert set(plain.findings) <= set(strict.findings)
    assert strict.action >= plain.action
    full = judge.check(text, replace(admission, tighten=1.0))
    free = Guard([replace(rule, min_score=0.0) for rule in held])
    assert full == free.check(text)


@given(rules(EDITS), texts, st.floats(0, 1), st.integers(0, 2**32))
def test_a_tightened_stream_is_the_tightened_text(
    held: tuple[Rule, ...], text: str, x: float, seed: int
) -> None:
    """For every way to cut it, sync and async."""
    judge, admission = tightened(held, x)
    whole = judge.check(text, admission)
    answer = judge.start(admission)
    shown = "".join([*(answer.feed(chunk) for chunk in cut(text, seed)), answer.close()])
    assert (shown, answer.verdict) == (whole.text, whole)

    async def chunks() -> AsyncIterator[str]:
        for chunk in cut(text, seed):
            yield chunk

    async def told() -> str:
        return "".join([piece async for piece in judge.astream(chunks(), admission)])

    assert asyncio.run(told()) == whole.text
    assert asyncio.run(judge.acheck(text, admission)) == whole


def test_parts_of_an_answer_are_tightened() -> None:
    """Those that are read as one, and several answers to one question."""
    held = guard()
    odd = held.admit(Context(prompt=ASKED))
    assert held.check_parts(("It is b", "bb here."), odd)[1] == (
        "It is [redacted]",
        "[redacted] here.",
    )
    assert [one.text for one in held.check_many([SAID, "none"], odd)] == [SAFE, "none"]


def call(prompt: str) -> str:  # noqa: ARG001
    return SAID


async def coroutine(prompt: str) -> str:  # noqa: ARG001
    return SAID


def generator(prompt: str) -> Iterator[str]:  # noqa: ARG001
    yield from SAID


async def async_generator(prompt: str) -> AsyncIterator[str]:  # noqa: ARG001
    for letter in SAID:
        yield letter


async def joined(answer: Any) -> str:
    if isinstance(answer, str):
        return answer
    if hasattr(answer, "__await__"):
        return str(await answer)
    if hasattr(answer, "__aiter__"):
        return "".join([piece async for piece in answer])
    return "".join(answer)


@pytest.mark.parametrize("shape", [call, coroutine, generator, async_generator])
def test_wrapped_callables_are_tightened(shape: Callable[[str], Any]) -> None:
    """All four shapes."""
    safe = guard().wrap(shape)
    assert asyncio.run(joined(safe(ASKED))) == SAFE
    assert asyncio.run(joined(safe(PLAIN))) == SAID


def body(text: str, **fields: Any) -> dict[str, Any]:
    return {"model": "m", "messages": [{"role": "user", "content": text}], **fields}


async def says(asked: Asked, writer: asyncio.StreamWriter) -> None:
    if not asked.json.get("stream"):
        whole = completion(SAID)
        writer.write(head("application/json", len(whole)) + whole)
        return
    writer.write(head("text/event-stream"))
    for piece in (SAID[:7], SAID[7:]):
        writer.write(event(piece))
    writer.write(event("", "stop") + b"data: [DONE]\n\n")


def heard(client: httpx.Client, url: str) -> list[str]:
    """Answers to both questions, whole and streamed."""
    told = []
    for text in (ASKED, PLAIN):
        whole = client.post(f"{url}/v1/chat/completions", json=body(text)).json()
        told.append(whole["choices"][0]["message"]["content"])
        raw = client.post(f"{url}/v1/chat/completions", json=body(text, stream=True)).text
        rows = [json.loads(line[6:]) for line in raw.splitlines() if line.startswith("data: {")]
        choices = [choice for row in rows for choice in row["choices"]]
        told.append("".join(choice["delta"].get("content") or "" for choice in choices))
    return told


HEARD = [SAFE, SAFE, SAID, SAID]


def test_the_proxy_tightens() -> None:
    """Whole and streamed."""
    with (
        upstream(says) as server,
        served(create(guard(), [Place(url=server.url)])) as address,
        httpx.Client(timeout=PATIENCE) as client,
    ):
        assert heard(client, address) == HEARD


def test_the_transport_tightens() -> None:
    """Whole and streamed."""
    transport = GuardTransport(guard())
    with upstream(says) as server, httpx.Client(transport=transport, timeout=PATIENCE) as client:
        assert heard(client, server.url) == HEARD


async def test_the_middleware_tightens() -> None:
    """An application of one's own."""
    app = FastAPI()
    app.add_middleware(GuardMiddleware, guard=guard())

    @app.get("/ask")
    def ask(question: str) -> str:  # noqa: ARG001
        return SAID

    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
        told = [
            (await client.get("/ask", params={"question": one})).json() for one in (ASKED, PLAIN)
        ]
    assert told == [SAFE, SAID]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("tighten = 1.5", "between 0 and 1"),
        ("tighten = -0.1", "between 0 and 1"),
        ('on = "output"\ntighten = 0.5', "rules on prompts"),
    ],
)
def test_a_policy_says_how_much(tmp_path: Path, line: str, message: str) -> None:
    """A share that makes no sense does not load; one that does is the rule's."""
    rule = '[[rule]]\nuse = "secrets"\n{}\n'
    start = 'version = 1\nowner = "privacy@example.org"\n'
    (tmp_path / "policy.toml").write_text(start + rule.format('on = "prompt"\ntighten = 1.0'))
    assert Guard.from_policy(tmp_path / "policy.toml").rules[0].tighten == 1.0
    on = "" if "on =" in line else 'on = "prompt"\n'
    (tmp_path / "policy.toml").write_text(start + rule.format(on + line))
    with pytest.raises(PolicyError, match=message):
        Guard.from_policy(tmp_path / "policy.toml")
