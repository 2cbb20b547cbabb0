"""Batches written by several processes in turn, given back in their order."""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Iterable, Iterator
from multiprocessing.connection import Connection
from typing import Any

from guardrail.corpus.build import Job, write_batch
from guardrail.corpus.fingerprint import Key
from guardrail.errors import CorpusIndexError

__all__ = ["write_all"]


def write_all(
    jobs: Iterable[Job], key: Key, options: dict[str, Any], workers: int
) -> Iterator[Job]:
    """Each job when it is done; at most one a worker, and the next, are in memory."""
    crew = [_Worker(key, options) for _ in range(workers)]
    waiting: deque[tuple[Job, _Worker]] = deque()
    try:
        for number, job in enumerate(jobs):
            if len(waiting) == workers:
                yield _done(waiting)
            worker = crew[number % workers]
            worker.take(job)
            waiting.append((job, worker))
        while waiting:
            yield _done(waiting)
    except (EOFError, ConnectionError):
        died = "a worker process died, perhaps for want of memory; try fewer workers"
        raise CorpusIndexError(died) from None
    finally:
        for worker in crew:
            worker.stop()


def _done(waiting: deque[tuple[Job, _Worker]]) -> Job:
    job, worker = waiting.popleft()
    worker.wait()
    return job


class _Worker:
    """A process at the other end of a pipe that nobody else holds: if it dies, the pipe breaks."""

    def __init__(self, key: Key, options: dict[str, Any]) -> None:
        # Forking a process that has threads may hang it.
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs, key, options), daemon=True)
        self._process.start()
        theirs.close()

    def take(self, job: Job) -> None:
        self._pipe.send(job)

    def wait(self) -> None:
        if (error := self._pipe.recv()) is not None:
            raise error

    def stop(self) -> None:
        self._pipe.close()
        self._process.kill()
        self._process.join()


def _work(pipe: Connection, key: Key, options: dict[str, Any]) -> None:
    while True:
        batch, path = pipe.recv()
        try:
            write_batch(batch, path, key, **options)
        except Exception as error:  # noqa: BLE001 - told to the one who waits
            pipe.send(error)
        else:
            pipe.send(None)
