"""`guardrail policy`: load a policy, and say what it does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Annotated

import typer

from guardrail.disclosure import Disclosure
from guardrail.guard import Guard
from guardrail.rule import Rule
from guardrail.session.budget import Budget
from guardrail.session.identity import Identification
from guardrail.surface import Surface
from guardrail.text import Text

__all__ = ["policy"]

policy = typer.Typer(name="policy", help="Look at a policy file.")

_PLAIN = "plain words and nothing else, " * 50


@policy.callback()
def _policy() -> None:
    pass


@policy.command()
def check(file: Annotated[Path, typer.Argument(metavar="P", help="Policy file.")]) -> None:
    """Load a policy as a guard would, and say what it does."""
    with Guard.from_policy(file) as guard:
        typer.echo(f"{file} loads; owner {guard.owner}")
        for rule in guard.rules:
            typer.echo(f"  {rule.on:6}  {rule.id}: {rule.action}{_cost(rule)}")
        if all(rule.on == "prompt" for rule in guard.rules):
            typer.echo("  no rule reads answers: their text goes out as it is")
        for line in (*_kept(guard), *_told(guard)):
            typer.echo(f"  {line}")
        if guard.observes:
            typer.echo("  nothing is changed, only told: mode = observe")
        if guard.hold == "buffer":
            typer.echo("  streams wait for the whole answer: stream = buffer")


def _kept(guard: Guard) -> Iterator[str]:
    """What is counted of those who ask."""
    if guard.access is not None:
        yield f"access  {len(guard.access.rules)} rules; all else is denied"
    for limit in () if guard.limits is None else guard.limits.rules:
        name, rate = limit.counted
        yield f"limit   {limit.id}: {rate} {name} by {' and '.join(limit.by)}; {limit.action}"
    for budget in () if guard.budgets is None else guard.budgets.rules:
        what = f"{_most(budget)} per {budget.per}"
        yield f"budget  {budget.id}: {what} by {' and '.join(budget.by)}; {budget.action}"
    if guard.watch is not None:
        rule = guard.watch.rule
        halves = f"halves in {rule.half_life}"
        action = rule.action if rule.action != "suspend" else f"suspend for {rule.suspended}"
        yield f"probing risk {rule.most:g} by {' and '.join(rule.by)}, {halves}; {action}"


def _told(guard: Guard) -> Iterator[str]:
    """Of whom, of what and how much is told, where that is not as by default."""
    yield from _changed("http", guard.surface)
    yield from _changed("identity", guard.identification)
    yield from _changed("disclosure", guard.disclosure)
    if guard.rows is not None:
        names = ", ".join(one.name for one in guard.rows.schema.attributes)
        yield f"tabular scores {guard.rows.scores}; attributes {names}"
        for rule in guard.rows.nudging.rules:
            most = f"{rule.values} values or {rule.rows} rows per {rule.per}"
            yield f"nudging {rule.id}: {most} by {' and '.join(rule.by)}; {rule.action}"


def _changed(name: str, table: Surface | Identification | Disclosure) -> Iterator[str]:
    usual = type(table)()
    options = ((one.name, getattr(table, one.name)) for one in fields(table) if one.init)
    changed = [f"{key} {_shown(told)}" for key, told in options if told != getattr(usual, key)]
    if changed:
        yield f"{name:7} {'; '.join(changed)}"


def _shown(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {told}" for key, told in value.items())
    if isinstance(value, tuple | frozenset):
        return ", ".join(sorted(value)) or "none"
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int) else "set"


def _most(budget: Budget) -> str:
    what, most = budget.counted
    if what == "words":
        return f"{most} words of all documents of {' and '.join(budget.classes)}"
    return f"{most:g} of a document" if what == "share" else f"{most} fields of a record"


def _cost(rule: Rule) -> str:
    if rule.tighten:
        return f"; tightens answers by {rule.tighten:g}"
    if rule.on == "prompt" or rule.detector.settled(Text(_PLAIN)) > 0:
        return ""
    return "; streams wait for the whole answer"
