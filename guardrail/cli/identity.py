"""`guardrail identity`: see how somebody stands, forgive them, block them."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal

import typer

from guardrail.errors import InputError
from guardrail.guard import Guard
from guardrail.session.limits import Limits, Standing
from guardrail.session.probing import Watch
from guardrail.types import Context, Identity

__all__ = ["identity"]

_LONGEST = 10 * 365 * 24

identity = typer.Typer(name="identity", help="Look at somebody's limits, reset them, block them.")

Name = Annotated[str, typer.Argument(metavar="ID", help="Subject, token or address.")]
Policy = Annotated[Path, typer.Option("--policy", metavar="P", help="Policy file.")]
By = Annotated[
    Literal["subject", "token", "network"], typer.Option(help="What of an identity ID is.")
]
Model = Annotated[str | None, typer.Option(metavar="M", help="Model that limits are asked of.")]


@identity.command()
def show(name: Name, policy: Policy, by: By = "subject", model: Model = None) -> None:
    """Say what is left of each limit, how probing they are, and whether they are blocked."""
    with _kept(policy) as (guard, limits):
        context = Context(identity=_identity(name, by), model=model)
        seconds = limits.blocked(context.identity)
        typer.echo(f"{name}: blocked for {_time(seconds)}" if seconds else f"{name}: not blocked")
        told = {one.limit.id: _told(one) for one in limits.standings(context, by)}
        for limit in limits.rules:
            typer.echo(f"  {told.get(limit.id, f'{limit.id}: not told by this alone')}")
        if guard.watch is not None:
            typer.echo(f"  probing: {_risk(guard.watch, context, by)}")


@identity.command()
def reset(name: Name, policy: Policy, by: By = "subject", model: Model = None) -> None:
    """Lift their block, and forget what they asked; what they were given counts for budgets."""
    with _kept(policy) as (guard, limits):
        context = Context(identity=_identity(name, by), model=model)
        limits.reset(context, by)
        guard.lift(context)
        typer.echo(f"{name}: reset")


@identity.command()
def block(
    name: Name,
    policy: Policy,
    by: By = "subject",
    hours: Annotated[
        float | None,
        typer.Option(min=0, max=_LONGEST, metavar="H", help="How long; until reset by default."),
    ] = None,
) -> None:
    """Refuse whatever they ask."""
    if hours == 0:
        raise InputError("--hours 0 blocks nobody; to forgive, take `identity reset`")
    with _kept(policy) as (_, limits):
        limits.block(_identity(name, by), None if hours is None else hours * 3600)
        typer.echo(f"{name}: blocked")


@contextmanager
def _kept(policy: Path) -> Iterator[tuple[Guard, Limits]]:
    with Guard.from_policy(policy) as guard:
        if guard.limits is None:
            raise InputError(f"{policy} has no [limits], and keeps nothing of anybody")
        if not guard.limits.history.waits:
            hint = "take a store that others can read: sqlite:FILE or redis://HOST:PORT"
            raise InputError(f"{policy} keeps identities in the memory of each process; {hint}")
        yield guard, guard.limits


def _identity(name: str, by: str) -> Identity:
    name = name.strip()
    if not name:
        raise InputError("ID is empty: name a subject, a token or an address")
    if by == "subject":
        if name == Identity().subject:
            raise InputError(f"{name} is nobody in particular; take --by network")
        return Identity(name)
    if by == "network":
        try:
            ipaddress.ip_address(name)
        except ValueError:
            hint = "take one of its addresses, which stands for its /24 or /64"
            raise InputError(f"{name} is no address; {hint}") from None
    return Identity(token=name) if by == "token" else Identity(network=name)


def _risk(watch: Watch, context: Context, by: str) -> str:
    if not {"identity", by}.issuperset(watch.rule.by):
        return "not told by this alone"
    risk = watch.standing(context)
    parts = ", ".join(f"{name} {part:.1f}" for name, part in sorted(risk.parts.items()))
    told = f"risk {risk.score:.1f} of {watch.rule.most:g}"
    return f"{told}: {parts}" if parts else told


def _told(standing: Standing) -> str:
    limit = standing.limit
    what, _ = limit.counted
    told = f"{limit.id}: {standing.left} of {standing.burst} {what} left"
    return f"{told}; all back in {_time(standing.seconds)}" if standing.seconds else told


def _time(seconds: float) -> str:
    for size, name in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if round(seconds) >= 2 * size:
            return f"{seconds / size:.0f} {name}"
    return f"{max(seconds, 1):.0f} seconds"
