"""Connections to a server: they are kept, and who has one reads what it asked for alone."""

from __future__ import annotations

import asyncio
import multiprocessing
import signal
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.process import BaseProcess

import pytest

from guardrail.session.redis import RedisStore
from guardrail.session.ring import Note
from guardrail.session.store import Ask, Flow
from tests.redis_server import RedisServer

HOUR = 3_600_000_000


def noted(who: int, entry: bytes) -> Note:
    return Note(who.to_bytes(16, "little"), entry, 4, HOUR)


def notes(store: RedisStore, who: int, entry: bytes) -> list[bytes]:
    (seen,) = store.note([noted(who, entry)])
    return [entry for _, entry in seen]


async def anotes(store: RedisStore, who: int, entry: bytes) -> list[bytes]:
    def flow() -> Flow[list[bytes]]:
        _, (seen,) = yield Ask(store, (), [noted(who, entry)])
        return [entry for _, entry in seen]

    return await store.adrive(flow())


def _counts(store: RedisStore, who: int, queue: multiprocessing.Queue[bool]) -> None:
    """Note numbers, each of which finds the one before."""
    told = [notes(store, who, b"%d" % number)[:1] for number in range(200)]
    queue.put(told == [[], *([b"%d" % number] for number in range(199))])


def _forks(url: str, queue: multiprocessing.Queue[bool]) -> None:
    """Open a connection, and then be four."""
    store = RedisStore(url, timeout=30)
    store.note([noted(0, b"")])
    context = multiprocessing.get_context("fork")
    crew: list[BaseProcess] = [
        context.Process(target=_counts, args=(store, 1 + who, queue)) for who in range(3)
    ]
    for one in crew:
        one.start()
    _counts(store, 4, queue)
    for one in crew:
        one.join()


def test_a_fork_asks_over_a_connection_of_its_own(own: RedisServer) -> None:
    """Whatever its parent has opened before."""
    context = multiprocessing.get_context("spawn")
    queue: multiprocessing.Queue[bool] = context.Queue()
    parent = context.Process(target=_forks, args=(own.url, queue))
    parent.start()
    assert [queue.get(timeout=60) for _ in range(4)] == [True] * 4
    parent.join()


def test_who_is_interrupted_leaves_no_answer_to_others(own: RedisServer) -> None:
    """A connection whose reply was not read is closed."""
    store = RedisStore(own.url, timeout=5)
    assert notes(store, 1, b"mine") == []

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    own.hang()
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        with pytest.raises(KeyboardInterrupt):
            notes(store, 1, b"")
    finally:
        signal.signal(signal.SIGALRM, before)
        own.go_on()
    assert notes(store, 2, b"") == []
    assert notes(store, 1, b"") == [b"mine"]
    store.close()


def test_many_threads_ask_at_once(own: RedisServer) -> None:
    """Each over a connection that nobody else has meanwhile."""
    store = RedisStore(own.url, timeout=30)
    with ThreadPoolExecutor(8) as pool:
        told = pool.map(
            lambda who: [notes(store, who, b"%d" % number)[:1] for number in range(50)], range(8)
        )
        assert list(told) == [[[], *([b"%d" % number] for number in range(49))]] * 8
    store.close()


def lines(server: RedisServer) -> set[str]:
    with server.client() as client:
        mine = client.client_id()
        return {one["id"] for one in client.client_list() if one["id"] != str(mine)}


@pytest.mark.parametrize("restart", [True, False])
def test_a_connection_is_opened_again_only_where_it_was_closed(
    own: RedisServer, restart: bool
) -> None:
    """When a server was started anew nobody notices; what it says is wrong closes none."""

    def lost() -> None:
        if restart:
            own.kill()
            own.start()
        else:
            with own.client() as client:
                client.script_flush()

    store = RedisStore(own.url, timeout=5)
    notes(store, 1, b"one")
    kept = lines(own)
    lost()
    assert notes(store, 1, b"two") == ([] if restart else [b"one"])
    assert restart or lines(own) == kept
    store.close()

    async def loop() -> None:
        await anotes(store, 2, b"one")
        kept = lines(own)
        lost()
        await asyncio.sleep(0.05)
        assert await anotes(store, 2, b"two") == ([] if restart else [b"one"])
        assert restart or lines(own) == kept
        store.close()

    asyncio.run(loop())
