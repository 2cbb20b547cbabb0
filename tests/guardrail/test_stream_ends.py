"""A stream whose reader goes away, or whose hook ends it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail import (
    Action,
    Context,
    Event,
    Finding,
    Guard,
    Rule,
    Text,
)
from guardrail.stream import StreamGuard
from tests.faults import Claims
from tests.readers import gathered, later
from tests.strategies import Quoted, cut, rules, texts

EDITS = (Action.FLAG, Action.REDACT)


def test_what_a_cancelled_stream_showed_is_its_verdict() -> None:
    """A reader that goes away leaves a verdict on what had come, and an event."""
    events: list[Event] = []
    guard = Guard([Rule(Quoted(), id="quoted")], on_event=events.append)
    pieces = guard.stream(["one ", "two ", "<three"])
    assert next(pieces) == "one "
    pieces.close()
    assert [(event.kind, event.characters) for event in events] == [("stream", 4)]


@given(rules(EDITS), texts, st.integers(0, 2**32))
def test_who_goes_away_is_judged_as_who_stays(held: tuple[Rule, ...], text: str, seed: int) -> None:
    """All that had come counts, what was held back too, and nothing of that is shown."""
    events: list[Event] = []
    guard = Guard(held, on_event=events.append)
    answer = guard.start()
    shown = "".join(map(answer.feed, cut(text, seed)))
    for _ in range(2):
        answer.cancel()
    whole = guard.check(text)
    assert [event.kind for event in events] == ["stream", "check"]
    assert answer.verdict.text == shown
    assert whole.text.startswith(shown)
    assert (answer.verdict.findings, answer.verdict.action) == (whole.findings, whole.action)
    assert answer.feed("more") + answer.close() == ""


def test_what_fails_once_the_reader_is_gone_is_an_error_of_the_verdict() -> None:
    """It is raised to nobody."""

    class Late(Claims):
        def find(self, text: Text) -> Iterable[Finding]:
            raise ValueError(text.raw)

    guard = Guard([Rule(Late(0), id="late"), Rule(Quoted(), id="quoted")])
    answer = guard.start()
    assert answer.feed("one <two>") == ""
    answer.cancel()
    assert (answer.verdict.text, answer.verdict.errors) == ("", ("late: ValueError",))
    assert [finding.rule for finding in answer.verdict.findings] == ["quoted"]


def test_a_hook_may_end_the_stream_that_it_is_told_of() -> None:
    """It has ended then, and nothing waits for it."""
    streams: list[StreamGuard] = []

    def hook(_: Event) -> None:
        streams[0].cancel()
        assert streams[0].close() == ""

    guard = Guard([Rule(Quoted(), id="quoted")], on_event=hook)
    streams.append(guard.start(Context()))
    ending = threading.Thread(target=streams[0].close, daemon=True)
    ending.start()
    ending.join(30)
    assert not ending.is_alive()
    assert streams[0].done


def test_a_cancelled_stream_has_one_verdict() -> None:
    """What a detector finds that is still at work when the reader goes away stands in it."""
    begun, goes = threading.Event(), threading.Event()
    events: list[Event] = []

    class Waiting(Claims):
        def find(self, text: Text) -> Iterable[Finding]:
            begun.set()
            goes.wait(30)
            return super().find(text)

    guard = Guard(
        [Rule(Waiting(1), id="x", action=Action.REFUSE, timeout=60)], on_event=events.append
    )

    async def leave() -> None:
        task = asyncio.ensure_future(gathered(guard.astream(later(["x"]))))
        await asyncio.to_thread(begun.wait)
        task.cancel()
        await asyncio.sleep(0)
        goes.set()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(leave())
    assert [event.action for event in events] == [Action.REFUSE]
