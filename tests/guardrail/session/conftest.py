"""One Redis server for the tests that need no other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.redis_server import RedisServer, redis_server


@pytest.fixture(scope="session")
def server() -> Iterator[RedisServer]:
    with redis_server() as running:
        yield running


@pytest.fixture
def own() -> Iterator[RedisServer]:
    """A server that may be killed."""
    with redis_server() as running:
        yield running
