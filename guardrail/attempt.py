"""Where foreign code is called: whatever it does, the guard goes on and knows."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

__all__ = ["Failure", "attempt", "attempting"]

A = TypeVar("A")
B = TypeVar("B")
P = ParamSpec("P")
T = TypeVar("T")

_log = logging.getLogger("guardrail")


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no answer: the type of an exception, or `timeout`."""

    reason: str


def attempt(
    timeout: float | None, call: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs
) -> T | Failure:
    """What the call returns, or why it failed; with a timeout it runs in a thread of its own."""
    try:
        if timeout is None:
            return call(*args, **kwargs)
        return _timed(timeout, call, *args, **kwargs)
    except Exception as error:  # noqa: BLE001 - the one place where everything is caught
        return _failed(call, error)


def attempting(flow: Generator[A, B, T]) -> Generator[A, B, T | Failure]:
    """As `attempt`, of what asks on its way."""
    try:
        return (yield from flow)
    except Exception as error:  # noqa: BLE001 - as there
        return _failed(flow, error)


def _timed(
    timeout: float, call: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs
) -> T | Failure:
    outcomes: list[T | Failure] = []
    worker = threading.Thread(
        target=lambda: outcomes.append(attempt(None, call, *args, **kwargs)), daemon=True
    )
    worker.start()
    worker.join(timeout)
    if outcomes:
        return outcomes[0]
    _log.error("%s ran out of time", _name(call))
    return Failure("timeout")


def _failed(what: object, error: Exception) -> Failure:
    # The message may hold text; the type does not.
    _log.error("%s failed: %s", _name(what), type(error).__name__)
    return Failure(type(error).__name__)


def _name(what: object) -> str:
    name: str = getattr(what, "__qualname__", type(what).__qualname__)
    return name
