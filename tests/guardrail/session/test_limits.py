"""Limits through a guard: who is counted together, what is counted, and what is said."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import limits as oracle
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail import Action, Context, Event, Guard, Identity, Rule
from guardrail.session.gcra import Take
from guardrail.session.history import History
from guardrail.session.limits import Limit, Limits
from guardrail.session.memory import MemoryStore
from tests.guardrail.session.asking import (
    HEAD,
    Clock,
    allowed,
    asks,
    limited,
)
from tests.readers import LATER, LEAK
from tests.strategies import Pattern

NO = Identity().subject


def test_a_burst_goes_and_the_rest_waits() -> None:
    """Then one comes back after another, and it is said when."""
    clock = Clock()
    guard = limited(Limit(id="few", queries="6/minute", burst=3), clock=clock)
    alice = Identity("alice")
    assert allowed(guard, alice) == 3
    refused = asks(guard, alice)
    assert refused.action is Action.THROTTLE
    assert refused.retry_after == 10.0
    assert refused.verdict.text == LATER
    (finding,) = refused.verdict.findings
    assert (finding.kind, finding.rule, finding.on) == ("limit", "few", "prompt")
    assert "prompt rule few (throttle): 1 finding" in guard.explain(refused.verdict)
    clock.move(9_999_999)
    assert allowed(guard, alice) == 0
    clock.move(1)
    assert allowed(guard, alice) == 1
    clock.move(3_600_000_000)
    assert allowed(guard, alice) == 3


def test_half_of_the_number_goes_at_once() -> None:
    """Where the burst is not said."""
    assert allowed(limited(Limit(queries="7/hour")), Identity("alice")) == 3
    assert allowed(limited(Limit(queries="1/2 days")), Identity("alice")) == 1


@pytest.mark.parametrize(
    ("by", "one", "same", "other"),
    [
        ("identity", Identity("a", "t"), Identity("a", "u", "10.0.0.1"), Identity("b", "t")),
        ("identity", Identity(NO, "t"), Identity(NO, "t", "::1"), Identity(NO, "u")),
        ("identity", Identity(network="10.0.0.1"), Identity(network="10.0.0.2"), Identity("a")),
        ("identity", Identity(), Identity("anonymous"), Identity(network="10.0.0.1")),
        ("subject", Identity("a", "t"), Identity("a", "u"), Identity("b", "t")),
        ("subject", Identity(NO, "t"), Identity(NO, "u"), Identity("b")),
        ("token", Identity("a", "t"), Identity("b", "t"), Identity("a", "u")),
        ("network", Identity("a", network="10.0.0.1"), Identity("b", network="10.0.0.255"),
         Identity("a", network="10.0.1.1")),
        ("network", Identity(network="10.0.0.1"), Identity(network="::ffff:10.0.0.7"),
         Identity(network="10.0.1.1")),
        ("network", Identity(network="2001:db8::1"), Identity(network="2001:db8:0:0:ffff::"),
         Identity(network="2001:db8:0:1::1")),
        ("network", Identity(network="office"), Identity("a", network="office"), Identity()),
    ],
)  # fmt: skip
def test_who_is_counted_together(by: Any, one: Identity, same: Identity, other: Identity) -> None:
    """By what a limit says; all who lack it are one."""
    guard = limited(Limit(queries="2/hour", burst=2, by=(by,)))
    assert allowed(guard, one, times=1) == 1
    assert allowed(guard, same) == 1
    assert allowed(guard, one) == 0
    assert allowed(guard, other) == 2


def test_everyone_and_a_model() -> None:
    """A limit may be on all together, and hold for some models only."""
    guard = limited(
        Limit(id="all", queries="9/hour", burst=9, by=("everyone",)),
        Limit(id="pay", queries="2/hour", burst=2, by=("model", "subject"), models=("pay-*", "x")),
    )
    assert allowed(guard, Identity("a"), "pay-1") == 2
    assert allowed(guard, Identity("a"), "pay-2") == 2
    assert allowed(guard, Identity("b"), "pay-2") == 2
    assert allowed(guard, Identity("a"), "chat") == 3
    assert allowed(guard, Identity("c"), "chat") == 0


def test_a_model_that_is_not_told_may_be_any() -> None:
    """A limit on some models holds for it; case and white space are no other model."""
    guard = limited(Limit(id="pay", queries="2/hour", burst=2, models=("Pay-*",)))
    assert allowed(guard, Identity("a"), None) == 2
    assert allowed(guard, Identity("a"), " PAY-1 ") == 0
    assert allowed(guard, Identity("a"), "chat") == 20


def test_a_model_is_one_however_it_is_spelt() -> None:
    """Where a limit counts by it."""
    guard = limited(Limit(queries="1/hour", by=("model",)))
    spelt = ("chat-a", "CHAT-A", " chat-a ")
    assert [allowed(guard, Identity("a"), one, times=1) for one in spelt] == [1, 0, 0]


def test_who_meets_the_challenge_of_a_limit_goes_on() -> None:
    """Nobody is let go on with what everyone shares."""
    guard = limited(
        Limit(id="mine", queries="2/day", burst=2, action="challenge"),
        Limit(id="all", queries="5/day", burst=5, by=("everyone",), action="challenge"),
    )
    alice = Identity("alice")
    assert allowed(guard, alice) == 2
    guard.lift(Context(identity=alice))
    assert allowed(guard, alice) == 2
    guard.lift(Context(identity=alice))
    assert allowed(guard, alice) == 1


@pytest.mark.parametrize("blank", ["", " ", "\t\u2003"])
def test_a_blank_model_is_none(blank: str) -> None:
    """Whoever answers takes one of its own for it, as where none is told."""
    guard = limited(Limit(id="pay", queries="2/hour", burst=2, by=("model",), models=("pay-*",)))
    assert asks(guard, Identity("alice"), blank).context.model is None
    assert allowed(guard, Identity("bob"), blank) == 1
    assert allowed(guard, Identity("eve"), None) == 0


def test_what_one_limit_refuses_counts_for_none() -> None:
    """Who is held back by one does not use up another; both are named."""
    guard = limited(
        Limit(id="mine", queries="2/hour", burst=2),
        Limit(id="all", queries="4/hour", burst=4, by=("everyone",)),
    )
    assert allowed(guard, Identity("a")) == 2
    assert allowed(guard, Identity("b")) == 2
    exceeded = [one.rule for one in asks(guard, Identity("a")).verdict.findings]
    assert exceeded == ["all", "mine"]


def test_two_parts_of_an_identity_are_not_taken_for_another() -> None:
    """Where one ends and the next begins is part of the key."""
    guard = limited(Limit(queries="1/hour", by=("subject", "token")))
    assert allowed(guard, Identity("ab", "c")) == 1
    assert allowed(guard, Identity("a", "bc")) == 1


def test_tokens_of_answers_are_counted_as_they_are_shown() -> None:
    """One that goes beyond is shown, and waited for; redacted text does not count."""
    clock = Clock()
    guard = limited(Limit(tokens="100/hour", burst=100), clock=clock)
    alice = Identity("alice")
    first = asks(guard, alice)
    assert guard.check("word" * 50, first).action is Action.ALLOW
    second = asks(guard, alice)
    assert guard.check("word" * 60, second).action is Action.ALLOW
    third = asks(guard, alice)
    assert third.action is Action.THROTTLE
    assert third.retry_after == pytest.approx(13 * 36)
    clock.move(13 * 36_000_000)
    assert asks(guard, alice).action is Action.ALLOW
    carol = Identity("carol")
    guard.check("yes", asks(guard, carol))
    assert allowed(guard, carol, times=200) == 98
    bob = Identity("bob")
    guard.check(f"{LEAK} " * 15, asks(guard, bob))
    shown = "[redacted] " * 15
    clock.move(0)
    left = 100 - 1 - -(-len(shown) // 4)
    assert allowed(guard, bob, times=200) == left


def test_what_is_only_checked_is_not_counted() -> None:
    """A bare context was not admitted."""
    guard = limited(Limit(tokens="10/hour", burst=10))
    context = Context(identity=Identity("alice"))
    for _ in range(10):
        guard.check("word" * 100, context)
        assert "".join(guard.stream(["word"] * 100, context))
    assert allowed(guard, Identity("alice"), times=50) == 10


def test_a_cancelled_stream_is_charged_for_what_was_shown() -> None:
    """However much was still to come."""
    guard = limited(Limit(tokens="100/hour", burst=100))
    alice = Identity("alice")
    answer = guard.stream(["word" * 10] * 1000, asks(guard, alice))
    shown = next(answer) + next(answer)
    answer.close()
    assert allowed(guard, alice, times=200) == 100 - 1 - -(-len(shown) // 4)


def test_a_debt_has_an_end() -> None:
    """Answers are counted whole, and keep nobody out for more than a month."""
    clock = Clock()
    guard = limited(Limit(tokens="60/hour", burst=10), clock=clock)
    guard.check("word" * 10_000, asks(guard, Identity("alice")))
    refused = asks(guard, Identity("alice"))
    assert refused.retry_after == pytest.approx(60 * (10_000 + 2 - 10))
    other = asks(guard, Identity("bob"))
    for _ in range(2):
        guard.check("word" * 100_000, other)
    refused = asks(guard, Identity("bob"))
    assert refused.retry_after == pytest.approx(31 * 86_400 + 60 - 600)


async def test_async_doors_count_alike() -> None:
    """`aadmit`, `acheck` and `astream` too."""
    guard = limited(Limit(tokens="10/hour", burst=10))
    context = Context(identity=Identity("alice"))
    admission = await guard.aadmit(context)
    assert (await guard.acheck("word" * 4, admission)).action is Action.ALLOW

    async def chunks() -> AsyncIterator[str]:
        yield "word" * 5
        yield "word"

    admission = await guard.aadmit(context)
    assert [piece async for piece in guard.astream(chunks(), admission)]
    assert (await guard.aadmit(context)).action is Action.THROTTLE


def test_who_is_blocked_stays_so(tmp_path: Path) -> None:
    """In memory as well, and over a reload; without a limit to go beyond."""
    path = tmp_path / "policy.toml"
    path.write_text(HEAD + "[limits]\n")
    with Guard.from_policy(path) as guard:
        assert asks(guard, Identity("alice")).action is Action.ALLOW
        assert guard.limits is not None
        guard.limits.block(Identity("alice"), 3600)
        assert asks(guard, Identity("alice")).action is Action.REFUSE
        assert asks(guard, Identity("bob")).action is Action.ALLOW
        guard.reload()
        assert asks(guard, Identity("alice")).action is Action.REFUSE
        guard.limits.reset(Context(identity=Identity("alice")), "subject")
        assert asks(guard, Identity("alice")).action is Action.ALLOW


def test_a_prompt_that_is_too_many_is_not_read() -> None:
    """Nobody can keep the detectors busy by asking on."""
    read: list[str] = []

    class Reads(Pattern):
        def find(self, text: Any) -> Any:
            read.append(text.raw)
            return super().find(text)

    rule = Rule(Reads("zq", 2), id="asks", on="prompt", action=Action.FLAG)
    history = History(MemoryStore(), secret=b"k" * 32)
    limits = Limits([Limit(queries="2/day", burst=2)], history)
    guard = Guard([rule], limits=limits)
    for _ in range(5):
        asks(guard, Identity("alice"))
    assert len(read) == 2


def test_who_only_observes_answers_on() -> None:
    """And tells that it would not have."""
    told: list[Event] = []
    guard = limited(Limit(queries="2/day", burst=2), mode="observe", on_event=told.append)
    for _ in range(3):
        admission = asks(guard, Identity("alice"))
        assert not guard.stops(admission)
        assert guard.check("hello", admission).text == "hello"
    actions = [event.action for event in told if event.kind == "admit"]
    assert actions == [Action.ALLOW, Action.ALLOW, Action.THROTTLE]


@pytest.mark.parametrize("action", ["throttle", "challenge", "refuse"])
def test_a_limit_has_an_action(action: Any) -> None:
    """Come back later, show who you are, or no."""
    guard = limited(Limit(queries="1/hour", action=action))
    assert allowed(guard, Identity("alice")) == 1
    assert str(asks(guard, Identity("alice")).action) == action


def test_a_wrapped_call_is_not_made() -> None:
    """Whoever asks too often is told so in place of an answer."""
    guard = limited(Limit(queries="2/day", burst=2, by=("everyone",)))
    calls: list[str] = []

    def answer(prompt: str) -> str:
        calls.append(prompt)
        return "fine"

    safe = guard.wrap(answer)
    assert [safe("hello") for _ in range(4)] == ["fine", "fine", LATER, LATER]
    assert len(calls) == 2


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 3)), max_size=20))
def test_batches_go_as_another_library_lets_them(batches: list[tuple[int, int]]) -> None:
    """A moving window of `limits`, where a burst is the whole number and batches a period apart."""
    clock, key = Clock(), b"k" * 16
    store = MemoryStore(clock=clock)
    window = oracle.RateLimitItemPerMinute(5)
    theirs = oracle.strategies.MovingWindowRateLimiter(oracle.storage.MemoryStorage())
    period = 0
    for tries, gap in batches:
        period += gap
        clock.move(gap * 60_000_000)
        name = f"period {period}"
        take = Take(key, interval=12_000_000, burst=5)
        ours = [not any(store.take([take])) for _ in range(tries)]
        assert ours == [theirs.hit(window, name) for _ in range(tries)]


@given(st.lists(st.integers(0, 40_000_000), min_size=1, max_size=80))
def test_no_time_sees_more_than_the_number_and_a_burst(gaps: list[int]) -> None:
    """However requests come, and whoever is impatient asks again and again."""
    clock = Clock()
    guard = limited(Limit(queries="6/minute", burst=3), clock=clock)
    came: list[int] = []
    for gap in gaps:
        clock.move(gap)
        came += [clock.micro()] * allowed(guard, Identity("alice"), times=2)
    for first in came:
        within = [one for one in came if first <= one < first + 60_000_000]
        assert len(within) <= 6 + 3
