"""Documents from files: folders of text, single texts, JSONL."""

from __future__ import annotations

import gzip
import json
import os
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from guardrail.corpus.build import MAX_CHARACTERS, Document
from guardrail.errors import InputError

__all__ = ["KNOWN", "read", "size"]

TEXTS = (".md", ".rst", ".text", ".txt")
LINES = (".jsonl", ".jsonl.gz")

KNOWN = ", ".join((*TEXTS, *LINES))
"""The endings of the files that are read."""

_MAX_LINE = 1 << 30


def read(
    sources: Sequence[str | os.PathLike[str]],
    *,
    id_field: str = "id",
    text_field: str = "text",
    sensitivity: str = "",
    seen: Callable[[int], None] | None = None,
    left_out: Callable[[Path], None] | None = None,
) -> Iterator[Document]:
    """The documents of folders, `.txt` and `.md` files, and `.jsonl` or `.jsonl.gz` files.

    A folder gives its text files, however deep, each named by its path in the folder; links and
    other files in it are left out, and `left_out` is called with the path of each. A line of JSON
    may carry `class`, which goes before `sensitivity`, and `grants`. `seen` is called with the
    bytes of each document on disk. Raises `InputError` naming file and line.
    """
    form = _Form(id_field, text_field, sensitivity)
    for path, name in _files(sources, left_out or _nothing):
        pieces = _lines(path, form) if _ends(path, LINES) else _text(path, name, form)
        for document, length in pieces:
            if seen is not None:
                seen(length)
            yield document


def size(sources: Sequence[str | os.PathLike[str]]) -> int:
    """The bytes on disk of what `read` would read."""
    return sum(path.stat().st_size for path, _ in _files(sources, _nothing))


@dataclass(frozen=True, slots=True)
class _Form:
    """Where a line holds what, and the class of what names none."""

    id: str
    text: str
    sensitivity: str


def _nothing(_: Path) -> None:
    pass


def _files(
    sources: Sequence[str | os.PathLike[str]], left_out: Callable[[Path], None]
) -> Iterator[tuple[Path, str]]:
    """Files and their names as documents."""
    for source in map(Path, sources):
        if source.is_dir():
            yield from _within(source, left_out)
        elif not source.exists():
            raise InputError(f"no file or folder {source}")
        elif _ends(source, TEXTS + LINES):
            yield source, source.name
        else:
            raise InputError(f"{source}: not a folder, {KNOWN}")


def _within(folder: Path, left_out: Callable[[Path], None]) -> Iterator[tuple[Path, str]]:
    empty = True
    for parent, folders, names in os.walk(folder, onerror=_unreadable):
        folders.sort()
        for path in filter(Path.is_symlink, (Path(parent, name) for name in folders)):
            left_out(path)
        for name in sorted(names):
            path = Path(parent, name)
            if _ends(path, TEXTS + LINES) and path.is_file() and not path.is_symlink():
                empty = False
                yield path, path.relative_to(folder).as_posix()
            else:
                left_out(path)
    if empty:
        raise InputError(f"{folder} holds no text: {KNOWN}")


def _unreadable(error: OSError) -> None:
    # A folder passed over in silence would be text that nobody guards.
    raise InputError(f"cannot read {error.filename}: {error.strerror}") from None


def _ends(path: Path, endings: tuple[str, ...]) -> bool:
    return path.name.lower().endswith(endings)


def _text(path: Path, name: str, form: _Form) -> Iterator[tuple[Document, int]]:
    try:
        if path.stat().st_size > 4 * MAX_CHARACTERS:
            raise InputError(f"{path} is too large for one document; split it")
        data = path.read_bytes()
        yield Document(name, data.decode("utf-8-sig"), form.sensitivity), len(data)
    except UnicodeDecodeError:
        raise InputError(f"{path} is not UTF-8 text") from None
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from None


def _lines(path: Path, form: _Form) -> Iterator[tuple[Document, int]]:
    try:
        with path.open("rb") as file:
            stream = gzip.GzipFile(fileobj=file) if _ends(path, (".gz",)) else file
            before = 0
            for number, line in enumerate(_bounded(path, stream), 1):
                if not line.isspace():
                    after = file.tell()
                    yield _document(f"{path}:{number}", line, form), after - before
                    before = after
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


def _document(where: str, line: bytes, form: _Form) -> Document:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        raise InputError(f"{where}: not a line of JSON") from None
    if not isinstance(row, dict):
        raise InputError(f"{where}: not a JSON object")
    name, text = row.get(form.id), row.get(form.text)
    if isinstance(name, int) and not isinstance(name, bool):
        name = str(name)
    if not isinstance(name, str):
        raise InputError(f"{where}: no id in the field {form.id!r}; `id_field` names another")
    if not isinstance(text, str):
        raise InputError(f"{where}: no text in the field {form.text!r}; `text_field` names another")
    label, grants = row.get("class", form.sensitivity), row.get("grants", [])
    if not isinstance(label, str):
        raise InputError(f"{where}: `class` must be a string")
    if not isinstance(grants, list) or not all(isinstance(grant, str) for grant in grants):
        raise InputError(f"{where}: `grants` must be a list of strings")
    return Document(name, text, label, tuple(grants))
