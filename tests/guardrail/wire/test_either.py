"""Answers to requests in no provider's form that are in one all the same."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.exchange import Exchange
from tests.guardrail.wire.exchanges import JSON, MARK, REFUSAL, SECRET, SSE, fed, guard

DEPLOYED = "/openai/deployments/m"
# None of them has a field that its form says what is asked in.
ASKS: list[Any] = [{}, {"n": 2, "stream": True}, {"prompt_embeds": "AAAA"}, {"conversation": "c"}]

asks = st.sampled_from(ASKS)
seeds = st.integers(0, 99)


def asked(path: str, body: Any, events: list[Any], seed: int = 0) -> list[dict[str, Any]]:
    """The events that go out."""
    raw = json.dumps(body).encode()
    opened = Exchange(guard(), method="POST", path=path, headers=JSON, body=raw)
    assert opened.admit() is None
    answer = opened.answer(200, SSE)
    told = b"".join(f"data: {json.dumps(one)}\n\n".encode() for one in events)
    out = (fed(answer, told, seed) + answer.close()).decode()
    return [json.loads(line[6:]) for line in out.splitlines() if line.startswith("data: {")]


def turns(*texts: str) -> list[tuple[int, str]]:
    """Texts that come two letters at a time, all at once."""
    parts = [[text[at : at + 2] for at in range(0, len(text), 2)] for text in texts]
    steps = range(max(map(len, parts)))
    return [
        (place, part[step])
        for step in steps
        for place, part in enumerate(parts)
        if step < len(part)
    ]


def legacy(place: int, text: str, end: str | None = None) -> dict[str, Any]:
    choice = {"index": place, "text": text, "finish_reason": end}
    return {"object": "text_completion", "choices": [choice]}


def chat(place: int, text: str, end: str | None = None) -> dict[str, Any]:
    choice = {"index": place, "delta": {"content": text}, "finish_reason": end}
    return {"object": "chat.completion.chunk", "choices": [choice]}


@pytest.mark.parametrize(("path", "made"), [("completions", legacy), ("chat/completions", chat)])
@given(asks, seeds)
def test_choices_are_texts_of_their_own(path: str, made: Any, body: Any, seed: int) -> None:
    """Also where nothing of the request tells that it is a provider's."""
    told = [made(*turn) for turn in turns(f"So: {SECRET}.", "another answer")]
    out = asked(f"{DEPLOYED}/{path}", body, [*told, made(0, "", "stop"), made(1, "", "stop")], seed)
    said = {0: "", 1: ""}
    for (choice,) in (one["choices"] for one in out):
        said[choice["index"]] += choice.get("text") or choice.get("delta", {}).get("content") or ""
    assert said == {0: f"So: {MARK}.", 1: "another answer"}


@given(asks, seeds)
def test_reasoning_and_text_are_texts_of_their_own(body: Any, seed: int) -> None:
    """Of Responses, whose request may name a conversation alone."""
    kinds = ("output_text", "reasoning_text")
    at = {"output_index": 0, "content_index": 0, "item_id": "msg_1"}
    told = [
        {"type": f"response.{kinds[place]}.delta", "delta": text} | at
        for place, text in turns(f"So: {SECRET}.", "another answer")
    ]
    out = asked("/v1/responses", body, told, seed)
    text = "".join(one["delta"] for one in out if one["type"] == "response.output_text.delta")
    assert text.startswith("So: ")
    assert SECRET not in text


@given(asks, seeds)
def test_blocks_are_texts_of_their_own(body: Any, seed: int) -> None:
    """Of Anthropic's messages."""
    told: list[Any] = [{"type": "message_start", "message": {"id": "a", "content": []}}]
    block = {"type": "text", "text": ""}
    told += [{"type": "content_block_start", "index": at, "content_block": block} for at in (0, 1)]
    told += [
        {
            "type": "content_block_delta",
            "index": at,
            "delta": {"type": "text_delta", "text": text},
        }
        for at, text in turns(f"So: {SECRET}.", "another answer")
    ]
    told += [{"type": "content_block_stop", "index": at} for at in (0, 1)]
    out = asked("/v1/messages", body, [*told, {"type": "message_stop"}], seed)
    deltas = [one["delta"]["text"] for one in out if one["type"] == "content_block_delta"]
    assert MARK in "".join(deltas)
    assert SECRET not in "".join(deltas)


@given(asks, seeds)
def test_an_applications_own_events_are_none_of_a_provider(body: Any, seed: int) -> None:
    """They go out as they came; one in the provider's form among them cannot be read."""
    told = [{"type": "ping"}, {"say": "hello"}, {"say": f"So: {SECRET}."}]
    out = asked("/chats/7/messages", body, told, seed)
    assert out == [{"type": "ping"}, {"say": "hello"}, {"say": f"So: {MARK}."}]
    late = {"type": "content_block_delta", "index": 0, "delta": {"text": SECRET}}
    out = asked("/chats/7/messages", body, [*told, late], seed)
    assert SECRET not in json.dumps(out)
    assert REFUSAL in json.dumps(out)
