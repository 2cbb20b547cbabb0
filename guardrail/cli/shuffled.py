"""`guardrail shuffled`: make an index of passages that is blind to the order of their parts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from guardrail.cli.documents import reading
from guardrail.cli.options import (
    IdField,
    KeyEnv,
    KeyFile,
    Label,
    Sources,
    TextField,
    key_from,
    tell_if_without,
)
from guardrail.shuffled import ShuffledIndex

__all__ = ["shuffled"]

shuffled = typer.Typer(name="shuffled", help="Make an index of passages in whatever order.")


@shuffled.callback()
def _group() -> None:
    # With a single command typer would leave its name out.
    pass


@shuffled.command()
def build(
    sources: Sources,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder to make the index in.")],
    key_file: KeyFile = None,
    key_env: KeyEnv = None,
    id_field: IdField = "id",
    text_field: TextField = "text",
    label: Label = "",
) -> None:
    """Make an index of documents."""
    key = key_from(key_file, key_env)
    told = reading(sources, id_field=id_field, text_field=text_field, label=label)
    with told as documents:
        made = ShuffledIndex.build(documents(), out, key=key)
    typer.echo(f"{made.windows:,} windows of {len(made.documents):,} documents", err=True)
    tell_if_without(key)
