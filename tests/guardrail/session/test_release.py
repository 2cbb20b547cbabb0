"""Minimum-change release: one answer for rows that are the same, and theirs alone who asked."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail import Context, Identity
from guardrail.errors import RefusedError
from guardrail.session.history import History
from guardrail.session.memory import MemoryStore
from guardrail.session.release import Release
from guardrail.session.schema import Attribute, Schema
from guardrail.session.sqlite import SqliteStore
from guardrail.session.store import Store
from tests.guardrail.session.asking import Clock

HOUR = 3_600_000_000
SCHEMA = Schema([Attribute(name="a"), Attribute(name="b")])
ALICE, BOB = (Context(identity=Identity(name)) for name in ("alice", "bob"))
answers = st.recursive(
    st.none() | st.integers(0, 99) | st.sampled_from(["low", "high"]),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)


def release(store: Store | None = None, *, period: int = HOUR) -> Release:
    history = History(store or MemoryStore(clock=Clock()), secret=b"k" * 32)
    return Release(SCHEMA, history, period=period)


@given(st.lists(st.tuples(st.sampled_from("xyz"), answers), max_size=20))
def test_the_first_answer_is_given_again(asked: list[tuple[str, object]]) -> None:
    """However often, and whatever the model would say by then."""
    kept, first = release(), dict[str, object]()
    for value, answer in asked:
        row = (value, "b")
        told = kept.earlier("m", [row], ALICE) or {0: kept.give("m", [row], [answer], ALICE)[0]}
        assert told == {0: first.setdefault(value, answer)}


def test_who_was_given_it() -> None:
    """Nobody else gets it, nor is it that of another model."""
    kept = release()
    assert kept.give("m", [("x", "y")], ["low"], ALICE) == ["low"]
    assert kept.earlier("m", [("y", "x"), ("x", "y")], ALICE) == {1: "low"}
    assert kept.earlier("m", [("x", "y")], BOB) == {}
    assert kept.earlier("n", [("x", "y")], ALICE) == {}


def test_at_the_same_moment_the_first_counts() -> None:
    """Of two who found nothing, and of two rows that are the same."""
    kept = release()
    assert kept.give("m", [("x", "y"), ("x", "y")], ["low", "high"], ALICE) == ["low", "low"]
    assert kept.give("m", [("x", "y")], ["medium"], ALICE) == ["low"]
    assert kept.earlier("m", [("x", "y")], ALICE) == {0: "low"}


def test_it_is_forgotten_after_a_time() -> None:
    """And not before."""
    clock = Clock()
    kept = release(MemoryStore(clock=clock))
    kept.give("m", [("x", "y")], ["low"], ALICE)
    clock.move(HOUR - 1)
    assert kept.earlier("m", [("x", "y")], ALICE) == {0: "low"}
    clock.move(1)
    assert kept.earlier("m", [("x", "y")], ALICE) == {}


def test_an_answer_that_is_too_long_is_not_given() -> None:
    """It could not be given again."""
    assert release().give("m", [("x", "y")], ["a" * 246], ALICE) == ["a" * 246]
    with pytest.raises(RefusedError, match="longer than 248 bytes"):
        release().give("m", [("x", "y")], ["a" * 247], ALICE)


def test_in_a_full_store_nobody_gets_what_others_were_given() -> None:
    """Though it stands in one place."""
    kept = release(MemoryStore(most=0))
    rows = [("x", str(number)) for number in range(600)]
    kept.give("m", rows, [0] * 600, BOB)
    assert kept.earlier("m", rows, ALICE) == {}


def test_what_was_tampered_with_is_no_answer(tmp_path: Path) -> None:
    """It is not given, and the model is asked anew."""
    store = SqliteStore(tmp_path / "store", timeout=5)
    kept = release(store)
    kept.give("m", [("x", "y")], ["low"], ALICE)
    with sqlite3.connect(tmp_path / "store") as opened:
        ((notes,),) = opened.execute("SELECT notes FROM rings").fetchall()
        opened.execute("UPDATE rings SET notes = ?", (notes[:-1] + bytes([notes[-1] ^ 1]),))
    opened.close()
    assert kept.earlier("m", [("x", "y")], ALICE) == {}
    store.close()


def test_what_is_kept_tells_nothing(tmp_path: Path) -> None:
    """Neither of the row nor of the answer; the same answer looks different each time."""
    store = SqliteStore(tmp_path / "store", timeout=5)
    kept = release(store)
    kept.give("m", [("secret", str(number)) for number in range(50)], ["low"] * 50, ALICE)
    store.close()
    with sqlite3.connect(tmp_path / "store") as opened:
        held = [bytes(notes) for (notes,) in opened.execute("SELECT notes FROM rings")]
    opened.close()
    assert len({notes[-3:] for notes in held}) == len(held) == 50
    raw = (tmp_path / "store").read_bytes()
    assert not any(word in raw for word in (b"secret", b"low", b"alice"))
