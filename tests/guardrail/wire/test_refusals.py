"""Refusals in a stream: a safe prefix, the refusal, and an end that the provider's clients know."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrail import Action, Guard, Rule
from guardrail.exchange import Exchange
from tests.guardrail.wire import clients, upstreams
from tests.guardrail.wire.exchanges import (
    ASKS,
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
    TEXT,
    fed,
    guard,
    masked,
    streamed,
)
from tests.guardrail.wire.rows import safe_rows
from tests.strategies import Pattern, Quoted, cut

PROVIDERS = (CHAT, LEGACY, MESSAGES, RESPONSES)
SAID = {
    "reasoning_text": "reasoning_text",
    "code_interpreter_call": "code_interpreter_call_code",
    "shell_call": "shell_call_command",
    "transcript": "audio.transcript",
}
texts = st.text(alphabet="aabb<>é \n", max_size=40)
seeds = st.integers(0, 2**32)


def mixed() -> Guard:
    """Refuses at what stands in brackets, redacts a word."""
    return Guard(
        [
            Rule(Quoted(), id="quoted", action=Action.REFUSE),
            Rule(Pattern("b[a-z]{1,3}", 4), id="b"),
        ]
    )


def shown(held: Guard, text: str) -> str:
    return "".join(held.stream([text]))


def ended_rows(held: Guard, pieces: list[str]) -> str:
    """What rows say up to the refusal, if there is one."""
    edits = Guard([rule for rule in held.rules if rule.action is Action.REDACT])
    stop = re.search(r"<[^<>]*>", "".join(pieces))
    if stop is None:
        return "".join(safe_rows(edits, pieces))
    left, before = stop.start(), list[str]()
    for piece in pieces:
        before.append(piece[:left])
        left -= len(before[-1])
    return "".join(safe_rows(edits, before)) + REFUSAL


def lines_of(out: bytes) -> list[str]:
    return [json.loads(line)["X"] for line in out.decode().splitlines()]


def whole_lines(text: str, seed: int) -> bytes:
    return "".join(json.dumps({"X": piece}) + "\n" for piece in cut(text, seed)).encode()


@settings(max_examples=60)
@given(texts, seeds)
def test_the_prefix_is_the_same_for_every_cut(text: str, seed: int) -> None:
    """A text that is refused ends where the guard's own stream ends it, whatever the shape."""
    held = mixed()
    expected = shown(held, text)
    stopped = expected.endswith(REFUSAL)

    told = clients.chat(streamed(held, CHAT, upstreams.chat([{"content": text}], seed), seed))
    assert told.texts.get((0, "content"), "") == expected
    assert (told.ended, told.reasons[0] == "content_filter") == (True, stopped)

    told = clients.chat(streamed(held, LEGACY, upstreams.completions([text], seed), seed))
    assert told.texts.get((0, "text"), "") == expected
    assert (told.ended, told.reasons[0] == "content_filter") == (True, stopped)

    raw = upstreams.messages([("text", text), ("text", "more")], seed)
    told = clients.messages(streamed(held, MESSAGES, raw, seed))
    assert told.texts.get((0, "text", "text"), "") == expected
    assert (told.ended, told.reasons[0] == "refusal") == (True, stopped)
    assert (len(told.texts) > 1) <= (not stopped)

    raw = upstreams.responses([("output_text", text), ("output_text", "more")], seed)
    told = clients.responses(streamed(held, RESPONSES, raw, seed))
    assert told.texts.get((0, "output_text", 0), "") == expected
    assert (told.ended, told.reasons[0] == "content_filter") == (True, stopped)

    for kind, name in SAID.items():
        raw = upstreams.responses([(kind, text), ("output_text", "more")], seed)
        told = clients.responses(streamed(held, RESPONSES, raw, seed))
        assert told.texts.pop((0, name, 0), "") == expected.removesuffix(REFUSAL)
        assert list(told.texts.values()) == [REFUSAL if stopped else "more"]

    for pieces, raw, headers in (
        (["Answer: ", *cut(text, seed)], upstreams.sse(["Answer: ", *cut(text, seed)]), SSE),
        (cut(text, seed), whole_lines(text, seed), LINES),
    ):
        out = streamed(held, OTHER, raw, seed, headers=headers)
        said = [data for _, data in clients.frames(out)] if headers is SSE else lines_of(out)
        assert "".join(said) == ended_rows(held, pieces)
    assert streamed(held, OTHER, text.encode(), seed, headers=TEXT).decode() == expected


@pytest.mark.parametrize("seed", range(12))
def test_a_refused_call_ends_the_answer_in_the_refusal(seed: int) -> None:
    """Arguments cannot hold a refusal: it stands in the text, after what was safe of it."""
    held = guard(Action.REFUSE)
    bad = json.dumps({"x": SECRET})
    parts = {"content": "some <text", "function0": bad}
    told = clients.chat(streamed(held, CHAT, upstreams.chat([parts], seed), seed))
    assert told.texts == {(0, "content"): f"some <text{REFUSAL}"}
    assert told.reasons == {0: "content_filter"}

    raw = upstreams.messages([("text", "hm"), ("tool_use", bad), ("text", "more")], seed)
    told = clients.messages(streamed(held, MESSAGES, raw, seed))
    assert told.texts == {(0, "text", "text"): "hm", (2, "text", "text"): REFUSAL}
    assert (told.ended, told.reasons) == (True, {0: "refusal"})

    raw = upstreams.messages([("thinking", SECRET)], seed)
    told = clients.messages(streamed(held, MESSAGES, raw, seed))
    assert (told.ended, told.texts) == (True, {(0, "text", "text"): REFUSAL})

    kinds = ("reasoning_text", "refusal", "custom_tool_call", "shell_call", "transcript")
    for kind in ("function_call", "shell_call_output", *kinds):
        text = bad if kind == "function_call" else SECRET
        raw = upstreams.responses([("output_text", "hm"), (kind, text)], seed)
        told = clients.responses(streamed(held, RESPONSES, raw, seed))
        assert told.texts == {(0, "output_text", 0): "hm", (2, "output_text", 0): REFUSAL}
        assert (told.ended, told.reasons) == (True, {0: "content_filter"})


def test_one_refused_choice_leaves_the_others() -> None:
    """Choices are decided one by one."""
    raw = upstreams.chat([{"content": f"a {SECRET} b"}, {"content": "fine"}], 1)
    told = clients.chat(streamed(guard(Action.REFUSE), CHAT, raw, 1))
    assert told.texts == {(0, "content"): f"a {REFUSAL}", (1, "content"): "fine"}
    assert told.reasons == {0: "content_filter", 1: "stop"}


def test_the_end_may_be_what_refuses() -> None:
    """A word that only the end settles ends its text in the refusal, and the others with it."""
    held = guard(Action.REFUSE)
    raw = upstreams.sse([{"X": f"a {SECRET}", "Y": "held"}])
    events = [json.loads(data) for _, data in clients.frames(streamed(held, OTHER, raw))]
    assert "".join(event["X"] for event in events) == f"a {REFUSAL}"
    assert "".join(event["Y"] for event in events) == ""
    raw = upstreams.sse(["so", f" it is {SECRET}", "[DONE]"])
    told = [data for _, data in clients.frames(streamed(held, OTHER, raw))]
    assert "".join(told) == f"so it is {REFUSAL}[DONE]"


def test_a_choice_without_an_end_is_closed() -> None:
    """What was held of it goes out, checked, where the stream itself says that it is done."""
    ended = {"index": 0, "delta": {"content": "one"}, "finish_reason": "stop"}
    open_ = {"index": 1, "delta": {"content": f"two {SECRET}"}}
    raw = upstreams.sse([{"choices": [ended, open_]}, "[DONE]"])
    told = clients.chat(streamed(guard(), CHAT, raw))
    assert told.texts == {(0, "content"): "one", (1, "content"): "two [redacted]"}
    assert (told.ended, told.reasons) == (True, {0: "stop"})


def asked(path: str, text: str, *, streams: bool) -> Exchange:
    """A request that a rule on prompts may stop."""
    body = json.dumps(ASKS[path] | {"stream": streams}).replace("hello", text).encode()
    rules = [Rule(Quoted(), id="asks", on="prompt", action=Action.REFUSE)]
    return Exchange(Guard(rules), method="POST", path=path, headers=JSON, body=body)


@pytest.mark.parametrize("path", PROVIDERS)
@pytest.mark.parametrize("streams", [False, True])
def test_a_refused_prompt_is_answered_in_the_providers_form(path: str, streams: bool) -> None:
    """With status 200, so that no client tries again; the same whatever was asked."""
    reply = asked(path, "<one>", streams=streams).admit()
    other = asked(path, "tell me <another> thing", streams=streams).admit()
    assert reply is not None
    assert other is not None
    assert masked(reply.body) == masked(other.body)
    assert (reply.status, reply.headers) == (200, other.headers)
    if streams:
        assert dict(reply.headers)["content-type"] == "text/event-stream"
        client = {MESSAGES: clients.messages, RESPONSES: clients.responses}.get(path, clients.chat)
        told = client(reply.body)
        assert told.ended
        assert list(told.texts.values()) == [REFUSAL]
        assert list(told.reasons.values()) == ["refusal" if path == MESSAGES else "content_filter"]
        return
    body = json.loads(reply.body)
    assert reply.body.decode().count(REFUSAL) == 1
    if path == MESSAGES:
        assert body["stop_reason"] == "refusal"
    elif path == RESPONSES:
        assert body["incomplete_details"] == {"reason": "content_filter"}
    else:
        assert body["choices"][0]["finish_reason"] == "content_filter"


USAGE = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}


def counting(held: Guard, path: str, **fields: object) -> Exchange:
    """A request for a stream that ends in its usage."""
    options = {"stream": True, "stream_options": {"include_usage": True}}
    body = json.dumps(ASKS[path] | options | fields).encode()
    return Exchange(held, method="POST", path=path, headers=JSON, body=body)


def refused_prompt(path: str) -> bytes:
    rules = [Rule(Pattern("hello", 5), id="asked", on="prompt", action=Action.REFUSE)]
    reply = counting(Guard(rules), path).admit()
    assert reply is not None
    return masked(reply.body)


def refused_answer(path: str, raw: bytes) -> bytes:
    opened = counting(guard(Action.REFUSE), path)
    assert opened.admit() is None
    return masked(fed(opened.answer(200, SSE), raw))


@pytest.mark.parametrize(
    ("path", "kind", "said"),
    [
        (CHAT, "chat.completion.chunk", [{"delta": {"role": "assistant", "content": ""}}]),
        (LEGACY, "text_completion", []),
    ],
)
def test_a_refused_prompt_streams_as_a_refused_answer_does(
    path: str, kind: str, said: list[dict[str, object]]
) -> None:
    """Chunk for chunk, with a usage at the end that counts nothing."""
    prefix = "cmpl-" if path == LEGACY else "chatcmpl-"
    head = {"id": prefix + "x" * 29, "object": kind, "created": 5, "model": "m"}
    bad = {"text": f"{SECRET} "} if path == LEGACY else {"delta": {"content": f"{SECRET} "}}
    chunks = [
        head | {"choices": [{"index": 0, "finish_reason": None} | one], "usage": None}
        for one in (*said, bad)
    ]
    told = [refused_prompt(path), refused_answer(path, upstreams.sse(chunks))]
    one, other = (clients.frames(raw) for raw in told)
    assert one.pop() == other.pop() == (None, "[DONE]")
    assert [json.loads(data) for _, data in one] == [json.loads(data) for _, data in other]
    last = json.loads(one[-1][1])
    assert (last["choices"], last["usage"]) == ([], USAGE)


@pytest.mark.parametrize(
    ("path", "raw"),
    [
        (MESSAGES, upstreams.messages([("text", f"{SECRET} ")], 1)),
        (RESPONSES, upstreams.responses([("output_text", f"{SECRET} ")], 1)),
    ],
)
def test_a_refused_prompt_ends_as_a_refused_answer_does(path: str, raw: bytes) -> None:
    """With the same events, whose ids and usage do not tell them apart."""
    one, other = (
        [json.loads(data) for _, data in clients.frames(told)]
        for told in (refused_prompt(path), refused_answer(path, raw))
    )
    names = [event["type"] for event in one]
    begun = {"ping", "response.in_progress", "response.content_part.added"}
    assert [name for name in names if name not in begun] == [
        event["type"] for event in other if event["type"] not in begun
    ]
    if path == MESSAGES:
        assert one[-3:] == other[-3:]
    else:
        assert one[-1]["response"]["usage"] == other[-1]["response"]["usage"]
        assert one[-1]["response"]["usage"]["total_tokens"] == 0


@pytest.mark.parametrize("path", [CHAT, LEGACY])
def test_a_usage_that_would_tell_what_was_refused_is_not_told(path: str) -> None:
    """Of several choices one is refused: the tokens are counted of none, and told once."""
    opened = counting(guard(Action.REFUSE), path, n=2)
    assert opened.admit() is None
    answer, told = opened.answer(200, SSE), b""
    for index, text in ((0, SECRET), (1, "fine"), (0, " ")):
        choice = {"index": index, "text": text, "delta": {"content": text}}
        body = {"choices": [choice], "usage": {"completion_tokens": 7}}
        told += answer.feed(upstreams.sse([body]))
    told += answer.feed(upstreams.sse([{"choices": [], "usage": {"completion_tokens": 9}}]))
    told += answer.feed(upstreams.sse(["[DONE]"]))
    counts = [json.loads(data).get("usage") for _, data in clients.frames(told)[:-1]]
    assert {"completion_tokens": 9} not in counts
    assert counts.count(USAGE) == 2
    assert USAGE in counts[-3:]


@pytest.mark.parametrize("path", PROVIDERS)
def test_a_stream_that_cannot_be_read_is_refused(path: str) -> None:
    """What is no JSON, no object or no UTF-8 ends the answer as refused, well-formed."""
    client = {MESSAGES: clients.messages, RESPONSES: clients.responses}.get(path, clients.chat)
    for raw in (b"data: {\n\n", b"data: [1]\n\n", b"data: \xff\n\n", b"data: 1\r\r"):
        told = client(streamed(guard(), path, raw))
        assert told.ended
        assert list(told.texts.values()) == [REFUSAL]


@pytest.mark.parametrize("path", PROVIDERS)
@pytest.mark.parametrize("end", ["close", "fail"])
def test_a_stream_that_breaks_off_shows_nothing_unchecked(path: str, end: str) -> None:
    """However it ends, a span that had begun is redacted or not shown."""
    held = Guard([Rule(Pattern("zq[0-9]{4}", 6), id="word")])
    for cutting in range(200, 1200, 13):
        raw = {
            CHAT: upstreams.chat([{"content": SECRET * 9, "custom0": SECRET * 9}], 3),
            LEGACY: upstreams.completions([SECRET * 9], 3),
            MESSAGES: upstreams.messages([("text", SECRET * 9), ("thinking", SECRET)], 3),
            RESPONSES: upstreams.responses([("output_text", SECRET * 9)], 3),
        }[path][:cutting]
        exchange = Exchange(held, method="POST", path=path, body=b"{}")
        answer = exchange.answer(200, (("content-type", "text/event-stream"),))
        out = answer.feed(raw) + getattr(answer, end)()
        answer.cancel()
        assert "1234" not in out.decode()
        clients.frames(out)


@pytest.mark.parametrize("path", [CHAT, LEGACY])
def test_every_choice_that_was_asked_for_is_refused(path: str) -> None:
    """A refused prompt gives as many choices as were asked for, whole and streamed."""
    held = Guard([Rule(Quoted(), id="asked", on="prompt", action=Action.REFUSE)])
    asked = {"messages": [{"role": "user", "content": "<that>"}], "prompt": "<that>", "n": 3}
    for streams in (False, True):
        body = json.dumps(asked | {"stream": streams}).encode()
        reply = Exchange(held, method="POST", path=path, headers=JSON, body=body).admit()
        assert reply is not None
        ends = reply.body.count(b'"finish_reason":"content_filter"')
        assert (ends, reply.body.count(REFUSAL.encode())) == (3, 3)


def test_a_refused_stream_takes_no_more() -> None:
    """Once every choice that was asked for has ended, one of them refused, the upstream may go."""
    held = guard(Action.REFUSE)
    body = json.dumps({"messages": [], "stream": True, "n": 2}).encode()
    exchange = Exchange(held, method="POST", path=CHAT, headers=JSON, body=body)
    assert exchange.admit() is None
    answer = exchange.answer(200, [("content-type", "text/event-stream")])
    told = b""
    for index, text in ((0, f"so {SECRET} it"), (1, "is"), (0, "more")):
        choice = {"index": index, "delta": {"content": text}, "finish_reason": None}
        told += answer.feed(upstreams.sse([{"choices": [choice]}]))
        assert not answer.done
    last = {"index": 1, "delta": {}, "finish_reason": "stop"}
    told += answer.feed(upstreams.sse([{"choices": [last]}]))
    assert answer.done
    assert told.endswith(b"data: [DONE]\n\n")
    assert b"more" not in told
