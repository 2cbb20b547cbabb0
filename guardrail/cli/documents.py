"""The documents that a command was given, and what of its folders it does not read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import typer

from guardrail.corpus import Document
from guardrail.corpus.sources import KNOWN, read

__all__ = ["reading"]


@contextmanager
def reading(
    sources: Sequence[Path], *, id_field: str, text_field: str, label: str
) -> Iterator[Callable[..., Iterator[Document]]]:
    """What reads the documents, as `read` does; then how many files were left out is told."""
    kinds: Counter[str] = Counter()
    yield partial(
        read,
        sources,
        id_field=id_field,
        text_field=text_field,
        sensitivity=label,
        left_out=lambda path: kinds.update(["links" if path.is_symlink() else "other files"]),
    )
    if kinds:
        counts = ", ".join(f"{kind} {count:,}" for kind, count in sorted(kinds.items()))
        typer.echo(f"left out: {counts} (what is read: {KNOWN})", err=True)
