"""`guardrail semantic`: make an index of what private passages mean."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from guardrail.cli.documents import reading
from guardrail.cli.options import IdField, KeyEnv, KeyFile, Label, Sources, TextField, key_from
from guardrail.corpus.sources import read
from guardrail.semantic import SemanticIndex, encoder

__all__ = ["semantic"]

semantic = typer.Typer(name="semantic", help="Make an index of what private passages mean.")


@semantic.callback()
def _group() -> None:
    # With a single command typer would leave its name out.
    pass


@semantic.command()
def build(
    sources: Sources,
    out: Annotated[Path, typer.Option(metavar="FILE", help="File to make.")],
    model: Annotated[str, typer.Option(help="Folder or hub id of a sentence-transformers model.")],
    harmless: Annotated[
        list[Path],
        typer.Option(metavar="SOURCE", help="Text that is not private, to set the threshold by."),
    ],
    rate: Annotated[
        float, typer.Option(help="Share of harmless windows that may reach the threshold.")
    ] = 0.001,
    key_file: KeyFile = None,
    key_env: KeyEnv = None,
    id_field: IdField = "id",
    text_field: TextField = "text",
    label: Label = "",
) -> None:
    """Make an index of the meaning of documents."""
    others = (one.text for one in read(harmless, id_field=id_field, text_field=text_field))
    told = reading(sources, id_field=id_field, text_field=text_field, label=label)
    with told as documents:
        made = SemanticIndex.build(
            documents(),
            out,
            encode=encoder(model),
            harmless=others,
            rate=rate,
            key=key_from(key_file, key_env),
        )
    typer.echo(f"{len(made.document):,} windows of {len(made.documents):,} documents", err=True)
    typer.echo(f"threshold {made.threshold:.3f}", err=True)
