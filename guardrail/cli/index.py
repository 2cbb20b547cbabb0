"""`guardrail index`: make, change and look at a corpus index."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
from guardrail.corpus import CorpusIndex, Document, Key
from guardrail.corpus.sources import size
from guardrail.corpus.writer import Progress
from guardrail.errors import InputError

__all__ = ["index"]

index = typer.Typer(name="index", help="Make, change and look at a corpus index.")

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the index.")]
Workers = Annotated[int, typer.Option(min=1, help="Processes to use.", show_default="all cores")]

_CORES = os.cpu_count() or 1
_STEP = 1 << 20


@index.command()
def build(
    sources: Sources,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder to make the index in.")],
    key_file: KeyFile = None,
    key_env: KeyEnv = None,
    label: Label = "",
    workers: Workers = _CORES,
    id_field: IdField = "id",
    text_field: TextField = "text",
    gram: Annotated[
        int | None,
        typer.Option(
            help="Words in a gram; runs of 2 * gram - 1 are found.", show_default="6; 16 letters"
        ),
    ] = None,
    presence: Annotated[
        bool, typer.Option("--presence", help="Keep no places: a quarter of the size.")
    ] = False,
    letters: Annotated[
        bool, typer.Option("--letters", help="Over letters, for words run together or broken up.")
    ] = False,
) -> None:
    """Make an index of documents."""
    key = key_from(key_file, key_env)
    with _reading("building", sources, id_field, text_field, label) as (documents, progress):
        made = CorpusIndex.build(
            documents,
            out,
            key=key,
            gram=(16 if letters else 6) if gram is None else gram,
            unit="letters" if letters else "words",
            layout="presence" if presence else "located",
            workers=workers,
            progress=progress,
        )
    with made:
        _tell(made)
    tell_if_without(key)


@index.command()
def add(
    folder: Folder,
    sources: Sources,
    key_file: KeyFile = None,
    key_env: KeyEnv = None,
    label: Label = "",
    workers: Workers = _CORES,
    id_field: IdField = "id",
    text_field: TextField = "text",
    replace: Annotated[bool, typer.Option("--replace", help="Replace ids that are there.")] = False,
) -> None:
    """Add documents, all or none."""
    with _open(folder, key_file, key_env) as opened:
        told = _reading("adding", sources, id_field, text_field, label)
        with told as (documents, progress):
            opened.add(documents, replace=replace, workers=workers, progress=progress)
        _tell(opened)


@index.command()
def delete(
    folder: Folder,
    ids: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Documents.")] = None,
    key_file: KeyFile = None,
    key_env: KeyEnv = None,
    ids_from: Annotated[Path | None, typer.Option(help="File with an id a line.")] = None,
) -> None:
    """Delete documents, all or none: masked at once, out of the files at the next compaction."""
    names = list(ids or ())
    if ids_from is not None:
        try:
            lines = ids_from.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            raise InputError(f"{ids_from} is not UTF-8 text") from None
        names += filter(None, lines)
    if not names:
        raise InputError("name the documents to delete, or a file of them with --ids-from")
    with _open(folder, key_file, key_env) as opened:
        opened.delete(names)
        _tell(opened)


@index.command()
def compact(folder: Folder, key_file: KeyFile = None, key_env: KeyEnv = None) -> None:
    """Merge the segments and leave deleted documents out for good."""
    with _open(folder, key_file, key_env) as opened:
        opened.compact()


@index.command()
def info(
    folder: Folder,
    key_file: KeyFile = None,
    key_env: KeyEnv = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """What an index holds, in numbers."""
    with _open(folder, key_file, key_env) as opened:
        facts = opened.info()
    if as_json:
        typer.echo(json.dumps(facts))
        return
    for name, value in facts.items():
        shown = f"{value:,}" if isinstance(value, int) else value or "none"
        typer.echo(f"{name.replace('_', ' '):20} {shown}")


@index.command()
def verify(folder: Folder, key_file: KeyFile = None, key_env: KeyEnv = None) -> None:
    """Read every file and check it."""
    with _open(folder, key_file, key_env) as opened:
        opened.verify()
    typer.echo(f"{folder} is whole")


@index.command()
def rekey(
    folder: Folder,
    sources: Sources,
    new_key_file: Annotated[Path, typer.Option(help="File that holds the new key.")],
    key_file: KeyFile = None,
    key_env: KeyEnv = None,
    label: Label = "",
    workers: Workers = _CORES,
    id_field: IdField = "id",
    text_field: TextField = "text",
) -> None:
    """Write an index anew with another key; it needs all the documents again."""
    new = Key.from_file(new_key_file)
    with _open(folder, key_file, key_env) as opened:
        told = _reading("rewriting", sources, id_field, text_field, label)
        with told as (documents, progress):
            opened.rekey(documents, key=new, workers=workers, progress=progress)
        _tell(opened)


@index.command()
def key(file: Annotated[Path, typer.Argument(help="File to write; it must not exist.")]) -> None:
    """Make a new key."""
    made = Key.generate()
    made.save(file)
    typer.echo(f"{file}: a new key; without it the index cannot be read")


def _open(folder: Path, key_file: Path | None, key_env: str | None) -> CorpusIndex:
    return CorpusIndex.open(folder, key=key_from(key_file, key_env))


def _tell(made: CorpusIndex) -> None:
    typer.echo(f"{made.path} holds {made.info()['documents']:,} documents", err=True)


@contextmanager
def _reading(
    doing: str, sources: list[Path], id_field: str, text_field: str, label: str
) -> Iterator[tuple[Iterator[Document], Progress | None]]:
    """Documents, and what tells how far they are written where somebody looks."""
    told = reading(sources, id_field=id_field, text_field=text_field, label=label)
    with told as documents:
        if not sys.stderr.isatty():
            yield documents(), None
            return
        with _bar(doing, sources) as (seen, progress):
            yield documents(seen=seen), progress


@contextmanager
def _bar(doing: str, sources: list[Path]) -> Iterator[tuple[Callable[[int], None], Progress]]:
    from rich.console import Console
    from rich.progress import Progress as Bar

    waiting = 0

    def seen(count: int) -> None:
        # Moving the bar costs more than reading a short document.
        nonlocal waiting
        waiting += count
        if waiting >= _STEP:
            bar.advance(task, waiting)
            waiting = 0

    def progress(written: int, _: int) -> None:
        bar.update(task, description=f"{doing}: {written:,} documents")

    with Bar(console=Console(stderr=True)) as bar:
        task = bar.add_task(doing, total=size(sources))
        yield seen, progress
        bar.advance(task, waiting)
