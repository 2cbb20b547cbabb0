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
