"""JSON in the strings of a JSON answer: read as what it says, and put back as it was."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail import Action, Guard, Rule
from guardrail.wire.nested import closed, opened
from tests.guardrail.wire import upstreams
from tests.guardrail.wire.clients import frames
from tests.guardrail.wire.exchanges import (
    CHAT,
    JSON,
    LINES,
    MARK,
    OTHER,
    REFUSAL,
    SSE,
    streamed,
    whole,
)
from tests.strategies import Pattern

SAID, TOLD = "so one\ntwo\tthrée.", f"so {MARK}."
Sent = Callable[[Guard, Any], Any]

WRITTEN = (
    *('{ "a" : 1.50, "a": "\\u00e9" }', "[1, 2", '"so" it is', "{}", ' ["x"] ', "1e5"),
    *('{"n": NaN,  "m": 1e999, "n": -Infinity}', '\ufeff{"n": 1.0}', '{"a": "\\ud83d"}'),
)

depths = pytest.mark.parametrize("depth", range(4))


def runs(action: Action = Action.REDACT) -> Guard:
    return Guard([Rule(Pattern(r"one\s+two\s+thrée", 15), id="run", action=action)])


def answer(held: Guard, value: Any) -> Any:
    return json.loads(whole(held, OTHER, value)[2])


def call(held: Guard, value: Any) -> Any:
    """What a tool is called with."""
    function = {"name": "f", "arguments": json.dumps(value)}
    calls = [{"id": "call_1", "type": "function", "function": function}]
    body = {"choices": [{"index": 0, "message": {"role": "assistant", "tool_calls": calls}}]}
    (choice,) = json.loads(whole(held, CHAT, body)[2])["choices"]
    return json.loads(choice["message"]["tool_calls"][0]["function"]["arguments"])


def line(held: Guard, value: Any) -> Any:
    raw = json.dumps(value).encode() + b'\n{"n": 1}\n'
    return json.loads(streamed(held, OTHER, raw, headers=LINES).splitlines()[0])


def event(held: Guard, value: Any) -> Any:
    out = streamed(held, OTHER, upstreams.sse([value, {"n": 1}]))
    return json.loads(frames(out)[0][1])


def refused(held: Guard, rows: list[Any], headers: Any) -> bool:
    if headers == JSON:
        return whole(held, OTHER, rows)[0] == 403
    raw = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
    raw = raw if headers == LINES else upstreams.sse(rows)
    return REFUSAL in streamed(held, OTHER, raw, headers=headers).decode()


sent = pytest.mark.parametrize("sent", [answer, call, line, event])


def deep(value: Any, depth: int) -> Any:
    for _ in range(depth):
        value = {"payload": json.dumps(value)}
    return value


def shallow(value: Any, depth: int) -> Any:
    for _ in range(depth):
        value = json.loads(value["payload"])
    return value


@sent
@depths
def test_escapes_in_it_break_no_words(sent: Sent, depth: int) -> None:
    """However often it is written as a string, it stays JSON."""
    value = deep({"n": 1.50, "text": SAID}, depth)
    assert shallow(sent(runs(), value), depth) == {"n": 1.5, "text": TOLD}


@pytest.mark.parametrize("headers", [JSON, LINES, SSE])
def test_what_it_says_may_be_refused(headers: Any) -> None:
    """In a whole answer, and in a stream, where what came before is told."""
    assert refused(runs(Action.REFUSE), [{"n": 1}, deep({"text": SAID}, 1)], headers)


@sent
def test_it_is_read_downward(sent: Sent) -> None:
    """Its own objects, and those of several strings."""
    rows = [{"n": n, "text": text} for n, text in enumerate(("one", "two", "thrée"))]
    told = [{"n": n, "text": MARK} for n in range(3)]
    assert shallow(sent(runs(), deep(rows, 1)), 1) == told
    assert [json.loads(row) for row in sent(runs(), [json.dumps(row) for row in rows])] == told


@sent
def test_a_string_of_json_is_read(sent: Sent) -> None:
    """A text that was written as JSON twice."""
    assert sent(runs(), {"text": json.dumps(SAID)}) == {"text": json.dumps(TOLD)}


@sent
@pytest.mark.parametrize("more", ["NaN", "-Infinity", "1e999"])
def test_numbers_that_json_has_not_hide_nothing(sent: Sent, more: str) -> None:
    """As Python writes them, or too large: what is written anew has none."""
    text = f'{{"n": {more}, "text": {json.dumps(SAID)}}}'
    assert shallow(sent(runs(), {"payload": text}), 1) == {"n": None, "text": TOLD}


@sent
def test_each_value_of_a_name_is_read(sent: Sent) -> None:
    """Some take the first one and some the last."""
    said = json.dumps(SAID)
    text = f'[{{"a": {said}, "a": "x", "a": {said}}}, {{"b_": 1, "b": {said}, "b": 2, "b_2": 3}}]'
    assert shallow(sent(runs(), {"payload": text}), 1) == [
        {"a": TOLD, "a_": "x", "a_2": TOLD},
        {"b_": 1, "b": TOLD, "b_2": 2, "b_2_": 3},
    ]


@sent
def test_a_byte_order_mark_hides_nothing(sent: Sent) -> None:
    """Before JSON, and before what stands in it."""
    text = "\ufeff " + json.dumps({"payload": "\ufeff" + json.dumps({"text": SAID})})
    assert shallow(sent(runs(), {"payload": text}), 2) == {"text": TOLD}


@sent
@pytest.mark.parametrize("text", WRITTEN)
def test_what_says_nothing_stays_as_it_is(sent: Sent, text: str) -> None:
    """To the letter, be it JSON or not, beside what is redacted too."""
    for value in ({"x": text}, {"x": text, "in": deep({"x": text}, 1)}):
        assert sent(runs(), value) == value
        assert sent(runs(), value | {"y": SAID}) == value | {"y": TOLD}


def test_numbers_and_keys_of_it_are_read() -> None:
    """As those of the answer."""
    held = Guard([Rule(Pattern("7{5}|z{5}", 5), id="five")])
    told = answer(held, deep({"zzzzz": 77777, "ok": 7.0}, 2))
    assert shallow(told, 2) == {MARK: MARK, "ok": 7.0}


@pytest.mark.parametrize("headers", [JSON, LINES, SSE])
def test_too_deep_is_refused(headers: Any) -> None:
    """What nobody could read to its end."""
    value: Any = "x"
    for _ in range(8):
        for _ in range(150):
            value = [value]
        value = json.dumps(value)
    assert refused(runs(), [{"x": value}], headers)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(), inner, max_size=3)
        | inner.map(json.dumps)
        | inner.map(lambda said: f'\ufeff{{"a": [NaN, 1e999], "a": {json.dumps(said)}}}')
    ),
    max_leaves=8,
)


@given(VALUES)
def test_what_is_opened_can_be_closed(value: Any) -> None:
    """Where nothing is altered, nothing is lost."""
    assert closed(value, opened(value)) == value
