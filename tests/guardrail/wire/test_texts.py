"""Several texts of one answer, which its reader may join."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrail import Action, Guard, Rule
from guardrail.exchange import Exchange
from tests.guardrail.wire import clients, upstreams
from tests.guardrail.wire.exchanges import (
    HALVES,
    JSON,
    MARK,
    MESSAGES,
    REFUSAL,
    RESPONSES,
    SECRET,
    SSE,
    edits,
    fed,
    guard,
    streamed,
    whole,
)
from tests.guardrail.wire.rows import safe_behind, safe_together
from tests.strategies import Pattern, Quoted, cut

texts = st.lists(st.text(alphabet="aabb<>1 \n", max_size=12), min_size=1, max_size=4)


def message(given: list[str], kind: str = "text") -> Any:
    return {"content": [{"type": kind, kind: text} for text in given]}


def response(items: list[list[str]]) -> Any:
    """Items of some parts each."""
    output = [
        {"type": "message", "id": f"item_{index}", "content": [part(text) for text in parts]}
        for index, parts in enumerate(items)
    ]
    return {"id": "resp_1", "output": output}


def part(text: str) -> Any:
    return {"type": "output_text", "text": text}


def events(items: list[list[str]], seed: int) -> bytes:
    """The same as a stream, where each text comes in pieces and whole three times."""
    said: list[Any] = []
    output = response(items)["output"]
    for index, item in enumerate(output):
        added = item | {"content": []}
        at = {"output_index": index}
        said.append({"type": "response.output_item.added", "item": added} | at)
        for place, one in enumerate(item["content"]):
            where = at | {"item_id": item["id"], "content_index": place}
            said.append({"type": "response.content_part.added", "part": part("")} | where)
            name = "response.output_text.delta"
            said += [{"type": name, "delta": piece} | where for piece in cut(one["text"], seed)]
            said.append({"type": "response.output_text.done", "text": one["text"]} | where)
            said.append({"type": "response.content_part.done", "part": one} | where)
        said.append({"type": "response.output_item.done", "item": item} | at)
    last = {"id": "resp_1", "output": output, "usage": None}
    return upstreams.sse([*said, {"type": "response.completed", "response": last}], named=True)


def told_message(held: Guard, given: list[str]) -> list[str]:
    out = json.loads(whole(held, MESSAGES, message(given))[2])
    return [block["text"] for block in out["content"]]


def told_response(held: Guard, items: list[list[str]]) -> list[list[str]]:
    out = json.loads(whole(held, RESPONSES, response(items))[2])
    return [[one["text"] for one in item["content"]] for item in out["output"]]


@settings(max_examples=60)
@given(texts, st.integers(1, 3))
def test_texts_of_a_whole_answer_are_read_as_one(given: list[str], size: int) -> None:
    """As if they went on, and as lines; what either reading finds is redacted in each of them."""
    held = edits()
    expected = safe_together(held, given)
    assert told_message(held, given) == expected
    items = [given[place : place + size] for place in range(0, len(given), size)]
    assert [text for parts in told_response(held, items) for text in parts] == expected


@settings(max_examples=60)
@given(texts, st.integers(1, 3), st.integers(0, 2**32))
def test_texts_of_a_stream_are_read_behind_each_other(
    given: list[str], size: int, seed: int
) -> None:
    """For every cut, and the same in each event that tells one of them again."""
    held = edits()
    items = [given[place : place + size] for place in range(0, len(given), size)]
    told = clients.responses(streamed(held, RESPONSES, events(items, seed), seed))
    places = [
        (index, "output_text", at) for index, one in enumerate(items) for at in range(len(one))
    ]
    assert [told.texts.get(place, "") for place in places] == safe_behind(held, given)
    assert told.ended


@settings(max_examples=60)
@given(texts, st.integers(0, 2**32))
def test_a_refused_stream_of_texts_ends_the_same_for_every_cut(given: list[str], seed: int) -> None:
    """Whichever of them it ends in, and whatever else is redacted."""
    stops = Rule(Quoted(), id="stops", action=Action.REFUSE)
    held = Guard([stops, Rule(Pattern("b[a-z]{1,3}", 4), id="edits")])
    blocks = [("text", text) for text in given]
    told = [
        clients.messages(streamed(held, MESSAGES, upstreams.messages(blocks, one), one)).texts
        for one in (seed, seed + 1)
    ]
    assert told[0] == told[1]


@pytest.mark.parametrize("gap", ["", " ", "\n"])
def test_a_passage_over_several_blocks_is_redacted(gap: str) -> None:
    """Whole, all of it; in a stream, all that comes after what was shown already."""
    held = Guard([Rule(Pattern(r"one\s*two\s*three\s*four", 40), id="run")])
    given = [f"so one{gap}", f"two{gap}", f"three{gap}", "four."]
    assert told_message(held, given) == [f"so {MARK}", MARK, MARK, f"{MARK}."]
    for kind in ("text", "thinking"):
        raw = upstreams.messages([(kind, text) for text in given], 1)
        said = clients.messages(streamed(held, MESSAGES, raw, 1)).texts
        shown = [text for (_, _, name), text in said.items() if name == kind]
        assert shown == [*given[:3], *([f"{MARK}."] if kind == "text" else [])]


def test_thoughts_that_say_something_together_are_left_out() -> None:
    """All of them in a whole answer; in a stream those from where it is known."""
    out = json.loads(whole(guard(), MESSAGES, message([*HALVES], "thinking"))[2])
    assert out["content"] == []
    raw = upstreams.messages([("thinking", half) for half in HALVES], 1)
    told = clients.messages(streamed(guard(), MESSAGES, raw, 1))
    assert told.texts == {
        (0, "thinking", "thinking"): HALVES[0],
        (0, "thinking", "signature"): "c2ln",
    }


def test_what_texts_say_together_may_be_refused() -> None:
    """Of a whole answer nothing is shown; a stream ends where it is known, in its last block."""
    held = guard(Action.REFUSE)
    given = [f"it is {HALVES[0]}", f"{HALVES[1]} now"]
    out = json.loads(whole(held, MESSAGES, message(given))[2])
    assert out["content"] == [{"type": "text", "text": REFUSAL}]
    assert told_response(held, [given]) == [[REFUSAL]]
    for path, raw in (
        (MESSAGES, upstreams.messages([("text", text) for text in given], 3)),
        (RESPONSES, events([given], 3)),
    ):
        client = clients.messages if path == MESSAGES else clients.responses
        told = client(streamed(held, path, raw, 3))
        assert list(told.texts.values()) == [given[0], REFUSAL]
        assert told.ended
    raw = upstreams.messages([("thinking", half) for half in HALVES], 1)
    assert REFUSAL in clients.messages(streamed(held, MESSAGES, raw, 1)).texts.values()


def test_who_only_observes_shows_every_text() -> None:
    """Also what they say together."""
    raw = events([[*HALVES], [SECRET]], 1)
    assert streamed(guard(mode="observe"), RESPONSES, raw) == raw


def test_a_long_text_is_remembered_by_its_end() -> None:
    """What the next one goes on with is found, however much came before."""
    given = [f"{'a long story ' * 500}{HALVES[0]}", f"{HALVES[1]}.", "b" * 2_000, SECRET]
    raw = upstreams.messages([("text", text) for text in given], 7)
    told = clients.messages(streamed(guard(), MESSAGES, raw, 7))
    assert list(told.texts.values()) == [given[0], f"{MARK}.", given[2], MARK]


def test_a_text_that_never_came_in_pieces_is_one_more() -> None:
    """It is read behind the others, and told the same wherever it stands."""
    items = response([[HALVES[0]], [f"{HALVES[1]}."]])["output"]
    done = [
        {"type": "response.output_item.done", "item": item, "output_index": index}
        for index, item in enumerate(items)
    ]
    last = {"type": "response.completed", "response": {"id": "resp_1", "output": items}}
    out = streamed(guard(), RESPONSES, upstreams.sse([*done, last]))
    *told, end = [json.loads(data) for _, data in clients.frames(out)]
    said = [event["item"]["content"][0]["text"] for event in told]
    assert said == [HALVES[0], f"{MARK}."]
    assert [item["content"][0]["text"] for item in end["response"]["output"]] == said


def test_a_text_that_only_the_end_tells_may_be_refused() -> None:
    """The answer ends as refused."""
    last = {"type": "response.completed", "response": response([[*HALVES]])}
    out = streamed(guard(Action.REFUSE), RESPONSES, upstreams.sse([last]))
    events_ = [json.loads(data) for _, data in clients.frames(out)]
    assert events_[-1]["type"] == "response.incomplete"
    assert REFUSAL in out.decode()


def test_too_many_texts_are_refused() -> None:
    """Also those that only the end tells."""
    last = {"type": "response.completed", "response": response([["x"] * 2_000])}
    out = streamed(guard(), RESPONSES, upstreams.sse([last]))
    assert REFUSAL in out.decode()


def test_a_message_may_begin_with_its_second_part() -> None:
    """Where it is refused, it ends with the parts that came."""
    delta = {"type": "response.output_text.delta", "delta": f"{SECRET} ", "content_index": 1}
    where = {"output_index": 0, "item_id": "item_0"}
    out = streamed(guard(Action.REFUSE), RESPONSES, upstreams.sse([delta | where]))
    end = json.loads(clients.frames(out)[-1][1])
    assert [one["text"] for one in end["response"]["output"][0]["content"]] == [REFUSAL]


def test_a_place_beyond_all_others_is_no_work() -> None:
    """An answer that is refused in a part of whatever number ends with the parts that came."""
    said = {"type": "response.output_text.delta", "output_index": 0}
    pieces = [
        said | {"content_index": 1, "delta": "so "},
        said | {"content_index": 10**30, "delta": f"{SECRET} "},
    ]
    out = streamed(guard(Action.REFUSE), RESPONSES, upstreams.sse(pieces))
    *_, end = [json.loads(data) for _, data in clients.frames(out)]
    (item,) = end["response"]["output"]
    assert [part["text"] for part in item["content"]][-1] == REFUSAL


def test_arguments_on_vertex_are_held_until_they_are_whole() -> None:
    """Its messages are Anthropic's, though the path is its own."""
    path = "/v1/projects/p/locations/l/publishers/anthropic/models/claude-x:streamRawPredict"
    body = json.dumps({"anthropic_version": "v", "messages": [], "stream": True}).encode()
    opened = Exchange(guard(), method="POST", path=path, headers=JSON, body=body)
    assert opened.admit() is None
    answer = opened.answer(200, SSE)
    escaped = "".join(f"\\u{ord(letter):04x}" for letter in SECRET)
    raw = upstreams.messages([("tool_use", f'{{"x": "{escaped}"}}')], 1)
    told = clients.messages(fed(answer, raw) + answer.close())
    (arguments,) = told.texts.values()
    assert json.loads(arguments) == {"x": MARK}
