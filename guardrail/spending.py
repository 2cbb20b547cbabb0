"""What an answer may show of documents, as far as grants and budgets go."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from guardrail.rule import Failure, Rule, Snapshot, Tally
from guardrail.types import Action, Context, Finding

if TYPE_CHECKING:
    from guardrail.session.budget import Budgets

__all__ = ["spent"]

# What is shown though it stands in a document: it is a quotation, or says too little to count.
_SHOWN = frozenset({"quote", "indistinct"})


def spent(
    snapshot: Snapshot, rule: Rule, findings: Sequence[Finding], context: Context, tally: Tally
) -> Iterator[tuple[Finding, Action]]:
    """Findings with what is to be done about each.

    What the reader may read anyway is `granted`. Of the rest, from left to right, a passage that
    would be shown is taken from the budgets on its document; one that goes beyond counts, as the
    finding of a budget.
    """
    if rule.on == "output":
        findings = [_granted(snapshot, finding, context) for finding in findings]
    budgets = snapshot.budgets
    if budgets is None or rule.on != "output":
        yield from ((finding, rule.action) for finding in findings)
        return
    beyond = _beyond(snapshot, budgets, rule, findings, context, tally)
    for finding in findings:
        name = beyond.get(id(finding))
        if name is None:
            yield finding, rule.action
        else:
            counted = replace(finding, kind="budget", rule=name, discount="")
            yield counted, budgets.actions[name]


def _granted(snapshot: Snapshot, finding: Finding, context: Context) -> Finding:
    source, identity = finding.source, context.identity
    if source is None:
        return finding
    granted = not identity.grants.isdisjoint(source.grants)
    if snapshot.access is not None:
        granted = granted or snapshot.access.reads(identity, source)
    return replace(finding, discount="granted") if granted else finding


def _beyond(
    snapshot: Snapshot,
    budgets: Budgets,
    rule: Rule,
    findings: Sequence[Finding],
    context: Context,
    tally: Tally,
) -> dict[int, str]:
    """The budgets that findings go beyond, by the identity of the finding."""
    shown = sorted(one for one in findings if _shown(rule, one))
    if not shown:
        return {}
    sources = [one.source for one in shown if one.source is not None]
    taken = snapshot.attempt(None, budgets.take, context, sources)
    if isinstance(taken, Failure):
        tally.fail("budgets", taken.reason, snapshot.on_error)
        return {}
    told, answered = taken
    if not answered:
        tally.fail("budgets", "the store does not answer", Action.ALLOW)
    pairs = zip(shown, told, strict=True)
    return {id(finding): name for finding, name in pairs if name is not None}


def _shown(rule: Rule, finding: Finding) -> bool:
    """Whether words of a document are shown."""
    if finding.source is None or not finding.source.reach:
        return False
    if finding.discount in ("", "also"):
        return rule.action < Action.REDACT
    return finding.discount in _SHOWN
