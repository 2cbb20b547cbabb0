"""Leak budgets in a server that many processes share, and without it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from detectors.verbatim import Verbatim
from guardrail import (
    Context,
    Guard,
    Rule,
    Source,
)
from guardrail.session.budget import Budget, Budgets
from guardrail.session.history import History
from guardrail.session.redis import RedisStore
from tests.guardrail.session.asking import (
    MARK,
    ask,
)
from tests.redis_server import RedisServer


def test_processes_share_a_budget_in_redis(
    index: Path, server: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two guards of one policy; what is kept tells no document and nobody."""
    monkeypatch.setenv("STORE_KEY", "0123456789abcdef")
    with server.client() as client:
        client.flushall()
    path = tmp_path / "policy.toml"
    path.write_text(
        f"""
        version = 1
        owner = "privacy@example.org"
        [[rule]]
        use = "verbatim"
        options = {{ index = "{index}", min_words = 11, quote_words = 64 }}
        [limits]
        store = "{server.url}"
        key_env = "STORE_KEY"
        timeout = 5
        [[limits.budget]]
        """
    )
    with Guard.from_policy(path) as one, Guard.from_policy(path) as other:
        assert MARK not in ask(one, 0, 60).text
        assert MARK not in ask(other, 30, 60).text
        assert MARK in ask(one, 300, 11).text
        one.reload()
        assert MARK in ask(one, 300, 11).text
        with server.client() as client:
            (key,) = client.keys("*")
            assert key.startswith(b"{leakrail}:")
            assert 0 < client.pttl(key) <= 86_400_000


def test_an_answer_of_very_many_passages_is_counted_whole(server: RedisServer) -> None:
    """However many steps a server needs for it."""
    history = History(RedisStore(server.url, timeout=5), secret=os.urandom(32))
    with Guard(budgets=Budgets([Budget()], history)) as guard:
        assert guard.budgets is not None
        places = [(number * 20) % 2000 for number in range(1000)]
        sources = [Source("i", "d", "", 20, place=one, reach=20, size=2000) for one in places]
        told, answered = guard.budgets.take(Context("hello"), sources)
        assert answered
        shown = {place for place, name in zip(places, told, strict=True) if name is None}
        assert shown == {0, 20, 40, 60, 80}


def test_an_outage_leaves_each_process_its_part(index: Path, own: RedisServer) -> None:
    """And it is told."""
    own.kill()
    history = History(RedisStore(own.url), secret=b"k" * 32, replicas=2)
    verbatim = Verbatim(index=index, min_words=11, quote_words=64)
    with Guard([Rule(verbatim, id="v")], budgets=Budgets([Budget()], history)) as guard:
        first = ask(guard, 0, 50)
        assert first.errors == ("budgets: the store does not answer",)
        assert MARK not in first.text
        assert MARK in ask(guard, 50, 11).text
