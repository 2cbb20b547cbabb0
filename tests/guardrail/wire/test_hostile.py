"""Hostile upstreams: whatever stands in whatever place, nothing raises and nothing leaks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrail import Action, Event
from guardrail.exchange import Exchange
from guardrail.surface import Surface
from guardrail.wire.plain import Plain
from tests.guardrail.wire import clients, upstreams
from tests.guardrail.wire.exchanges import (
    CHAT,
    JSON,
    LEGACY,
    LINES,
    MESSAGES,
    OTHER,
    REFUSAL,
    RESPONSES,
    SECRET,
    SSE,
    exchange,
    guard,
    masked,
    streamed,
    whole,
)

# Words between spaces, so that no place for an id takes them for one.
HIDDEN = f"so {SECRET} <b> on"
odd = st.sampled_from(
    [
        *(HIDDEN, [HIDDEN], {HIDDEN: HIDDEN}, [[HIDDEN]], {"type": HIDDEN}, {"text": HIDDEN}),
        *(
            None,
            True,
            0,
            -1,
            1.5,
            10**30,
            "",
            [],
            {},
            [None],
            [1],
            {"type": None},
            "text",
            "function",
        ),
        *({"index": -1, "function": {"name": 3}}, {"content": [{"type": "text", "text": HIDDEN}]}),
        *({"custom": {}, "index": 0}, {"index": 10**30, "function": {"arguments": HIDDEN}}),
    ]
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every place of a value."""
    yield path
    if isinstance(value, dict | list):
        inner = value.items() if isinstance(value, dict) else enumerate(value)
        for key, one in inner:
            yield from places(one, (*path, key))


def put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    head, *rest = path
    if isinstance(value, dict):
        return value | {head: put(value[head], tuple(rest), new)}
    return [*value[:head], put(value[head], tuple(rest), new), *value[head + 1 :]]


FINE = "nothing to see"
STREAMS: dict[str, bytes] = {
    CHAT: upstreams.chat([{"content": FINE, "function0": "{}", "function_call": FINE}], 4),
    LEGACY: upstreams.completions([FINE], 4),
    MESSAGES: upstreams.messages([("text", FINE), ("tool_use", "{}"), ("thinking", FINE)], 4),
    RESPONSES: upstreams.responses(
        [("output_text", FINE), ("function_call", "{}"), ("summary", FINE)], 4
    ),
    OTHER: upstreams.sse([{"type": "t", "x": {"y": FINE}, "n": [1, True]}, "text", FINE]),
}


def clean(out: bytes) -> bool:
    return b"zq" not in masked(out) and b"<b>" not in out


@pytest.mark.parametrize("path", STREAMS)
@pytest.mark.parametrize("strict", [True, False])
@settings(max_examples=120)
@given(data=st.data())
def test_anything_may_stand_in_any_place_of_a_stream(
    path: str, strict: bool, data: st.DataObject
) -> None:
    """Some fields of some events hold something else, with private text in it."""
    events = [data for _, data in clients.frames(STREAMS[path])]
    for _ in range(data.draw(st.integers(1, 3))):
        number = data.draw(st.integers(0, len(events) - 1))
        if events[number][:1] == "{":
            body = json.loads(events[number])
            where = data.draw(st.sampled_from(list(places(body))))
            events[number] = json.dumps(put(body, where, data.draw(odd)))
    held = guard(data.draw(st.sampled_from([Action.REDACT, Action.REFUSE])))
    opened = exchange(held, path, streams=True, surface=Surface(strict=strict))
    answer = opened.answer(200, SSE)
    raw = upstreams.sse(events)
    out = answer.feed(raw[: len(raw) // 2]) + answer.feed(raw[len(raw) // 2 :])
    out += data.draw(st.sampled_from([answer.close, answer.fail]))()
    answer.cancel()
    assert clean(out)
    clients.frames(out)


CALL = {"id": "c", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}
WHOLE: dict[str, Any] = {
    CHAT: {
        "id": "c",
        "model": "m",
        "choices": [
            {
                "index": 0,
                "finish_reason": "stop",
                "logprobs": {"content": [{"token": "x", "logprob": -1}]},
                "message": {
                    "role": "assistant",
                    "content": "x",
                    "tool_calls": [CALL, {"type": "custom", "custom": {"name": "f", "input": "x"}}],
                    "function_call": {"name": "f", "arguments": "{}"},
                },
            }
        ],
        "usage": {"total_tokens": 3, "details": {"n": 1}},
    },
    LEGACY: {"id": "c", "choices": [{"index": 0, "text": "x", "logprobs": {"tokens": ["x"]}}]},
    MESSAGES: {
        "id": "m",
        "type": "message",
        "content": [
            {"type": "text", "text": "x", "citations": [{"cited_text": "x"}]},
            {"type": "thinking", "thinking": "x", "signature": "c2ln"},
            {"type": "redacted_thinking", "data": "c2ln"},
            {"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1}},
        ],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"output_tokens": 1},
    },
    RESPONSES: {
        "id": "r",
        "incomplete_details": {"reason": "x"},
        "output": [
            {
                "type": "message",
                "id": "m",
                "content": [{"type": "output_text", "text": "x", "annotations": [{"url": "x"}]}],
            },
            {"type": "function_call", "name": "f", "call_id": "c", "arguments": "{}"},
            {"type": "reasoning", "summary": [{"text": "x"}], "encrypted_content": "c2ln"},
            {"type": "image_generation_call", "result": "aaaa"},
        ],
        "usage": {"total_tokens": 1},
    },
    "/v1/embeddings": {
        "model": "m",
        "data": [{"index": 0, "embedding": [0.5, 1.0]}],
        "usage": {"total_tokens": 1},
    },
    OTHER: {"a": ["x", {"b": 1}], "c": None},
}


@pytest.mark.parametrize("path", WHOLE)
@settings(max_examples=120)
@given(data=st.data())
def test_anything_may_stand_in_any_place_of_an_answer(path: str, data: st.DataObject) -> None:
    """The same of whole answers."""
    body = WHOLE[path]
    for _ in range(data.draw(st.integers(1, 3))):
        body = put(body, data.draw(st.sampled_from(list(places(body)))), data.draw(odd))
    held = guard(data.draw(st.sampled_from([Action.REDACT, Action.REFUSE])))
    status, headers, out = whole(held, path, body)
    assert status in (200, 403)
    assert clean(out)
    assert out == b"" or json.loads(out) is not ...
    assert headers["content-type"] == "application/json"


@pytest.mark.parametrize("path", WHOLE)
@settings(max_examples=60)
@given(data=st.data())
def test_anything_may_be_asked(path: str, data: st.DataObject) -> None:
    """Requests of any form are admitted or answered, never an error of ours."""
    body: Any = {
        "model": "m",
        "messages": [{"role": "user", "content": [{"type": "text", "text": "x"}]}],
        "prompt": ["x"],
        "input": [
            {"role": "user", "content": "x"},
            {"type": "function_call_output", "output": "x"},
        ],
        "system": [{"type": "text", "text": "x"}],
        "stream": True,
    }
    for _ in range(data.draw(st.integers(1, 3))):
        body = put(body, data.draw(st.sampled_from(list(places(body)))), data.draw(odd))
    raw = json.dumps(body).encode()
    reply = Exchange(guard(), method="POST", path=path, headers=JSON, body=raw).admit()
    assert reply is None or reply.status == 400


def choice(index: int, **delta: Any) -> Any:
    return {"choices": [{"index": index, "delta": delta}]}


def call(index: int) -> Any:
    return {"index": index, "function": {"name": "f", "arguments": "x"}}


def opened(index: int) -> Any:
    block = {"type": "text", "text": ""}
    return {"type": "content_block_start", "index": index, "content_block": block}


MANY = {
    "choices": (CHAT, [choice(n, content="x") for n in range(3000)]),
    "choices of one chunk": (CHAT, [{"choices": [{"index": n} for n in range(3000)]}]),
    "calls": (CHAT, [choice(0, tool_calls=[call(n)]) for n in range(3000)]),
    "legacy": (LEGACY, [{"choices": [{"index": n, "text": "x"}]} for n in range(3000)]),
    "blocks": (MESSAGES, [opened(n) for n in range(3000)]),
    "items": (
        RESPONSES,
        [
            {"type": "response.output_item.added", "output_index": n, "item": {"type": "message"}}
            for n in range(3000)
        ],
    ),
    "texts": (
        RESPONSES,
        [
            {"type": "response.output_text.delta", "output_index": n, "delta": "x"}
            for n in range(3000)
        ],
    ),
    "fields": (OTHER, [{"k" * n: "x"} for n in range(1, 300)]),
    "labels": (OTHER, [{"k" * n: {"status": "x"}} for n in range(1, 600)]),
    "fields beside": (CHAT, [choice(0, content="x") | {f"k{n}": "x"} for n in range(3000)]),
}


def test_an_event_has_so_many_strings() -> None:
    """256 places of them, or more where `fields` says which ones are read."""
    row = {"texts": ["x"] * 256}
    assert REFUSAL not in streamed(guard(), OTHER, upstreams.sse([row])).decode()
    more = row | {"other": "x"}
    events: list[Event] = []
    held = guard(on_event=events.append)
    assert REFUSAL in streamed(held, OTHER, upstreams.sse([more])).decode()
    assert any("`fields`" in error for event in events for error in event.errors)
    held = guard(surface=Surface(fields=frozenset({"other"})))
    assert REFUSAL not in streamed(held, OTHER, upstreams.sse([more])).decode()


@pytest.mark.parametrize("name", MANY)
def test_many_of_anything_are_refused(name: str) -> None:
    """What is counted without an end would fill the memory."""
    path, events = MANY[name]
    out = streamed(guard(), path, upstreams.sse(events, named=path in (MESSAGES, RESPONSES)), 2)
    assert REFUSAL in out.decode()
    clients.frames(out)


@pytest.mark.parametrize("number", [10**30, -(10**30), -1])
def test_numbers_of_any_size_are_places(number: int) -> None:
    """A choice, a call or a block may have any number."""
    events = [choice(number, content="hm", tool_calls=[call(number)]), "[DONE]"]
    told = clients.chat(streamed(guard(), CHAT, upstreams.sse(events)))
    assert told.texts == {(number, "content"): "hm", (number, "function", number): "x"}
    events = [
        opened(number),
        {"type": "content_block_stop", "index": number},
        {"type": "message_stop"},
    ]
    assert clients.messages(streamed(guard(), MESSAGES, upstreams.sse(events, named=True))).ended


@pytest.mark.parametrize("path", [CHAT, LEGACY, MESSAGES, RESPONSES, OTHER])
def test_deep_nesting_is_refused(path: str) -> None:
    """Deeper than can be read, whole, in a stream, in a line, or in arguments."""
    deep = b'{"a":' * 5000 + b"1" + b"}" * 5000
    assert REFUSAL in whole(guard(), path, deep)[2].decode()
    assert REFUSAL in streamed(guard(), OTHER, deep + b"\n", headers=LINES).decode()
    if path != OTHER:
        assert REFUSAL in streamed(guard(), path, b"data: " + deep + b"\n\n").decode()
    level = 190
    body: Any = {"choices": [{"message": {"content": "x", "tool_calls": [CALL]}}]}
    nested = '{"a":' * level + "1" + "}" * level
    body["choices"][0]["message"]["tool_calls"][0] = CALL | {"function": {"arguments": nested}}
    told = json.loads(whole(guard(), CHAT, body)[2])
    assert told["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"] == nested


def test_strings_are_read_in_order_at_any_depth() -> None:
    """What stands deep in a request costs no more than what stands in front."""
    body: Any = []
    for number in reversed(range(5_000)):
        body = [f"{number}", {"a": body, "b": [None, 1]}, f"{number} again"]
    (message,) = Plain().asked(body).messages
    before = [f"{number}" for number in range(5_000)]
    assert message.content.split("\n") == [*before, *(f"{one} again" for one in before[::-1])]


def test_arguments_too_large_are_refused() -> None:
    """What is held until it is whole is bounded as the answer is."""
    held = guard(max_chars=1000)
    parts = [choice(0, tool_calls=[call(0)]) for _ in range(2000)]
    assert clients.chat(streamed(held, CHAT, upstreams.sse(parts))).reasons == {0: "content_filter"}
    raw = upstreams.messages([("tool_use", "x" * 2000)], 1)
    assert clients.messages(streamed(held, MESSAGES, raw)).reasons == {0: "refusal"}


def test_pieces_of_escapes_are_read() -> None:
    """Arguments that are cut off by the end of the answer are unescaped before they are read."""
    escaped = "".join(f"\\u{ord(letter):04x}" for letter in SECRET)
    parts = [choice(0, tool_calls=[{"index": 0, "function": {"arguments": f'{{"a": "{escaped}'}}])]
    told = clients.chat(streamed(guard(), CHAT, upstreams.sse([*parts, "[DONE]"])))
    assert told.texts == {}
