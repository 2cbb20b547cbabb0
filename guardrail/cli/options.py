"""What commands on documents share: where they come from, and the key of their index."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from guardrail.corpus import Key
from guardrail.corpus.sources import KNOWN
from guardrail.errors import InputError

__all__ = [
    "IdField",
    "KeyEnv",
    "KeyFile",
    "Label",
    "Sources",
    "TextField",
    "key_from",
    "tell_if_without",
]

Sources = Annotated[
    list[Path],
    typer.Argument(metavar="SOURCE...", help=f"Folder of texts, or files: {KNOWN}."),
]
Label = Annotated[str, typer.Option("--class", help="Sensitivity class of the documents.")]
IdField = Annotated[str, typer.Option(help="Field of a JSON line that holds the id.")]
TextField = Annotated[str, typer.Option(help="Field of a JSON line that holds the text.")]

KeyFile = Annotated[Path | None, typer.Option(help="File that holds the key.")]
KeyEnv = Annotated[str | None, typer.Option(help="Environment variable that holds the key.")]


def key_from(file: Path | None, env: str | None) -> Key | None:
    """The key given, if there is one."""
    if file is not None and env is not None:
        raise InputError("--key-file and --key-env are both given; keep one")
    if file is not None:
        return Key.from_file(file)
    return None if env is None else Key.from_env(env)


def tell_if_without(key: Key | None) -> None:
    """Say of an index that was just made what it means that nobody gave a key."""
    if key is None:
        means = "whoever has its files can ask whether a guess is in it"
        hint = "make a key with `guardrail index key FILE`, and give it with --key-file"
        typer.echo(f"made without a key: {means}; {hint}", err=True)
