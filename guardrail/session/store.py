"""Where an identity's history is kept: in this process, in a file, or in a server."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from guardrail.errors import StoreError
from guardrail.session.coverage import Cover
from guardrail.session.gcra import Take
from guardrail.session.memory import MemoryStore
from guardrail.session.ring import Note, Seen

__all__ = ["MEMORY", "Store", "open_store"]

MEMORY = "memory"

_FILE = "sqlite:"
_SERVERS = ("redis:", "rediss:", "unix:")


class Store(Protocol):
    """Keeps a moment, bits or a ring for each key; a call is one step that nothing comes between.

    Whatever keeps it from answering is a `StoreError`, after which it is not known whether the
    step was made: it must not be tried again.
    """

    @property
    def waits(self) -> bool:
        """Whether it reads or writes outside of this process's memory."""
        ...

    def take(self, takes: Sequence[Take]) -> Sequence[int]:
        """Microseconds until each can be taken; if all can be now (0), all are, or else none."""
        ...

    def charge(self, takes: Sequence[Take]) -> None:
        """Take each, whether it is there or not."""
        ...

    def ahead(self, takes: Sequence[Take]) -> Sequence[int]:
        """Microseconds until all that was taken of each has come back; nothing is changed."""
        ...

    def forget(self, keys: Sequence[bytes]) -> None:
        """Let it be as if nothing had ever been kept under them."""
        ...

    def cover(self, covers: Sequence[Cover]) -> Sequence[int]:
        """Give parts of documents away, from left to right, each if it fits under all its keys.

        0 for one that did, or else the number of the first key, from 1, under which it does not.
        """
        ...

    def note(self, notes: Sequence[Note]) -> Sequence[Sequence[Seen]]:
        """What was noted under each key before, the newest first; and note more."""
        ...

    def ask(
        self, takes: Sequence[Take], notes: Sequence[Note]
    ) -> tuple[Sequence[int], Sequence[Sequence[Seen]]]:
        """As `take` and `note`, in one step; nothing is noted where not all can be taken."""
        ...

    def close(self) -> None: ...


def open_store(place: str, *, base: Path, timeout: float) -> Store:
    """The store of that name: `memory`, `sqlite:FILE` (in `base`), or the URL of a Redis server.

    `timeout` is in seconds. Raises `StoreError`.
    """
    if place == MEMORY:
        return MemoryStore()
    if place.startswith(_FILE):
        from guardrail.session.sqlite import SqliteStore

        return SqliteStore(base / place.removeprefix(_FILE), timeout=timeout)
    if not place.startswith(_SERVERS):
        raise StoreError("no store of that kind; known: memory, sqlite:FILE, redis://HOST:PORT")
    try:
        from guardrail.session.redis import RedisStore
    except ImportError:
        raise StoreError("a Redis store needs more: pip install 'leakrail[redis]'") from None
    return RedisStore(place, timeout=timeout)
