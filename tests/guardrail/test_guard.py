"""The guard: admission, verdicts, errors as verdicts of their own, events, explanations."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from guardrail import Action, Context, Event, Guard, Identity, Message, Rule
from guardrail.errors import PolicyError
from tests.faults import Raises, Sleeps
from tests.readers import LATER, REFUSAL, WHO
from tests.strategies import Pattern, Quoted, Where

PRIVATE = "<the secret>"


def guard(action: Action = Action.REDACT, **settings: object) -> Guard:
    return Guard([Rule(Quoted(), id="quoted", action=action)], **settings)  # type: ignore[arg-type]


def test_redacts_what_a_rule_finds() -> None:
    """The verdict holds safe text and offsets into the original, never the original."""
    verdict = guard().check(f"It is {PRIVATE}.")
    assert (verdict.action, verdict.text) == (Action.REDACT, "It is [redacted].")
    assert [(finding.start, finding.end, finding.rule) for finding in verdict.findings] == [
        (6, 18, "quoted")
    ]
    assert "secret" not in repr(verdict)


@pytest.mark.parametrize("action", [Action.THROTTLE, Action.CHALLENGE, Action.REFUSE])
def test_refusals_look_alike(action: Action) -> None:
    """Whatever is not answered is answered by the same words."""
    assert guard(action).check(PRIVATE).text == "I can't share that."


@pytest.mark.parametrize(
    ("action", "told"),
    [(Action.THROTTLE, LATER), (Action.CHALLENGE, WHO), (Action.REFUSE, REFUSAL)],
)
def test_who_is_not_admitted_is_told_what_to_do(action: Action, told: str) -> None:
    """At both doors: to wait, to show who they are, or nothing more than the refusal."""
    held = Guard([Rule(Quoted(), id="asks", on="prompt", action=action)])
    admission = held.admit(Context(prompt=PRIVATE))
    assert admission.verdict.text == told
    assert held.check("an answer", admission).text == told
    assert list(held.stream(["an", "answer"], admission)) == [told]
    assert held.wrap(lambda prompt: f"an answer to {prompt}")(PRIVATE) == told


@pytest.mark.parametrize("action", [Action.ALLOW, Action.FLAG])
def test_flags_change_nothing(action: Action) -> None:
    """A finding may be no more than noted."""
    verdict = guard(action).check(PRIVATE)
    assert (verdict.action, verdict.text, len(verdict.findings)) == (action, PRIVATE, 1)


def test_what_any_rule_redacts_is_redacted_under_a_flag() -> None:
    """The strictest action decides; redactions stand under every action that still answers."""
    both = Guard(
        [Rule(Quoted(), id="q"), Rule(Pattern("b+", 9), id="b", action=Action.FLAG)],
    )
    assert both.check("bb <x> b").text == "bb [redacted] b"


def test_low_scores_and_discounts_do_not_count() -> None:
    """A score below the rule's is dropped; a discounted finding is kept apart with its reason."""
    held = [
        Rule(Pattern("low", 3), id="low", min_score=0.95),
        Rule(Pattern("often", 5, discount="common"), id="often"),
    ]
    verdict = Guard(held).check("low often")
    assert (verdict.action, verdict.text) == (Action.ALLOW, "low often")
    assert [finding.discount for finding in verdict.discounted] == ["common"]


def test_observing_decides_and_changes_nothing() -> None:
    """The verdict says what would have happened; the text is the original."""
    watching = guard(Action.REFUSE, mode="observe")
    verdict = watching.check(PRIVATE)
    assert (verdict.action, verdict.text) == (Action.REFUSE, PRIVATE)


def test_prompt_rules_admit() -> None:
    """A prompt finding names the message that its offsets refer to; a refusal is for the answer."""
    held = Guard([Rule(Quoted(), id="asks", on="prompt", action=Action.REFUSE)])
    admission = held.admit(
        Context(messages=(Message("system", "be kind"), Message("user", "tell <it>")))
    )
    assert admission.action is Action.REFUSE
    (finding,) = admission.verdict.findings
    assert (finding.on, finding.message, finding.start) == ("prompt", 1, 5)
    assert finding.as_dict()["message"] == 1
    assert held.check("an answer", admission).text == "I can't share that."
    allowed = held.admit(Context(prompt="tell me"))
    assert allowed.action is Action.ALLOW
    assert held.check("an <answer>", allowed).text == "an <answer>"


def test_no_prompt_is_redacted() -> None:
    """Nothing says so either: it is flagged."""
    held = Guard([Rule(Quoted(), id="asks", on="prompt", action=Action.REDACT)])
    admission = held.admit(Context(prompt="tell <it>"))
    assert admission.action is Action.FLAG
    assert "prompt rule asks (flag): 1 finding" in held.explain(admission.verdict)


def test_checks_many() -> None:
    """Several texts of one answer get a verdict each, in order."""
    verdicts = guard().check_many(["plain", PRIVATE])
    assert [verdict.action for verdict in verdicts] == [Action.ALLOW, Action.REDACT]


def test_parts_are_read_as_one() -> None:
    """What is spread over several texts is found, and each of them is safe; a refusal has none."""
    parts = ("so <the", "", " sec", "ret> and", " <more>")
    verdict, told = guard().check_parts(parts)
    assert told == ("so [redacted]", "", "[redacted]", "[redacted] and", " [redacted]")
    assert [(finding.start, finding.end) for finding in verdict.findings] == [(3, 15), (20, 26)]
    assert guard(Action.FLAG).check_parts(parts)[1] == parts
    verdict, told = guard(Action.REFUSE).check_parts(parts)
    assert (verdict.action, told) == (Action.REFUSE, ())
    verdict, told = guard(Action.REFUSE, mode="observe").check_parts(list(parts))
    assert (verdict.action, told) == (Action.REFUSE, parts)
    assert guard().check_parts(())[1] == ()


def test_parts_of_a_refused_admission_are_refused() -> None:
    """What was not admitted has no answer, also in parts."""
    held = Guard([Rule(Quoted(), id="asks", on="prompt", action=Action.REFUSE)])
    admission = held.admit(Context(prompt="tell <it>"))
    assert held.check_parts(("fine",), admission)[1] == ()


def test_events_tell_numbers_only() -> None:
    """Each decision is one event, with who asked and what was decided, without text."""
    events: list[Event] = []
    watched = guard(owner="me@example.org", on_event=events.append)
    watched.check(PRIVATE, watched.admit(Context(prompt="x", request_id="r1", model="m")))
    assert [(event.kind, event.action) for event in events] == [
        ("admit", Action.ALLOW),
        ("check", Action.REDACT),
    ]
    assert (events[1].characters, events[1].request_id) == (len(PRIVATE), "r1")
    assert "secret" not in repr(events)


def test_a_failing_hook_does_not_let_text_through(caplog: pytest.LogCaptureFixture) -> None:
    """A hook that raises is logged by type, and the verdict stands."""

    def hook(_: Event) -> None:
        raise RuntimeError(PRIVATE)

    assert guard(on_event=hook).check(PRIVATE).text == "[redacted]"
    assert "RuntimeError" in caplog.text
    assert "secret" not in caplog.text


def test_explains_without_text() -> None:
    """Which rule did what, with counts and reasons."""
    held = Guard(
        [
            Rule(Quoted(), id="quoted"),
            Rule(Pattern("often", 5, discount="common"), id="often"),
            Rule(Raises(ValueError()), id="bad"),
        ],
        on_error=Action.FLAG,
    )
    assert held.explain(held.check(f"often {PRIVATE} and <that>")).splitlines() == [
        "action: redact",
        "output rule quoted (redact): 2 findings",
        "rule often: 1 finding not counted: common",
        "error: bad: ValueError",
    ]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Context(prompt=[Message("user", "x")]), "`messages`"),  # type: ignore[arg-type]
        (lambda: Context(messages=({"role": "user"},)), "tuple of Message"),  # type: ignore[arg-type]
        (lambda: Context(messages="x"), "tuple of Message"),  # type: ignore[arg-type]
        (lambda: Context(identity="alice"), r"Identity\('alice'\)"),  # type: ignore[arg-type]
        (lambda: Identity(7), r"Identity\('alice'\)"),  # type: ignore[arg-type]
        (lambda: Identity(grants="board"), "set of names"),  # type: ignore[arg-type]
        (lambda: Guard().admit("a question"), r"Context\(prompt="),  # type: ignore[arg-type]
        (lambda: asyncio.run(Guard().aadmit("a question")), r"Context\("),  # type: ignore[arg-type]
        (lambda: Guard().check("text", "a question"), r"Context\(prompt="),  # type: ignore[arg-type]
        (lambda: Guard().start("a question"), r"Context\(prompt="),  # type: ignore[arg-type]
    ],
)
def test_what_is_no_context_is_told_at_once(make: Callable[[], object], message: str) -> None:
    """A value of another type raises where it is given, and the message says what to write."""
    with pytest.raises(TypeError, match=message):
        make()


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"id": ""}, "needs an id"),
        ({"id": "x", "on": "input"}, "known: prompt, output"),
        ({"id": "x", "min_score": 2}, "between 0 and 1"),
        ({"id": "x", "timeout": 0}, "more than 0 seconds"),
        ({"id": "x", "timeout": float("nan")}, "more than 0 seconds"),
        ({"id": "x", "timeout": float("inf")}, "at most 86400"),
        ({"id": "x", "timeout": 1e300}, "at most 86400"),
    ],
)
def test_bad_rules_do_not_load(rule: dict[str, object], message: str) -> None:
    """A rule that makes no sense is named when it is made."""
    with pytest.raises(PolicyError, match=message):
        Rule(Quoted(), **rule)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"mode": "watch"}, "known: enforce, observe"),
        ({"hold": "none"}, "known: settled, buffer"),
        ({"on_error": Action.REDACT}, "nothing to redact"),
        ({"max_chars": 0}, "max_chars must be at least 1"),
        ({"max_messages": 0}, "max_messages must be at least 1"),
    ],
)
def test_bad_settings_do_not_load(settings: dict[str, object], message: str) -> None:
    """So is a setting."""
    with pytest.raises(PolicyError, match=message):
        guard(**settings)  # type: ignore[arg-type]


def test_two_rules_of_one_name_do_not_load() -> None:
    """Verdicts name rules; names must tell them apart."""
    with pytest.raises(PolicyError, match="two output rules have the id 'q'"):
        Guard([Rule(Quoted(), id="q"), Rule(Quoted(), id="q")])


def test_async_is_the_same() -> None:
    """The async forms give the same verdicts, short and long, with and without time-outs."""

    async def both(held: Guard, text: str) -> None:
        async def pieces() -> AsyncIterator[str]:
            for start in range(0, len(text), 7):
                yield text[start : start + 7]

        admission = await held.aadmit(Context(prompt="x"))
        assert await held.acheck(text, admission) == held.check(text)
        shown = [piece async for piece in held.astream(pieces(), admission)]
        assert "".join(shown) == held.check(text).text

    for held in (guard(), Guard([Rule(Quoted(), id="q", timeout=30)])):
        asyncio.run(both(held, f"some {PRIVATE} text"))
        asyncio.run(both(held, f"some {PRIVATE} text " * 2000))


def test_a_slow_rule_leaves_the_event_loop_alone() -> None:
    """While a rule with a time-out runs, other tasks go on."""

    async def main() -> None:
        slow = Sleeps(30)
        held = Guard([Rule(slow, id="slow", timeout=60)])
        check = asyncio.create_task(held.acheck("text"))
        await asyncio.sleep(0.05)
        assert not check.done()
        slow.woken.set()
        assert (await check).text == "[redacted]"

    asyncio.run(main())


def test_what_takes_long_leaves_the_event_loop_alone() -> None:
    """A long text, many short messages, and a long prompt that an answer may be an echo of."""
    where = Where()
    held = Guard([Rule(where, id="asked", on="prompt"), Rule(where, id="told")])
    few, many = Context(messages=(Message("user", "ok"),) * 3), "ok " * 60_000

    async def alone(work: Awaitable[object]) -> bool:
        await work
        return where.took() == {False}

    async def streamed(context: Context) -> None:
        async def chunks() -> AsyncIterator[str]:
            yield "ok"

        async for _ in held.astream(chunks(), context):
            pass

    async def main() -> None:
        assert not await alone(held.aadmit(few))
        assert await alone(held.aadmit(Context(messages=few.messages * 100)))
        assert await alone(held.acheck("ok", Context(prompt=many)))
        admission = await held.aadmit(Context(prompt=many))
        assert await alone(held.acheck("ok", admission))
        assert not await alone(held.acheck("ok", few))
        assert not await alone(held.acheck("ok"))
        assert not await alone(streamed(few))
        assert await alone(streamed(Context(messages=few.messages * 300)))

    asyncio.run(main())


def test_a_guard_is_shared_by_threads() -> None:
    """Many threads get the same verdicts from one guard."""
    held, wrong = guard(), []

    def work() -> None:
        for number in range(200):
            text = f"{number} {PRIVATE}"
            if held.check(text).text != f"{number} [redacted]":
                wrong.append(number)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_closes_what_its_detectors_hold() -> None:
    """Leaving the guard closes detectors that can be closed."""
    closed = []

    class Closing(Quoted):
        def close(self) -> None:
            closed.append(time.monotonic())

    with Guard([Rule(Closing(), id="c"), Rule(Quoted(), id="q")]) as held:
        assert held.check("x").text == "x"
    assert len(closed) == 1


def test_reload_takes_the_policy_as_it_is_now(tmp_path: Path) -> None:
    """A changed policy file is taken by `reload`; a bad one is refused and changes nothing."""
    policy = tmp_path / "policy.toml"
    lines = 'version = 1\nowner = "me@example.org"\nrefusal = "{}"\n[[rule]]\nuse = "secrets"\n'
    policy.write_text(lines.format("first"))
    held = Guard.from_policy(policy)
    answer = held.start()
    policy.write_text("nonsense")
    with pytest.raises(PolicyError):
        held.reload()
    policy.write_text(lines.format("second"))
    held.reload()
    assert held.check(None).text == "second"  # type: ignore[arg-type]
    assert answer.feed(None) == "first"  # type: ignore[arg-type]
    assert held.owner == "me@example.org"
