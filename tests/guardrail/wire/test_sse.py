"""Server-sent events: frames from bytes that were cut anywhere."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.answer import Reply
from guardrail.wire.checks import WireError
from guardrail.wire.frames import MAX_FRAME, Frame, Frames
from guardrail.wire.sse import encode
from tests.guardrail.wire import clients
from tests.guardrail.wire.exchanges import (
    CHAT,
    OTHER,
    REFUSAL,
    SECRET,
    SSE,
    exchange,
    guard,
    streamed,
)

ends = st.sampled_from(["\n", "\r", "\r\n"])
words = st.text(alphabet="ab :é東\t", max_size=5)


def read(raw: bytes, sizes: list[int]) -> list[Frame]:
    frames, place = Frames(), 0
    told: list[Frame] = []
    for size in [*sizes, len(raw)]:
        told += frames.feed(raw[place : place + size])
        place += size
    return told


@given(
    st.lists(st.tuples(words, st.lists(words, min_size=1, max_size=3)), max_size=5),
    ends,
    st.lists(st.integers(0, 4), max_size=60),
    st.booleans(),
)
def test_frames_are_the_same_for_every_cut(
    events: list[tuple[str, list[str]]], end: str, sizes: list[int], marked: bool
) -> None:
    """Any end of a line, several lines of data, a byte order mark, and bytes cut anywhere."""
    lines = ["\ufeff"[: int(marked)]]
    for name, data in events:
        lines += [f"event: {name}{end}", *(f"data: {one}{end}" for one in data), f"id: 7{end}", end]
    expected = [Frame(name, "\n".join(data)) for name, data in events]
    assert read("".join(lines).encode(), sizes) == expected


def test_the_end_of_a_line_is_not_waited_for() -> None:
    """After a carriage return the event is there, whether or not a line feed follows."""
    frames = Frames()
    assert list(frames.feed(b"data: x\r\r")) == [Frame(None, "x")]
    assert list(frames.feed(b"\ndata: y\r\n\r")) == [Frame(None, "y")]
    assert list(frames.feed(b"\n\n")) == []


def test_what_is_no_data_is_no_event() -> None:
    """A comment keeps the connection open; a name, an id or a pause alone says nothing."""
    assert read(b":hello\n\nevent: x\n\nid: 1\nretry: 5\n\ndata\n\n", []) == [
        Frame(None, None),
        Frame(None, ""),
    ]


@pytest.mark.parametrize("size", [1 << 16, 1 << 30])
@pytest.mark.parametrize("line", [b"data: " + b"x" * MAX_FRAME, b"data: %b\n" % (b"y" * 4096)])
def test_a_large_event_is_an_error(line: bytes, size: int) -> None:
    """In one line or in many, in one piece or in many."""
    raw = line * (MAX_FRAME // len(line) + 9) + b"\n\n"
    with pytest.raises(WireError, match="too large"):
        read(raw, [size] * (len(raw) // size))


def test_a_large_event_among_others_is_an_error() -> None:
    """What came before it is read."""
    frames = Frames().feed(b"data: a\n\ndata: " + b"x" * MAX_FRAME + b"\n\n")
    assert next(frames) == Frame(None, "a")
    with pytest.raises(WireError, match="too large"):
        next(frames)


def test_bytes_that_are_no_text_are_an_error() -> None:
    """An event must be UTF-8."""
    with pytest.raises(WireError, match="UTF-8"):
        list(Frames().feed(b"data: \xff\n\n"))
    with pytest.raises(WireError, match="UTF-8"):
        list(Frames().feed(b"data: a\n\nevent: \xff\ndata: b\n\n"))


@given(st.text(alphabet="ab\n:", max_size=9))
def test_what_is_written_is_read(data: str) -> None:
    """Lines of data become one event again."""
    assert read(encode([("n", data)]), [1] * 30) == [Frame("n", data)]


def test_comments_say_nothing() -> None:
    """What a comment holds does not go out."""
    raw = f": {SECRET}\n\ndata: hello\n\n".encode()
    assert streamed(guard(), OTHER, raw, 1).startswith(b":\n\n")
    assert SECRET.encode() not in streamed(guard(), OTHER, raw, 1)


def test_names_of_events_are_read() -> None:
    """Text in the name of an event is redacted, or left out where the form knows no names."""
    raw = f"event: {SECRET}\ndata: hello\n\n".encode()
    assert b"event: [redacted]\n" in streamed(guard(), OTHER, raw)
    chunk = {"choices": [{"index": 0, "delta": {"content": "hello"}}]}
    raw = f"event: {SECRET}\ndata: {json.dumps(chunk)}\n\n".encode()
    assert SECRET.encode() not in streamed(guard(), CHAT, raw)


def test_after_the_end_nothing_is_taken() -> None:
    """What follows the last event is nobody's."""
    raw = b"data: [DONE]\n\ndata: more\n\n"
    assert streamed(guard(), CHAT, raw) == b"data: [DONE]\n\n"
    assert streamed(guard(), OTHER, raw) == b"data: [DONE]\n\n"


def test_an_event_too_large_is_refused() -> None:
    """A client sees a refusal instead of it."""
    raw = b"data: " + b"x" * (MAX_FRAME + 9)
    out = exchange(guard(), CHAT, streams=True).answer(200, SSE).feed(raw)
    assert list(clients.chat(out).texts.values()) == [REFUSAL]


def test_what_holds_unchecked_text_does_not_show_it() -> None:
    """The repr of a frame and of a reply tells nothing of what they hold."""
    (frame,) = Frames().feed(b"event: sozq\ndata: zq1234\n\n")
    reply = Reply(200, (), b"zq1234")
    assert "zq" not in repr(frame) + repr(reply)
