"""Whole answers: every field is read, and what is said stays in the provider's form."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from guardrail import Action, Guard, Rule
from guardrail.disclosure import Disclosure
from guardrail.exchange import Exchange
from guardrail.surface import Surface
from tests.guardrail.wire import clients, upstreams
from tests.guardrail.wire.exchanges import (
    ASKS,
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
    guard,
    masked,
    streamed,
    whole,
)
from tests.strategies import Pattern

BAD = f"it is {SECRET}."
GOOD = f"it is {MARK}."
EMBEDDINGS = "/v1/embeddings"


def told(held: Guard, path: str, body: Any, **settings: Any) -> Any:
    return json.loads(whole(held, path, body, **settings)[2])


def chat(message: Any, **choice: Any) -> Any:
    one = {"index": 0, "message": message, "finish_reason": "stop"} | choice
    return {"id": "c-1", "object": "chat.completion", "created": 1, "model": "m", "choices": [one]}


def message(**fields: Any) -> Any:
    return {"role": "assistant", "content": None} | fields


def call(**function: Any) -> Any:
    return {"id": "call_1", "type": "function", "function": function}


IDS: dict[str, list[Callable[[str], Any]]] = {
    CHAT: [
        lambda word: chat(message(tool_calls=[call(name="f", arguments="{}") | {"id": word}])),
        lambda word: chat(message(content="x", role=word)),
        lambda word: chat(message(content="x")) | {"system_fingerprint": word},
        lambda word: chat(message(content="x"), finish_reason=word),
    ],
    RESPONSES: [
        lambda word: {"id": word, "output": []},
        lambda word: {"output": [{"type": "function_call", "call_id": word, "arguments": "{}"}]},
    ],
    MESSAGES: [
        lambda word: {"content": [{"type": "tool_use", "id": word, "name": "f", "input": {}}]},
        lambda word: {"content": [{"type": "web_search_tool_result", "tool_use_id": word}]},
    ],
}


@pytest.mark.parametrize("path", IDS)
def test_an_id_is_read_and_never_altered(path: str) -> None:
    """Who gets one has to give it back: the answer is refused where it tells something."""
    fine = "chatcmpl-9f3b0a77c2d14e0f"
    for body in IDS[path]:
        assert fine.encode() in whole(guard(), path, body(fine))[2]
        for bad in (f"functions.{SECRET}:0", f"it_is_{SECRET}_{'x' * 200}"):
            out = whole(guard(), path, body(bad))[2]
            assert REFUSAL.encode() in out
            assert SECRET.encode() not in out
            assert bad.encode() in whole(guard(Action.FLAG), path, body(bad))[2]


def test_an_id_in_a_stream_is_read() -> None:
    """The stream ends as refused."""
    word = f"functions.{SECRET}:0"
    piece = {"index": 0, "id": word, "function": {"name": "f", "arguments": "{}"}}
    opened = {"type": "tool_use", "id": word, "name": "f", "input": {}}
    item = {"type": "function_call", "call_id": word, "arguments": "{}"}
    events: dict[str, Any] = {
        CHAT: {"choices": [{"index": 0, "delta": {"tool_calls": [piece]}}]},
        MESSAGES: {"type": "content_block_start", "index": 0, "content_block": opened},
        RESPONSES: {"type": "response.output_item.added", "output_index": 0, "item": item},
    }
    for path, event in events.items():
        out = streamed(guard(), path, upstreams.sse([event]))
        assert REFUSAL.encode() in out
        assert SECRET.encode() not in out


def test_names_of_kinds_and_models_are_not_read() -> None:
    """No rule takes the name of the model, or that of a state, for something that it says."""
    held = Guard([Rule(Pattern("stop|chat|gpt|tool|[a-z]+_calls", 9), id="names")])
    body = chat(message(content="x"), finish_reason="tool_calls") | {"model": "gpt-4o-2024-08-06"}
    out = told(held, CHAT, body)
    assert (out["model"], out["object"]) == ("gpt-4o-2024-08-06", "chat.completion")
    assert out["choices"][0]["finish_reason"] == "tool_calls"
    assert REFUSAL in json.dumps(told(held, CHAT, body | {"model": f"gpt{'x' * 200}"}))


def test_what_is_sealed_is_long_and_goes_out_unread() -> None:
    """The bytes of an image too; the result of anything else is a text."""
    sealed = f"{SECRET}{'x' * 200}"
    item = {"type": "reasoning", "id": "rs_1", "encrypted_content": sealed, "summary": []}
    image = {"type": "image_generation_call", "result": sealed}
    other = {"type": "tool_search_output", "result": SECRET}
    out = told(guard(), RESPONSES, {"id": "r", "output": [item, image, other]})["output"]
    assert (out[0]["encrypted_content"], out[1]["result"]) == (sealed, sealed)
    assert out[2]["result"] == MARK
    block = {"type": "web_search_tool_result", "encrypted_content": sealed}
    out = told(guard(), MESSAGES, {"id": "m", "content": [block]})["content"]
    assert out == [block]


def test_every_text_of_a_chat_message_is_read() -> None:
    """Texts, names and arguments of calls, annotations, and fields that nobody knows."""
    body = chat(
        message(
            content=BAD,
            refusal=BAD,
            reasoning_content=BAD,
            tool_calls=[
                call(name=SECRET, arguments=json.dumps({"a": [BAD, 1], SECRET: 2})),
                {"id": "call_2", "type": "custom", "custom": {"name": "x", "input": BAD}},
            ],
            function_call={"name": "x", "arguments": json.dumps({"a": BAD})},
            annotations=[{"url": BAD}],
            other={"x": [BAD]},
        ),
        extra=BAD,
    )
    out = told(guard(), CHAT, body | {"more": {"x": BAD}})
    assert SECRET not in json.dumps(out)
    said = out["choices"][0]["message"]
    assert said["content"] == said["refusal"] == said["annotations"][0]["url"] == GOOD
    first, second = said["tool_calls"]
    assert first["function"]["name"] == MARK
    assert json.loads(first["function"]["arguments"]) == {"a": [GOOD, 1], MARK: 2}
    assert (second["custom"]["input"], second["id"]) == (GOOD, "call_2")
    assert json.loads(said["function_call"]["arguments"]) == {"a": GOOD}
    assert (out["choices"][0]["extra"], out["more"]["x"], out["id"]) == (GOOD, GOOD, "c-1")


def test_a_refused_choice_is_filtered() -> None:
    """The others stay; nothing of the refused one does."""
    body = chat(message(content=BAD))
    body["choices"].append({"index": 1, "message": message(content="fine")})
    first, second = told(guard(Action.REFUSE), CHAT, body)["choices"]
    assert first["message"]["content"] == REFUSAL
    assert first["finish_reason"] == "content_filter"
    assert second["message"]["content"] == "fine"
    out = told(guard(Action.REFUSE), CHAT, body | {"usage": {"total_tokens": 9}})
    assert out["usage"] == {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
    body = {"choices": [{"index": 0, "text": BAD}, {"index": 1, "text": "fine"}]}
    first, second = told(guard(Action.REFUSE), LEGACY, body)["choices"]
    assert (first["text"], first["finish_reason"], second["text"]) == (
        REFUSAL,
        "content_filter",
        "fine",
    )


def test_a_message_that_is_none_is_refused() -> None:
    """As are calls that are no list."""
    for said in (message(tool_calls=BAD), BAD):
        assert REFUSAL in whole(guard(), CHAT, chat(said))[2].decode()


def test_refusals_look_alike() -> None:
    """Whatever the answer held, and if it was the prompt, the reader sees the same."""
    held = guard(Action.REFUSE)
    bodies: dict[str, Any] = {
        CHAT: lambda text: chat(message(content=text), extra=1) | {"usage": {"total_tokens": 9}},
        LEGACY: lambda text: {"id": "c", "choices": [{"text": text, "stop_reason": 1}]},
        MESSAGES: lambda text: {"content": [{"type": "text", "text": text}, {"type": "x"}]},
        RESPONSES: lambda text: {"id": "r", "output": [{"type": "message", "x": text}]},
        OTHER: lambda text: {"answer": text},
    }
    for path, body in bodies.items():
        answers = [whole(held, path, body(text)) for text in (BAD, "longer <text> there")]
        asked = json.dumps(ASKS[path]).encode()
        rules = [Rule(Pattern("hello", 5), id="asked", on="prompt", action=Action.REFUSE)]
        reply = Exchange(Guard(rules), method="POST", path=path, headers=JSON, body=asked).admit()
        assert reply is not None
        assert REFUSAL in reply.body.decode()
        for status, headers, raw in answers:
            assert headers.pop("content-length", None) in (None, str(len(raw)))
            assert (status, headers) == (reply.status, dict(reply.headers))
            assert masked(raw) == masked(reply.body)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ('{"a": "zq1234", "a": "x"}', '{"a":"x"}'),  # a key that stands there twice
        ('{"a": "\\u007aq1234', ""),  # cut off, with an escape
        ('{"a": "zq\\u00312\\u00334', ""),
        ('{"a": "fine \\u00e9", "b": tru', '{"a": "fine \\u00e9", "b": tru'),
        ('{"n": 1, "zq1234": 2}', '{"n":1,"[redacted]":2}'),
        ("", ""),
        ("[1, 2]", "[1,2]"),
    ],
)
def test_arguments_stay_what_they_are(raw: str, shown: str) -> None:
    """JSON stays JSON; a beginning of it goes out only where nothing would be redacted."""
    raw = raw.replace("zq1234", SECRET)
    body = chat(message(tool_calls=[call(name="f", arguments=raw)]))
    (one,) = told(guard(), CHAT, body)["choices"][0]["message"]["tool_calls"]
    assert one["function"]["arguments"] == shown


def test_numbers_and_keys_are_read() -> None:
    """A number that is redacted becomes the mark; two keys that do stay two."""
    held = guard()
    body = {SECRET: 1, f"{SECRET} ": 2, "list": ["<a", "b>"], "ok": [1.5, True, None]}
    assert told(held, OTHER, body) == {
        MARK: 1,
        f"{MARK} ": 2,
        "list": [MARK, MARK],
        "ok": [1.5, True, None],
    }
    body = {f"{SECRET}": 1, MARK: 2}
    assert told(held, OTHER, body) == {f"{MARK}_": 1, MARK: 2}


def test_many_keys_may_be_redacted() -> None:
    """A table by addresses, say: each has a name of its own, and in a moment."""
    held = Guard([Rule(Pattern("zq[0-9]{4}", 6), id="word")])
    body = {f"zq{number}": number for number in range(1000, 6000)}
    begun = time.process_time()
    out = told(held, OTHER, body)
    assert time.process_time() - begun < 2
    assert [*out.values()] == [*body.values()]
    assert [*out][:3] == [MARK, f"{MARK}_", f"{MARK}_2"]


RUN = Rule(Pattern(r"one\s+two", 9), id="run")
ROWS = [{"n": 1, "text": "so one"}, {"n": 2, "text": "two."}]
TOLD = [{"n": 1, "text": f"so {MARK}"}, {"n": 2, "text": f"{MARK}."}]


def test_objects_of_a_list_are_read_downward_too() -> None:
    """The strings of one key are lines of a text, whatever stands between them."""
    held = Guard([RUN])
    assert told(held, OTHER, {"rows": ROWS}) == {"rows": TOLD}
    assert told(held, OTHER, [{"in": [row]} for row in ROWS]) == [{"in": [row]} for row in TOLD]
    only = Surface(fields=frozenset({"text"}))
    assert told(held, OTHER, ROWS, surface=only) == TOLD
    assert told(held, OTHER, {"rows": 7}, surface=only) == {"rows": 7}
    body = chat(message(tool_calls=[call(name="f", arguments=json.dumps(ROWS))]))
    (one,) = told(held, CHAT, body)["choices"][0]["message"]["tool_calls"]
    assert json.loads(one["function"]["arguments"]) == TOLD
    parts = [{"type": "text", "text": row["text"]} for row in ROWS]
    out = told(held, CHAT, chat(message(content=parts)))
    assert [part["text"] for part in out["choices"][0]["message"]["content"]] == [
        row["text"] for row in TOLD
    ]


def test_calls_are_read_together() -> None:
    """Arguments by their keys, inputs as one text, whole and in a stream."""
    held = Guard([RUN])
    raws = [json.dumps(row) for row in ROWS]
    custom = [
        {"id": "call_1", "type": "custom", "custom": {"name": "f", "input": half}}
        for half in ("one", "two")
    ]
    calls = [*(call(name="f", arguments=raw) for raw in raws), *custom]
    out = told(held, CHAT, chat(message(tool_calls=calls)))["choices"][0]["message"]["tool_calls"]
    assert [json.loads(one["function"]["arguments"]) for one in out[:2]] == TOLD
    assert [one["custom"]["input"] for one in out[2:]] == [MARK, MARK]
    texts = {"function0": raws[0], "function1": raws[1], "custom2": "one", "custom3": "two"}
    shown = clients.chat(streamed(held, CHAT, upstreams.chat([texts], 5), 5)).texts
    assert [json.loads(shown[0, "function", place]) for place in (0, 1)] == TOLD
    assert [shown[0, "custom", place] for place in (2, 3)] == [MARK, MARK]


def test_a_string_that_two_readings_alter_in_two_ways_is_redacted_whole() -> None:
    """What either leaves could be what the other found."""
    held = Guard([RUN, Rule(Pattern("key: a", 6), id="pair")])
    out = told(held, OTHER, [{"key": "a b one"}, {"key": "two a"}])
    assert [list(row.values()) for row in out] == [[MARK], [f"{MARK} a"]]


def test_what_a_list_says_downward_may_be_refused() -> None:
    """As any other text."""
    held = Guard([Rule(RUN.detector, id="run", action=Action.REFUSE)])
    assert whole(held, OTHER, ROWS)[0] == 403


def test_only_named_fields_are_read() -> None:
    """With `fields` the rest of an answer in no provider's form goes out as it is."""
    surface = Surface(fields=frozenset({"text"}))
    body = {"text": BAD, "list": [{"text": [BAD]}], "other": BAD}
    expected = {"text": GOOD, "list": [{"text": [GOOD]}], "other": BAD}
    assert told(guard(), OTHER, body, surface=surface) == expected


def test_only_named_fields_of_events_are_read() -> None:
    """The same of each event of a stream, its numbers and keys too."""
    held = guard(surface=Surface(fields=frozenset({"text"})))
    raw = upstreams.sse([{"text": [BAD, {SECRET: 1}], "other": SECRET}, {"text": ["", {}]}])
    out = [json.loads(data) for _, data in clients.frames(streamed(held, OTHER, raw))]
    assert "".join(one["text"][0] for one in out) == GOOD
    assert out[0]["other"] == SECRET
    assert SECRET not in json.dumps([one["text"] for one in out])


def test_many_texts_are_all_read() -> None:
    """Also more of them than are remembered."""
    body = {str(number): {"x": f"{number} {SECRET}"} for number in range(200)}
    out = told(guard(surface=Surface(fields=frozenset({"x"}))), OTHER, body)
    assert out == {str(number): {"x": f"{number} {MARK}"} for number in range(200)}
    calls = [
        call(name=f"f{number}", arguments=json.dumps({"x": f"{number} {SECRET}"}))
        for number in range(300)
    ]
    out = told(guard(), CHAT, chat(message(tool_calls=calls)))
    said = [one["function"] for one in out["choices"][0]["message"]["tool_calls"]]
    assert [one["name"] for one in said] == [f"f{number}" for number in range(300)]
    assert [json.loads(one["arguments"]) for one in said] == [
        {"x": f"{number} {MARK}"} for number in range(300)
    ]


def anthropic(*blocks: Any) -> Any:
    head = {"id": "msg_1", "type": "message", "role": "assistant", "model": "m"}
    return head | {
        "content": list(blocks),
        "stop_reason": "end_turn",
        "usage": {"output_tokens": 9},
    }


def test_every_block_of_a_message_is_read() -> None:
    """A thought that would be altered is left out: its signature would be wrong."""
    out = told(
        guard(),
        MESSAGES,
        anthropic(
            {"type": "thinking", "thinking": BAD, "signature": "c2ln"},
            {"type": "thinking", "thinking": "hm", "signature": "c2ln", "other": BAD},
            {"type": "redacted_thinking", "data": "c2ln"},
            {"type": "text", "text": BAD, "citations": [{"cited_text": BAD}]},
            {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {"a": BAD}},
            {"type": "web_search_tool_result", "content": [{"title": BAD}]},
        ),
    )
    assert out["content"] == [
        {"type": "thinking", "thinking": "hm", "signature": "c2ln"},
        {"type": "redacted_thinking", "data": "c2ln"},
        {"type": "text", "text": GOOD, "citations": [{"cited_text": GOOD}]},
        {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {"a": GOOD}},
        {"type": "web_search_tool_result", "content": [{"title": GOOD}]},
    ]
    out = told(guard(Action.REFUSE), MESSAGES, anthropic({"type": "text", "text": BAD}))
    assert (out["content"], out["stop_reason"]) == ([{"type": "text", "text": REFUSAL}], "refusal")


def test_every_item_of_a_response_is_read() -> None:
    """Items, their parts and arguments, and what a response says of its request."""
    items = [
        {"type": "message", "content": [{"type": "output_text", "text": BAD, "logprobs": [1]}]},
        {"type": "function_call", "name": "f", "arguments": json.dumps({"a": BAD})},
        {"type": "reasoning", "summary": [{"type": "summary_text", "text": BAD}]},
        {"type": "code_interpreter_call", "code": BAD, "outputs": [{"logs": BAD}]},
        {"type": "mcp_call", "arguments": "{}", "output": BAD},
    ]
    body = {"id": "resp_1", "instructions": BAD, "output": items, "usage": {"total_tokens": 3}}
    out = told(guard(), RESPONSES, body)
    assert SECRET not in json.dumps(out)
    assert out["output"][0]["content"][0] == {"type": "output_text", "text": GOOD, "logprobs": []}
    assert json.loads(out["output"][1]["arguments"]) == {"a": GOOD}
    assert (out["output"][4]["output"], out["instructions"]) == (GOOD, GOOD)
    out = told(guard(Action.REFUSE), RESPONSES, body)
    assert out["status"] == "incomplete"
    assert [item["content"][0]["text"] for item in out["output"]] == [REFUSAL]


TOKENS = [{"token": SECRET, "logprob": -0.123, "bytes": [1], "top_logprobs": [{"token": SECRET}]}]
ROUNDED = [{"token": "", "logprob": -0.1, "bytes": None, "top_logprobs": []}]


@pytest.mark.parametrize(("kind", "kept"), [("drop", None), ("round", ROUNDED)])
def test_logprobs_hold_no_tokens(kind: Any, kept: Any) -> None:
    """They are dropped, or rounded without the tokens that they repeat, each once."""
    held = guard(disclosure=Disclosure(logprobs=kind))
    logprobs = {"content": TOKENS, "refusal": None}
    expected = kept and {"content": kept, "refusal": None}
    out = told(held, CHAT, chat(message(content="x"), logprobs=logprobs))
    assert out["choices"][0]["logprobs"] == expected
    chunk = {"choices": [{"index": 0, "delta": {"content": "x"}, "logprobs": logprobs}]}
    chunk["choices"][0]["finish_reason"] = "stop"
    raw = streamed(held, CHAT, upstreams.sse([chunk]))
    events = [json.loads(data) for _, data in clients.frames(raw) if data != "[DONE]"]
    said = [one["logprobs"] for event in events for one in event["choices"] if one["logprobs"]]
    assert said == ([expected] if expected else [])
    legacy = {"tokens": [SECRET], "token_logprobs": [-0.1]}
    out = told(held, LEGACY, {"choices": [{"index": 0, "text": "x", "logprobs": legacy}]})
    assert out["choices"][0]["logprobs"] is None


@pytest.mark.parametrize(("kind", "count"), [("exact", 65), ("bucket", 128), ("drop", None)])
def test_usage_tells_no_more_than_it_may(kind: Any, count: int | None) -> None:
    """In every form: exact, in steps of 64, or none; names in it, never text."""
    held = guard(disclosure=Disclosure(usage=kind))
    usage = {"total_tokens": 65, "more": {"n": 65, "s": f"a {SECRET}"}, f"a {SECRET}": 1}
    out = told(held, CHAT, chat(message(content="x")) | {"usage": usage})
    assert (out["usage"] or {}).get("total_tokens") == count
    assert SECRET not in json.dumps(out)
    out = told(held, MESSAGES, anthropic() | {"usage": {"output_tokens": 65}})
    assert out["usage"]["output_tokens"] == (count or 0)
    out = told(held, RESPONSES, {"output": [], "usage": {"total_tokens": 65}})
    assert (out["usage"] or {}).get("total_tokens") == count


def embeddings(vector: Any) -> Any:
    row = {"object": "embedding", "index": 0, "embedding": vector}
    return {"object": "list", "model": "m", "data": [row], "usage": {"total_tokens": 1}}


def test_embeddings_go_out_reduced_or_not_at_all() -> None:
    """As they are, or reduced in the same form; what is no embedding is refused."""
    vector = [3.0, 4.0, 12.0]
    assert told(guard(), EMBEDDINGS, embeddings(vector))["data"][0]["embedding"] == vector
    held = guard(disclosure=Disclosure(embeddings="reduce", dimensions=2))
    out = told(held, EMBEDDINGS, embeddings(vector))
    assert out["data"][0]["embedding"] == [0.59375, 0.796875]
    coded = base64.b64encode(b"\0\0\x40\x40" + b"\0\0\x80\x40").decode()
    out = told(held, EMBEDDINGS, embeddings(coded))
    assert len(base64.b64decode(out["data"][0]["embedding"])) == 8
    for hidden in (BAD, [BAD], [[1.0]], None, {"x": BAD}, 1.0, "abc", [float(10**40)]):
        for other in (held, guard()):
            status, _, raw = whole(other, EMBEDDINGS, embeddings(hidden))
            assert (status, SECRET in raw.decode()) == (403, False)


def test_scores_become_bands_or_labels() -> None:
    """Numbers of an application's own answer, in JSON, events and lines."""
    disclosure = Disclosure(scores={"risk": "bands", "classes": "label", "rows.*.p": "bands"})
    held = guard(disclosure=disclosure)
    body = {"risk": 0.5, "classes": {"a": 0.2, "b": 0.7}, "rows": [{"p": 0.9}, {"p": 0.1}]}
    expected = {"risk": "medium", "classes": "b", "rows": [{"p": "high"}, {"p": "low"}]}
    assert told(held, OTHER, body) == expected
    raw = streamed(held, OTHER, upstreams.sse([body]))
    assert [json.loads(data) for _, data in clients.frames(raw)] == [expected]
    raw = streamed(held, OTHER, json.dumps(body).encode() + b"\n", headers=LINES)
    assert json.loads(raw) == expected


@pytest.mark.parametrize("path", [CHAT, LEGACY, MESSAGES, RESPONSES, OTHER])
def test_errors_of_the_upstream_are_read(path: str) -> None:
    """A status of 400 or more, in any form, keeps its status; its texts are read."""
    status, _, raw = whole(guard(), path, {"error": {"message": BAD, "x": 1}}, status=429)
    assert (status, json.loads(raw)) == (429, {"error": {"message": GOOD, "x": 1}})
