"""`guardrail demo`."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["demo"]


def demo(
    keep: Annotated[bool, typer.Option("--keep", help="Leave index and policy here.")] = False,
) -> None:
    """A model that memorised private documents, asked for them with and without the guard."""
    from guardrail.demo import run

    raise typer.Exit(run(keep=keep))
