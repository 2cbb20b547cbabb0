"""A server that is killed, that hangs, that comes back: limits stay, tighter, and it is told."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from guardrail import Action, Admission, Context, Guard, Identity
from guardrail.session.gcra import Take
from guardrail.session.history import History
from guardrail.session.redis import RedisStore
from tests.redis_server import RedisServer

ALICE = Context(prompt="hello", identity=Identity("alice"), model="chat")
BOB = Context(prompt="hello", identity=Identity("bob"), model="payroll-1")
OUT = ("limits: the store does not answer",)

Admit = Callable[[Context], Admission]


@pytest.fixture
def guard(own: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Guard]:
    monkeypatch.setenv("STORE_KEY", "0123456789abcdef")
    path = tmp_path / "policy.toml"
    path.write_text(
        f"""
        version = 1
        owner = "privacy@example.org"
        [limits]
        store = "{own.url}"
        key_env = "STORE_KEY"
        replicas = 2
        [[limits.rule]]
        id = "all"
        queries = "6/hour"
        burst = 4
        [[limits.rule]]
        id = "payroll"
        queries = "60/hour"
        models = ["payroll-*"]
        on_outage = "refuse"
        """
    )
    with Guard.from_policy(path) as made:
        yield made


@pytest.fixture(params=["admit", "aadmit"])
def admit(request: pytest.FixtureRequest, guard: Guard) -> Iterator[Admit]:
    """Both doors; the second is one event loop's from beginning to end."""
    if request.param == "admit":
        yield guard.admit
    else:
        with asyncio.Runner() as loop:
            yield lambda context: loop.run(guard.aadmit(context))


def recovered(admit: Admit, context: Context) -> None:
    """Wait until the server is asked again."""
    while admit(context).verdict.errors:
        time.sleep(0.05)


def test_a_killed_server_leaves_tighter_limits(
    guard: Guard, admit: Admit, own: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    """One at a time, a part of the rate; a limit that says so refuses all; both are told."""
    assert admit(ALICE).action is Action.ALLOW
    own.kill()
    with caplog.at_level(logging.WARNING, "guardrail"):
        first, second = admit(ALICE), admit(ALICE)
        assert (first.action, first.verdict.errors) == (Action.ALLOW, OUT)
        assert (second.action, second.verdict.errors) == (Action.THROTTLE, OUT)
        assert second.retry_after is not None
        # Two processes share six an hour.
        assert 1000 < second.retry_after <= 1200
        sensitive = admit(BOB)
        assert sensitive.action is Action.THROTTLE
        assert [finding.rule for finding in sensitive.verdict.findings] == ["payroll"]
        # By then the server is asked again.
        assert sensitive.retry_after is not None
        assert 0 < sensitive.retry_after <= 1
        assert guard.limits is not None
        assert (guard.limits.history.out, guard.limits.history.outages) == (True, 1)
        own.start()
        recovered(admit, ALICE)
        assert not guard.limits.history.out
    assert [record.levelname for record in caplog.records] == ["ERROR", "WARNING"]
    assert admit(BOB).action is Action.ALLOW


def test_who_was_seen_blocked_stays_so_in_an_outage(
    guard: Guard, admit: Admit, own: RedisServer
) -> None:
    """An operator's block does not end with the server."""
    assert guard.limits is not None
    guard.limits.block(Identity("alice"), 3600)
    assert admit(ALICE).action is Action.REFUSE
    own.kill()
    refused = admit(ALICE)
    assert (refused.action, refused.verdict.errors) == (Action.REFUSE, OUT)
    assert [one.rule for one in refused.verdict.findings] == ["blocked"]


def test_who_was_seen_forgiven_stays_so_in_an_outage(
    guard: Guard, admit: Admit, own: RedisServer
) -> None:
    """An operator has lifted the block, perhaps elsewhere, and this process has asked since."""
    assert guard.limits is not None
    guard.limits.block(Identity("alice"), 3600)
    assert admit(ALICE).action is Action.REFUSE
    guard.limits.reset(ALICE, "subject")
    assert admit(ALICE).action is Action.ALLOW
    own.kill()
    assert admit(ALICE).action is Action.ALLOW


def test_a_server_that_hangs_holds_nobody_up(admit: Admit, own: RedisServer) -> None:
    """A step that gets no answer in time is made up for here, and not tried again."""
    assert admit(ALICE).action is Action.ALLOW
    own.hang()
    try:
        actions = [admit(ALICE).action for _ in range(50)]
        assert actions == [Action.ALLOW] + [Action.THROTTLE] * 49
    finally:
        own.go_on()
    recovered(admit, Context(prompt="hello", identity=Identity("carol"), model="chat"))
    # One before, and at most one that came to no answer, of four.
    left = [admit(ALICE).action for _ in range(4)]
    assert left in (
        [Action.ALLOW] * 3 + [Action.THROTTLE],
        [Action.ALLOW] * 2 + [Action.THROTTLE] * 2,
    )


def test_what_many_see_at_once_is_one_failure(own: RedisServer) -> None:
    """The server is asked again after a second, not after as many as came."""
    history = History(RedisStore(own.url, timeout=0.05), secret=b"k" * 32)
    take = Take(b"k" * 16, interval=1000, burst=1000)
    own.hang()
    try:
        with ThreadPoolExecutor(8) as pool:
            assert not any(answered for _, answered in pool.map(history.take, [[take]] * 8))
        assert history.outages == 1
    finally:
        own.go_on()
    begun = time.monotonic()
    while history.out:
        history.take([take])
        time.sleep(0.05)
    assert time.monotonic() - begun < 5
    history.close()


def test_answers_are_charged_in_an_outage_too(own: RedisServer) -> None:
    """Here, and whether it is this step that fails or the one before."""
    own.kill()
    take = Take(b"k" * 16, interval=3_600_000_000, burst=5, debt=5)
    for _ in range(2):
        history = History(RedisStore(own.url), secret=b"k" * 32)
        history.charge([take])
        (wait,), answered = history.take([take])
        assert wait > 0
        assert not answered
        history.charge([take])
        (longer,), _ = history.take([take])
        assert longer > wait
        history.close()


def test_a_step_is_never_made_twice(own: RedisServer) -> None:
    """What timed out may be counted, and then it is counted once."""
    store = RedisStore(own.url, timeout=0.05)
    take = Take(b"k" * 16, interval=3_600_000_000, burst=3)
    assert store.take([take]) == [0]
    own.hang()
    with pytest.raises(Exception, match="the store failed: TimeoutError"):
        store.take([take])
    own.go_on()
    assert store.take([take]) == [0]
    assert store.take([take])[0] > 0
    store.close()


def test_a_server_that_was_started_anew_knows_the_scripts(own: RedisServer) -> None:
    """They are sent again, over connections that are opened again."""
    store = RedisStore(own.url, timeout=5)
    take = Take(b"k" * 16, interval=3_600_000_000, burst=1)
    assert store.take([take]) == [0]
    own.kill()
    own.start()
    assert store.take([take]) == [0]
    store.charge([take])
    assert store.take([take])[0] > 0
    store.close()


async def test_answers_go_on_beside_a_hung_server(guard: Guard, own: RedisServer) -> None:
    """The event loop does not wait for a store."""
    own.hang()
    try:
        beats = 0

        async def beat() -> None:
            nonlocal beats
            while True:
                await asyncio.sleep(0.001)
                beats += 1

        beating = asyncio.create_task(beat())
        await guard.aadmit(ALICE)
        beating.cancel()
        assert beats > 5
    finally:
        own.go_on()


def test_nothing_kept_tells_whose_it_is(guard: Guard, own: RedisServer) -> None:
    """Keys are keyed digests under one hash tag, values moments; both expire."""
    identity = Identity("alice-the-subject", "tok-en", "10.1.2.3")
    context = Context(identity=identity, model="chat")
    guard.admit(context)
    with own.client() as client:
        keys = client.keys("*")
        assert isinstance(keys, list)
        assert len(keys) == 1
        for key in keys:
            assert key.startswith(b"{leakrail}:")
            assert not any(part in key for part in (b"alice", b"tok", b"10.1"))
            assert client.get(key).isdigit()
            assert client.pttl(key) > 0
