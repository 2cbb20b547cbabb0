"""A store in a file of this machine, which its processes share and which outlives them."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from guardrail.errors import StoreError
from guardrail.session.coverage import Cover
from guardrail.session.gcra import Take, charged, taken
from guardrail.session.ring import Note, Seen, asked_only, noted, seen
from guardrail.session.store import Store, Told

__all__ = ["SqliteStore"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS moments (key BLOB PRIMARY KEY, moment INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS passing ON moments (moment);
CREATE TABLE IF NOT EXISTS given (key BLOB PRIMARY KEY, bits BLOB, until INTEGER) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS forgotten ON given (until);
CREATE TABLE IF NOT EXISTS rings (key BLOB PRIMARY KEY, notes BLOB, until INTEGER) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS gone ON rings (until);
"""
_PUT = "INSERT INTO moments VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET moment = excluded.moment"
_GIVE = (
    "INSERT INTO given VALUES (?, ?, ?)"
    " ON CONFLICT (key) DO UPDATE SET bits = excluded.bits, until = excluded.until"
)
_NOTE = (
    "INSERT INTO rings VALUES (?, ?, ?)"
    " ON CONFLICT (key) DO UPDATE SET notes = excluded.notes, until = excluded.until"
)
_SWEEP = (
    "DELETE FROM moments WHERE moment <= ?",
    "DELETE FROM given WHERE until <= ?",
    "DELETE FROM rings WHERE until <= ?",
)
_FORGET = (
    "DELETE FROM moments WHERE key = ?",
    "DELETE FROM given WHERE key = ?",
    "DELETE FROM rings WHERE key = ?",
)
_EVERY = 1024


class SqliteStore(Store):
    """SQLite in its write-ahead mode; a step that waits longer than `timeout` seconds has failed.

    After a crash of the machine, not of a process, the last steps may be lost. `clock` is in
    nanoseconds. Raises `StoreError`.
    """

    waits = blocks = True

    def __init__(
        self, path: Path, *, timeout: float = 0.05, clock: Callable[[], int] = time.time_ns
    ) -> None:
        self._path, self._timeout, self._clock = path, timeout, clock
        self._lock = Lock()
        self._steps = 0
        # A connection must not be carried over a fork: it is opened by who asks first.
        self._rows: sqlite3.Connection | None = None
        self._open().close()

    def ask(self, takes: Sequence[Take], notes: Sequence[Note]) -> Told:
        with self._step() as (rows, now):
            told = [taken(_moment(rows, take.key), now, take) for take in takes]
            waits = [wait for _, wait in told]
            if not any(waits):
                pairs = zip(takes, told, strict=True)
                put = [(take.key, moment) for take, (moment, _) in pairs if take.cost]
                rows.executemany(_PUT, put)
            return waits, [_note(rows, one, now) for one in asked_only(notes, waits)]

    def charge(self, takes: Sequence[Take]) -> None:
        with self._step() as (rows, now):
            for take in takes:
                rows.execute(_PUT, (take.key, charged(_moment(rows, take.key), now, take)))

    def ahead(self, takes: Sequence[Take]) -> Sequence[int]:
        with self._step() as (rows, now):
            return [max(_moment(rows, take.key) - now, 0) for take in takes]

    def forget(self, keys: Sequence[bytes]) -> None:
        with self._step() as (rows, _):
            for forget in _FORGET:
                rows.executemany(forget, [(key,) for key in keys])

    def cover(self, covers: Sequence[Cover]) -> Sequence[int]:
        with self._step() as (rows, now):
            return [_cover(rows, cover, now) for cover in covers]

    def close(self) -> None:
        with self._lock:
            if self._rows is not None:
                self._rows.close()
                self._rows = None

    def _open(self) -> sqlite3.Connection:
        try:
            # Whoever can read it can see when somebody asked, if not who.
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
            rows = sqlite3.connect(
                self._path, timeout=self._timeout, isolation_level=None, check_same_thread=False
            )
            rows.execute("PRAGMA journal_mode = WAL")
            rows.execute("PRAGMA synchronous = NORMAL")
            rows.executescript(_SCHEMA)
        except (OSError, sqlite3.Error) as error:
            raise StoreError(f"cannot open the store {self._path}: {_reason(error)}") from None
        return rows

    @contextmanager
    def _step(self) -> Iterator[tuple[sqlite3.Connection, int]]:
        if not self._lock.acquire(timeout=self._timeout):
            raise StoreError(f"the store {self._path} is busy")
        try:
            if self._rows is None:
                self._rows = self._open()
            self._rows.execute("BEGIN IMMEDIATE")
            with self._rows as rows:
                now = self._clock() // 1000
                self._steps += 1
                if self._steps % _EVERY == 0:
                    for sweep in _SWEEP:
                        rows.execute(sweep, (now,))
                yield rows, now
        except sqlite3.Error as error:
            raise StoreError(f"the store {self._path} failed: {_reason(error)}") from None
        finally:
            self._lock.release()


def _moment(rows: sqlite3.Connection, key: bytes) -> int:
    found = rows.execute("SELECT moment FROM moments WHERE key = ?", (key,)).fetchone()
    return 0 if found is None else int(found[0])


def _cover(rows: sqlite3.Connection, cover: Cover, now: int) -> int:
    put = []
    for number, (key, most, period, pool) in enumerate(cover.under, 1):
        bits, _ = _given(rows, key, now)
        given = bits | cover.mask
        count = given.bit_count()
        put.append((key, _bytes(given), now + period))
        if pool:
            new = (count - bits.bit_count()) * cover.unit
            count, until = _given(rows, pool, now)
            count += new
            put.append((pool, _bytes(count), until if count > new else now + period))
        if count > most:
            return number
    rows.executemany(_GIVE, put)
    return 0


def _given(rows: sqlite3.Connection, key: bytes, now: int) -> tuple[int, int]:
    """How much was given, or which bits, and until when it is kept."""
    asked = "SELECT bits, until FROM given WHERE key = ? AND until > ?"
    found = rows.execute(asked, (key, now)).fetchone()
    return (0, 0) if found is None else (int.from_bytes(found[0], "little"), found[1])


def _bytes(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "little")


def _note(rows: sqlite3.Connection, note: Note, now: int) -> Seen:
    asked = "SELECT notes FROM rings WHERE key = ?"
    found = rows.execute(asked, (note.key,)).fetchone()
    held = b"" if found is None else found[0]
    before = seen(held, now, note)
    if note.entry:
        rows.execute(_NOTE, (note.key, noted(before, now, note), now + note.period))
    return before


def _reason(error: Exception) -> str:
    return (isinstance(error, OSError) and error.strerror) or str(error)
