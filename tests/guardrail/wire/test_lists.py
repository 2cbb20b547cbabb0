"""Chat completions with more than texts and calls: thoughts, citations, what calls bring along."""

from __future__ import annotations

import json
from typing import Any

import pytest

from guardrail import Action, Guard, Rule
from tests.guardrail.wire import clients, upstreams
from tests.guardrail.wire.exchanges import (
    CHAT,
    HALVES,
    MARK,
    REFUSAL,
    SECRET,
    guard,
    streamed,
    whole,
)
from tests.strategies import Pattern

BAD = f"it is {SECRET}."
GOOD = f"it is {MARK}."
EXTRA = {"google": {"thought_signature": "c2ln"}}


def chunks(*deltas: Any) -> bytes:
    choices: list[Any] = [{"index": 0, "delta": delta} for delta in deltas]
    choices.append({"index": 0, "delta": {}, "finish_reason": "stop"})
    return upstreams.sse([*({"choices": [choice]} for choice in choices), "[DONE]"])


def thought(**fields: Any) -> Any:
    return {"reasoning_details": [{"type": "reasoning.text"} | fields]}


def test_pieces_of_a_thought_are_one_text() -> None:
    """By their number, whatever stands between them, or else in a row."""
    for pieces in (
        [thought(text=f"it is {HALVES[0]}"), thought(text=f"{HALVES[1]}.")],
        [
            thought(text=f"it is {HALVES[0]}", index=0),
            thought(text="no", index=1),
            thought(text=f"{HALVES[1]}.", index=0),
        ],
    ):
        told = clients.listed(streamed(guard(), CHAT, chunks(*pieces)))["reasoning_details"]
        assert [one["text"] for one in told] == [GOOD, "no"][: len(pieces) - 1]
        out = streamed(guard(Action.REFUSE), CHAT, chunks(*pieces))
        assert clients.chat(out).texts == {(0, "content"): REFUSAL}


def test_what_is_sealed_of_a_thought_is_not_joined() -> None:
    """Nor are thoughts without a number that another stands between."""
    sealed = {"type": "reasoning.encrypted", "data": "c2ln"}
    pieces = [
        thought(text="one"),
        {"reasoning_details": [sealed, sealed]},
        thought(text="two", summary=None),
    ]
    told = clients.listed(streamed(guard(), CHAT, chunks(*pieces)))["reasoning_details"]
    assert told == [
        {"type": "reasoning.text", "text": "one"},
        *(sealed, sealed),
        {"type": "reasoning.text", "text": "two", "summary": None},
    ]


def test_annotations_are_read_together() -> None:
    """A stream tells them at the end of the choice."""
    cites = [{"url_citation": {"title": text}} for text in ("so <b", "u> on", BAD)]
    told = clients.listed(
        streamed(
            guard(), CHAT, chunks(*({"annotations": [one]} for one in cites), {"content": "x"})
        )
    )["annotations"]
    (choice,) = json.loads(
        whole(guard(), CHAT, {"choices": [{"message": {"annotations": cites}}]})[2]
    )["choices"]
    assert told == choice["message"]["annotations"]
    assert SECRET not in json.dumps(told)


def test_what_a_call_brings_along_is_read() -> None:
    """Once, in a stream and whole."""
    call = {"id": "call_1", "function": {"name": "f", "arguments": "{}"}, "extra_content": EXTRA}
    for extra, shown in ((EXTRA, EXTRA), ({"note": BAD}, {"note": GOOD})):
        one = call | {"extra_content": extra}
        pieces = [{"index": 0} | one, {"index": 0, "extra_content": extra}]
        raw = chunks(*({"tool_calls": [piece]} for piece in pieces))
        (told,) = clients.listed(streamed(guard(), CHAT, raw))["tool_calls"]
        assert told["extra_content"] == shown
        body = {"choices": [{"message": {"tool_calls": [one]}}]}
        (choice,) = json.loads(whole(guard(), CHAT, body)[2])["choices"]
        assert choice["message"]["tool_calls"][0]["extra_content"] == shown


@pytest.mark.parametrize(
    "deltas",
    [
        [{"annotations": BAD}],
        [{"reasoning_details": [BAD]}],
        [{"tool_calls": [{"extra_content": BAD}]}],
        [{"tool_calls": [{"extra_content": {"a": one}}]} for one in HALVES],
        [{"annotations": [{"title": "x" * 2000}]}],
        [{"tool_calls": [{"extra_content": {"a": "x" * 2000}}]}],
    ],
)
def test_what_is_no_list_or_too_large_is_refused(deltas: list[Any]) -> None:
    """So is what goes on to say something else."""
    out = streamed(guard(max_chars=1000), CHAT, chunks(*deltas))
    assert clients.chat(out).reasons == {0: "content_filter"}


def call(name: str, **place: Any) -> Any:
    return {
        "id": "call_1",
        "type": "function",
        "function": {"name": name, "arguments": "{}"},
    } | place


@pytest.mark.parametrize("names", [HALVES, ("one", "two")])
def test_names_of_calls_are_read_together(names: tuple[str, str]) -> None:
    """As if they went on, and as lines, whole and in a stream; a call may have none."""
    rules = [*guard().rules, Rule(Pattern("one\ntwo", 7), id="lines")]
    calls = [call(name, index=place) for place, name in enumerate([names[0], "", names[1]])]
    body = {"choices": [{"message": {"tool_calls": calls}}]}
    (choice,) = json.loads(whole(Guard(rules), CHAT, body)[2])["choices"]
    shown = clients.listed(streamed(Guard(rules), CHAT, chunks({"tool_calls": calls})))
    for told in (choice["message"]["tool_calls"], shown["tool_calls"]):
        assert [one["function"]["name"] for one in told] == [MARK, "", MARK]


def test_a_call_whose_number_is_null_is_the_first() -> None:
    """Some providers number none."""
    raw = chunks({"tool_calls": [call("f", index=None)]}, {"content": "so"})
    (told,) = clients.listed(streamed(guard(), CHAT, raw))["tool_calls"]
    assert told == call("f", index=0)
