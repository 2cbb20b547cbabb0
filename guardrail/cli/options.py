"""What commands on documents share: where they come from, and the key of their index."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from guardrail.corpus import Key
from guardrail.errors import InputError

__all__ = ["IdField", "KeyEnv", "KeyFile", "Label", "Sources", "TextField", "key_from"]

Sources = Annotated[
    list[Path],
    typer.Argument(metavar="SOURCE...", help="Folder of texts, .txt, .md, .jsonl or .jsonl.gz."),
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
