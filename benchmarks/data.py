"""The texts that are measured on; nothing here is part of the repository."""

from __future__ import annotations

import gzip
import json
import os
import random
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from pathlib import Path

__all__ = ["AbsentError", "answers", "corpus", "joined", "large", "rows", "size"]

_LARGEST = 8_000_000
_SMALLEST = 500


class AbsentError(Exception):
    """The data of a benchmark is not on this machine."""


def corpus(megabytes: float | None, *, seed: int) -> list[tuple[str, str]]:
    """Books and mail as (id, text), shuffled, up to a size (None: all, 30 MB)."""
    books = rows("corpus_gutenberg20/books.jsonl.gz")
    mail = rows("corpus_spamassassin_ham/ham.jsonl.gz")
    texts = [(f"book/{row['pg_id']}", str(row["text"])) for row in books]
    texts += [(f"mail/{row['id']}", str(row["text"])) for row in mail]
    random.Random(seed).shuffle(texts)
    return list(_limited(texts, megabytes))


def answers() -> list[tuple[str, str]]:
    """Real answers of language models to ordinary questions, as (id, text)."""
    given = rows("benign_outputs_wildbench/outputs.jsonl.gz")
    return [(f"{row['model']}/{row['session_id']}", str(row["output"])) for row in given]


def rows(name: str) -> list[dict[str, object]]:
    """The lines of a file of the data, by its path below their folder."""
    home = os.environ.get("LEAKRAIL_DATA")
    root = Path(home) if home else Path(__file__).parents[2] / "shared" / "data"
    try:
        with gzip.open(root / name, "rt", encoding="utf-8") as file:
            return [json.loads(line) for line in file]
    except FileNotFoundError:
        raise AbsentError(
            f"{name} is not here; set LEAKRAIL_DATA to the folder that has it"
        ) from None


def joined(texts: Iterable[str], words: int) -> list[str]:
    """Texts of exactly so many space-separated words, made of the given ones in order."""
    made: list[str] = []
    held: list[str] = []
    count = 0
    for text in texts:
        for line in text.splitlines():
            parts = line.split(" ")
            while parts:
                taken = parts[: words - count]
                parts = parts[len(taken) :]
                held.append(" ".join(taken))
                count += len(taken)
                if count == words:
                    made.append("\n".join(held))
                    held, count = [], 0
    return made


def large(folders: Sequence[Path], megabytes: float | None, *, seed: int) -> list[tuple[str, str]]:
    """Distinct UTF-8 text files below folders, shuffled, gzip files unpacked, up to a size."""
    return list(_limited(_files(folders, seed), megabytes))


def size(texts: Iterable[tuple[str, str]]) -> int:
    """Bytes of the texts in UTF-8."""
    return sum(len(text.encode("utf-8", "surrogatepass")) for _, text in texts)


def _limited(
    texts: Iterable[tuple[str, str]], megabytes: float | None
) -> Iterator[tuple[str, str]]:
    left = float("inf") if megabytes is None else megabytes * 1e6
    for name, text in texts:
        if left <= 0:
            return
        # A book in a small run is cut, or the run would be that book.
        part = text[: int(left)] if left < len(text) else text
        left -= len(part)
        yield name, part


def _files(folders: Sequence[Path], seed: int) -> Iterator[tuple[str, str]]:
    seen: set[bytes] = set()
    paths = sorted({path for folder in folders for path in folder.rglob("*")})
    random.Random(seed).shuffle(paths)
    for path in paths:
        raw = _bytes(path)
        if not _SMALLEST <= len(raw) <= _LARGEST or b"\0" in raw:
            continue
        mark = blake2b(raw, digest_size=16).digest()
        if mark in seen:
            continue
        seen.add(mark)
        try:
            yield path.as_posix(), raw.decode("utf-8")
        except UnicodeDecodeError:
            continue


def _bytes(path: Path) -> bytes:
    if path.is_symlink() or not path.is_file() or path.stat().st_size > _LARGEST:
        return b""
    raw = path.read_bytes()
    if path.suffix != ".gz":
        return raw
    try:
        return gzip.decompress(raw)
    except (OSError, EOFError):
        return b""
