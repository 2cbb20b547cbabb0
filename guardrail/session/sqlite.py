"""A store in a file of this machine, which its processes share and which outlives them."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock
from typing import TypeAlias, TypeVar

from guardrail.errors import StoreError
from guardrail.session.coverage import Cover
from guardrail.session.gcra import Take, charged, taken
from guardrail.session.ring import Note, Seen, asked_only, noted, seen
from guardrail.session.store import Store, Told

__all__ = ["SqliteStore"]

T = TypeVar("T")
Step: TypeAlias = Callable[[sqlite3.Connection, int], T]
"""What is done with the tables at a moment, in microseconds."""

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
# Errors of SQLite have a kind in their lower byte.
_KIND = 0xFF


class SqliteStore(Store):
    """SQLite in its write-ahead mode; a step that waits longer than `timeout` seconds has failed.

    It waits for other threads, and then as long for other processes, but only if it writes: who is
    told to wait by a limit changes nothing. After a crash of the machine, not of a process, the
    last steps may be lost. `clock` is in nanoseconds. Raises `StoreError`.
    """

    waits = blocks = True

    def __init__(
        self, path: Path, *, timeout: float = 1.0, clock: Callable[[], int] = time.time_ns
    ) -> None:
        self._path, self._timeout, self._clock = path, timeout, clock
        self._lock = Lock()
        self._steps = 0
        # A connection must not be carried over a fork: it is opened by who asks first.
        self._rows: sqlite3.Connection | None = None
        self._open().close()

    def ask(self, takes: Sequence[Take], notes: Sequence[Note]) -> Told:
        return self._step(lambda rows, now: _ask(rows, takes, notes, now))

    def charge(self, takes: Sequence[Take]) -> None:
        self._step(lambda rows, now: _charge(rows, takes, now))

    def ahead(self, takes: Sequence[Take]) -> Sequence[int]:
        return self._step(lambda rows, now: _ahead(rows, takes, now))

    def forget(self, keys: Sequence[bytes]) -> None:
        self._step(lambda rows, _: _forget(rows, keys))

    def cover(self, covers: Sequence[Cover]) -> Sequence[int]:
        return self._step(lambda rows, now: [_cover(rows, cover, now) for cover in covers])

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

    def _step(self, step: Step[T]) -> T:
        if not self._lock.acquire(timeout=self._timeout):
            raise StoreError(f"the store {self._path} is busy")
        try:
            if self._rows is None:
                self._rows = self._open()
            self._steps += 1
            return self._made(self._rows, step)
        except sqlite3.Error as error:
            raise StoreError(f"the store {self._path} failed: {_reason(error)}") from None
        finally:
            self._lock.release()

    def _made(self, rows: sqlite3.Connection, step: Step[T]) -> T:
        try:
            return self._within("BEGIN", rows, step)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & _KIND != sqlite3.SQLITE_BUSY:
                raise
        # It would write, and another does or has since it began to read: it begins anew, in turn.
        return self._within("BEGIN IMMEDIATE", rows, step)

    def _within(self, begin: str, rows: sqlite3.Connection, step: Step[T]) -> T:
        rows.execute(begin)
        with rows:
            now = self._clock() // 1000
            if self._steps % _EVERY == 0:
                for sweep in _SWEEP:
                    rows.execute(sweep, (now,))
            return step(rows, now)


def _ask(rows: sqlite3.Connection, takes: Sequence[Take], notes: Sequence[Note], now: int) -> Told:
    told = [taken(_moment(rows, take.key), now, take) for take in takes]
    waits = [wait for _, wait in told]
    if not any(waits):
        pairs = zip(takes, told, strict=True)
        rows.executemany(_PUT, [(take.key, moment) for take, (moment, _) in pairs if take.cost])
    return waits, [_note(rows, one, now) for one in asked_only(notes, waits)]


def _charge(rows: sqlite3.Connection, takes: Sequence[Take], now: int) -> None:
    for take in takes:
        rows.execute(_PUT, (take.key, charged(_moment(rows, take.key), now, take)))


def _ahead(rows: sqlite3.Connection, takes: Sequence[Take], now: int) -> list[int]:
    return [max(_moment(rows, take.key) - now, 0) for take in takes]


def _forget(rows: sqlite3.Connection, keys: Sequence[bytes]) -> None:
    for forget in _FORGET:
        rows.executemany(forget, [(key,) for key in keys])


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
