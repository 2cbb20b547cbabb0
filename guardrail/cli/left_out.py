"""What of the folders that a command was given it did not read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from guardrail.corpus.sources import KNOWN

__all__ = ["telling_left_out"]


@contextmanager
def telling_left_out() -> Iterator[Callable[[Path], None]]:
    """Takes paths that are left out, and tells at the end how many and why."""
    kinds: Counter[str] = Counter()
    yield lambda path: kinds.update(["links" if path.is_symlink() else "other files"])
    if kinds:
        counts = ", ".join(f"{kind} {count:,}" for kind, count in sorted(kinds.items()))
        typer.echo(f"left out: {counts} (what is read: {KNOWN})", err=True)
