"""Streams of every shape: what a client puts together is what the guard says of the texts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrail import Action, Detector, Guard, Rule
from tests.guardrail.wire import clients, upstreams
from tests.guardrail.wire.exchanges import (
    CHAT,
    LEGACY,
    LINES,
    MARK,
    MESSAGES,
    OTHER,
    RESPONSES,
    SECRET,
    TEXT,
    guard,
    streamed,
    whole,
)
from tests.guardrail.wire.rows import safe_behind, safe_below, safe_rows
from tests.strategies import Following, Pattern, Quoted, cut, lined
from tests.strategies import rules as any_rules

EDITS = (Action.FLAG, Action.REDACT)
texts = st.text(alphabet="aabbcc<>01 é東\n", max_size=40)
triples = st.lists(st.tuples(texts, texts, texts), min_size=1, max_size=3)
seeds = st.integers(0, 2**32)


@st.composite
def local(draw: st.DrawFn) -> Guard:
    """Rules that say the same of a text wherever it stands."""
    known: list[Detector] = [
        Pattern("b[a-z]{1,3}", 4),
        Pattern("(?<![0-9])[0-9]{2,5}(?![0-9])", 6),
        Quoted(),
    ]
    chosen = draw(st.lists(st.sampled_from([*known, Following()]), min_size=1, unique=True))
    return Guard([Rule(one, id=f"rule{number}") for number, one in enumerate(chosen)])


def safe(held: Guard, text: str) -> str:
    return held.check(text).text


def call(text: str) -> str:
    """The arguments of a call, half of them escaped."""
    return json.dumps({"x": text}, ensure_ascii=len(text) % 2 == 0)


def said(arguments: str) -> str:
    return str(json.loads(arguments)["x"])


def check_chat(held: Guard, choices: list[tuple[str, str, str]], seed: int) -> None:
    """Texts and calls of several choices, told at once."""
    names = ("content", "refusal", "reasoning_content")
    asked = [
        dict(zip(names, one, strict=True))
        | {"function0": call(one[0]), "custom1": one[1], "function_call": call(one[2])}
        for one in choices
    ]
    told = clients.chat(streamed(held, CHAT, upstreams.chat(asked, seed), seed))
    assert told.ended
    assert told.reasons == dict.fromkeys(range(len(choices)), "stop")
    assert told.usage == {"total_tokens": 70}
    for number, one in enumerate(choices):
        for name, text in zip(names, one, strict=True):
            assert told.texts.pop((number, name), "") == safe(held, text)
        assert said(told.texts.pop((number, "function", 0))) == safe(held, one[0])
        assert told.texts.pop((number, "custom", 1), "") == safe(held, one[1])
        assert said(told.texts.pop((number, "legacy"))) == safe(held, one[2])
    assert told.texts == {}


def check_completions(held: Guard, choices: list[str], seed: int) -> None:
    raw = streamed(held, LEGACY, upstreams.completions(choices, seed), seed)
    told = clients.chat(raw)
    assert told.ended
    for number, text in enumerate(choices):
        assert told.texts.pop((number, "text"), "") == safe(held, text)
    assert told.texts == {}


def joined(
    held: Guard, texts: list[tuple[str, str]], kinds: Sequence[str], calls: Sequence[str]
) -> Iterator[tuple[str, str, str]]:
    """Kinds and texts, with what is told of each: those of some kinds are read behind others."""
    told = {
        kind: iter(safe_behind(held, [text for other, text in texts if other == kind]))
        for kind in kinds
    }
    below = iter(safe_below(held, [text for kind, text in texts if kind in calls]))
    told |= dict.fromkeys(calls, below)
    for kind, text in texts:
        yield kind, text, next(told[kind]) if kind in told else safe(held, text)


def check_messages(held: Guard, blocks: list[tuple[str, str]], seed: int) -> None:
    given = [(kind, call(text) if kind == "tool_use" else text) for kind, text in blocks]
    told = clients.messages(streamed(held, MESSAGES, upstreams.messages(given, seed), seed))
    assert (told.ended, told.reasons[0]) == (True, "end_turn")
    expected = joined(held, blocks, ("text", "thinking"), ["tool_use"])
    kept = [(kind, shown) for kind, text, shown in expected if kind != "thinking" or shown == text]
    for place, (kind, shown) in enumerate(kept):
        if kind == "tool_use":
            assert said(told.texts.pop((place, kind, "partial_json"))) == shown
            continue
        assert told.texts.pop((place, kind, kind), "") == shown
        if kind == "thinking":
            assert told.texts.pop((place, kind, "signature")) == "c2ln"
    assert told.texts == {}


KINDS = {
    "output_text": "output_text",
    "refusal": "refusal",
    "reasoning_text": "reasoning_text",
    "summary": "reasoning_summary_text",
    "function_call": "function_call_arguments",
    "mcp_call": "mcp_call_arguments",
    "custom_tool_call": "custom_tool_call_input",
    "code_interpreter_call": "code_interpreter_call_code",
    "shell_call": "shell_call_command",
    "shell_call_output": "stdout",
    "transcript": "audio.transcript",
}


JOINED = (
    *("output_text", "refusal", "reasoning_text", "summary"),
    *("custom_tool_call", "code_interpreter_call"),
)


def check_responses(held: Guard, items: list[tuple[str, str]], seed: int) -> None:
    calls = ("function_call", "mcp_call")
    given = [(kind, call(text) if kind in calls else text) for kind, text in items]
    told = clients.responses(streamed(held, RESPONSES, upstreams.responses(given, seed), seed))
    assert (told.ended, told.reasons[0]) == (True, "stop")
    expected = joined(held, items, JOINED, calls)
    for place, (kind, text, safe_text) in enumerate(expected):
        shown = told.texts.pop((place, KINDS[kind], 0), "")
        assert (said(shown) if kind in calls else shown) == safe_text
        if kind == "shell_call_output":
            assert told.texts.pop((place, "stderr", 0), "") == safe(held, text)
    assert told.texts == {}


def check_events(held: Guard, text: str, seed: int) -> None:
    """Events of text, and of JSON in two fields, and lines of JSON, row by row; text."""
    pieces = ["Answer: ", *cut(text, seed)]
    raw = streamed(held, OTHER, upstreams.sse([*pieces, "[DONE]"]), seed)
    shown = [data for _, data in clients.frames(raw)]
    assert shown.pop() == "[DONE]"
    expected = safe_rows(held, pieces)
    assert "".join(shown) == "".join(expected)
    bodies = [{"type": "t", "X": {"Y": piece}, "Z": [piece, 7]} for piece in pieces]
    raw = streamed(held, OTHER, upstreams.sse(bodies), seed)
    lines = streamed(
        held,
        OTHER,
        b"".join(json.dumps(one).encode() + b"\n" for one in bodies),
        seed,
        headers=LINES,
    )
    for events in ([data for _, data in clients.frames(raw)], lines.decode().splitlines()):
        values = [json.loads(data) for data in events]
        assert [value["X"]["Y"] for value in values] == expected
        assert [value["Z"][0] for value in values] == expected
    assert streamed(held, OTHER, text.encode(), seed, headers=TEXT).decode() == safe(held, text)


@settings(max_examples=60)
@given(local(), triples, seeds)
def test_chat(held: Guard, choices: list[tuple[str, str, str]], seed: int) -> None:
    """Choices of chat completions, with every text and kind of call that they know."""
    check_chat(held, choices, seed)


@settings(max_examples=60)
@given(any_rules(EDITS), st.lists(texts, min_size=1, max_size=3), seeds)
def test_completions(rules: tuple[Rule, ...], choices: list[str], seed: int) -> None:
    """Choices of legacy completions, under rules of any kind."""
    check_completions(Guard(rules), choices, seed)


blocks = st.lists(st.tuples(st.sampled_from(["text", "thinking", "tool_use"]), texts), max_size=4)
items = st.lists(st.tuples(st.sampled_from(sorted(KINDS)), texts), max_size=4)


@settings(max_examples=60)
@given(local(), blocks, seeds)
def test_messages(held: Guard, given: list[tuple[str, str]], seed: int) -> None:
    """Blocks of Anthropic's messages; a thought that would be altered is left out."""
    check_messages(held, given, seed)


@settings(max_examples=60)
@given(local(), items, seeds)
def test_responses(held: Guard, given: list[tuple[str, str]], seed: int) -> None:
    """Items of OpenAI's Responses, in pieces and in each event that repeats them."""
    check_responses(held, given, seed)


cites = st.lists(st.text(alphabet="abbcc01 \n", max_size=20), min_size=1, max_size=3)


@settings(max_examples=100)
@given(lined(), cites, seeds)
def test_what_is_cited(held: Guard, given: list[str], seed: int) -> None:
    """However it comes, a block or a part tells what it does where a whole answer ends with it."""
    told = clients.cited(streamed(held, MESSAGES, upstreams.quoting(given, seed), seed))
    blocks = [
        {"type": "text", "text": text, "citations": upstreams.cited(text, seed)} for text in given
    ]
    items = [upstreams.annotating(index, text, seed) for index, text in enumerate(given)]
    parts = clients.annotated(streamed(held, RESPONSES, upstreams.annotated(given, seed), seed))
    for place in range(len(given)):
        shown = json.loads(whole(held, MESSAGES, {"content": blocks[: place + 1]})[2])
        assert told[place] == shown["content"][place]["citations"]
        shown = json.loads(whole(held, RESPONSES, {"output": items[: place + 1]})[2])
        assert parts[place] == shown["output"][place]["content"][0]["annotations"]


@settings(max_examples=60)
@given(any_rules(EDITS), texts, seeds)
def test_of_one_block_all_that_is_cited_is_read(
    rules: tuple[Rule, ...], text: str, seed: int
) -> None:
    """Under rules of any kind it is what the whole answer tells."""
    held = Guard(rules)
    (told,) = clients.cited(streamed(held, MESSAGES, upstreams.quoting([text], seed), seed))
    (part,) = clients.annotated(streamed(held, RESPONSES, upstreams.annotated([text], seed), seed))
    block = {"type": "text", "text": text, "citations": upstreams.cited(text, seed)}
    shown = json.loads(whole(held, MESSAGES, {"content": [block]})[2])
    assert told == shown["content"][0]["citations"]
    shown = json.loads(whole(held, RESPONSES, {"output": [upstreams.annotating(0, text, seed)]})[2])
    assert part == shown["output"][0]["content"][0]["annotations"]


some = st.text(alphabet="aabbcc<>01 \n", min_size=1, max_size=20)


@settings(max_examples=60)
@given(any_rules(EDITS), some, st.lists(some, min_size=1, max_size=3), seeds)
def test_lists_of_a_chat_message(
    rules: tuple[Rule, ...], cited: str, thoughts: list[str], seed: int
) -> None:
    """What it cites, and thoughts in pieces that come by turns, are told as in a whole message."""
    held = Guard(rules)
    message, raw = upstreams.listing(cited, thoughts, seed)
    told = clients.listed(streamed(held, CHAT, raw, seed))
    (choice,) = json.loads(whole(held, CHAT, {"choices": [{"message": message}]})[2])["choices"]
    for name in message:
        # A key that is redacted has another name.
        assert told[name] == choice["message"].get(name, [])


@settings(max_examples=60)
@given(any_rules(EDITS), texts, seeds)
def test_events_lines_and_text(rules: tuple[Rule, ...], text: str, seed: int) -> None:
    """Answers in no provider's form, under rules of any kind."""
    check_events(Guard(rules), text, seed)


@pytest.mark.slow
@settings(max_examples=3_000)
@given(
    local(), st.lists(st.tuples(texts, texts, texts), min_size=1, max_size=3), blocks, items, seeds
)
def test_every_shape_at_length(
    held: Guard,
    choices: list[tuple[str, str, str]],
    given: list[tuple[str, str]],
    others: list[tuple[str, str]],
    seed: int,
) -> None:
    """The same, three thousand times."""
    check_chat(held, choices, seed)
    check_completions(held, [one[0] for one in choices], seed)
    check_messages(held, given, seed)
    check_responses(held, others, seed)
    check_events(held, choices[0][0], seed)


def private(draw: Callable[[st.SearchStrategy[str]], str]) -> str:
    return "".join(draw(st.sampled_from(["no ", SECRET, "<b>", "é", "3", "<"])) for _ in range(6))


@settings(max_examples=30)
@given(st.data(), seeds)
def test_no_byte_of_a_span_goes_out(data: st.DataObject, seed: int) -> None:
    """What is redacted stands in no event, also not where a text is told again."""
    text = private(data.draw)
    held = guard()
    given = [(kind, call(text) if kind.endswith("n_call") else text) for kind in KINDS]
    parts = {"content": text, "refusal": text, "function0": call(text), "custom1": text}
    for path, raw in (
        (RESPONSES, upstreams.responses(given, seed)),
        (CHAT, upstreams.chat([parts, parts], seed)),
        (LEGACY, upstreams.completions([text], seed)),
        (MESSAGES, upstreams.messages([("text", text), ("thinking", text)], seed)),
        (OTHER, upstreams.sse(cut(text, seed))),
    ):
        out = streamed(held, path, raw, seed)
        assert b"zq" not in out
        assert b"<b>" not in out
        assert (MARK in out.decode()) == (SECRET in text or "<b>" in text)
