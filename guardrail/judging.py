"""What a guard's settings say of one request, and of one answer to it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from guardrail.attempt import Failure, attempt, attempting
from guardrail.redact import redact
from guardrail.rule import PROBING, Rule, Snapshot, Tally
from guardrail.session.clearance import clears
from guardrail.spending import spent
from guardrail.text import Text
from guardrail.types import Action, Admission, Context, Finding, Message, Verdict

if TYPE_CHECKING:
    # Only who has limits pays for importing them.
    from guardrail.session.limits import Limits
    from guardrail.session.owed import Owed
    from guardrail.session.probing import Recall
    from guardrail.session.ring import Seen
    from guardrail.session.store import Flow

__all__ = ["admitted", "charge", "judged", "nudged", "prompted"]

_log = logging.getLogger("guardrail")
_OUT = "the store does not answer"
_CLEARANCE = "clearance"


@dataclass(frozen=True, slots=True)
class _Asking:
    """Seconds until somebody may ask, what the answer is charged to, and what they asked before."""

    wait: float = 0.0
    owed: Owed | None = None
    recall: Recall | None = None
    seen: Sequence[Seen] = ()


_NOTHING = _Asking()


def admitted(snapshot: Snapshot, context: Context) -> Flow[Admission]:
    """The verdict on what is asked, which asks the store on its way."""
    tally, turns = Tally(), context.turns
    asking = yield from _may_ask(snapshot, context, turns, tally)
    wait = asking.wait
    if not snapshot.stops(tally.action):
        _read(snapshot, context, turns, tally)
        wait = max(wait, (yield from _probed(snapshot, context, asking, tally)))
    stopped = snapshot.stops(tally.action)
    return Admission(
        context,
        tally.verdict(snapshot.instead(tally.action)),
        retry_after=wait or None,
        challenge=snapshot.identification.challenge,
        tighten=tally.tighten,
        owed=None if stopped else asking.owed,
    )


def prompted(snapshot: Snapshot, context: Context) -> Verdict:
    """The verdict of the rules on prompts, whoever asks."""
    tally = Tally()
    _read(snapshot, context, context.turns, tally)
    return tally.verdict(snapshot.refusal if snapshot.stops(tally.action) else "")


def _may_ask(
    snapshot: Snapshot, context: Context, turns: Sequence[Message], tally: Tally
) -> Flow[_Asking]:
    """Whether they may ask at all; what they ask is noted on the way."""
    who = snapshot.identification
    if who.action and not who.knows(context.identity):
        tally.stop("access", "identity", who.action)
        return _NOTHING
    if snapshot.access is not None and not snapshot.access.asks(context.identity, context.model):
        tally.stop("access", "access", Action.REFUSE)
        return _NOTHING
    if context.clearance is not None:
        yield from _cleared(snapshot, context, tally)
    recall = _recalled(snapshot, context, turns, tally)
    if snapshot.limits is not None:
        return (yield from _limited(snapshot, snapshot.limits, context, recall, tally))
    if snapshot.watch is None or recall is None:
        return _NOTHING
    noted = yield from attempting(snapshot.watch.history.ask((), recall.notes))
    if isinstance(noted, Failure):
        tally.fail(PROBING, noted.reason, snapshot.on_error)
        return _NOTHING
    _, seen, answered = noted
    if not answered:
        tally.fail(PROBING, _OUT, Action.ALLOW)
    return _Asking(recall=recall, seen=seen)


def _cleared(snapshot: Snapshot, context: Context, tally: Tally) -> Flow[None]:
    """Lift what challenges somebody, by their clearance; one that lifts nothing is no fault."""
    if snapshot.history is None:
        return
    came = "not lifted"
    if (yield from attempting(clears(snapshot.history, context))) is True:
        lifted = attempt(None, _lift, snapshot, context)
        if isinstance(lifted, Failure):
            tally.fail(_CLEARANCE, lifted.reason, Action.ALLOW)
        else:
            came = "lifted"
    tally.add(Finding(0, 0, "access", rule=_CLEARANCE, on="prompt", discount=came), Action.ALLOW)


def _lift(snapshot: Snapshot, context: Context) -> None:
    """Challenges alone: who is throttled or refused stays so."""
    if snapshot.limits is not None:
        snapshot.limits.lift(context)
    if snapshot.watch is not None:
        snapshot.watch.lift(context)
    if snapshot.rows is not None:
        snapshot.rows.nudging.lift(context)


def _recalled(
    snapshot: Snapshot, context: Context, turns: Sequence[Message], tally: Tally
) -> Recall | None:
    if snapshot.watch is None:
        return None
    recall = attempt(None, snapshot.watch.recall, context, turns)
    if not isinstance(recall, Failure):
        return recall
    tally.fail(PROBING, recall.reason, snapshot.on_error)
    return None


def _limited(
    snapshot: Snapshot, limits: Limits, context: Context, recall: Recall | None, tally: Tally
) -> Flow[_Asking]:
    notes = () if recall is None else recall.notes
    taken = yield from attempting(limits.take(context, notes))
    if isinstance(taken, Failure):
        tally.fail("limits", taken.reason, snapshot.on_error)
        return _NOTHING
    if taken.out:
        tally.fail("limits", _OUT, Action.ALLOW)
    for name in taken.exceeded:
        tally.stop(limits.kind(name), name, limits.actions[name])
    return _Asking(taken.wait, taken.owed, recall, taken.seen)


def nudged(
    snapshot: Snapshot, rows: Sequence[tuple[str, ...]], context: Context, tally: Tally
) -> float:
    """Compare rows that somebody asks for with earlier ones: seconds until they may ask again."""
    if snapshot.rows is None or not rows:
        return 0.0
    nudging = snapshot.rows.nudging
    seen = attempt(None, nudging.see, rows, context)
    if isinstance(seen, Failure):
        tally.fail("nudging", seen.reason, snapshot.on_error)
        return 0.0
    if seen.out:
        tally.fail("nudging", _OUT, Action.ALLOW)
    for name in seen.broken:
        tally.stop("probing.nudging", name, nudging.actions[name])
    return seen.wait


def _read(snapshot: Snapshot, context: Context, turns: Sequence[Message], tally: Tally) -> None:
    """Read what was asked, by the rules on prompts."""
    if len(turns) > snapshot.max_messages:
        _log.error("refused: too many messages")
        tally.fail("size", "too many messages", Action.REFUSE)
        return
    reads = bool(snapshot.on["prompt"])
    asked = context.asked if reads else context
    for number, turn in enumerate(turns):
        if len(turn.content) > snapshot.max_chars:
            tally.fail("size", "too large", Action.REFUSE)
        elif reads:
            _run(snapshot, "prompt", Text(turn.content, context=asked, message=number), tally)


def _probed(snapshot: Snapshot, context: Context, asking: _Asking, tally: Tally) -> Flow[float]:
    """See a request beside earlier ones: the seconds until it is no longer one too many."""
    watch = snapshot.watch
    if watch is None or asking.recall is None:
        return 0.0
    risk = yield from attempting(watch.see(asking.recall, asking.seen, tally.kinds))
    if isinstance(risk, Failure):
        tally.fail(PROBING, risk.reason, snapshot.on_error)
        return 0.0
    if risk.out:
        tally.fail(PROBING, _OUT, Action.ALLOW)
    reasons = tuple(f"{name} {part:.1f}" for name, part in sorted(risk.parts.items()))
    for name in risk.found:
        tally.stop(f"probing.{name}", PROBING, Action.FLAG, reasons)
    if risk.wait:
        tally.stop("probing.risk", PROBING, watch.action, reasons)
    tally.tighten = max(tally.tighten, risk.tighten)
    if not risk.wait or watch.action == Action.FLAG:
        return 0.0
    suspended = yield from _suspended(snapshot, watch.suspends, context, tally)
    return max(risk.wait, suspended)


def _suspended(snapshot: Snapshot, seconds: int, context: Context, tally: Tally) -> Flow[int]:
    """Block somebody who is known, and not by their address alone: for how many seconds."""
    limits, known = snapshot.limits, snapshot.identification.knows(context.identity)
    if limits is None or not seconds or not known or snapshot.observes:
        return 0
    answered = yield from attempting(limits.suspend(context.identity, seconds))
    if isinstance(answered, Failure):
        tally.fail("limits", answered.reason, snapshot.on_error)
    elif not answered:
        tally.fail("limits", _OUT, Action.ALLOW)
    return seconds


def charge(snapshot: Snapshot, given: Context | Admission, verdict: Verdict) -> None:
    """Count what was shown of an answer."""
    if not isinstance(given, Admission):
        return
    # What goes wrong is told by the next request: this answer was shown.
    if snapshot.limits is not None and given.owed is not None:
        attempt(None, snapshot.limits.charge, given.owed, verdict)
    if snapshot.watch is not None and not snapshot.stops(verdict.action):
        attempt(None, snapshot.watch.answered, given.context, verdict.text)


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
        found = attempt(rule, _found, rule, text)
        if isinstance(found, Failure):
            tally.fail(rule.id, found.reason, snapshot.on_error, rule.tighten)
            continue
        for finding, action in spent(snapshot, rule, found, text.context, tally):
            tally.add(finding, action, rule.tighten)


def _found(rule: Rule, text: Text) -> tuple[Finding, ...]:
    return rule.accept(rule.detector.find(text), len(text.raw), message=text.message)
