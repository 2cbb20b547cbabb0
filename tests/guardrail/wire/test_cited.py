"""What the texts of an answer cite: one text of its own, whole or in a stream."""

from __future__ import annotations

import json
from typing import Any

import pytest

from guardrail import Action, Guard, Rule
from tests.guardrail.wire import clients, upstreams
from tests.guardrail.wire.exchanges import (
    MARK,
    MESSAGES,
    REFUSAL,
    RESPONSES,
    SECRET,
    guard,
    streamed,
    whole,
)
from tests.strategies import Pattern

GIVEN = ["so one two", "three four", "five six."]
ADDED = "response.output_text.annotation.added"
AT = {"output_index": 0, "item_id": "item_0", "content_index": 0}


def runs(action: Action = Action.REDACT) -> Guard:
    run = Pattern(r"one\s+two\s+three\s+four\s+five", 40)
    return Guard([Rule(run, id="run", action=action)])


def cite(text: str) -> Any:
    return {"type": "char_location", "cited_text": text, "encrypted_index": "x" * 200}


def message(held: Guard, *blocks: list[str]) -> Any:
    """What blocks of a whole answer cite."""
    content = [
        {"type": "text", "text": "See.", "citations": [cite(text) for text in texts]}
        for texts in blocks
    ]
    out = json.loads(whole(held, MESSAGES, {"content": content})[2])
    return [block.get("citations") for block in out["content"]]


def quoting(*blocks: list[str]) -> bytes:
    events: list[Any] = [{"type": "message_start", "message": {"content": []}}]
    for index, texts in enumerate(blocks):
        start = {"type": "text", "text": "See.", "citations": [cite(texts[0])]}
        events.append({"type": "content_block_start", "index": index, "content_block": start})
        events += [
            {
                "type": "content_block_delta",
                "index": index,
                "delta": {"type": "citations_delta", "citation": cite(text)},
            }
            for text in texts[1:]
        ]
        events.append({"type": "content_block_stop", "index": index})
    return upstreams.sse([*events, {"type": "message_stop"}], named=True)


def response(*parts: list[str]) -> Any:
    """A response whose messages cite, a part each."""
    output = [
        {"type": "message", "id": f"item_{index}", "content": [part(*texts)]}
        for index, texts in enumerate(parts)
    ]
    return {"id": "resp_1", "output": output}


def part(*texts: str) -> Any:
    cites = [{"type": "url_citation", "title": text} for text in texts]
    return {"type": "output_text", "text": "See.", "annotations": cites}


def cites_of(body: Any) -> list[str]:
    """The first that each part of a response cites."""
    return [item["content"][0]["annotations"][0]["title"] for item in body["output"]]


def titles(raw: bytes) -> list[str]:
    events = [json.loads(data) for _, data in clients.frames(raw)]
    return [one["annotation"]["title"] for one in events if one["type"] == ADDED]


def test_what_one_text_cites_is_read_together() -> None:
    """Streamed and whole; what has to be given back sealed goes out as it came."""
    expected = [[cite(text) for text in (f"so {MARK}", MARK, f"{MARK} six.")]]
    assert message(runs(), GIVEN) == expected
    assert clients.cited(streamed(runs(), MESSAGES, quoting(GIVEN), 1)) == expected
    out = json.loads(whole(runs(), RESPONSES, response(GIVEN))[2])
    assert (
        out["output"][0]["content"][0]["annotations"]
        == part(f"so {MARK}", MARK, f"{MARK} six.")["annotations"]
    )


def test_what_several_texts_cite_is_read_together() -> None:
    """In a whole answer; in a stream behind what was cited before, however long that was."""
    first, second, third = ([text] for text in GIVEN)
    assert message(runs(), first, second, third) == [
        [cite(f"so {MARK}")],
        [cite(MARK)],
        [cite(f"{MARK} six.")],
    ]
    long = "a long story " * 500
    for begin in ("", long):
        before = [begin + GIVEN[0]]
        told = clients.cited(streamed(runs(), MESSAGES, quoting(before, second, third), 2))
        assert told == [[cite(before[0])], [cite(GIVEN[1])], [cite(f"{MARK} six.")]]
        body = response(before, second, third)
        raw = upstreams.sse([{"type": "response.completed", "response": body}])
        (_, data), *_ = clients.frames(streamed(runs(), RESPONSES, raw))
        assert cites_of(json.loads(data)["response"]) == [before[0], GIVEN[1], f"{MARK} six."]
    out = json.loads(whole(runs(), RESPONSES, response(first, second, third))[2])
    assert cites_of(out) == [f"so {MARK}", MARK, f"{MARK} six."]


def test_what_is_cited_may_be_refused() -> None:
    """Nothing of it is told; a text that was told stays."""
    held = runs(Action.REFUSE)
    assert message(held, GIVEN) == [None]
    told = clients.messages(raw := streamed(held, MESSAGES, quoting(GIVEN), 3))
    assert list(told.texts.values()) == ["See.", REFUSAL]
    assert (told.ended, clients.cited(raw)) == (True, [[], []])
    raw = streamed(held, RESPONSES, annotated(GIVEN))
    assert titles(raw) == []
    assert REFUSAL in raw.decode()


def annotated(texts: list[str], *, end: bool = True) -> bytes:
    events: list[Any] = [
        {"type": ADDED, "annotation": one, "annotation_index": place} | AT
        for place, one in enumerate(part(*texts)["annotations"])
    ]
    last = {"type": "response.completed", "response": response(texts)}
    return upstreams.sse([*events, *([last] if end else [])], named=True)


def test_annotations_wait_for_the_text_they_belong_to() -> None:
    """Where only the end tells it, they come before that; without an end they do not."""
    assert titles(streamed(runs(), RESPONSES, annotated(GIVEN))) == [
        f"so {MARK}",
        MARK,
        f"{MARK} six.",
    ]
    assert titles(streamed(runs(), RESPONSES, annotated(GIVEN, end=False))) == []


def test_a_text_that_cites_nothing_says_so() -> None:
    """As it came: null, an empty list, or not at all."""
    content: list[Any] = [
        {"type": "text", "text": "x", "citations": None},
        {"type": "text", "text": "y", "citations": []},
        {"type": "text", "text": "z"},
    ]
    assert json.loads(whole(guard(), MESSAGES, {"content": content})[2])["content"] == content
    for start in content:
        opened = {"type": "content_block_start", "index": 0, "content_block": start}
        out = streamed(guard(), MESSAGES, upstreams.sse([opened, {"type": "message_stop"}]))
        told = json.loads(clients.frames(out)[0][1])["content_block"]
        assert told == start | {"text": ""}


@pytest.mark.parametrize("odd", ["so", [SECRET], {"a": 1}])
def test_citations_that_are_none_are_refused(odd: Any) -> None:
    """They are objects in a list."""
    block = {"type": "text", "text": "x", "citations": odd}
    assert message_refused({"content": [block]}, MESSAGES)
    assert message_refused(
        {"output": [{"content": [{"text": "x", "annotations": odd}]}]}, RESPONSES
    )
    opened = {"type": "content_block_start", "index": 0, "content_block": block | {"citations": []}}
    delta = {"type": "citations_delta", "citation": [odd]}
    piece = {"type": "content_block_delta", "index": 0, "delta": delta}
    for path, events in (
        (MESSAGES, [opened | {"content_block": block}]),
        (MESSAGES, [opened, piece]),
        (RESPONSES, [{"type": ADDED, "annotation": [odd]} | AT]),
    ):
        assert REFUSAL in streamed(guard(), path, upstreams.sse(events)).decode()


def message_refused(body: Any, path: str) -> bool:
    return REFUSAL in whole(guard(), path, body)[2].decode()


def test_what_is_cited_is_bounded() -> None:
    """How much is held, how many fields it has, and of how many parts it is known."""
    held, texts = guard(max_chars=1000), ["x" * 100] * 20
    assert REFUSAL in streamed(held, MESSAGES, quoting(texts)).decode()
    assert REFUSAL in streamed(held, RESPONSES, annotated(texts, end=False)).decode()
    said: Any
    for number, said in ((100, "x"), (20_000, {})):
        fields = {f"k{one}": said for one in range(number)}
        block = {"type": "text", "text": "x", "citations": [fields]}
        assert message_refused({"content": [block]}, MESSAGES)
    body = {"output": [{"content": [{"annotations": [{"title": "x"}]}] * 2000}]}
    last = {"type": "response.completed", "response": body}
    assert REFUSAL in streamed(guard(), RESPONSES, upstreams.sse([last])).decode()
