"""What fails while a text is judged: an error of its verdict."""

from __future__ import annotations

import asyncio
import logging
import threading

import pytest

from guardrail import Action, Context, Event, Guard, Message, Rule
from tests.faults import Outside, Raises, Sleeps
from tests.strategies import Quoted

PRIVATE = "<the secret>"


def guard(action: Action = Action.REDACT, **settings: object) -> Guard:
    return Guard([Rule(Quoted(), id="quoted", action=action)], **settings)  # type: ignore[arg-type]


def test_an_exception_refuses_and_keeps_its_message(caplog: pytest.LogCaptureFixture) -> None:
    """An error names rule and type; what the exception says may be text and goes nowhere."""
    with caplog.at_level(logging.DEBUG):
        verdict = Guard([Rule(Raises(ValueError(PRIVATE)), id="bad")]).check(PRIVATE)
    assert (verdict.action, verdict.text) == (Action.REFUSE, "I can't share that.")
    assert verdict.errors == ("bad: ValueError",)
    assert caplog.messages == ["rule 'bad' failed: ValueError"]


def test_an_interrupt_is_no_error() -> None:
    """What is not an `Exception` passes through."""
    with pytest.raises(KeyboardInterrupt):
        Guard([Rule(Raises(KeyboardInterrupt()), id="bad")]).check("text")


@pytest.mark.parametrize("timeout", [None, 30])
def test_the_log_names_the_rule_that_failed(
    timeout: float | None, caplog: pytest.LogCaptureFixture
) -> None:
    """On answers, whole and streamed, and on prompts."""
    bad = Raises(ValueError(PRIVATE))
    Guard([Rule(bad, id="bad", timeout=timeout)]).check(PRIVATE)
    list(Guard([Rule(bad, id="bad", timeout=timeout)]).stream([PRIVATE]))
    Guard([Rule(bad, id="bad", on="prompt", timeout=timeout)]).admit(Context(prompt=PRIVATE))
    assert caplog.messages == ["rule 'bad' failed: ValueError"] * 3


def test_a_late_detector_is_an_error(caplog: pytest.LogCaptureFixture) -> None:
    """A detector that runs out of its time refuses; one that keeps to it counts."""
    slow, quick = Sleeps(30), Sleeps(0)
    late = Guard([Rule(slow, id="slow", timeout=0.05)]).check("text")
    slow.woken.set()
    assert (late.action, late.errors) == (Action.REFUSE, ("slow: timeout",))
    assert caplog.messages == ["rule 'slow' ran out of time"]
    assert Guard([Rule(quick, id="quick", timeout=30)]).check("text").text == "[redacted]"


def test_a_thread_that_cannot_be_started_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that has no thread left for a detector with a time-out refuses."""

    def start(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", start)
    verdict = Guard([Rule(Quoted(), id="quoted", timeout=30)]).check("text")
    assert (verdict.action, verdict.errors) == (Action.REFUSE, ("quoted: RuntimeError",))


def test_a_finding_outside_the_text_is_an_error() -> None:
    """A span that the text does not have is not trusted."""
    verdict = Guard([Rule(Outside(), id="bad")]).check("text")
    assert verdict.errors == ("bad: OutsideTextError",)


@pytest.mark.parametrize("output", [None, b"bytes", 3])
def test_what_is_no_text_is_refused(output: object) -> None:
    """An answer that cannot be checked is an error."""
    verdict = guard().check(output)  # type: ignore[arg-type]
    assert (verdict.action, verdict.errors) == (Action.REFUSE, ("output: not a string",))
    assert asyncio.run(guard().acheck(output)) == verdict  # type: ignore[arg-type]


def test_too_long_a_text_is_refused_whatever_errors_ask_for() -> None:
    """Text that is not checked is not shown."""
    verdict = guard(on_error=Action.FLAG, max_chars=5).check("123456")
    assert (verdict.action, verdict.errors) == (Action.REFUSE, ("size: too large",))
    long = Context(prompt="123456")
    assert guard(max_chars=5).admit(long).action is Action.REFUSE


def test_too_many_messages_are_refused(caplog: pytest.LogCaptureFixture) -> None:
    """However short they are, each has its price; who runs the guard learns of it."""
    events: list[Event] = []
    held = guard(on_error=Action.FLAG, max_messages=3, on_event=events.append)
    three = (Message("user", "ok"),) * 3
    assert held.admit(Context(messages=three)).action is Action.ALLOW
    assert not caplog.messages
    admission = held.admit(Context(messages=three, prompt="ok"))
    assert (admission.action, admission.verdict.text) == (Action.REFUSE, held.refusal)
    assert events[-1].errors == ("size: too many messages",)
    assert caplog.messages == ["refused: too many messages"]
    assert guard().admit(Context(messages=three * 4_000)).action is Action.REFUSE


def test_errors_can_be_flagged() -> None:
    """`on_error` says what an error asks for."""
    verdict = Guard([Rule(Raises(ValueError()), id="bad")], on_error=Action.FLAG).check("text")
    assert (verdict.action, verdict.text) == (Action.FLAG, "text")
