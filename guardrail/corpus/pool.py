"""Batches written by several processes, given back in their order."""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from guardrail.corpus.build import Job, write_batch
from guardrail.corpus.fingerprint import Key
from guardrail.errors import CorpusIndexError

__all__ = ["write_all"]


def write_all(
    jobs: Iterable[Job], key: Key, options: dict[str, Any], workers: int
) -> Iterator[Job]:
    """Each job when it is done; at most two a worker are in memory."""
    waiting: deque[tuple[Job, Future[None]]] = deque()
    # Forking a process that has threads may hang it.
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"))
    try:
        for batch, path in jobs:
            waiting.append(((batch, path), pool.submit(write_batch, batch, path, key, **options)))
            if len(waiting) > 2 * workers:
                yield _done(waiting)
        while waiting:
            yield _done(waiting)
    except BrokenProcessPool:
        died = "a worker process died, perhaps for want of memory; try fewer workers"
        raise CorpusIndexError(died) from None
    finally:
        pool.shutdown(cancel_futures=True)


def _done(waiting: deque[tuple[Job, Future[None]]]) -> Job:
    job, future = waiting.popleft()
    future.result()
    return job
