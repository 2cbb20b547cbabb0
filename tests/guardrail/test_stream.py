"""Streams: what is shown does not depend on how the answer was cut, and is what `check` shows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrail import Action, Admission, Context, Event, Finding, Guard, Rule, Text, Verdict
from guardrail.redact import redact
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
@settings(max_examples=50_000, deadline=None)
@given(rules(EDITS), texts, st.integers(0, 2**32))
def test_a_redacted_stream_is_the_redacted_text_at_length(
    held: tuple[Rule, ...], text: str, seed: int
) -> None:
    """The same, fifty thousand times."""
    check_redacted(held, text, seed)


@pytest.mark.slow
@settings(max_examples=20_000, deadline=None)
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


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_too_long_an_answer_is_refused_at_its_limit(size: int) -> None:
    """What fits is shown as if the answer ended there; then comes the refusal."""
    guard = Guard([Rule(Quoted(), id="quoted")], max_chars=20, refusal="No.")
    text = "0123456<89>12345678901234567"
    shown, verdict = streamed(guard, [text[i : i + size] for i in range(0, len(text), size)])
    assert shown == "0123456[redacted]123456789No."
    assert verdict.errors == ("size: too large",)
    assert guard.check(text).text == "No."


def test_a_chunk_that_is_no_text_is_refused() -> None:
    """An unknown shape in a stream is an error, and nothing more is shown."""
    shown, verdict = streamed(Guard(), ["text ", None, "more"])  # type: ignore[list-item]
    assert shown == "text I can't share that."
    assert verdict.errors == ("stream: chunk is not a string",)


@dataclass
class Failing:
    """Raises, with text in the message, once it sees an exclamation mark."""

    where: str = "feed"
    calls: list[int] = field(default_factory=list)

    def find(self, text: Text) -> Iterable[Finding]:
        self.calls.append(len(text.raw))
        if "!" in text.raw or self.where == "find":
            raise ValueError(text.raw)
        return ()

    def settled(self, text: Text) -> int:
        return len(text.raw)


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


def test_what_a_cancelled_stream_showed_is_its_verdict() -> None:
    """A reader that goes away leaves a verdict on what was shown, and an event."""
    events: list[Event] = []
    guard = Guard([Rule(Quoted(), id="quoted")], on_event=events.append)
    pieces = guard.stream(["one ", "two ", "<three"])
    assert next(pieces) == "one "
    pieces.close()
    assert [(event.kind, event.characters) for event in events] == [("stream", 4)]
