"""`guardrail records`: make and look at a record index."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, cast

import typer

from guardrail.cli.options import KeyEnv, KeyFile, key_from, tell_if_without
from guardrail.errors import InputError
from guardrail.records import FieldType, RecordIndex, rows

__all__ = ["records"]

records = typer.Typer(name="records", help="Make and look at an index of protected records.")

Columns = Annotated[
    list[str],
    typer.Option(
        "--column",
        metavar="NAME=TYPE",
        help="Field and type: email, phone, id, name, date, money, text. FIRST+LAST joins fields.",
    ),
]


@records.command()
def build(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help=".csv, .jsonl, .jsonl.gz or .parquet.")
    ],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder to make the index in.")],
    column: Columns,
    key_file: KeyFile = None,
    key_env: KeyEnv = None,
    id_field: Annotated[
        str | None, typer.Option(help="Field that names a record.", show_default="its number")
    ] = None,
    label: Annotated[str, typer.Option("--class", help="Sensitivity class of the records.")] = "",
) -> None:
    """Make an index of records."""
    key = key_from(key_file, key_env)
    with RecordIndex.build(
        rows(file), out, columns=_columns(column), key=key, id_field=id_field, sensitivity=label
    ) as index:
        for name, told in index.info()["columns"].items():
            if told["unguarded"]:
                count = f"{told['unguarded']:,} of {told['values']:,} values"
                typer.echo(f"{name}: {count} are no {told['type']} and not guarded", err=True)
    tell_if_without(key)


@records.command()
def info(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the index.")],
    key_file: KeyFile = None,
    key_env: KeyEnv = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """What an index holds, in numbers."""
    with RecordIndex.open(folder, key=key_from(key_file, key_env)) as index:
        facts = index.info()
    if as_json:
        typer.echo(json.dumps(facts))
        return
    columns = facts.pop("columns")
    for name, value in facts.items():
        shown = f"{value:,}" if isinstance(value, int) else value or "none"
        typer.echo(f"{name:20} {shown}")
    for name, told in columns.items():
        guarded = told["values"] - told["unguarded"]
        typer.echo(f"{name:20} {told['type']}: {guarded:,} of {told['values']:,} values guarded")


def _columns(given: Iterable[str]) -> dict[str, FieldType]:
    columns: dict[str, FieldType] = {}
    for one in given:
        name, equals, kind = one.rpartition("=")
        if not (name and equals):
            raise InputError(f"--column {one!r} is not NAME=TYPE")
        if name in columns:
            raise InputError(f"--column {name!r} is given twice")
        columns[name] = cast(FieldType, kind)
    return columns
