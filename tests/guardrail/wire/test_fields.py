"""Streams with more in them than texts: unknown parts, fields beside them, errors, states."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from guardrail import Action, Event
from guardrail.disclosure import Disclosure
from guardrail.surface import Surface
from tests.guardrail.wire import clients, upstreams
from tests.guardrail.wire.exchanges import (
    CHAT,
    JSON,
    LEGACY,
    LINES,
    MARK,
    MESSAGES,
    OTHER,
    REFUSAL,
    RESPONSES,
    SECRET,
    SSE,
    exchange,
    fed,
    guard,
    streamed,
    whole,
)

BAD = f"it is {SECRET}."
GOOD = f"it is {MARK}."
TOKENS = [{"token": SECRET, "logprob": -0.123, "bytes": [1], "top_logprobs": [{"token": SECRET}]}]


UNKNOWN = [
    (CHAT, {"choices": [{"index": 0, "delta": {"zq": "a b"}}]}, "delta.zq"),
    (CHAT, {"choices": [{"index": 0, "delta": {"tool_calls": [{"zq": "a"}]}}]}, "tool_calls.zq"),
    (RESPONSES, {"type": "response.zq.delta", "delta": "a b"}, "response.zq.delta"),
    (MESSAGES, {"type": "zq", "text": "a b"}, "zq"),
]


@pytest.mark.parametrize(("path", "event", "name"), UNKNOWN)
def test_what_no_codec_knows_is_refused_or_left_out(
    path: str, event: Any, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A strict surface ends the stream; another leaves the part out; both name it in the log."""
    raw = upstreams.sse([event])
    out = streamed(guard(), path, raw)
    assert REFUSAL in out.decode()
    assert f"{name} is not known" in caplog.text
    caplog.clear()
    with caplog.at_level(logging.WARNING):
        out = streamed(guard(surface=Surface(strict=False)), path, raw)
    assert REFUSAL not in out.decode()
    assert "a b" not in out.decode()
    assert f"left out: {name}" in caplog.text


def test_the_log_names_no_text(caplog: pytest.LogCaptureFixture) -> None:
    """A name of more than one word could be text, and is not told."""
    raw = upstreams.sse([{"type": f"it is {SECRET}"}])
    for strict in (True, False):
        streamed(guard(surface=Surface(strict=strict)), MESSAGES, raw)
    assert SECRET not in caplog.text
    assert "something is not known" in caplog.text


def test_an_unknown_block_delta_is_left_out() -> None:
    """So is a piece of a block that does not fit it."""
    start = {"type": "content_block_start", "index": 0, "content_block": {"type": "text"}}
    odd = {"type": "content_block_delta", "index": 0, "delta": {"type": "zq_delta", "zq": "a b"}}
    raw = upstreams.sse([start, odd, {"type": "message_stop"}], named=True)
    assert clients.messages(streamed(guard(), MESSAGES, raw)).reasons == {0: "refusal"}
    held = guard(surface=Surface(strict=False))
    out = streamed(held, MESSAGES, raw)
    assert clients.messages(out).ended
    assert b"a b" not in out


def block(index: int, start: Any, *deltas: Any, stop: bool = True) -> list[Any]:
    events = [{"type": "content_block_start", "index": index, "content_block": start}]
    events += [{"type": "content_block_delta", "index": index, "delta": one} for one in deltas]
    return [*events, {"type": "content_block_stop", "index": index}] if stop else events


def test_blocks_of_every_kind_stream() -> None:
    """Text and input that stand at the start, citations, results, and a block left open."""
    cited = {"type": "citations_delta", "citation": {"cited_text": BAD}}
    events = [
        *block(0, {"type": "text", "text": "it is ", "citations": []}, cited),
        *block(1, {"type": "server_tool_use", "name": "f", "input": {"a": BAD}}),
        *block(2, {"type": "web_search_tool_result", "content": [{"title": BAD}]}),
        *block(3, {"type": "thinking", "thinking": "hm"}),
        *block(4, {"type": "text", "text": BAD}, stop=False),
        {"type": "message_stop"},
    ]
    out = streamed(guard(), MESSAGES, upstreams.sse(events, named=True))
    told = clients.messages(out)
    assert told.ended
    assert json.loads(told.texts.pop((1, "server_tool_use", "partial_json"))) == {"a": GOOD}
    assert told.texts == {
        (0, "text", "text"): "it is ",
        (3, "thinking", "thinking"): "hm",
        (4, "text", "text"): GOOD,
    }
    assert out.decode().count(GOOD) > 2
    assert SECRET not in out.decode()
    # Only its end tells that the last word is one to refuse.
    events = [*block(0, {"type": "text", "text": BAD[:-1]}, stop=False), {"type": "message_stop"}]
    out = streamed(guard(Action.REFUSE), MESSAGES, upstreams.sse(events, named=True))
    assert clients.messages(out).texts == {(0, "text", "text"): f"it is {REFUSAL}"}
    start = {"type": "message_start", "message": {"content": [{"type": "text", "text": BAD}]}}
    out = streamed(guard(), MESSAGES, upstreams.sse([start], named=True))
    assert list(clients.messages(out).texts.values()) == [REFUSAL]


def test_states_of_tools_stream() -> None:
    """Events that tell how far a tool is, names of calls, log-probabilities, an odd end."""
    at = {"output_index": 0, "item_id": "i"}
    events: list[Any] = [
        {"type": "response.web_search_call.searching", "query": BAD} | at,
        {"type": "response.function_call_arguments.done", "name": "f", "arguments": "{}"} | at,
        {"type": "response.output_text.done", "text": BAD, "logprobs": TOKENS} | at,
        "[DONE]",
    ]
    out = streamed(guard(), RESPONSES, upstreams.sse(events))
    told = [json.loads(data) for _, data in clients.frames(out)[:-1]]
    assert [one["type"].split(".", 1)[1] for one in told] == [
        "web_search_call.searching",
        "function_call_arguments.delta",
        "function_call_arguments.done",
        "output_text.delta",
        "output_text.done",
    ]
    assert (told[0]["query"], told[2]["name"], told[3]["delta"]) == (GOOD, "f", GOOD)
    assert (told[4]["text"], told[4]["logprobs"]) == (GOOD, [])
    assert SECRET not in out.decode()
    assert REFUSAL in whole(guard(), RESPONSES, {"output": {}})[2].decode()
    out = streamed(guard(), RESPONSES, upstreams.sse([{"type": "response.created"}]))
    assert list(clients.responses(out).texts.values()) == [REFUSAL]


def test_calls_that_are_no_list_are_refused() -> None:
    """A piece of a call is an object with a place."""
    for calls in (BAD, [BAD], [{"index": BAD}]):
        raw = upstreams.sse([{"choices": [{"index": 0, "delta": {"tool_calls": calls}}]}])
        assert clients.chat(streamed(guard(), CHAT, raw)).reasons == {0: "content_filter"}


@pytest.mark.parametrize("place", ["chunk", "choice"])
def test_a_field_beside_the_text_says_one_thing(place: str) -> None:
    """One that tells something else in each event could tell a text in harmless pieces."""
    pieces = ["zq", "12", "34"]
    events = []
    for piece in pieces:
        choice: Any = {"index": 0, "delta": {"content": "x"}}
        choice |= {"token": piece} if place == "choice" else {}
        events.append({"choices": [choice]} | ({"token": piece} if place == "chunk" else {}))
    out = streamed(guard(), CHAT, upstreams.sse(events))
    assert REFUSAL in out.decode()
    assert b'"34"' not in out
    out = streamed(guard(surface=Surface(strict=False)), CHAT, upstreams.sse([*events, "[DONE]"]))
    assert clients.chat(out).texts == {(0, "content"): "xxx"}
    assert b'"34"' not in out


REPEATS = {
    "token_ids": [90210, 90211],
    "prompt_token_ids": [90212],
    "prompt_logprobs": [None, {"90213": {"logprob": -0.1, "decoded_token": "x"}}],
    "completion_probabilities": [{"content": "90214", "probs": []}],
    "tokens": [90215, "90218", None],
    "inner": {"tokens": [[90219], [90219.5]]},
    "prefill": [{"id": 90216, "text": "90217", "logprob": -0.1}],
}


@pytest.mark.parametrize("path", [CHAT, LEGACY, RESPONSES, MESSAGES, OTHER])
def test_no_text_is_told_once_more_as_tokens(path: str) -> None:
    """The numbers of its tokens can be read, and how likely they were tells a guess."""
    answers: dict[str, Any] = {
        CHAT: {"choices": [{"message": {"content": "x"} | REPEATS} | REPEATS]},
        LEGACY: {"choices": [{"text": "x"} | REPEATS]},
        RESPONSES: {"output": []},
        MESSAGES: {"content": []},
        OTHER: {"answer": ["x", {"meta": REPEATS}]},
    }
    *_, out = whole(guard(), path, answers[path] | REPEATS)
    assert b"9021" not in out
    events: dict[str, Any] = {
        CHAT: {"choices": [{"index": 0, "delta": {"content": "x"}} | REPEATS]} | REPEATS,
        LEGACY: {"choices": [{"index": 0, "text": "x"} | REPEATS]} | REPEATS,
        OTHER: {"answer": "x"} | REPEATS,
    }
    if path in events:
        out = streamed(guard(), path, upstreams.sse([events[path], "[DONE]"]))
        assert b'"x"' in out
        assert b"9021" not in out


@pytest.mark.parametrize("headers", [JSON, SSE, LINES])
def test_nor_beside_the_fields_that_are_read(headers: Any) -> None:
    """Which of an application's fields are text is up to its policy; what tells it again is not."""
    held = guard(surface=Surface(fields=frozenset({"answer"})))
    raw = json.dumps({"answer": f"So: {SECRET}", "given": SECRET} | REPEATS)
    raw = f"data: {raw}\n\n" if headers is SSE else f"{raw}\n"
    answer = exchange(held, OTHER).answer(200, headers)
    out = answer.feed(raw.encode()) + answer.close()
    told = json.loads(out.removeprefix(b"data: "))
    assert told == {"answer": f"So: {MARK}", "given": SECRET, "inner": {}}


def test_a_call_may_name_tokens() -> None:
    """What a model writes tells nothing that it does not say."""
    call = {"type": "function", "function": {"name": "f", "arguments": '{"token_ids": [7]}'}}
    *_, out = whole(guard(), CHAT, {"choices": [{"message": {"tool_calls": [call]}}]})
    assert b"token_ids" in out
    block = {"type": "tool_use", "name": "f", "input": {"token_ids": [7]}}
    *_, out = whole(guard(), MESSAGES, {"content": [block]})
    assert json.loads(out)["content"] == [block]


def test_an_application_may_count_tokens() -> None:
    """And name them: its strings are read."""
    answer = {"tokens": ["x", SECRET], "prefill": 7}
    *_, out = whole(guard(), OTHER, answer)
    assert json.loads(out) == {"tokens": ["x", MARK], "prefill": 7}


def test_an_error_that_is_null_is_no_error() -> None:
    """A chunk with an empty error is read as a chunk: its text is one with the others'."""
    events = [
        {"error": None, "choices": [{"index": 0, "delta": {"content": piece}}]}
        for piece in ("zq", "12", "34")
    ]
    told = clients.chat(streamed(guard(), CHAT, upstreams.sse([*events, "[DONE]"])))
    assert told.texts == {(0, "content"): MARK}


@pytest.mark.parametrize("path", [CHAT, MESSAGES, RESPONSES])
def test_an_error_in_a_stream_is_read_and_ends_it(path: str) -> None:
    """What it says is safe, and nothing follows."""
    error = {"type": "error", "error": {"message": BAD}}
    out = streamed(guard(), path, upstreams.sse([error, error], named=True))
    assert out.decode().count(GOOD) == 1
    assert SECRET not in out.decode()


def test_observing_changes_no_byte() -> None:
    """Everything is decided and told; the bytes go out as they came."""
    events: list[Event] = []
    held = guard(Action.REFUSE, mode="observe", on_event=events.append)
    for path, raw in (
        (CHAT, upstreams.chat([{"content": BAD}], 5)),
        (MESSAGES, upstreams.messages([("text", BAD)], 5)),
        (RESPONSES, upstreams.responses([("output_text", BAD)], 5)),
        (OTHER, b"data: zq\n\nnonsense \xff\n"),
    ):
        events.clear()
        answer = exchange(held, path, streams=True).answer(
            200, (("content-type", "text/event-stream"), ("etag", "x"))
        )
        assert fed(answer, raw, 5) + answer.close() == raw
        assert ("etag", "x") in answer.headers
        answer.cancel()
        assert max(event.action for event in events) is Action.REFUSE
    body = json.dumps({"choices": [{"message": {"content": BAD}}]}).encode()
    events.clear()
    assert whole(held, CHAT, body)[2] == body
    assert whole(held, CHAT, b"nonsense")[2] == b"nonsense"
    assert [event.kind for event in events] == ["admit", "check", "admit", "edge"]


GROQ = {"id": "req_01jbd6g2qdfw2adyrt2az8hz4w"}


def test_a_field_beside_the_text_may_count() -> None:
    """Numbers say nothing more, and token counts of Groq's are told as any others are."""
    events = [
        {"choices": [{"index": 0, "delta": {"content": "x"}}], "x_groq": GROQ, "meta": {"n": 1}},
        {"choices": [{"index": 0, "delta": {"content": "y"}}], "meta": {"n": 2}},
        {
            "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}],
            "x_groq": GROQ | {"usage": {"total_tokens": 70}},
        },
    ]
    drops = guard(disclosure=Disclosure(usage="drop"))
    for held, shown in ((guard(), {"total_tokens": 70}), (drops, None)):
        out = streamed(held, CHAT, upstreams.sse([*events, "[DONE]"]))
        told = clients.chat(out)
        assert (told.texts, told.reasons) == ({(0, "content"): "xy"}, {0: "stop"})
        last = json.loads(clients.frames(out)[-2][1])
        assert last["x_groq"] == GROQ | {"usage": shown}


def test_keys_beside_the_text_are_words_too() -> None:
    """Those that change could tell a text as well as strings could."""
    events = [
        {"choices": [{"index": 0, "delta": {"content": "x"}}], "meta": [{piece: 1}]}
        for piece in ("one", "two")
    ]
    out = streamed(guard(), CHAT, upstreams.sse(events))
    assert REFUSAL in out.decode()
    assert b"two" not in out
