"""Limits on hits: who asks whether guesses are true gets few answers, and then none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from detectors.verbatim import Verbatim
from guardrail import Action, Context, Guard, Identity, Rule
from guardrail.session.history import History
from guardrail.session.limits import Limit, Limits
from guardrail.session.memory import MemoryStore
from tests.guardrail.session.asking import LONG, MARK, Clock

ALICE, BOB = Identity("alice"), Identity("bob")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def guard(index: Path, clock: Clock) -> Iterator[Guard]:
    history = History(MemoryStore(clock=clock), secret=b"k" * 32)
    limits = Limits([Limit(id="guesses", hits="4/hour", burst=2)], history)
    with Guard([Rule(Verbatim(index=index), id="verbatim")], limits=limits) as held:
        yield held


def passage(first: int, count: int = 20) -> str:
    return " ".join(LONG[first : first + count])


def told(guard: Guard, text: str, who: Identity = ALICE, prompt: str = "hello") -> str:
    """What somebody reads in place of an answer, whole or as it comes."""
    admission = guard.admit(Context(prompt, identity=who))
    if guard.stops(admission):
        return str(admission.action)
    if len(text) % 2:
        return guard.check(text, admission).text
    return "".join(guard.stream([text], admission))


def test_hits_are_limited_and_the_rest_is_not(guard: Guard, clock: Clock) -> None:
    """Answers that hit are counted; who has had too many is asked to wait, whatever they ask."""
    for number in range(50):
        assert (
            told(guard, "an ordinary answer" + "." * number) == "an ordinary answer" + "." * number
        )
    assert [told(guard, passage(at)) for at in (0, 100, 200)] == [MARK] * 3
    assert told(guard, passage(300)) == told(guard, "an ordinary answer") == "throttle"
    assert told(guard, passage(300), BOB) == MARK
    refused = guard.admit(Context("hello", identity=ALICE))
    assert (refused.action, refused.retry_after) == (Action.THROTTLE, 900.0)
    clock.move(900_000_000)
    assert told(guard, "an ordinary answer") == "an ordinary answer"
    assert told(guard, passage(400)) == MARK
    assert told(guard, "an ordinary answer") == "throttle"


def test_each_passage_of_an_answer_is_a_hit(guard: Guard) -> None:
    """Guesses that are asked for together are counted one by one, up to twice the burst."""
    several = " and then ".join(passage(at) for at in range(0, 300, 30))
    assert told(guard, several).count(MARK) == 10
    refused = guard.admit(Context("hello", identity=ALICE))
    assert refused.retry_after == 1800.0


def left(guard: Guard, words: list[str]) -> str:
    """What somebody reads who goes away while an answer is still being made."""
    answer = guard.start(guard.admit(Context("hello", identity=ALICE)))
    shown = "".join(answer.feed(f"{word} ") for word in words)
    for _ in range(2):
        answer.cancel()
    return shown


def test_who_goes_away_has_hit(guard: Guard) -> None:
    """That text is held back has told of the passage: it is no cheaper to leave before its end."""
    assert [left(guard, LONG[:40]) for _ in range(2)] == ["", ""]
    assert told(guard, "an ordinary answer") == "an ordinary answer"
    assert told(guard, passage(200)) == MARK
    assert told(guard, "an ordinary answer") == "throttle"


def test_who_goes_away_before_or_after_a_passage_hits_no_more(guard: Guard) -> None:
    """Before there is one nothing is counted; one that has ended was."""
    for _ in range(9):
        assert left(guard, ["Well", "then", *LONG[:9]])
    assert left(guard, [*LONG[:20], *["so", "it", "goes"] * 9]).startswith(MARK)
    assert told(guard, passage(200)) == MARK
    assert told(guard, passage(300)) == MARK
    assert told(guard, "an ordinary answer") == "throttle"


def test_what_the_reader_wrote_is_no_hit(guard: Guard) -> None:
    """An echo shows nothing, and costs nothing."""
    for at in range(0, 400, 40):
        assert told(guard, passage(at), prompt=f"Say {passage(at)}") == passage(at)


def test_a_refusal_is_a_hit(index: Path, clock: Clock) -> None:
    """It tells as much as a redaction does."""
    history = History(MemoryStore(clock=clock), secret=b"k" * 32)
    limits = Limits([Limit(hits="1/day", burst=1)], history)
    rule = Rule(Verbatim(index=index), id="verbatim", action=Action.REFUSE)
    with Guard([rule], limits=limits, refusal="No.") as guard:
        assert [told(guard, passage(at)) for at in (0, 100, 200)] == ["No.", "No.", "throttle"]


def test_a_slow_rate_is_a_rate(index: Path, clock: Clock) -> None:
    """Where a month leaves room for few that are waited for, one is enough."""
    history = History(MemoryStore(clock=clock), secret=b"k" * 32)
    limits = Limits([Limit(hits="2/30 days", burst=1)], history)
    with Guard([Rule(Verbatim(index=index), id="verbatim")], limits=limits) as guard:
        assert [told(guard, passage(at)) for at in (0, 100, 200)] == [MARK, MARK, "throttle"]
