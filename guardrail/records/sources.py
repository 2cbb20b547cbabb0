"""Rows from files: CSV, JSON lines, Parquet."""

from __future__ import annotations

import csv
import gzip
import json
import os
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TextIO

from guardrail.errors import InputError

__all__ = ["ENDINGS", "rows"]


def rows(path: str | os.PathLike[str]) -> Iterator[dict[str, Any]]:
    """The rows of a `.csv`, `.jsonl`, `.jsonl.gz` or `.parquet` file, one by one.

    Raises `InputError` naming file and line. Parquet needs `leakrail[parquet]`.
    """
    file = Path(path)
    ending = next((one for one in ENDINGS if file.name.lower().endswith(one)), None)
    if ending is None:
        raise InputError(f"{file}: not {', '.join(ENDINGS)}")
    try:
        yield from _READERS[ending](file)
    except FileNotFoundError:
        raise InputError(f"no file {file}") from None
    except UnicodeDecodeError:
        raise InputError(f"{file} is not UTF-8 text") from None
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise InputError(f"{file} is damaged or no gzip file") from None
    except OSError as error:
        raise InputError(f"cannot read {file}: {error.strerror}") from None


def _csv(file: Path) -> Iterator[dict[str, Any]]:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        lines = csv.reader(stream, strict=True)
        try:
            names = next(lines, [])
            if len(set(names)) < len(names):
                raise InputError(f"{file}: two columns have the same name")
            for line in lines:
                if not line:
                    continue
                if len(line) != len(names):
                    told = f"{len(line)} fields, {len(names)} expected"
                    raise InputError(f"{file}:{lines.line_num}: {told}")
                yield dict(zip(names, line, strict=True))
        except csv.Error as error:
            raise InputError(f"{file}:{lines.line_num}: {error}") from None


def _lines(file: Path) -> Iterator[dict[str, Any]]:
    with file.open(encoding="utf-8-sig") as stream:
        yield from _objects(file, stream)


def _packed(file: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(file, "rt", encoding="utf-8-sig") as stream:
        yield from _objects(file, stream)


def _objects(file: Path, stream: TextIO) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(stream, 1):
        if line.isspace():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            raise InputError(f"{file}:{number}: not a line of JSON") from None
        if not isinstance(row, dict):
            raise InputError(f"{file}:{number}: not a JSON object")
        yield row


def _parquet(file: Path) -> Iterator[dict[str, Any]]:
    try:
        from pyarrow import ArrowException
        from pyarrow.parquet import ParquetFile
    except ImportError:
        raise InputError("Parquet needs more: pip install 'leakrail[parquet]'") from None
    try:
        with ParquetFile(file) as opened:
            for batch in opened.iter_batches():
                yield from batch.to_pylist()
    except ArrowException as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"{file} is damaged or no Parquet file: {reason}") from None


_READERS: dict[str, Callable[[Path], Iterator[dict[str, Any]]]] = {
    ".csv": _csv,
    ".jsonl": _lines,
    ".jsonl.gz": _packed,
    ".parquet": _parquet,
}
ENDINGS = tuple(_READERS)
