"""Every store against one simple model: a moment for each key, known as well as its clock is."""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from guardrail.errors import StoreError
from guardrail.session.coverage import Cover, Under
from guardrail.session.gcra import Take
from guardrail.session.memory import MemoryStore
from guardrail.session.opening import open_store
from guardrail.session.redis import RedisStore
from guardrail.session.ring import Note
from guardrail.session.sqlite import SqliteStore
from guardrail.session.store import Store
from tests.guardrail.session.asking import Clock
from tests.redis_server import RedisServer

# Interval, burst and debt, in microseconds and numbers.
KINDS = ((4_000, 1, 0), (30_000, 3, 0), (9_000, 2, 6), (3_600_000_000, 2, 4))
KEYS = tuple(bytes([number]) * 16 for number in range(3))
TAKES = tuple(
    Take(bytes([kind]) + key[1:], interval=interval, burst=burst, debt=debt)
    for kind, (interval, burst, debt) in enumerate(KINDS)
    for key in KEYS
)
ENTRIES = st.sampled_from([b"", b"\0", b"\0:\n", b"one", b"another" * 40])


class Model(RuleBasedStateMachine):
    """What a store says lies between what it must at the earliest and at the latest moment."""

    longest: int
    slack = 0
    store: Store
    now: Callable[[], int]
    move: Callable[[int], None]

    def __init__(self) -> None:
        super().__init__()
        self.moments: dict[bytes, tuple[int, int]] = {}
        self.given: dict[bytes, tuple[set[int], set[int], int, int]] = {}
        self.pools: dict[bytes, tuple[int, int, int, int]] = {}
        self.rings: dict[bytes, list[tuple[bytes, int, int]]] = {}
        # A store that has been used before knows other keys only.
        self.salt = os.urandom(14)

    @rule(takes=st.lists(st.sampled_from(TAKES), min_size=1, max_size=3, unique=True))
    def take(self, takes: list[Take]) -> None:
        takes = [self._mine(take, 1) for take in takes]
        first = self.now()
        waits = self.store.take(takes)
        last = self.now()
        for take, wait in zip(takes, waits, strict=True):
            low, high = self.moments.get(take.key, (0, 0))
            least = max(_later(low, last, take) - last - take.burst * take.interval, 0)
            most = max(_later(high, first, take) - first - take.burst * take.interval, 0)
            assert least <= wait <= most
        if not any(waits):
            for take in takes:
                low, high = self.moments.get(take.key, (0, 0))
                self.moments[take.key] = _later(low, first, take), _later(high, last, take)

    @rule(
        takes=st.lists(st.sampled_from(TAKES), min_size=1, max_size=2, unique=True),
        n=st.integers(1, 9),
    )
    def charge(self, takes: list[Take], n: int) -> None:
        takes = [self._mine(take, n) for take in takes]
        first = self.now()
        self.store.charge(takes)
        last = self.now()
        for take in takes:
            low, high = self.moments.get(take.key, (0, 0))
            self.moments[take.key] = (
                min(_later(low, first, take), first + take.span),
                min(_later(high, last, take), last + take.span),
            )

    @rule(takes=st.lists(st.sampled_from(TAKES), min_size=1, max_size=3, unique=True))
    def ask(self, takes: list[Take]) -> None:
        takes = [self._mine(take, 0) for take in takes]
        first = self.now()
        waits, ahead = self.store.take(takes), self.store.ahead(takes)
        last = self.now()
        for take, wait, far in zip(takes, waits, ahead, strict=True):
            low, high = self.moments.get(take.key, (0, 0))
            full = take.burst * take.interval
            assert max(low - last, 0) <= far <= max(high - first, 0)
            assert max(low - last - full, 0) <= wait <= max(high - first - full, 0)

    @rule(takes=st.lists(st.sampled_from(TAKES), min_size=1, max_size=2, unique=True))
    def forget(self, takes: list[Take]) -> None:
        takes = [self._mine(take, 1) for take in takes]
        self.store.forget([take.key for take in takes])
        for take in takes:
            self.moments.pop(take.key, None)

    @rule(
        document=st.integers(0, 2),
        spans=st.lists(st.tuples(st.integers(0, 40), st.integers(1, 12)), min_size=1, max_size=3),
        unit=st.integers(1, 3),
    )
    def cover(self, document: int, spans: list[tuple[int, int]], unit: int) -> None:
        """Everyone may have 30 bits of a document, each of two 10, until nothing was for a time.

        And 60 words of all of them together, in a time that begins with the first.
        """
        keys = [bytes([90 + document, who]) + self.salt for who in (0, 1 + document % 2, 3)]
        pool = bytes([99, 0]) + self.salt
        under = (
            Under(keys[0], 30, 3_600_000_000),
            Under(keys[1], 10, 50_000),
            Under(keys[2], 60, 100_000, pool),
        )
        covers = [Cover(under, place, place + size, unit) for place, size in spans]
        first = self.now()
        told = self.store.cover(covers)
        last = self.now()
        for cover, beyond in zip(covers, told, strict=True):
            new = set(range(cover.first, cover.last))
            held = [self._held(one, first, last) for one in under]
            counts = [(len(few | new), len(most | new)) for few, most in held]
            few, most = held[-1]
            pooled = self._pooled(under[-1], first, last)
            more = len(new - most) * unit, len(new - few) * unit
            counts[-1] = pooled[0] + more[0], pooled[1] + more[1]
            rooms = [one.most for one in under]
            if all(high <= room for (_, high), room in zip(counts, rooms, strict=True)):
                assert not beyond
            if any(low > room for (low, _), room in zip(counts, rooms, strict=True)):
                assert beyond
            if not beyond:
                for one, (few, most) in zip(under, held, strict=True):
                    self.given[one.key] = few | new, most | new, first, last
                # A time begins anew where surely, or maybe, nothing is left of the one before.
                begun = self.pools.get(pool, (0, 0, first, last))[2:]
                low, high = (begun[0] if pooled[1] else first), (begun[1] if pooled[0] else last)
                self.pools[pool] = *counts[-1], low, high

    def _held(self, one: Under, first: int, last: int) -> tuple[set[int], set[int]]:
        """The bits that are surely still held, and those that may be."""
        few, most, earliest, latest = self.given.get(one.key, (set(), set(), 0, 0))
        surely, maybe = self._lasts(one, earliest, latest, first, last)
        return few if surely else set(), most if maybe else set()

    def _pooled(self, one: Under, first: int, last: int) -> tuple[int, int]:
        """What is surely counted still, and what may be."""
        few, most, earliest, latest = self.pools.get(one.pool, (0, 0, 0, 0))
        surely, maybe = self._lasts(one, earliest, latest, first, last)
        return few if surely else 0, most if maybe else 0

    def _lasts(
        self, one: Under, earliest: int, latest: int, first: int, last: int
    ) -> tuple[bool, bool]:
        return (
            last - earliest < one.period - self.slack,
            first - latest < one.period + self.slack,
        )

    @rule(entries=st.lists(st.tuples(st.integers(0, 2), ENTRIES), min_size=1, max_size=4))
    def note(self, entries: list[tuple[int, bytes]]) -> None:
        """The last four under each key, each for itself, until none came for a time."""
        notes = [Note(bytes([80 + who, 0]) + self.salt, entry, 4, 50_000) for who, entry in entries]
        first = self.now()
        told = self.store.note(notes)
        last = self.now()
        for note, seen in zip(notes, told, strict=True):
            kept = self.rings.get(note.key, [])
            surely = not kept or last - kept[0][1] < note.period - self.slack
            if seen or surely:
                assert [entry for _, entry in seen] == [entry for entry, _, _ in kept]
                for (age, _), (_, low, high) in zip(seen, kept, strict=True):
                    assert first - high <= age <= last - low
            else:
                kept = []
            if note.entry:
                kept = kept[bool(kept) and kept[0][0] == note.entry :]
                self.rings[note.key] = [(note.entry, first, last), *kept][:4]

    @rule(take=st.sampled_from(TAKES), entry=ENTRIES)
    def ask_both(self, take: Take, entry: bytes) -> None:
        """What cannot be taken leaves no note."""
        mine, note = self._mine(take, 0), Note(bytes([70, 0]) + os.urandom(14), entry, 4, 10**9)
        waits, seen = self.store.ask([mine], [note])
        assert [list(one) for one in seen] == [[]]
        (kept,) = self.store.note([note._replace(entry=b"")])
        assert [told for _, told in kept] == ([entry] if entry and not any(waits) else [])

    @rule(who=st.integers(0, 2))
    def unnote(self, who: int) -> None:
        key = bytes([80 + who, 0]) + self.salt
        self.store.forget([key])
        self.rings.pop(key, None)

    @rule(share=st.floats(0, 1))
    def wait(self, share: float) -> None:
        self.move(int(share**3 * self.longest))

    def teardown(self) -> None:
        self.store.close()

    def _mine(self, take: Take, cost: int) -> Take:
        key = take.key[:2] + self.salt
        return Take(key, interval=take.interval, burst=take.burst, debt=take.debt, cost=cost)


def _later(moment: int, now: int, take: Take) -> int:
    return max(min(moment, now + take.span), now) + take.interval * take.cost


def test_memory_is_like_the_model() -> None:
    """Whatever is taken and charged, and however long it waits in between."""

    class Memory(Model):
        longest = 10_000_000_000

        def __init__(self) -> None:
            super().__init__()
            clock = Clock()
            self.store, self.now, self.move = MemoryStore(clock=clock), clock.micro, clock.move

    run_state_machine_as_test(Memory, settings=settings(max_examples=200))


def test_sqlite_is_like_the_model(tmp_path: Path) -> None:
    """The same for a store in a file, which is opened anew for each run."""

    class Sqlite(Model):
        longest = 10_000_000_000

        def __init__(self) -> None:
            super().__init__()
            clock = Clock()
            self.store = SqliteStore(tmp_path / "store", timeout=5, clock=clock)
            self.now, self.move = clock.micro, clock.move

    run_state_machine_as_test(Sqlite, settings=settings(max_examples=100))


def test_redis_is_like_the_model(server: RedisServer) -> None:
    """The same for a server, by the server's own clock."""

    class Server(Model):
        longest = 60_000
        slack = 2_000  # keys expire at a millisecond

        def __init__(self) -> None:
            super().__init__()
            self.store, self.now = RedisStore(server.url, timeout=5), server.clock
            self.move = lambda micro: time.sleep(micro / 1e6)

    run_state_machine_as_test(Server, settings=settings(max_examples=40))


def _tries(place: str, base: Path, skew: float, queue: multiprocessing.Queue[int]) -> None:
    """Take fifty times, by a clock that is wrong."""
    true = time.time
    time.time = lambda: true() + skew
    store = open_store(place, base=base, timeout=30)
    take = Take(b"k" * 16, interval=3_600_000_000, burst=6)
    queue.put(sum(not any(store.take([take])) for _ in range(50)))
    store.close()


@pytest.mark.parametrize("kind", ["sqlite", "redis"])
def test_processes_share_one_limit(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Four processes together take what one may, also if the clock of one is two minutes fast."""
    place = "sqlite:store"
    if kind == "redis":
        server: RedisServer = request.getfixturevalue("server")
        with server.client() as client:
            client.flushall()
        place = server.url
    context = multiprocessing.get_context("spawn")
    queue: multiprocessing.Queue[int] = context.Queue()
    skews = (0, 0, 0, 120 if kind == "redis" else 0)
    crew = [context.Process(target=_tries, args=(place, tmp_path, skew, queue)) for skew in skews]
    for one in crew:
        one.start()
    assert sum(queue.get(timeout=60) for _ in crew) == 6
    for one in crew:
        one.join()


def test_a_flood_of_others_frees_nobody() -> None:
    """Who is limited stays so; who comes when there is no room shares one moment."""
    clock = Clock()
    store = MemoryStore(most=100, clock=clock)

    def takes(number: int) -> bool:
        key = number.to_bytes(16, "little")
        return not any(store.take([Take(key, interval=60_000_000, burst=1)]))

    assert takes(0)
    assert not takes(0)
    assert sum(takes(number) for number in range(1, 5000)) == 100
    assert not takes(0)
    clock.move(60_000_000)
    assert takes(0)
    assert takes(6000)


def test_what_has_passed_is_forgotten() -> None:
    """The memory that a limit takes does not grow with time."""
    clock = Clock()
    store = MemoryStore(most=1000, clock=clock)
    for number in range(50_000):
        clock.move(1_000_000)
        key = number.to_bytes(16, "little")
        assert store.take([Take(key, interval=60_000_000, burst=2)]) == [0]


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("sqlite:none/store", "cannot open the store .*: No such file"),
        ("sqlite:text", "cannot open the store .*: file is not a database"),
        ("postgres://x", "no store of that kind; known: memory, sqlite:FILE, redis:"),
        ("redis://x:port", "the store has no address like redis://HOST:PORT/0"),
        ("redis://u:s3cret/x@h:1/0", "escape `/`, `\\?` and `#` in its password$"),
        ("redis://a..b/0", "the store has no address"),
        (f"redis://{'a' * 70}/0", "the store has no address"),
        ("redis://h/0?max_connections=many", "the store has no address"),
        ("redis://h/0?ssl_cert_reqs=none", "the store has no address"),  # it has no TLS
        ("rediss://h/0?ssl_cert_reqs=some", "the store has no address"),
        ("redis://h/0?foo=bar", "takes no option but client_name, db, max_connections"),
        ("redis://h/0?foo", "takes no option but"),
        ("redis://h/0?socket_timeout=30", "takes no option but"),
        ("redis://h/0?db=1&decode_responses=true", "takes no option but"),
        ("unix:///tmp/socket?host=h", "takes no option but"),
    ],
)
def test_says_what_cannot_be_opened(tmp_path: Path, place: str, message: str) -> None:
    """In one line, at once."""
    (tmp_path / "text").write_text("no database, but long enough to be looked at as one" * 10)
    with pytest.raises(StoreError, match=message):
        open_store(place, base=tmp_path, timeout=1)


@pytest.mark.parametrize(
    "place",
    [
        "redis://[::1]/0?db=2&client_name=leakrail",
        "redis://localhost.:1?username=me&password=s3cret&max_connections=4",
        "rediss://h/0?ssl_ca_certs=ca&ssl_certfile=c&ssl_keyfile=k&ssl_cert_reqs=required"
        "&ssl_check_hostname=no",
        "unix:///tmp/socket?db=1",
    ],
)
def test_an_address_says_where_and_as_whom(tmp_path: Path, place: str) -> None:
    """Nothing is sent until something is asked."""
    open_store(place, base=tmp_path, timeout=1).close()


def test_a_redis_store_needs_a_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which is an extra."""
    monkeypatch.delitem(sys.modules, "guardrail.session.redis")
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(StoreError, match=r"pip install 'leakrail\[redis\]'"):
        open_store("redis://127.0.0.1/0", base=tmp_path, timeout=1)
