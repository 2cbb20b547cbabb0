"""The last of what was noted under a key, with its age: a ring.

Kept are how many there are, in a byte; of each the moment when it was noted and its size; and then
all of them: the newest first. So a note is added and the last one dropped without a look at those
between.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from struct import Struct
from typing import NamedTuple

__all__ = ["Note", "Seen", "asked_only", "noted", "ring", "room", "seen"]

_HEAD = Struct("<qH")


class Note(NamedTuple):
    """Something to keep under a key among the last `most`, until none comes for a `period`.

    At most 255 are kept. An `entry` has at most 65,535 bytes; an empty one only asks. One that is
    the same as the newest takes its place. The period is in microseconds; a key is a keyed digest
    of 16 bytes.
    """

    key: bytes
    entry: bytes
    most: int
    period: int


class Seen:
    """What was noted, the newest first: how many microseconds ago, and what."""

    __slots__ = ("_now", "heads", "joined")

    def __init__(self, held: bytes, now: int) -> None:
        end = 1 + held[0] * _HEAD.size if held else 0
        self.heads, self.joined, self._now = held[1:end], held[end:], now

    def __len__(self) -> int:
        return len(self.heads) // _HEAD.size

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        place = 0
        for moment, size in _HEAD.iter_unpack(self.heads):
            yield max(self._now - moment, 0), self.joined[place : place + size]
            place += size


def ring(notes: Sequence[tuple[int, bytes]]) -> bytes:
    """What is held of notes, the newest first: when each was noted, and what."""
    heads = [_HEAD.pack(moment, len(entry)) for moment, entry in notes]
    return b"".join((bytes([len(notes)]), *heads, *(entry for _, entry in notes)))


def room(held: bytes, count: int) -> int:
    """The bytes of a ring of so many notes like its newest."""
    return 1 + count * (_HEAD.size + _HEAD.unpack_from(held, 1)[1]) if held else 0


def seen(held: bytes, now: int, note: Note) -> Seen:
    """What a note finds under its key."""
    if held and now - _HEAD.unpack_from(held, 1)[0] >= note.period:
        held = b""
    return Seen(held, now)


def noted(before: Seen, now: int, note: Note) -> bytes:
    """What is held once an entry was noted, after what was `seen` before."""
    heads, joined, size = before.heads, before.joined, _HEAD.size
    if heads and joined[: _HEAD.unpack_from(heads)[1]] == note.entry:
        heads, joined = heads[size:], joined[len(note.entry) :]
    elif len(before) >= note.most:
        last = _HEAD.unpack_from(heads, len(heads) - size)[1]
        heads, joined = heads[:-size], joined[:-last]
    count = bytes([len(heads) // size + 1])
    return b"".join((count, _HEAD.pack(now, len(note.entry)), heads, note.entry, joined))


def asked_only(notes: Sequence[Note], waits: Sequence[int]) -> Sequence[Note]:
    """The notes, without their entries where something is waited for: it was not let through."""
    return [note._replace(entry=b"") for note in notes] if any(waits) else notes
