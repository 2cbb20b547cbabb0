"""`guardrail detectors`: which there are, and what options one has."""

from __future__ import annotations

import inspect
import json
from typing import Annotated, Any, Literal, get_args, get_origin

import typer

from guardrail.registry import factory, names, options

__all__ = ["detectors"]


def detectors(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="One of them.")] = None,
) -> None:
    """The detectors that a policy can use; of one, its options and their defaults."""
    if name is None:
        for known in names():
            typer.echo(known)
        return
    made = factory(name)
    first, *_ = (inspect.getdoc(made) or name).split("\n\n")
    typer.echo(f"{first}\n")
    told = options(made)
    width = max(map(len, told), default=0)
    for key, (kind, default) in told.items():
        typer.echo(f"  {key:{width}}  {_told(default)}{_known(kind)}")


def _told(default: Any) -> str:
    if default is ...:
        return "needed"
    return "unset" if default is None else json.dumps(default, default=str)


def _known(kind: Any) -> str:
    if get_origin(kind) is not Literal:
        return ""
    return f" (known: {', '.join(map(json.dumps, get_args(kind)))})"
