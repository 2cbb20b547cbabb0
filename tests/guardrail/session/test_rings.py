"""Rings in a process: a bounded number of bytes, whoever comes and however much is noted."""

from __future__ import annotations

import gc
import os
import tracemalloc

import pytest

from guardrail.session.memory import MemoryStore
from guardrail.session.ring import Note
from tests.guardrail.session.asking import Clock


def key(number: int) -> bytes:
    return number.to_bytes(8, "little") * 2


def test_a_flood_of_others_pushes_nothing_out() -> None:
    """What was noted of who came before stays; who comes when there is no room finds their own."""
    clock = Clock()
    store = MemoryStore(most=100, clock=clock)

    def note(number: int, entry: bytes) -> list[bytes]:
        (seen,) = store.note([Note(key(number), entry, 8, 60_000_000)])
        return [entry for _, entry in seen]

    assert note(0, b"first") == []
    assert [note(number, b"one") for number in range(1, 9000)] == [[]] * 8999
    assert note(0, b"again") == [b"first"]
    assert note(8999, b"two") == [b"one"]
    assert note(8999, b"") == [b"two", b"one"]
    clock.move(200_000_000)
    assert note(0, b"") == []


@pytest.mark.parametrize(("rounds", "people"), [(1, 20_000), (10, 2000)])
def test_rings_take_so_many_bytes(rounds: int, people: int) -> None:
    """Where many come, and where some come first and much is noted of each afterwards."""
    store = MemoryStore(most=1000, clock=Clock())
    keys = [key(number) for number in range(people)]
    gc.collect()
    tracemalloc.start()
    for _ in range(rounds):
        for one in keys:
            store.note([Note(one, os.urandom(200), 32, 600_000_000)])
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # What is shared by those who found no room comes on top.
    assert held < 2 * 256 * 1000 + 1024 * 64 * 300
