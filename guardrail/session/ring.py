"""The last of what was noted under a key, with its age: a ring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from struct import Struct
from typing import TypeAlias

__all__ = ["Note", "Seen", "asked_only", "noted", "seen"]

Seen: TypeAlias = tuple[int, bytes]
"""How many microseconds ago something was noted, and what."""

_HEAD = Struct("<qH")


@dataclass(frozen=True, slots=True)
class Note:
    """Something to keep under a key among the last `most`, until none comes for a `period`.

    An `entry` has at most 65,535 bytes; an empty one only asks. One that is the same as the newest
    takes its place. The period is in microseconds; a key is a keyed digest of 16 bytes.
    """

    key: bytes
    entry: bytes
    most: int
    period: int


def seen(held: bytes, now: int, note: Note) -> list[Seen]:
    """What a note finds under its key, the newest first."""
    told: list[Seen] = []
    place, end, most = 0, len(held), note.most
    unpack, size = _HEAD.unpack_from, _HEAD.size
    while place < end and len(told) < most:
        moment, length = unpack(held, place)
        first, place = place + size, place + size + length
        told.append((now - moment if moment < now else 0, held[first:place]))
    return told if told and told[0][0] < note.period else []


def noted(held: bytes, before: Sequence[Seen], now: int, note: Note) -> bytes:
    """What is held once an entry was noted, after what was `seen` before."""
    sizes = [_HEAD.size + len(entry) for _, entry in before]
    first = sizes[0] if before and before[0][1] == note.entry else 0
    last = sum(sizes) if first or len(before) < note.most else sum(sizes[:-1])
    return _HEAD.pack(now, len(note.entry)) + note.entry + held[first:last]


def asked_only(notes: Sequence[Note], waits: Sequence[int]) -> Sequence[Note]:
    """The notes, without their entries where something is waited for: it was not let through."""
    return [replace(note, entry=b"") for note in notes] if any(waits) else notes
