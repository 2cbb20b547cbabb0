"""What a guard's settings say of one request, and of one answer to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from guardrail.redact import redact
from guardrail.rule import Failure, Rule, Snapshot, Tally
from guardrail.spending import spent
from guardrail.text import Text
from guardrail.types import Action, Admission, Context, Finding, Message, Verdict

if TYPE_CHECKING:
    # Only who has limits pays for importing them.
    from guardrail.session.gcra import Take
    from guardrail.session.limits import Limits

__all__ = ["charge", "judged", "may_ask", "read"]

_NOTHING: tuple[Take, ...] = ()


def may_ask(snapshot: Snapshot, context: Context, tally: Tally) -> tuple[float, tuple[Take, ...]]:
    """Whether they may ask at all: seconds until they may, and what the answer is charged to."""
    who = snapshot.identification
    if who.action and not who.knows(context.identity):
        tally.stop("access", "identity", who.action)
    elif snapshot.access is not None and not snapshot.access.asks(context.identity, context.model):
        tally.stop("access", "access", Action.REFUSE)
    elif snapshot.limits is not None:
        return _limited(snapshot, snapshot.limits, context, tally)
    return 0.0, _NOTHING


def _limited(
    snapshot: Snapshot, limits: Limits, context: Context, tally: Tally
) -> tuple[float, tuple[Take, ...]]:
    taken = snapshot.attempt(None, limits.take, context)
    if isinstance(taken, Failure):
        tally.fail("limits", taken.reason, snapshot.on_error)
        return 0.0, ()
    if taken.out:
        tally.fail("limits", "the store does not answer", Action.ALLOW)
    for name in taken.exceeded:
        tally.stop(limits.kind(name), name, limits.actions[name])
    return taken.wait, taken.owed


def read(snapshot: Snapshot, context: Context, turns: Sequence[Message], tally: Tally) -> None:
    """Read what was asked, by the rules on prompts."""
    reads = bool(snapshot.on["prompt"])
    asked = context.asked if reads else context
    for number, turn in enumerate(turns):
        if len(turn.content) > snapshot.max_chars:
            tally.fail("size", "too large", Action.REFUSE)
        elif reads:
            _run(snapshot, "prompt", Text(turn.content, context=asked, message=number), tally)


def charge(snapshot: Snapshot, given: Context | Admission, verdict: Verdict) -> None:
    """Count what was shown of an answer."""
    if snapshot.limits is not None and isinstance(given, Admission) and given.owed:
        # What goes wrong is told by the next request: this answer was shown.
        snapshot.attempt(None, snapshot.limits.charge, given.owed, verdict.text)


def judged(snapshot: Snapshot, output: Any, context: Context) -> Verdict:
    """The verdict of the rules on a whole answer."""
    tally = Tally()
    if not isinstance(output, str):
        tally.fail("output", "not a string", Action.REFUSE)
        return tally.verdict(snapshot.refusal)
    if len(output) > snapshot.max_chars:
        tally.fail("size", "too large", Action.REFUSE)
    else:
        _run(snapshot, "output", Text(output, context=context), tally)
    if snapshot.observes:
        return tally.verdict(output)
    if snapshot.stops(tally.action):
        return tally.verdict(snapshot.refusal)
    return tally.verdict(redact(output, tally.spans(), snapshot.redaction))


def _run(
    snapshot: Snapshot,
    on: Literal["prompt", "output"],
    text: Text,
    tally: Tally,
) -> None:
    for rule in snapshot.on[on]:
        found = snapshot.attempt(rule.timeout, _found, rule, text)
        if isinstance(found, Failure):
            tally.fail(rule.id, found.reason, snapshot.on_error, rule.tighten)
            continue
        for finding, action in spent(snapshot, rule, found, text.context, tally):
            tally.add(finding, action, rule.tighten)


def _found(rule: Rule, text: Text) -> tuple[Finding, ...]:
    return rule.accept(rule.detector.find(text), len(text.raw), message=text.message)
