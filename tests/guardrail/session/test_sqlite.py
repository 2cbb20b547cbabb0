"""A store in a file: who writes to it takes turns, and who only reads waits for nobody."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread, Timer

import pytest

from guardrail import Action, Context, Guard, Identity
from guardrail.errors import StoreError
from guardrail.session.gcra import Take
from guardrail.session.ring import Note
from guardrail.session.sqlite import SqliteStore
from tests.guardrail.session.asking import HEAD, Clock

HOUR = 3_600_000_000
ALICE = Context("hello", identity=Identity("alice"))


@contextmanager
def held(path: Path) -> Iterator[sqlite3.Connection]:
    """Another process writes to the file, and does not come to an end."""
    rows = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    rows.execute("BEGIN IMMEDIATE")
    yield rows
    if rows.in_transaction:
        rows.execute("ROLLBACK")
    rows.close()


@pytest.fixture
def guard(tmp_path: Path) -> Iterator[Guard]:
    (tmp_path / "key").write_text("0123456789abcdef")
    path = tmp_path / "policy.toml"
    path.write_text(
        f"""{HEAD}
        [limits]
        store = "sqlite:store"
        key_file = "key"
        [[limits.rule]]
        tokens = "100/day"
        burst = 100
        """
    )
    with Guard.from_policy(path) as made:
        yield made


def test_a_file_is_swept(tmp_path: Path) -> None:
    """What has passed goes from the file, too."""
    clock = Clock()
    store = SqliteStore(tmp_path / "store", clock=clock, timeout=5)
    for number in range(3000):
        clock.move(1_000_000)
        store.take([Take(number.to_bytes(16, "little"), interval=2_000_000, burst=1)])
    store.close()
    with sqlite3.connect(tmp_path / "store") as rows:
        assert rows.execute("SELECT count(*) FROM moments").fetchone()[0] < 1024
    rows.close()


def test_a_clock_that_is_set_back_locks_nobody_out(tmp_path: Path) -> None:
    """A moment counts for no more than a limit can put ahead."""
    clock = Clock()
    store = SqliteStore(tmp_path / "store", clock=clock, timeout=5)
    take = Take(b"k" * 16, interval=1_000_000, burst=2)
    assert store.take([take]) == [0]
    clock.move(-86_400_000_000)
    assert store.take([take]) == [1_000_000]
    clock.move(1_000_000)
    store.close()
    again = SqliteStore(tmp_path / "store", clock=clock, timeout=5)
    assert again.take([take]) == [1_000_000]
    again.close()


def test_only_its_owner_reads_a_file(tmp_path: Path) -> None:
    """When somebody asked is nobody else's business."""
    SqliteStore(tmp_path / "store").close()
    assert (tmp_path / "store").stat().st_mode & 0o777 == 0o600


def test_a_step_waits_for_another_thread_no_longer_than_for_another_process(
    tmp_path: Path,
) -> None:
    """One at a time; who waits too long has failed."""
    within, go_on = Event(), Event()

    def clock() -> int:
        within.set()
        go_on.wait(20)
        return 10**18

    store = SqliteStore(tmp_path / "store", timeout=0.05, clock=clock)
    take = Take(b"k" * 16, interval=3_600_000_000, burst=1)
    slow = Thread(target=store.take, args=([take],))
    slow.start()
    assert within.wait(20)
    with pytest.raises(StoreError, match="is busy"):
        store.take([take])
    go_on.set()
    slow.join()
    assert store.take([take])[0] > 0
    store.close()


def test_a_file_that_another_holds_is_busy(tmp_path: Path) -> None:
    """A step that does not get its turn has failed, and changes nothing."""
    store = SqliteStore(tmp_path / "store", timeout=0.01)
    take = Take(b"k" * 16, interval=HOUR, burst=1)
    with held(tmp_path / "store"), pytest.raises(StoreError, match="database is locked"):
        store.take([take])
    assert store.take([take]) == [0]
    store.close()


def test_who_only_reads_waits_for_nobody(tmp_path: Path) -> None:
    """Above all who is refused, and asks without end."""
    store = SqliteStore(tmp_path / "store", timeout=0.01)
    take, note = Take(b"k" * 16, interval=HOUR, burst=1), Note(b"n" * 16, b"entry", 4, HOUR)
    assert store.ask([take], [note])[0] == [0]
    with held(tmp_path / "store"):
        (wait,), (seen,) = store.ask([take], [note._replace(entry=b"another")])
        assert wait > 0
        assert [entry for _, entry in seen] == [b"entry"]
        assert len(store.note([note._replace(entry=b"")])) == 1
        assert store.ahead([take])[0] > 0
    assert [entry for _, entry in store.note([note])[0]] == [b"entry"]
    store.close()


def test_a_file_that_others_write_to_for_a_while_is_no_outage(guard: Guard, tmp_path: Path) -> None:
    """Who asks meanwhile waits for a part of a second, and is let through."""
    assert guard.limits is not None
    with held(tmp_path / "store") as rows:
        late = Timer(0.3, rows.execute, ("ROLLBACK",))
        late.start()
        told = guard.admit(ALICE)
        late.join()
    assert (told.action, told.verdict.errors) == (Action.ALLOW, ())
    assert guard.limits.history.outages == 0


def test_a_file_that_stays_locked_is_an_outage(guard: Guard, tmp_path: Path) -> None:
    """After a second, and for those who come then at once."""
    with held(tmp_path / "store"):
        begun = time.monotonic()
        told = [guard.admit(ALICE) for _ in range(20)]
        assert 0.5 < time.monotonic() - begun < 5
    assert {one.verdict.errors for one in told} == {("limits: the store does not answer",)}


async def test_an_event_loop_is_not_held_up_by_who_goes_away(guard: Guard, tmp_path: Path) -> None:
    """Though others write to the file: the charge comes when it can."""

    async def words() -> AsyncIterator[str]:
        for _ in range(100):
            yield "word "

    admission = await guard.aadmit(ALICE)
    pieces = guard.astream(words(), admission)
    for _ in range(50):
        await anext(pieces)
    with held(tmp_path / "store") as rows:
        gone = asyncio.create_task(pieces.aclose())
        begun = time.monotonic()
        await asyncio.sleep(0.05)
        assert time.monotonic() - begun < 0.3
        assert not gone.done()
        rows.execute("ROLLBACK")
    await gone
    assert guard.limits is not None
    (standing,) = guard.limits.standings(ALICE, "identity")
    # Fifty words of five bytes, and one for the question.
    assert standing.left == 100 - 63 - 1
