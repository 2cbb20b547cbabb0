"""Chat completions whose contents are lists of parts."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrail import Action, Guard, Rule
from guardrail.surface import Surface
from tests.guardrail.wire import clients, upstreams
from tests.guardrail.wire.exchanges import (
    CHAT,
    HALVES,
    MARK,
    REFUSAL,
    SECRET,
    edits,
    exchange,
    fed,
    guard,
    streamed,
    whole,
)
from tests.guardrail.wire.exchanges import SSE as EVENTS
from tests.guardrail.wire.rows import safe_together
from tests.strategies import Pattern, cut

texts = st.lists(st.text(alphabet="aabb<>1 \n", max_size=12), min_size=1, max_size=4)
said = st.text(alphabet="aabb<>1 \n", min_size=1, max_size=40)
seeds = st.integers(0, 2**32)


def text(words: str) -> Any:
    return {"type": "text", "text": words}


def thought(*words: str) -> Any:
    return {"type": "thinking", "thinking": [*map(text, words)]}


def told(held: Guard, parts: list[Any]) -> list[Any]:
    """The parts of a whole answer, made safe."""
    out = json.loads(whole(held, CHAT, {"choices": [{"message": {"content": parts}}]})[2])
    return list(out["choices"][0]["message"]["content"])


def chunks(deltas: list[Any]) -> bytes:
    choices: list[Any] = [{"index": 0, "delta": delta} for delta in deltas]
    choices.append({"index": 0, "delta": {}, "finish_reason": "stop"})
    return upstreams.sse([*({"choices": [choice]} for choice in choices), "[DONE]"])


@settings(max_examples=60)
@given(texts)
def test_what_parts_say_and_think_is_read_together(given: list[str]) -> None:
    """As if it went on, and as lines; the thoughts are a text of their own."""
    held = edits()
    expected = safe_together(held, given)
    assert told(held, [text(one) for one in given]) == [*map(text, expected)]
    assert told(held, [*given]) == expected
    assert told(held, [thought(one) for one in given]) == [*map(thought, expected)]
    assert told(held, [thought(*given), text("c")]) == [thought(*expected), text("c")]
    sealed = [{"type": "thinking", "thinking": one} for one in given]
    assert [one["thinking"] for one in told(held, sealed)] == expected


def test_parts_keep_their_keys() -> None:
    """What goes on from one text to the next takes nothing between them away."""
    cited = {"type": "reference", "reference_ids": [1]}
    parts = [text(f"it is {HALVES[0]}"), cited, text(f"{HALVES[1]}."), None]
    assert told(guard(), parts) == [text(f"it is {MARK}"), cited, text(f"{MARK}."), None]


def test_what_else_is_in_a_part_is_read() -> None:
    """As lines, and by itself."""
    held = Guard([Rule(Pattern(r"one\s*two", 8), id="run"), Rule(Pattern(SECRET, 6), id="word")])
    for titles in (("one", "two"), (SECRET, SECRET)):
        parts = [text("a") | {"title": one} for one in titles]
        assert told(held, parts) == [text("a") | {"title": MARK}] * 2
    deep = thought("a")
    deep["thinking"].append({"type": "thinking", "thinking": [text(SECRET)]})
    assert SECRET not in json.dumps(told(held, [deep]))


def pieces(thoughts: str, words: str, seed: int) -> list[Any]:
    """Deltas of a content that thinks and speaks, in lists, some with both, or as a string."""
    chance = random.Random(seed)
    streams = [
        [thought(one) for one in cut(thoughts, seed)],
        [text(one) for one in cut(words, seed)],
    ]
    mixed, deltas = upstreams.mixed(streams, seed), list[Any]()
    while mixed:
        size = chance.randint(1, 3)
        several, mixed = mixed[:size], mixed[size:]
        plain = len(several) == 1 and "text" in several[0] and chance.random() < 0.5
        deltas.append({"content": several[0]["text"] if plain else several})
    return deltas


@settings(max_examples=100)
@given(said, said, seeds)
def test_what_a_stream_of_parts_shows(thoughts: str, words: str, seed: int) -> None:
    """For every cut, what a whole answer shows; thoughts stay thoughts."""
    held = edits()
    shown = clients.chat(streamed(held, CHAT, chunks(pieces(thoughts, words, seed)), seed))
    assert shown.ended
    thinking, speaking = told(held, [thought(thoughts), text(words)])
    assert shown.texts.get((0, "thinking"), "") == thinking["thinking"][0]["text"]
    assert shown.texts.get((0, "content"), "") == speaking["text"]


def test_a_stream_that_is_refused_in_a_thought_says_so() -> None:
    """The thought ends there, and the refusal is said as well."""
    raw = chunks([{"content": [thought(f"it is {SECRET} so")]}, {"content": "hello"}])
    shown = clients.chat(streamed(guard(Action.REFUSE), CHAT, raw))
    assert shown.texts == {(0, "thinking"): f"it is {REFUSAL}", (0, "content"): REFUSAL}
    assert shown.reasons == {0: "content_filter"}


@pytest.mark.parametrize(
    "part",
    [
        text("hm") | {"zq": SECRET},
        thought("hm") | {"zq": SECRET},
        {"type": "image_url", "image_url": SECRET},
        {"type": "text", "text": [SECRET]},
    ],
)
def test_what_a_piece_of_a_content_has_besides_is_unknown(part: Any) -> None:
    """Such a stream is refused, or where the policy is not strict goes on without it."""
    raw = chunks([{"content": [part]}, {"content": "so"}])
    assert clients.chat(streamed(guard(), CHAT, raw)).texts == {(0, "content"): REFUSAL}
    opened = exchange(guard(), CHAT, streams=True, surface=Surface(strict=False))
    answer = opened.answer(200, EVENTS)
    out = fed(answer, raw) + answer.close()
    assert clients.chat(out).texts[0, "content"].endswith("so")
    assert SECRET.encode() not in out


def test_what_says_nothing_in_a_piece_of_a_content_is_left_out() -> None:
    """Whether a thought is closed, and fields that are null."""
    parts = [thought("hm ") | {"closed": False}, thought("so") | {"closed": True}]
    parts.append(text("hello") | {"index": None})
    shown = clients.chat(streamed(guard(), CHAT, chunks([{"content": [one]} for one in parts])))
    assert shown.texts == {(0, "thinking"): "hm so", (0, "content"): "hello"}


def test_a_part_that_is_no_object_cannot_be_read() -> None:
    """A stream that tells one is refused."""
    raw = chunks([{"content": [7]}])
    assert clients.chat(streamed(guard(), CHAT, raw)).texts == {(0, "content"): REFUSAL}
