"""Rings in this process, in a bounded number of bytes."""

from __future__ import annotations

from collections.abc import Sequence

from guardrail.session.ring import Note, Seen, noted, ring, room, seen

__all__ = ["Rings"]

_NAME = b"shared by several "
# What a ring takes besides its bytes; it is counted with room for so many like its newest.
_AROUND, _LEAST = 200, 5
_SHARED, _MANY = 1024, 64
# Keys of one owner may differ in their first byte alone.
_KIND, _PLACE, _OWN = slice(1), slice(4, 8), slice(8, 12)


class Rings:
    """The rings of one period, in some `most` bytes; nobody's goes before it has passed.

    Where there is no room none grows beyond five notes, and who comes new shares one of 1,024 with
    others, and finds their own in it.
    """

    __slots__ = ("_most", "_old", "_period", "_size", "_turned", "_young", "_younger")

    def __init__(self, period: int, most: int, now: int) -> None:
        self._period, self._most, self._turned = period, most, now
        # The young were added to within a period, the old within two.
        self._young: dict[bytes, bytes] = {}
        self._old: dict[bytes, bytes] = {}
        self._size = self._younger = 0

    def note(self, note: Note, now: int) -> Seen:
        if now - self._turned >= self._period:
            self._turn(now)
        held = self._held(note.key)
        if held is None and self._size >= self._most:
            return self._note_shared(note, now)
        return self._note(note, held or b"", now)

    def forget(self, keys: Sequence[bytes]) -> None:
        for key in keys:
            self._put(key, b"")

    def _note(self, note: Note, held: bytes, now: int) -> Seen:
        before = seen(held, now, note)
        if note.entry:
            if self._size >= self._most and not note.key.startswith(_NAME):
                note = note._replace(most=max(len(before), _LEAST))
            self._put(note.key, noted(before, now, note))
        return before

    def _note_shared(self, note: Note, now: int) -> Seen:
        own = note.key[_KIND] + note.key[_OWN]
        place = int.from_bytes(note.key[_PLACE], "little") % _SHARED
        entry = own + note.entry if note.entry else b""
        shared = note._replace(key=_NAME + b"%d" % place, entry=entry, most=_MANY)
        before = self._note(shared, self._held(shared.key) or b"", now)
        mine = [(now - age, entry[len(own) :]) for age, entry in before if entry.startswith(own)]
        return Seen(ring(mine[: note.most]), now)

    def _held(self, key: bytes) -> bytes | None:
        held = self._young.get(key)
        return self._old.get(key) if held is None else held

    def _put(self, key: bytes, held: bytes) -> None:
        before = self._young.get(key)
        more = _taken(held) - (0 if before is None else _taken(before))
        self._young[key] = held
        self._size += more
        self._younger += more

    def _turn(self, now: int) -> None:
        kept = now - self._turned < 2 * self._period
        self._old = self._young if kept else {}
        self._size = self._younger if kept else 0
        self._young, self._younger, self._turned = {}, 0, now


def _taken(held: bytes) -> int:
    """The bytes that a ring takes."""
    return _AROUND + max(len(held), room(held, _LEAST))
