"""Documents from files: folders of text, single texts, JSONL."""

from __future__ import annotations

import gzip
import json
import os
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from guardrail.corpus.build import MAX_CHARACTERS, Document
from guardrail.errors import InputError

__all__ = ["read"]

TEXTS = (".md", ".rst", ".text", ".txt")
LINES = (".jsonl", ".jsonl.gz")

_MAX_LINE = 1 << 30


def read(
    sources: Sequence[str | os.PathLike[str]],
    *,
    id_field: str = "id",
    text_field: str = "text",
    sensitivity: str = "",
) -> Iterator[Document]:
    """The documents of folders, `.txt` and `.md` files, and `.jsonl` or `.jsonl.gz` files.

    A folder gives its text files, however deep, each named by its path in the folder. A line of
    JSON may carry `class`, which goes before `sensitivity`, and `grants`. Raises `InputError`
    naming file and line.
    """
    for source in map(Path, sources):
        if source.is_dir():
            yield from _folder(source, id_field, text_field, sensitivity)
        elif not source.exists():
            raise InputError(f"no file or folder {source}")
        elif source.name.endswith(LINES):
            yield from _lines(source, id_field, text_field, sensitivity)
        elif source.suffix in TEXTS:
            yield Document(source.name, _text(source), sensitivity)
        else:
            raise InputError(f"{source}: not a folder, {', '.join((*TEXTS, *LINES))}")


def _folder(folder: Path, id_field: str, text_field: str, sensitivity: str) -> Iterator[Document]:
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    kept = [path for path in files if path.suffix in TEXTS or path.name.endswith(LINES)]
    if not kept:
        raise InputError(f"{folder} holds no text: {', '.join((*TEXTS, *LINES))}")
    for path in kept:
        if path.suffix in TEXTS:
            yield Document(path.relative_to(folder).as_posix(), _text(path), sensitivity)
        else:
            yield from _lines(path, id_field, text_field, sensitivity)


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > 4 * MAX_CHARACTERS:
            raise InputError(f"{path} is too large for one document; split it")
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{path} is not UTF-8 text") from None
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from None


def _lines(path: Path, id_field: str, text_field: str, sensitivity: str) -> Iterator[Document]:
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
            for number, line in enumerate(_bounded(path, stream), 1):
                if not line.isspace():
                    where = f"{path}:{number}"
                    yield _document(where, line, id_field, text_field, sensitivity)
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise InputError(f"{path} is damaged or no gzip file") from None
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from None


def _bounded(path: Path, stream: BinaryIO | gzip.GzipFile) -> Iterator[bytes]:
    number = 0
    while line := stream.readline(_MAX_LINE + 1):
        number += 1
        if len(line) > _MAX_LINE:
            raise InputError(f"{path}:{number}: a line of more than {_MAX_LINE:,} bytes")
        yield line


def _document(
    where: str, line: bytes, id_field: str, text_field: str, sensitivity: str
) -> Document:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        raise InputError(f"{where}: not a line of JSON") from None
    if not isinstance(row, dict):
        raise InputError(f"{where}: not a JSON object")
    name, text = row.get(id_field), row.get(text_field)
    if isinstance(name, int) and not isinstance(name, bool):
        name = str(name)
    if not isinstance(name, str):
        raise InputError(f"{where}: no id in the field {id_field!r}")
    if not isinstance(text, str):
        raise InputError(f"{where}: no text in the field {text_field!r}")
    label, grants = row.get("class", sensitivity), row.get("grants", [])
    if not isinstance(label, str):
        raise InputError(f"{where}: `class` must be a string")
    if not isinstance(grants, list) or not all(isinstance(grant, str) for grant in grants):
        raise InputError(f"{where}: `grants` must be a list of strings")
    return Document(name, text, label, tuple(grants))
