"""Two doors to one history: `admit`, and `aadmit`, whose event loop waits for no store."""

from __future__ import annotations

import asyncio
import gc
import random
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from guardrail import Action, Admission, Context, Finding, Guard, Identity, Rule, Text
from guardrail.session.gcra import Take
from guardrail.session.history import History
from guardrail.session.limits import Limit, Limits
from guardrail.session.memory import MemoryStore
from guardrail.session.opening import open_store
from guardrail.session.probing import Probing, Watch
from guardrail.session.redis import RedisStore
from guardrail.session.ring import Note, Seen
from guardrail.session.store import Store, Told
from guardrail.sketch import Sketcher
from tests.redis_server import RedisServer

HOUR = 3_600_000_000


def guarded(store: Store, *rules: Rule, secret: bytes = b"k" * 32, **limit: object) -> Guard:
    history = History(store, secret=secret)
    rule = Limit(**{"queries": "600/hour", "burst": 12, **limit})  # type: ignore[arg-type]
    watch = Watch(Probing(action="challenge", most=1.5), history, Sketcher(b"s" * 32))
    return Guard(rules, limits=Limits([rule], history), watch=watch)


def asks(who: str, prompt: str = "hello") -> Context:
    return Context(prompt, identity=Identity(who), model="chat")


def traffic() -> list[Context]:
    """People who ask this and that, one who goes through names, and one who asks too often."""
    chance = random.Random(1)
    words = ["".join(chance.choices("abcdefgh", k=6)) for _ in range(50)]
    names = ["Ann Lee", "Bob Kay", "Cy Moe", "Di Fox", "Ed Roe", "Flo May", "Gus Ivy"]
    asked = [asks("alice", f"What does the file say about {name} and her pay?") for name in names]
    asked += [asks("bob", f"Tell me {' '.join(chance.choices(words, k=9))}") for _ in range(20)]
    asked += [asks(f"guest-{number}", " ".join(words[:number])) for number in range(9)]
    chance.shuffle(asked)
    return [*asked, asks("mallory"), Context(identity=Identity("alice"))]


def test_prompts_that_take_their_time_are_no_outage(server: RedisServer) -> None:
    """Several, read one after the other, hold the loop up for longer than a store may take."""

    class Slow:
        def find(self, _: Text) -> Sequence[Finding]:
            end = time.perf_counter() + 0.02
            while time.perf_counter() < end:
                pass
            return ()

        def settled(self, text: Text) -> int:
            return len(text.raw)

    async def bursts(guard: Guard) -> None:
        for number in range(6):
            people = [asks(f"{number} {one}") for one in range(16)]
            told = []
            for person in people:
                told.append(asyncio.create_task(guard.aadmit(person)))
                await asyncio.sleep(0.001 * (number % 2))
            await asyncio.gather(*told)

    slow = Rule(Slow(), id="slow", on="prompt", action=Action.FLAG)
    history = History(RedisStore(server.url), secret=b"k" * 32)
    with Guard([slow], limits=Limits([Limit(queries="9999/minute")], history)) as guard:
        asyncio.run(bursts(guard))
    assert history.outages == 0


def test_an_address_may_allow_fewer_connections(server: RedisServer) -> None:
    """Others wait for their turn; that is no outage."""

    async def burst(guard: Guard) -> None:
        await asyncio.gather(*(guard.aadmit(asks(f"one of few {one}")) for one in range(24)))

    with guarded(RedisStore(f"{server.url}?max_connections=2", timeout=5)) as guard:
        asyncio.run(burst(guard))
        assert guard.limits is not None
        assert guard.limits.history.outages == 0


@pytest.mark.parametrize("kind", ["memory", "sqlite", "redis"])
def test_both_doors_say_the_same(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Of the same traffic, in every store: limits, blocks, signs and risks."""
    place = {"memory": "memory", "sqlite": "sqlite:store"}.get(kind)
    place = place or request.getfixturevalue("server").url
    one, two = (
        guarded(open_store(place, base=tmp_path, timeout=5), secret=secret * 32)
        for secret in (b"1", b"2")
    )
    for guard in (one, two):
        assert guard.limits is not None
        guard.limits.block(Identity("mallory"), 3600)
    now = [one.admit(context) for context in traffic()]

    async def later() -> list[Admission]:
        return [await two.aadmit(context) for context in traffic()]

    soon = asyncio.run(later())
    assert [told.verdict for told in soon] == [told.verdict for told in now]
    assert [told.tighten for told in soon] == pytest.approx([told.tighten for told in now], 1e-3)
    assert {told.action for told in now} == {
        Action.ALLOW,
        Action.FLAG,
        Action.THROTTLE,
        Action.CHALLENGE,
        Action.REFUSE,
    }
    one.close()
    two.close()


class Where:
    """Finds nothing, and keeps who looked."""

    def __init__(self) -> None:
        self.threads: list[bool] = []

    def find(self, text: Text) -> Sequence[Finding]:  # noqa: ARG002 - of the protocol
        self.threads.append(threading.current_thread() is threading.main_thread())
        return ()

    def settled(self, text: Text) -> int:
        return len(text.raw)


async def test_only_what_takes_long_goes_to_a_thread(server: RedisServer) -> None:
    """A long prompt and a rule with a timeout do, the wait for a server does not."""
    where, store = Where(), RedisStore(server.url, timeout=5)
    guard = guarded(store, Rule(where, id="where", on="prompt"), secret=b"w" * 32)
    await guard.aadmit(asks("alice"))
    await guard.aadmit(asks("bob", "x" * 20_000))
    patient = guarded(store, Rule(where, id="where", on="prompt", timeout=5), secret=b"w" * 32)
    await patient.aadmit(asks("carol"))
    assert where.threads == [True, False, False]
    guard.close()


def test_what_a_store_does_wrong_is_an_error_at_both_doors() -> None:
    """Whatever it raises."""

    class Broken(MemoryStore):
        def ask(self, takes: Sequence[Take], notes: Sequence[Note]) -> Told:
            raise RuntimeError(len(takes) + len(notes))

    guard = guarded(Broken())
    for told in (guard.admit(asks("alice")), asyncio.run(guard.aadmit(asks("alice")))):
        assert (told.action, told.verdict.errors) == (Action.REFUSE, ("limits: RuntimeError",))


def test_loops_in_two_threads_share_one_limit(server: RedisServer) -> None:
    """Each with connections of its own; together they take what one may."""
    guard = guarded(RedisStore(server.url, timeout=5), secret=b"t" * 32, burst=30)

    async def many() -> int:
        told = await asyncio.gather(*(guard.aadmit(asks("alice")) for _ in range(100)))
        return sum(one.action is not Action.THROTTLE for one in told)

    with ThreadPoolExecutor(2) as pool:
        counts = list(pool.map(lambda _: asyncio.run(many()), range(2)))
    assert sum(counts) == 30
    guard.close()


async def test_many_at_once_take_turns(own: RedisServer) -> None:
    """No more than eight connections, and nobody is refused for waiting."""
    guard = guarded(RedisStore(own.url, timeout=0.5))
    told = await asyncio.gather(*(guard.aadmit(asks(f"user-{n}")) for n in range(400)))
    assert {one.action for one in told} == {Action.ALLOW}
    assert not any(one.verdict.errors for one in told)
    with own.client() as client:
        assert len(client.client_list()) <= 9
    guard.close()


async def test_a_hung_server_holds_no_line_up(own: RedisServer) -> None:
    """Who waits for a turn is told what the first ones saw."""
    guard = guarded(RedisStore(own.url, timeout=0.1))
    own.hang()
    try:
        begun = time.monotonic()
        told = await asyncio.gather(*(guard.aadmit(asks(f"user-{n}")) for n in range(200)))
        assert time.monotonic() - begun < 2
        assert all(one.verdict.errors for one in told)
        assert guard.limits is not None
        assert guard.limits.history.outages == 1
    finally:
        own.go_on()
    guard.close()


async def test_a_loop_that_was_held_up_hears_what_has_come(server: RedisServer) -> None:
    """Its own delay is no outage of the server."""
    guard = guarded(RedisStore(server.url, timeout=0.1), secret=b"h" * 32)
    await guard.aadmit(asks("alice"))
    for _ in range(3):
        asking = asyncio.create_task(guard.aadmit(asks("alice")))
        await asyncio.sleep(0)
        time.sleep(0.3)  # noqa: ASYNC251 - that is the point
        assert not (await asking).verdict.errors
    guard.close()


async def test_who_is_cancelled_leaves_no_answer_to_others(own: RedisServer) -> None:
    """A connection whose reply was not read is closed, wherever it was cancelled."""
    store, chance = RedisStore(own.url, timeout=5), random.Random(1)
    history = History(store, secret=b"k" * 32)

    async def note(number: int, entry: bytes) -> Seen:
        note = Note(number.to_bytes(16, "little"), entry, 4, HOUR)
        _, (seen,), answered = await store.adrive(history.ask((), [note]))
        assert answered
        return seen

    async def cancelled(number: int, seconds: float) -> None:
        asking = asyncio.create_task(note(number, b"x%d" % number))
        await asyncio.sleep(seconds)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)

    for number in range(150):
        noted = note(1000 + number, b"%d" % number)
        await asyncio.gather(
            noted,
            *(cancelled(10**6 + 10 * number + more, chance.random() / 1000) for more in range(6)),
        )
        assert [entry for _, entry in await note(1000 + number, b"")] == [b"%d" % number]
    own.hang()
    await asyncio.gather(*(cancelled(10**7 + number, 0.02) for number in range(6)))
    own.go_on()
    seen = await asyncio.gather(*(note(1000 + number, b"") for number in range(20)))
    assert [entry for ((_, entry),) in seen] == [b"%d" % number for number in range(20)]
    store.close()


def connections(server: RedisServer) -> int:
    with server.client() as client:
        return len(client.client_list()) - 1


def test_a_loop_closes_its_connections(own: RedisServer) -> None:
    """When it ends, or when the guard is closed; a guard that is closed asks again."""
    guard = guarded(RedisStore(own.url, timeout=5))
    for _ in range(3):
        assert asyncio.run(guard.aadmit(asks("alice"))).action is Action.ALLOW
        assert connections(own) == 0

    async def closed() -> None:
        await guard.aadmit(asks("alice"))
        assert connections(own) == 1
        guard.close()
        await asyncio.sleep(0.05)
        assert connections(own) == 0
        await guard.aadmit(asks("alice"))
        guard.close()

    asyncio.run(closed())
    gc.collect()
    assert connections(own) == 0
