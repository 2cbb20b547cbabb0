"""A store in this process: bounded, and gone with it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from threading import Lock

from guardrail.session.coverage import Cover
from guardrail.session.gcra import Take, charged, taken
from guardrail.session.ring import Note, Seen, asked_only
from guardrail.session.rings import Rings
from guardrail.session.store import Store, Told

__all__ = ["MemoryStore"]

_REST = -1
_WHEN = 64
_LAST = (1 << _WHEN) - 1
# What a document takes, in moments; and what rings take altogether, in bytes for each moment.
_LARGE = 8
_BYTES = 256


class MemoryStore(Store):
    """Keeps at most `most` keys of each limit; `clock` is in nanoseconds, and never set back.

    Nobody is forgotten whose moment has not passed. Where a limit's room is full of such, those who
    come new share one moment, as if they were one. Rings of a period take 256 bytes for each of
    `most`, all together.
    """

    waits = blocks = False

    def __init__(
        self, *, most: int = 1_000_000, clock: Callable[[], int] = time.monotonic_ns
    ) -> None:
        self._most, self._clock = most, clock
        self._lock = Lock()
        self._tables: dict[int, _Table] = {}
        self._given: dict[int, _Table] = {}
        self._rings: dict[int, Rings] = {}

    def ask(self, takes: Sequence[Take], notes: Sequence[Note]) -> Told:
        with self._lock:
            now = self._clock() // 1000
            waits = self._taken(takes, now)
            return waits, [self._note(one, now) for one in asked_only(notes, waits)]

    def _taken(self, takes: Sequence[Take], now: int) -> Sequence[int]:
        waits, put = [], []
        for take in takes:
            table = self._table(take, now)
            place = table.place(take.key)
            moment, wait = taken(table.held(place), now, take)
            waits.append(wait)
            if take.cost:
                put.append((table.young, place, moment))
        if not any(waits):
            for young, place, moment in put:
                young[place] = moment
        return waits

    def charge(self, takes: Sequence[Take]) -> None:
        with self._lock:
            now = self._clock() // 1000
            for take in takes:
                table = self._table(take, now)
                place = table.place(take.key)
                table.young[place] = charged(table.held(place), now, take)

    def ahead(self, takes: Sequence[Take]) -> Sequence[int]:
        with self._lock:
            now = self._clock() // 1000
            tables = [self._table(take, now) for take in takes]
            moments = [
                table.held(table.place(take.key)) for table, take in zip(tables, takes, strict=True)
            ]
            return [max(moment - now, 0) for moment in moments]

    def forget(self, keys: Sequence[bytes]) -> None:
        with self._lock:
            for kept in (self._tables, self._given, self._rings):
                for table in kept.values():
                    table.forget(keys)

    def cover(self, covers: Sequence[Cover]) -> Sequence[int]:
        with self._lock:
            now = self._clock() // 1000
            return [self._cover(cover, now) for cover in covers]

    def _note(self, note: Note, now: int) -> Seen:
        rings = self._rings.get(note.period)
        if rings is None:
            rings = self._rings[note.period] = Rings(note.period, _BYTES * self._most, now)
        return rings.note(note, now)

    def _cover(self, cover: Cover, now: int) -> int:
        put = []
        for number, (key, most, period, pool) in enumerate(cover.under, 1):
            table = _turned(self._given, period, self._most // _LARGE, now)
            place, bits, _ = table.given(key, now)
            given = bits | cover.mask
            count = given.bit_count()
            put.append((table.young, place, given << _WHEN | now))
            full = place == _REST
            if pool:
                new = (count - bits.bit_count()) * cover.unit
                place, count, since = table.given(pool, now)
                count += new
                put.append((table.young, place, count << _WHEN | (since if count > new else now)))
                full |= place == _REST
            if full or count > most:
                return number
        for young, place, held in put:
            young[place] = held
        return 0

    def close(self) -> None:
        """Nothing is held open."""

    def _table(self, take: Take, now: int) -> _Table:
        return _turned(self._tables, take.span, self._most, now)


class _Table:
    """Moments of one span: the young ones were set within it, the old ones within two.

    What was not set for a span has passed, so that the old ones go at once, unread.
    """

    __slots__ = ("_most", "_old", "_span", "turned", "young")

    def __init__(self, span: int, most: int, now: int) -> None:
        self._span, self._most, self.turned = span, most, now
        self.young: dict[int, int] = {}
        self._old: dict[int, int] = {}

    def turn(self, now: int) -> None:
        self._old = self.young if now - self.turned < 2 * self._span else {}
        self.young, self.turned = {}, now

    def place(self, key: bytes) -> int:
        place = _place(key)
        if place in self.young or place in self._old:
            return place
        return place if len(self.young) + len(self._old) < self._most else _REST

    def held(self, place: int) -> int:
        held = self.young.get(place)
        return self._old.get(place, 0) if held is None else held

    def given(self, key: bytes, now: int) -> tuple[int, int, int]:
        """The place of what was given, how much or which bits it was, and the moment with it."""
        place = self.place(key)
        # They are one number.
        held = self.held(place)
        moment = held & _LAST
        return place, held >> _WHEN if now - moment < self._span else 0, moment

    def forget(self, keys: Sequence[bytes]) -> None:
        self.young |= dict.fromkeys(map(_place, keys), 0)


def _turned(tables: dict[int, _Table], span: int, most: int, now: int) -> _Table:
    """The table of a span, as it is now."""
    table = tables.get(span)
    if table is None:
        table = tables[span] = _Table(span, most, now)
    elif now - table.turned >= span:
        table.turn(now)
    return table


def _place(key: bytes) -> int:
    return int.from_bytes(key[:8], "little")
