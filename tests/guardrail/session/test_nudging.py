"""Nudging: rows that are asked for with little changed, whoever tries to hide it."""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail import Action, Context, Identity
from guardrail.errors import PolicyError, StoreError
from guardrail.session.history import History
from guardrail.session.memory import MemoryStore
from guardrail.session.naming import By
from guardrail.session.nudging import Nudge, Nudging
from guardrail.session.redis import RedisStore
from guardrail.session.schema import Attribute, Schema
from guardrail.session.sqlite import SqliteStore
from guardrail.session.store import Store
from tests.guardrail.session.asking import Clock
from tests.redis_server import RedisServer

SIZE = 8
HOUR = 3_600_000_000
SCHEMA = Schema(Attribute(name=f"a{number}") for number in range(SIZE))
ALICE, BOB = (Context(identity=Identity(name)) for name in ("alice", "bob"))

Row = tuple[str, ...]
rows = st.tuples(*[st.sampled_from("abcdefghij")] * SIZE)


def nudging(*rules: Nudge, store: Store | None = None, schema: Schema = SCHEMA) -> Nudging:
    history = History(store or MemoryStore(clock=Clock()), secret=b"k" * 32)
    return Nudging(rules or [Nudge(values=4)], schema, history)


def changed(row: Row, **values: object) -> Row:
    return tuple(str(values.get(f"a{place}", value)) for place, value in enumerate(row))


def asked(monitor: Nudging, *asked: Row, who: Context = ALICE) -> list[bool]:
    """Whether each row, asked for one after the other, is stopped."""
    return [bool(monitor.see([row], who).broken) for row in asked]


def strange(count: int, seed: int = 1) -> list[Row]:
    """Rows that are nothing like each other."""
    chance = random.Random(seed)
    return [tuple(f"{chance.random()}" for _ in range(SIZE)) for _ in range(count)]


ROW = strange(1, 7)[0]


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"values": 2}, "nudging 'nudging': values must be at least 3; a correction takes 2"),
        ({"rows": 2}, "rows must be at least 3"),
        ({"others": 4}, "others must lie between 0 and 3"),
        ({"others": -1}, "others must lie between 0 and 3"),
        ({"by": ()}, "by is empty; take everyone"),
        ({"by": ("nobody",)}, "by is 'nobody'; known: identity"),
        ({"action": "redact"}, "action is 'redact'; known: throttle, challenge, refuse"),
        ({"per": "soon"}, "'soon' is no time like day or 12 hours"),
        ({"pause": "0 hours"}, "'0 hours' is no time like day or 12 hours"),
        ({"changes": "many"}, "'many' is no rate like 6/minute"),
    ],
)
def test_what_makes_no_sense_does_not_load(setting: dict[str, Any], message: str) -> None:
    """A rule is named with what is wrong about it."""
    with pytest.raises(PolicyError, match=message):
        Nudge(**setting)


def test_rules_fit_their_schema() -> None:
    """Each has an id of its own; of too few attributes nothing would be left the same."""
    with pytest.raises(PolicyError, match="two rules on nudging have the id 'nudging'"):
        nudging(Nudge(), Nudge())
    few = Schema(Attribute(name=name) for name in "abc")
    with pytest.raises(PolicyError, match="with 2 others it needs 4 attributes"):
        nudging(schema=few)
    assert nudging(Nudge(others=1), schema=few).actions == {"nudging": Action.THROTTLE}
    assert not nudging().see([], ALICE).broken


@given(
    rows,
    st.integers(0, SIZE - 1),
    st.integers(3, 6),
    st.lists(st.tuples(st.integers(0, SIZE - 1), st.sampled_from("xyz")), min_size=6, max_size=6),
)
def test_nudging_is_found(row: Row, place: int, values: int, jitter: list[tuple[int, str]]) -> None:
    """At the last of so many values, also where another attribute is changed each time."""
    monitor = nudging(Nudge(values=values, rows=99))
    told = []
    for number, (other, value) in enumerate(jitter[:values]):
        probe = changed(row, **{f"a{other}": value})
        told += asked(monitor, changed(probe, **{f"a{place}": number}))
    assert told == [False] * (values - 1) + [True]


@given(rows, st.permutations(range(SIZE)), st.integers(0, 3))
def test_who_corrects_a_row_is_not_disturbed(row: Row, places: list[int], others: int) -> None:
    """One attribute after the other, each once, and asks again for what they had."""
    monitor = nudging(Nudge(others=others, rows=99))
    told = asked(monitor, row, row)
    for place in places:
        row = changed(row, **{f"a{place}": "new"})
        told += asked(monitor, row, row)
    assert not any(told)


@given(st.lists(rows, max_size=30, unique=True), st.integers(0, 3))
def test_rows_far_apart_are_no_nudging(many: list[Row], others: int) -> None:
    """Rows that differ in more attributes may be as many as they like."""
    apart: list[Row] = []
    for row in many:
        if all(sum(a != b for a, b in zip(row, one, strict=True)) > others + 1 for one in apart):
            apart.append(row)
    assert not any(asked(nudging(Nudge(others=others)), *apart))


def test_an_attribute_of_few_values_is_found_when_all_were_asked() -> None:
    """If there are three or more: of two one is a correction of the other."""
    of = (("y", "n"), ("a", "b", "c"), ("a", "b", "c", "d", "e"), (), (), (), (), ())
    schema = Schema(Attribute(name=f"a{n}", values=values) for n, values in enumerate(of))
    for place, count in enumerate((99, 3, 4, 4)):
        monitor = nudging(schema=schema)
        probes = [changed(ROW, **{f"a{place}": value}) for value in of[place] or "abcde"]
        assert asked(monitor, *probes) == [n + 1 >= count for n in range(len(probes))]


def test_a_search_is_found() -> None:
    """Who changes one attribute after the other and back, and never one of them often."""
    probes = [changed(ROW, **{f"a{place}": "other"}) for place in range(SIZE)]
    assert asked(nudging(), ROW, *probes) == [False] * 7 + [True] * 2
    assert asked(nudging(Nudge(rows=4)), ROW, *probes)[:4] == [False] * 3 + [True]


def test_many_rows_with_little_changed_are_found() -> None:
    """Though each of them is changed once only."""
    monitor = nudging(Nudge(changes="8/day"))
    told = [asked(monitor, row, changed(row, a3="other")) for row in strange(6)]
    assert told == [[False, False]] * 4 + [[False, True], [True, True]]
    assert asked(nudging(Nudge(changes="8/day")), *strange(50)) == [False] * 50


def test_who_is_found_waits() -> None:
    """Whatever they ask, and not longer because they ask; then all but that goes on."""
    clock = Clock()
    monitor = nudging(Nudge(values=4, pause="2 hours"), store=MemoryStore(clock=clock))
    probes = [changed(ROW, a3=number) for number in range(6)]
    assert asked(monitor, *probes[:4])[-1]
    clock.move(HOUR)
    told = monitor.see([strange(1)[0]], ALICE)
    assert (told.broken, told.wait, told.out) == (("nudging",), 3600.0, False)
    assert asked(monitor, probes[4], who=BOB) == [False]
    clock.move(HOUR)
    assert asked(monitor, *strange(3)) == [False] * 3
    assert asked(monitor, probes[5]) == [True]


def test_what_was_asked_is_forgotten_after_a_time() -> None:
    """But not as long as something like it is asked."""
    for pause, found in ((7, True), (8, False)):
        clock = Clock()
        monitor = nudging(Nudge(values=4, per="8 hours"), store=MemoryStore(clock=clock))
        told = []
        for number in range(4):
            told += asked(monitor, changed(ROW, a3=number))
            clock.move(pause * HOUR)
        assert told == [False] * 3 + [found]


def test_who_is_counted_together() -> None:
    """By default each alone; the pause is theirs who asked."""
    probes = [changed(ROW, a3=number) for number in range(5)]
    kinds: tuple[tuple[By, bool], ...]
    kinds = (("identity", False), ("everyone", True), ("network", True))
    for by, found in kinds:
        monitor = nudging(Nudge(values=4, by=(by,)))
        told = [
            asked(monitor, probe, who=Context(identity=Identity(f"user-{number}")))[0]
            for number, probe in enumerate(probes)
        ]
        assert told == [False] * 3 + [found] * 2
        assert asked(monitor, strange(1)[0], who=Context(identity=Identity("user-0"))) == [False]


def test_rules_hold_together() -> None:
    """Each by itself; all that are broken are named."""
    monitor = nudging(
        Nudge(id="soon", values=3, others=0), Nudge(id="late", values=4, action="refuse")
    )
    told = [monitor.see([changed(ROW, a3=number)], ALICE).broken for number in range(4)]
    assert told == [(), (), ("soon",), ("late", "soon")]
    assert monitor.actions == {"soon": Action.THROTTLE, "late": Action.REFUSE}


def test_a_batch_is_as_many_rows() -> None:
    """However large: each is compared with those before it."""
    probes = [changed(ROW, a3=number) for number in range(4)]
    assert nudging().see(probes, ALICE).broken == ("nudging",)
    assert not nudging().see(probes[:3], ALICE).broken
    many = strange(60)
    many[5:55:15] = probes
    assert nudging().see(many, ALICE).broken == ("nudging",)


def test_a_row_of_another_schema_is_another_row() -> None:
    """Bins that were cut anew are not compared with the old ones."""
    store = MemoryStore()
    for number in range(4):
        names = [f"a{place}" for place in range(SIZE - 1)] + [f"last {number}"]
        monitor = nudging(store=store, schema=Schema(Attribute(name=name) for name in names))
        assert asked(monitor, changed(ROW, a3=number)) == [False]


def test_a_full_store_goes_on() -> None:
    """Those who come late share its room, and are told apart."""
    monitor = nudging(store=MemoryStore(most=64 * 20))
    assert asked(monitor, *strange(40), who=BOB) == [False] * 40
    probes = [changed(ROW, a3=number) for number in range(4)]
    told = []
    for number, probe in enumerate(probes):
        told += asked(monitor, probe)
        asked(monitor, *strange(10, number), who=BOB)
    assert told == [False] * 3 + [True]


def test_in_a_full_store_nobody_is_stopped_for_another() -> None:
    """Though what is kept of both stands in one place."""
    monitor = nudging(Nudge(values=3, per="hour"), store=MemoryStore(most=0))
    for number in range(300):
        who = Context(identity=Identity(f"user-{number}"))
        monitor.see([changed(ROW, a3=value) for value in range(3)], who)
    honest = [Context(identity=Identity(f"honest-{number}")) for number in range(300)]
    assert not any(asked(monitor, strange(1)[0], who=who)[0] for who in honest)


@pytest.fixture(params=["memory", "sqlite", "redis"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    make: dict[str, Callable[[], Store]] = {
        "memory": MemoryStore,
        "sqlite": lambda: SqliteStore(tmp_path / "store", timeout=5),
        "redis": lambda: RedisStore(request.getfixturevalue("server").url, timeout=5),
    }
    made = make[request.param]()
    yield made
    made.close()


def test_every_store_will_do(store: Store) -> None:
    """Rows, changes and the pause are kept in any."""
    who = Context(identity=Identity(f"alice {time.time_ns()}"))
    monitor = nudging(store=store)
    probes = [changed(ROW, a3=number) for number in range(4)]
    assert asked(monitor, *probes, who=who) == [False] * 3 + [True]
    told = monitor.see(strange(1), who)
    assert told.broken == ("nudging",)
    assert 3500 < told.wait <= 3600


def test_what_is_kept_tells_nothing(tmp_path: Path) -> None:
    """No value, no name; and who reads the store cannot see which rows have the same values."""
    store = SqliteStore(tmp_path / "store", timeout=5)
    monitor = nudging(store=store)
    same = [("secret", "value", *row[2:]) for row in strange(30)]
    asked(monitor, *same)
    store.close()
    with sqlite3.connect(tmp_path / "store") as opened:
        held = [bytes(notes) for (notes,) in opened.execute("SELECT notes FROM rings")]
    opened.close()
    assert len(held) > 100
    head = {notes[-2 * SIZE :][:4] for notes in held}
    assert len(head) == len(held)
    raw = (tmp_path / "store").read_bytes()
    assert not any(word in raw for word in (b"secret", b"value", b"alice", b"a3"))


def test_a_store_that_does_not_answer(own: RedisServer) -> None:
    """This process goes on by itself, and it is told."""
    monitor = nudging(store=RedisStore(own.url, timeout=5))
    probes = [changed(ROW, a3=number) for number in range(8)]
    assert asked(monitor, *probes[:3]) == [False] * 3
    own.kill()
    told = [monitor.see([probe], ALICE) for probe in probes[4:]]
    assert all(one.out for one in told)
    # Without the store, one change is one too many.
    assert [bool(one.broken) for one in told][-1]
    with pytest.raises(StoreError):
        monitor.history.store.note([])
