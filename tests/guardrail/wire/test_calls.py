"""What several calls of an answer say, and what several of them brought back, is read together."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrail import Action, Guard, Rule
from tests.guardrail.wire import clients, upstreams
from tests.guardrail.wire.exchanges import (
    CHAT,
    MARK,
    MESSAGES,
    REFUSAL,
    RESPONSES,
    guard,
    streamed,
    whole,
)
from tests.strategies import Pattern, cut, lined

GIVEN = ["so one two", "three four", "five six."]
WHOLE = [f"so {MARK}", MARK, f"{MARK} six."]
BEHIND = [*GIVEN[:2], WHOLE[2]]
RUN = Pattern(r"one\s+two\s+three\s+four\s+five", 40)
Make = Callable[[str], Any]
texts = st.lists(st.text(alphabet="abbcc01 \n", max_size=20), min_size=1, max_size=3)


def runs(action: Action = Action.REDACT) -> Guard:
    return Guard([Rule(RUN, id="run", action=action)])


def used(kind: str, value: Any) -> Any:
    return {"type": kind, "id": "toolu_1", "name": "look", "input": value}


def found(content: Any) -> Any:
    head = {"type": "web_search_tool_result", "tool_use_id": "toolu_1", "is_error": False}
    return head | {"content": content}


BLOCKS: dict[str, Make] = {
    "tool_use": lambda text: used("tool_use", {"x": text, "n": 1}),
    "server_tool_use": lambda text: used("server_tool_use", {"in": [{"x": text}]}),
    "mcp_tool_use": lambda text: used("mcp_tool_use", {"x": text, "y": {"x": text}}),
    "mcp_tool_result": lambda text: {
        "type": "mcp_tool_result",
        "is_error": False,
        "tool_use_id": "toolu_1",
        "content": [{"type": "text", "text": text}],
    },
    "web_search_tool_result": lambda text: found([{"title": "a page", "url": "u", "more": text}]),
}


def called(kind: str, **said: Any) -> Any:
    return {"type": kind, "name": "look", "call_id": "call_1"} | said


ITEMS: dict[str, Make] = {
    "function_call": lambda text: called("function_call", arguments=json.dumps({"x": text})),
    "mcp_call": lambda text: called("mcp_call", arguments=json.dumps([{"x": text}, 1])),
    "custom_tool_call": lambda text: called("custom_tool_call", input=text),
    "code_interpreter_call": lambda text: {"type": "code_interpreter_call", "code": text},
    "name": lambda text: called("function_call", arguments="{}") | {"name": text},
    "mcp_output": lambda text: called("mcp_call", arguments="{}", output=text),
    "apply_patch_call_output": lambda text: {"type": "apply_patch_call_output", "output": text},
}
CALLS = ("function_call", "mcp_call")


def message(held: Guard, blocks: list[Any]) -> list[Any]:
    return list(json.loads(whole(held, MESSAGES, {"content": blocks})[2])["content"])


def response(held: Guard, items: list[Any]) -> list[Any]:
    return list(json.loads(whole(held, RESPONSES, {"output": items})[2])["output"])


def using(blocks: list[Any], seed: int) -> bytes:
    """A stream of blocks: what a tool is given comes in pieces, and a result at once."""
    events: list[Any] = [{"type": "message_start", "message": {"content": []}}]
    for index, block in enumerate(blocks):
        start = block | ({"input": {}} if "input" in block else {})
        at = {"index": index}
        events.append({"type": "content_block_start", "content_block": start} | at)
        if "input" in block:
            events += [
                {
                    "type": "content_block_delta",
                    "delta": {"type": "input_json_delta", "partial_json": piece},
                }
                | at
                for piece in cut(json.dumps(block["input"]), seed)
            ]
        events.append({"type": "content_block_stop"} | at)
    return upstreams.sse([*events, {"type": "message_stop"}], named=True)


def used_of(raw: bytes) -> list[Any]:
    """The blocks of a stream that ends well, as a client puts them together."""
    told: list[Any] = []
    pieces: list[str] = []
    for name, data in clients.frames(raw):
        body = json.loads(data)
        if name == "content_block_start":
            told.append(body["content_block"])
        elif name == "content_block_delta":
            pieces.append(body["delta"]["partial_json"])
        elif name == "content_block_stop" and pieces:
            told[-1]["input"] = json.loads("".join(pieces))
            pieces.clear()
    assert name == "message_stop"
    return told


def done(items: list[Any]) -> bytes:
    """A stream of items that are told whole, and then again."""
    events = [
        {"type": "response.output_item.done", "item": item, "output_index": index}
        for index, item in enumerate(items)
    ]
    last = {"type": "response.completed", "response": {"id": "resp_1", "output": items}}
    return upstreams.sse([*events, last], named=True)


def items_of(raw: bytes) -> list[Any]:
    """The items of a stream, which are the same at its end."""
    *events, last = [json.loads(data) for _, data in clients.frames(raw)]
    items = [event["item"] for event in events]
    assert last["response"]["output"] == items
    return items


@pytest.mark.parametrize("kind", BLOCKS)
def test_blocks_of_tools_are_read_together(kind: str) -> None:
    """In a whole message; in a stream each behind those before it."""
    blocks = [BLOCKS[kind](text) for text in GIVEN]
    assert message(runs(), blocks) == [BLOCKS[kind](text) for text in WHOLE]
    told = used_of(streamed(runs(), MESSAGES, using(blocks, 3), 3))
    assert told == [BLOCKS[kind](text) for text in BEHIND]


@pytest.mark.parametrize("kind", ITEMS)
def test_items_of_tools_are_read_together(kind: str) -> None:
    """In a whole response; in a stream each behind those before it."""
    items = [ITEMS[kind](text) for text in GIVEN]
    read = {"arguments": json.loads}

    def said(given: list[Any]) -> list[Any]:
        return [{key: read.get(key, str)(one) for key, one in item.items()} for item in given]

    assert said(response(runs(), items)) == said([ITEMS[kind](text) for text in WHOLE])
    told = items_of(streamed(runs(), RESPONSES, done(items)))
    assert said(told) == said([ITEMS[kind](text) for text in BEHIND])


def test_names_of_calls_are_told_the_same_wherever_they_stand() -> None:
    """Where an item begins, beside its arguments, and where it is whole."""
    events: list[Any] = []
    for index, text in enumerate(GIVEN):
        item, at = ITEMS["name"](text), {"output_index": index}
        said = {"type": "response.function_call_arguments.done", "arguments": "{}", "name": text}
        events.append({"type": "response.output_item.added", "item": item} | at)
        events.append(said | {"item_id": f"fc_{index}"} | at)
        events.append({"type": "response.output_item.done", "item": item} | at)
    out = clients.frames(streamed(runs(), RESPONSES, upstreams.sse(events, named=True)))
    told = [json.loads(data) for _, data in out[:-1]]
    names = [one.get("item", one)["name"] for one in told if "delta" not in one]
    assert names == [name for name in BEHIND for _ in range(3)]


def test_lists_that_tools_are_given_are_read_together() -> None:
    """Also where nothing names what they hold."""
    blocks = [used("tool_use", [text]) for text in GIVEN]
    assert message(runs(), blocks) == [used("tool_use", [text]) for text in WHOLE]
    told = used_of(streamed(runs(), MESSAGES, using(blocks, 3), 3))
    assert told == [used("tool_use", [text]) for text in BEHIND]


@settings(max_examples=100)
@given(lined(), texts, st.data(), st.integers(0, 2**32))
def test_what_tools_say_in_a_stream(
    held: Guard, given: list[str], data: st.DataObject, seed: int
) -> None:
    """A block or an item tells what it does where a whole answer ends with it."""
    blocks = [BLOCKS[data.draw(st.sampled_from(sorted(BLOCKS)))](text) for text in given]
    told = used_of(streamed(held, MESSAGES, using(blocks, seed), seed))
    items = [ITEMS[data.draw(st.sampled_from(CALLS))](text) for text in given]
    shown = items_of(streamed(held, RESPONSES, done(items), seed))
    for place in range(len(given)):
        assert told[place] == message(held, blocks[: place + 1])[place]
        assert shown[place] == response(held, items[: place + 1])[place]


@pytest.mark.parametrize(
    ("path", "body", "raw"),
    [
        (MESSAGES, {"content": blocks}, using(blocks, 2))
        for make in BLOCKS.values()
        for blocks in [[make(text) for text in GIVEN]]
    ]
    + [
        (RESPONSES, {"output": items}, done(items))
        for make in ITEMS.values()
        for items in [[make(text) for text in GIVEN]]
    ],
)
def test_what_tools_say_together_may_be_refused(path: str, body: Any, raw: bytes) -> None:
    """As any other text, whole or in a stream."""
    for out in (
        whole(runs(Action.REFUSE), path, body)[2],
        streamed(runs(Action.REFUSE), path, raw),
    ):
        assert REFUSAL in out.decode()
        assert "six" not in out.decode()


def test_a_long_input_is_remembered_by_its_end() -> None:
    """However much a call said before, and whatever other fields it has."""
    long = "a long story " * 500
    blocks = [
        used("tool_use", {"x": f"{long}{GIVEN[0]}", "y": long}),
        used("tool_use", {"y": "no", "x": f"{GIVEN[1]} {GIVEN[2]}"}),
    ]
    told = used_of(streamed(runs(), MESSAGES, using(blocks, 3), 3))
    assert told == [blocks[0], used("tool_use", {"y": "no", "x": f"{MARK} six."})]


def test_a_call_may_have_many_fields() -> None:
    """As many as it has room for; a stream holds the ends of no more."""
    blocks = [used("tool_use", {f"k{number}": "x" for number in range(500)})] * 2
    held = guard()
    assert message(held, blocks) == blocks
    assert used_of(streamed(held, MESSAGES, using(blocks, 3), 3)) == blocks
    many = [
        used("tool_use", {f"{call}k{number}": "x" for number in range(50)}) for call in range(30)
    ]
    assert REFUSAL in streamed(guard(max_chars=1000), MESSAGES, using(many, 3)).decode()


@pytest.mark.parametrize("place", [{}, {"index": None}])
def test_calls_without_a_number_are_told_apart_by_their_ids(place: Any) -> None:
    """A part without an id goes on with the last of them, in a stream as in a whole answer."""
    calls = [
        {"id": name, "type": "function", "function": {"name": name, "arguments": '{"n":1}'}}
        for name in "ab"
    ]
    parts = [
        place | call | {"function": piece}
        for call in calls
        for piece in ({"name": call["id"], "arguments": '{"n"'}, {"arguments": ":1}"})
    ]
    parts[3] = {"function": parts[3]["function"]}
    for deltas in ([{"tool_calls": [part]} for part in parts], [{"tool_calls": parts}]):
        choices: list[Any] = [{"index": 0, "delta": delta} for delta in deltas]
        choices.append({"index": 0, "delta": {}, "finish_reason": "tool_calls"})
        raw = upstreams.sse([*({"choices": [one]} for one in choices), "[DONE]"])
        told = json.loads(clients.frames(streamed(guard(), CHAT, raw))[0][1])
        assert told["choices"][0]["delta"]["tool_calls"] == [
            {"index": index} | call for index, call in enumerate(calls)
        ]
