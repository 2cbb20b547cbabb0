"""Opens the store that a policy names."""

from __future__ import annotations

from pathlib import Path

from guardrail.errors import StoreError
from guardrail.session.memory import MemoryStore
from guardrail.session.store import Store

__all__ = ["MEMORY", "open_store"]

MEMORY = "memory"

_FILE = "sqlite:"
_SERVERS = ("redis:", "rediss:", "unix:")
# A server that answers does so at once; of a file's users each waits for the others.
_FILE_WAIT, _SERVER_WAIT = 1.0, 0.05


def open_store(place: str, *, base: Path, timeout: float | None) -> Store:
    """The store of that name: `memory`, `sqlite:FILE` (in `base`), or the URL of a Redis server.

    `timeout` is in seconds; by default a file has one, and a server 50 ms. Raises `StoreError`.
    """
    if place == MEMORY:
        return MemoryStore()
    if place.startswith(_FILE):
        from guardrail.session.sqlite import SqliteStore

        return SqliteStore(base / place.removeprefix(_FILE), timeout=timeout or _FILE_WAIT)
    if not place.startswith(_SERVERS):
        raise StoreError("no store of that kind; known: memory, sqlite:FILE, redis://HOST:PORT")
    try:
        from guardrail.session.redis import RedisStore
    except ImportError:
        raise StoreError("a Redis store needs more: pip install 'leakrail[redis]'") from None
    return RedisStore(place, timeout=timeout or _SERVER_WAIT)
