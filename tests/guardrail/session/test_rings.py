"""Rings in a process: a bounded number of bytes, whoever comes and however much is noted."""

from __future__ import annotations

import gc
import os
import tracemalloc

import pytest

from guardrail import Context, Guard, Identity
from guardrail.session.history import History
from guardrail.session.memory import MemoryStore
from guardrail.session.probing import Probing, Watch
from guardrail.session.ring import Note
from guardrail.sketch import Sketcher
from tests.guardrail.session.asking import Clock

NAMES = ("Miller", "Jones", "Baker", "Stone", "Walsh", "Quinn", "Foster", "Hughes")


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


def test_what_shares_a_ring_is_told_apart() -> None:
    """Also somebody's prompts and answers, whose keys differ in the first byte alone."""
    store = MemoryStore(most=0, clock=Clock())
    asked = [Note(kind + key(1)[1:], kind * 9, 8, 60_000_000) for kind in (b"p", b"a")]
    assert [list(seen) for seen in store.note(asked)] == [[], []]
    assert [list(seen) for seen in store.note(asked)] == [[(0, b"p" * 9)], [(0, b"a" * 9)]]


def test_who_came_before_a_flood_is_still_watched() -> None:
    """Of everybody there is room for what it takes to see a sign, and newcomers are let through."""
    history = History(MemoryStore(most=1000, clock=Clock()), secret=b"k" * 32)
    watch = Watch(Probing(action="throttle"), history, Sketcher(b"s" * 32))

    def asks(guard: Guard, who: str, prompt: str) -> set[str]:
        verdict = guard.admit(Context(prompt, identity=Identity(who))).verdict
        assert not verdict.errors
        return {finding.kind for finding in verdict.findings}

    questions = [f"What is the address of Mr Peter {name} of Springfield?" for name in NAMES]
    with Guard(watch=watch) as guard:
        assert not asks(guard, "eve", questions[0])
        for number in range(1000):
            assert not asks(guard, f"guest {number}", f"How do I bake bread number {number}?")
        told = [asks(guard, "eve", question) for question in questions[1:]]
    assert told[:2] == [set(), set()]
    assert all("probing.enumeration" in kinds for kinds in told[2:])


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
