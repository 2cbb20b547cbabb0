"""What a verdict says, in words and numbers, without text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from guardrail.rule import PROBING, Snapshot
from guardrail.types import Action, Direction, Verdict

__all__ = ["explained"]


def explained(snapshot: Snapshot, verdict: Verdict) -> str:
    """Which rule did what."""
    return "\n".join(_lines(_actions(snapshot), verdict))


def _actions(snapshot: Snapshot) -> Mapping[tuple[str, Direction], Action]:
    """What is done about what is found, by the rule that finds it."""
    actions: dict[tuple[str, Direction], Action]
    actions = {(rule.id, rule.on): rule.action for rule in snapshot.rules}
    actions["identity", "prompt"] = snapshot.identification.action
    actions["access", "prompt"] = Action.REFUSE
    if snapshot.limits is not None:
        actions |= {(name, "prompt"): one for name, one in snapshot.limits.actions.items()}
    if snapshot.rows is not None:
        actions |= {(name, "prompt"): one for name, one in snapshot.rows.nudging.actions.items()}
    if snapshot.watch is not None:
        actions[PROBING, "prompt"] = snapshot.watch.action
    if snapshot.budgets is not None:
        actions |= {(name, "output"): one for name, one in snapshot.budgets.actions.items()}
    return actions


def _lines(actions: Mapping[tuple[str, Direction], Action], verdict: Verdict) -> Iterator[str]:
    yield f"action: {verdict.action}"
    for (name, on), count in sorted(Counter((f.rule, f.on) for f in verdict.findings).items()):
        yield f"{on} rule {name} ({actions.get((name, on), Action.FLAG)}): {_findings(count)}"
        for one in verdict.findings:
            if one.reasons and (one.rule, one.on) == (name, on):
                yield f"  {one.kind} ({one.score:.2f}) by {', '.join(one.reasons)}"
    reasons = Counter((f.rule, f.discount) for f in verdict.discounted)
    for (name, reason), count in sorted(reasons.items()):
        yield f"rule {name}: {_findings(count)} not counted: {reason}"
    yield from (f"error: {error}" for error in verdict.errors)


def _findings(count: int) -> str:
    return f"{count} finding" if count == 1 else f"{count} findings"
