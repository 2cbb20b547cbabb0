"""A Redis server for the tests that need no other, and an index of what is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from guardrail import CorpusIndex, Document
from tests.guardrail.session.asking import LONG, OTHER, words
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


@pytest.fixture(scope="session")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("budget") / "private.idx"
    documents = [
        Document("long", " ".join(LONG)),
        Document("other", " ".join(OTHER), "payroll"),
        Document("book", " ".join(words(20_000, 3))),
    ]
    CorpusIndex.build(documents, folder).close()
    return folder
