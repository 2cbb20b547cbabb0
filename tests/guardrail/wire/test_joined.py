"""Neighbouring events that go on in one string, as one."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.wire.checks import WireError
from guardrail.wire.frames import Frame
from guardrail.wire.joined import joined, string_after
from tests.guardrail.wire.exchanges import CHAT, SECRET, SSE, exchange, guard

DELTA = string_after('"content"')


def chunk(text: str, **more: object) -> Frame:
    return Frame(None, json.dumps({"delta": {"content": text}} | more, ensure_ascii=False))


def raw(said: str) -> Frame:
    return Frame(None, f'{{"content":"{said}"}}')


def told(*frames: Frame) -> list[Frame]:
    return list(joined(frames, DELTA))


def said(frames: list[Frame]) -> str:
    return "".join(json.loads(one.data or "")["delta"]["content"] for one in frames)


@given(st.lists(st.text(), min_size=1))
def test_nothing_that_is_said_is_lost(texts: list[str]) -> None:
    """Whatever the pieces are, together they say the same, and in plain ones nothing is left."""
    frames = told(*map(chunk, texts))
    assert said(frames) == "".join(texts)
    if "".join(texts).isprintable():
        assert len(frames) == 1


@given(st.lists(st.text(alphabet='ab"\\u0d,:{}\n'), min_size=1))
def test_what_is_no_json_does_not_become_json(pieces: list[str]) -> None:
    """An event that cannot be read alone cannot be read with its neighbours either."""
    frames = [raw(piece) for piece in pieces]
    assert all(map(_reads, told(*frames))) == all(map(_reads, frames))


@pytest.mark.parametrize(
    "frames",
    [
        pytest.param([chunk("a", n=1), chunk("b", n=2)], id="another field"),
        pytest.param([chunk("a"), chunk("b", n=2)], id="one more field"),
        pytest.param([chunk("a"), Frame("x", chunk("b").data)], id="another name"),
        pytest.param([raw("a"), Frame(None, None), raw("b")], id="a comment"),
        pytest.param([raw("a"), Frame(None, '{"content":"')], id="a piece of it"),
        pytest.param([raw("\\ud83d"), raw("\\ude00")], id="halves of a letter"),
        pytest.param([raw("a\\"), raw('"b')], id="halves of an escape"),
        pytest.param([raw('a","content":"b')] * 2, id="two strings"),
        pytest.param([Frame(None, "[DONE]")] * 2, id="no string"),
    ],
)
def test_what_differs_otherwise_stays_apart(frames: list[Frame]) -> None:
    """One string, and nothing else, may go on."""
    assert told(*frames) == frames
    assert list(joined(frames, None)) == frames


def test_what_came_before_an_error_is_told() -> None:
    """An event that cannot be read takes none of its neighbours with it."""

    def frames() -> Iterator[Frame]:
        yield raw("a")
        yield raw("b")
        raise WireError("junk")

    told = joined(frames(), DELTA)
    assert next(told) == raw("ab")
    with pytest.raises(WireError):
        next(told)


def test_what_comes_at_once_goes_out_at_once() -> None:
    """Of many events in one read the reader sees one, made safe, and then the end."""
    body = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    rows = [
        json.dumps(body | {"choices": [{"index": 0, "delta": {"content": letter}}]})
        for letter in f"it is {SECRET}, and no more of it"
    ]
    answer = exchange(guard(), CHAT, streams=True).answer(200, SSE)
    out = answer.feed("".join(f"data: {row}\n\n" for row in rows).encode())
    assert out.count(b"data: ") == 1
    assert b"it is [redacted], and no more" in out


def _reads(frame: Frame) -> bool:
    try:
        json.loads(frame.data or "")
    except ValueError:
        return False
    return True
