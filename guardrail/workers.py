"""Several processes that do the same work, until a signal ends them all."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from threading import Thread
from typing import Any

__all__ = ["keep"]

_BEAT = 0.2
_ENDS = (signal.SIGINT, signal.SIGTERM)


def keep(count: int, work: Callable[..., None], *args: Any, grace: float) -> None:
    """Keep so many processes at work, which begin with nothing of this one but the arguments.

    One that dies is replaced. A signal ends them all: they are sent SIGTERM, and killed where they
    take longer than `grace` seconds. Raises `KeyboardInterrupt` after SIGINT.
    """
    with _signals() as told:
        crew = [_started(work, args) for _ in range(count)]
        try:
            while not told:
                wait([one.sentinel for one in crew], timeout=_BEAT)
                crew = [one if one.is_alive() else _started(work, args) for one in crew]
        finally:
            _end(crew, time.monotonic() + grace)
    if signal.SIGINT in told:
        raise KeyboardInterrupt


@contextmanager
def _signals() -> Iterator[list[int]]:
    """The signals that have come, which do nothing else meanwhile."""
    told: list[int] = []
    before = {one: signal.signal(one, lambda number, _: told.append(number)) for one in _ENDS}
    try:
        yield told
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _started(work: Callable[..., None], args: Sequence[Any]) -> SpawnProcess:
    # Forking a process that has threads may hang it.
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=_work, args=(work, args), daemon=True)
    process.start()
    return process


def _work(work: Callable[..., None], args: Sequence[Any]) -> None:
    Thread(target=_end_with_parent, daemon=True).start()
    # A terminal tells SIGINT to everybody; the parent knows.
    with suppress(KeyboardInterrupt):
        work(*args)


def _end_with_parent() -> None:
    if parent := multiprocessing.parent_process():
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)


def _end(crew: Sequence[SpawnProcess], late: float) -> None:
    for one in crew:
        one.terminate()
    for one in crew:
        one.join(max(0.0, late - time.monotonic()))
        one.kill()
        one.join()
