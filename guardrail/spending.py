"""What an answer may show of documents, as far as grants and budgets go."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from guardrail.attempt import Failure, attempt
from guardrail.rule import PROBING, Rule, Snapshot, Tally
from guardrail.types import Action, Context, Finding, Source

__all__ = ["granted", "spent"]

# What is shown though it stands in a document: it is a quotation, or says too little to count.
_SHOWN = frozenset({"quote", "indistinct"})


def spent(
    snapshot: Snapshot, rule: Rule, findings: Sequence[Finding], context: Context, tally: Tally
) -> Iterator[tuple[Finding, Action]]:
    """Findings with what is to be done about each.

    What the reader may read anyway is `granted`. Of the rest, from left to right, a passage that
    would be shown is taken from the budgets on its document; one that goes beyond counts, as the
    finding of a budget. One that several ask for together is flagged.
    """
    findings = granted(snapshot, rule, findings, context)
    shown = _shown(snapshot, rule, findings)
    beyond = _beyond(snapshot, shown, context, tally)
    for finding in findings:
        if id(finding) in beyond:
            name, action = beyond[id(finding)]
            yield replace(finding, kind="budget", rule=name, discount=""), action
        else:
            yield finding, rule.action
    for finding in _campaigns(snapshot, shown, context, tally):
        yield finding, Action.FLAG


def granted(
    snapshot: Snapshot, rule: Rule, findings: Sequence[Finding], context: Context
) -> Sequence[Finding]:
    """Findings in an answer, those discounted that the reader may read anyway."""
    if rule.on != "output":
        return findings
    return [_granted(snapshot, finding, context) for finding in findings]


def _granted(snapshot: Snapshot, finding: Finding, context: Context) -> Finding:
    source, identity = finding.source, context.identity
    if source is None:
        return finding
    granted = not identity.grants.isdisjoint(source.grants)
    if snapshot.access is not None:
        granted = granted or snapshot.access.reads(identity, source)
    return replace(finding, discount="granted") if granted else finding


def _shown(snapshot: Snapshot, rule: Rule, findings: Sequence[Finding]) -> list[Finding]:
    """Those that show words of a document, from left to right, if anybody counts them."""
    if rule.on != "output" or (snapshot.budgets is None and snapshot.watch is None):
        return []
    return sorted(one for one in findings if _shows(rule, one))


def _shows(rule: Rule, finding: Finding) -> bool:
    if finding.source is None or not finding.source.reach:
        return False
    if finding.discount in ("", "also"):
        return rule.action < Action.REDACT
    return finding.discount in _SHOWN


def _beyond(
    snapshot: Snapshot, shown: Sequence[Finding], context: Context, tally: Tally
) -> dict[int, tuple[str, Action]]:
    """The budgets that findings go beyond, by the identity of the finding, and their actions."""
    budgets = snapshot.budgets
    if budgets is None or not shown:
        return {}
    taken = attempt(None, budgets.take, context, _sources(shown))
    if isinstance(taken, Failure):
        tally.fail("budgets", taken.reason, snapshot.on_error)
        return {}
    told, answered = taken
    if not answered:
        tally.fail("budgets", "the store does not answer", Action.ALLOW)
    pairs = zip(shown, told, strict=True)
    return {id(one): (name, budgets.actions[name]) for one, name in pairs if name is not None}


def _campaigns(
    snapshot: Snapshot, shown: Sequence[Finding], context: Context, tally: Tally
) -> Iterator[Finding]:
    """Findings that tell of a campaign."""
    if snapshot.watch is None or not shown:
        return
    told = attempt(None, snapshot.watch.campaigns.see, context, _sources(shown))
    if isinstance(told, Failure):
        tally.fail(PROBING, told.reason, snapshot.on_error)
        return
    for finding, found in zip(shown, told, strict=True):
        if found:
            yield replace(finding, kind="probing.campaign", rule=PROBING, discount="")


def _sources(findings: Sequence[Finding]) -> list[Source]:
    return [one.source for one in findings if one.source is not None]
