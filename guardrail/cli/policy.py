"""`guardrail policy` and `guardrail detectors`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from guardrail.guard import Guard
from guardrail.registry import names
from guardrail.rule import Rule
from guardrail.text import Text

__all__ = ["detectors", "policy"]

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
        if guard.hold == "buffer":
            typer.echo("  streams wait for the whole answer: stream = buffer")


def detectors() -> None:
    """The detectors that a policy can use."""
    for name in names():
        typer.echo(name)


def _cost(rule: Rule) -> str:
    if rule.tighten:
        return f"; tightens answers by {rule.tighten:g}"
    if rule.on == "prompt" or rule.detector.settled(Text(_PLAIN)) > 0:
        return ""
    return "; streams wait for the whole answer"
