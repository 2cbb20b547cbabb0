"""Streams: what is shown does not depend on how the answer was cut, and is what `check` shows."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrail import (
    Action,
    Admission,
    Context,
    Detector,
    Event,
    Finding,
    Guard,
    Rule,
    Text,
    Verdict,
)
from guardrail.redact import redact
from tests.faults import Claims, Failing, Recants
from tests.readers import gathered, later
from tests.strategies import Ending, Pattern, Quoted, cut, rules, texts

EDITS = (Action.FLAG, Action.REDACT)


def streamed(guard: Guard, chunks: Iterable[str]) -> tuple[str, Verdict]:
    answer = guard.start()
    text = "".join([*(answer.feed(chunk) for chunk in chunks), answer.close()])
    return text, answer.verdict


def check_redacted(held: tuple[Rule, ...], text: str, seed: int) -> None:
    guard = Guard(held)
    whole = guard.check(text)
    shown, verdict = streamed(guard, cut(text, seed))
    assert shown == whole.text == verdict.text
    assert (verdict.findings, verdict.discounted) == (whole.findings, whole.discounted)
    assert verdict.action == whole.action


def check_refused(held: tuple[Rule, ...], text: str, seed: int) -> None:
    guard = Guard(held)
    shown, verdict = streamed(guard, cut(text, seed))
    assert (shown, verdict) == streamed(guard, cut(text, seed + 1))
    whole = guard.check(text)
    actions = {rule.id: rule.action for rule in held}
    stops = [f.start for f in whole.findings if actions[f.rule] >= Action.THROTTLE]
    if not stops:
        assert shown == whole.text
        return
    spans = [f for f in whole.findings if actions[f.rule] is Action.REDACT and f.start < stops[0]]
    prefix = redact(
        text[: stops[0]], [(f.start, min(f.end, stops[0])) for f in spans], "[redacted]"
    )
    assert shown == prefix + "I can't share that."
    assert verdict.action >= Action.THROTTLE


@given(rules(EDITS), texts, st.integers(0, 2**32))
def test_a_redacted_stream_is_the_redacted_text(
    held: tuple[Rule, ...], text: str, seed: int
) -> None:
    """For every way to cut the text, the stream shows what a check of the whole text shows."""
    check_redacted(held, text, seed)


@given(rules(tuple(Action)), texts, st.integers(0, 2**32))
def test_a_refused_stream_is_the_same_for_every_cut(
    held: tuple[Rule, ...], text: str, seed: int
) -> None:
    """A refusal leaves the same safe prefix, then the refusal, whatever the chunks."""
    check_refused(held, text, seed)


@pytest.mark.slow
@settings(max_examples=50_000)
@given(rules(EDITS), texts, st.integers(0, 2**32))
def test_a_redacted_stream_is_the_redacted_text_at_length(
    held: tuple[Rule, ...], text: str, seed: int
) -> None:
    """The same, fifty thousand times."""
    check_redacted(held, text, seed)


@pytest.mark.slow
@settings(max_examples=20_000)
@given(rules(tuple(Action)), texts, st.integers(0, 2**32))
def test_a_refused_stream_is_the_same_for_every_cut_at_length(
    held: tuple[Rule, ...], text: str, seed: int
) -> None:
    """The same, twenty thousand times."""
    check_refused(held, text, seed)


def test_shows_text_as_soon_as_it_is_settled() -> None:
    """What no rule waits for is shown at once; an open candidate holds the rest."""
    answer = Guard([Rule(Quoted(), id="quoted")]).start()
    assert answer.feed("plain ") == "plain "
    assert answer.feed("and <sec") == "and "
    assert answer.feed("ret>") == ""
    assert answer.feed(" more") == "[redacted] more"
    assert answer.close() == ""


def test_a_refusal_keeps_the_safe_prefix() -> None:
    """Text before the refused finding is shown, redacted; nothing after it is."""
    guard = Guard(
        [
            Rule(Quoted(), id="quoted", action=Action.REFUSE),
            Rule(Pattern("b[a-z]{3}", 4), id="b", action=Action.REDACT),
        ],
        refusal="No.",
    )
    for seed in range(20):
        shown, verdict = streamed(guard, cut("one bone and <this> and on", seed))
        assert shown == "one [redacted] and No."
        assert [finding.rule for finding in verdict.findings] == ["b", "quoted"]


def test_after_a_refusal_nothing_is_taken() -> None:
    """A refused stream is done, and its source is closed."""
    closed = []

    def source() -> Iterable[str]:
        try:
            yield "<a>"
            yield from ("more " for _ in range(10**9))
        finally:
            closed.append(True)

    guard = Guard([Rule(Quoted(), id="quoted", action=Action.REFUSE)])
    assert "".join(guard.stream(source())) == "I can't share that."
    assert closed == [True]


def test_buffer_waits_for_the_whole_answer() -> None:
    """`hold="buffer"` shows nothing before the end, and a refusal without a prefix."""
    held = [Rule(Quoted(), id="quoted", action=Action.REFUSE)]
    answer = Guard(held, hold="buffer").start()
    assert answer.feed("some text ") == ""
    assert answer.close() == "some text "
    assert streamed(Guard(held, hold="buffer"), ["some ", "<x>", " y"])[0] == "I can't share that."


def test_observing_changes_nothing() -> None:
    """Everything is shown at once and recorded all the same."""
    guard = Guard([Rule(Quoted(), id="quoted", action=Action.REFUSE)], mode="observe")
    answer = guard.start()
    assert [answer.feed(chunk) for chunk in ("a <b", "> c")] == ["a <b", "> c"]
    assert answer.close() == ""
    assert answer.verdict.action is Action.REFUSE


def test_a_refused_admission_refuses_the_stream() -> None:
    """What was not admitted is not answered, whatever the chunks."""
    guard = Guard()
    refused = Admission(Context(), Verdict(Action.REFUSE, "x"))
    assert "".join(guard.stream(["some", "text"], refused)) == "I can't share that."
    assert "".join(guard.stream([], refused)) == "I can't share that."


@pytest.mark.parametrize(
    ("size", "shown"),
    [(1, "0123456[redacted]1No."), (7, "0123456[redacted]1No."), (1000, "No.")],
)
def test_too_long_an_answer_is_refused(size: int, shown: str) -> None:
    """Once, after what was shown by then; a candidate that is open at the limit stays hidden."""
    events: list[Event] = []
    guard = Guard(
        [Rule(Quoted(), id="quoted")], max_chars=20, refusal="No.", on_event=events.append
    )
    text = "0123456<89>1<345678901234567"
    chunks = [text[i : i + size] for i in range(0, len(text), size)]
    assert streamed(guard, chunks)[0] == shown
    assert [event.errors for event in events] == [("size: too large",)]
    assert guard.check(text).text == "No."


def test_observing_shows_what_is_too_long() -> None:
    """The error is told once, and the answer goes on unchanged."""
    guard = Guard([Rule(Quoted(), id="quoted")], mode="observe", max_chars=10)
    shown, verdict = streamed(guard, ["ab <c> "] * 5)
    assert shown == "ab <c> " * 5
    assert (len(verdict.findings), verdict.errors) == (1, ("size: too large",))


def test_a_chunk_that_is_no_text_is_refused() -> None:
    """An unknown shape in a stream is an error, and nothing more is shown."""
    shown, verdict = streamed(Guard(), ["text ", None, "more"])  # type: ignore[list-item]
    assert shown == "text I can't share that."
    assert verdict.errors == ("stream: chunk is not a string",)
    guard = Guard()
    assert "".join(guard.stream(["text ", None])) == shown  # type: ignore[list-item]
    assert asyncio.run(gathered(guard.astream(later(["text ", None])))) == shown


@pytest.mark.parametrize("detector", [Claims(1000), Recants()])
def test_a_detector_that_settles_too_much_has_failed(detector: Detector) -> None:
    """What it finds too late to be hidden is an error, never dropped in silence."""
    _, verdict = streamed(Guard([Rule(detector, id="bad")]), ["axb", "xc"])
    assert verdict.action is Action.REFUSE
    assert verdict.errors == ("bad: OutsideTextError",)


def test_what_holds_a_connection_is_closed() -> None:
    """A response that is iterated over, and not only its iterator, is closed at the end."""

    class Response:
        closed = False

        def __iter__(self) -> Iterator[str]:
            return iter(["some ", "<text>", " more"])

        def close(self) -> None:
            self.closed = True

    for action in (Action.REDACT, Action.REFUSE):
        response = Response()
        "".join(Guard([Rule(Quoted(), id="quoted", action=action)]).stream(response))
        assert response.closed


def test_many_spans_that_wait_cost_linear_work() -> None:
    """A rule that settles late brings its spans in between many others, in no bad time."""

    @dataclass
    class Letters(Claims):
        letter: str = ""

        def find(self, text: Text) -> Iterable[Finding]:
            places = re.finditer(self.letter, text.raw)
            return (Finding(match.start(), match.end(), "letter") for match in places)

        def settled(self, text: Text) -> int:
            return len(text.raw) if self.says else 0

    guard = Guard([Rule(Letters(1, "a"), id="a"), Rule(Letters(0, "b"), id="b")])

    def seconds(size: int) -> float:
        begun = time.thread_time()
        assert streamed(guard, ["a.b."] * size)[0] == "[redacted].[redacted]." * size
        return time.thread_time() - begun

    small = min(seconds(1_000) for _ in range(3))
    assert any(seconds(16_000) < 64 * small for _ in range(3))


def test_a_failing_detector_refuses() -> None:
    """An exception is an error of its own, without its message, and what follows is withheld."""
    shown, verdict = streamed(Guard([Rule(Failing(), id="bad")]), ["fine ", "not! ", "more"])
    assert shown == "fine I can't share that."
    assert verdict.errors == ("bad: ValueError",)


def test_a_failing_detector_can_be_let_pass() -> None:
    """With `on_error="flag"` the error is recorded and the other rules go on."""
    guard = Guard([Rule(Failing(), id="bad"), Rule(Quoted(), id="q")], on_error=Action.FLAG)
    shown, verdict = streamed(guard, ["fine! ", "<x> ", "end"])
    assert shown == "fine! [redacted] end"
    assert (verdict.action, verdict.errors) == (Action.REDACT, ("bad: ValueError",))


def test_a_long_hold_costs_linear_work() -> None:
    """A detector that needs the whole text is not asked about all of it at every chunk."""

    def work(size: int) -> int:
        detector = Failing()
        open_end = Guard([Rule(detector, id="count"), Rule(Ending(2), id="end")])
        streamed(open_end, ["word"] * size)
        return sum(detector.calls)

    assert work(4000) < 10 * work(1000)
