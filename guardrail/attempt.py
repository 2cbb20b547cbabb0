"""Where foreign code is called: whatever it does, the guard goes on and knows."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypeVar, TypeVarTuple

__all__ = ["Failure", "Ruled", "attempt", "attempting"]

A = TypeVar("A")
B = TypeVar("B")
T = TypeVar("T")
Ts = TypeVarTuple("Ts")

_log = logging.getLogger("guardrail")


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no answer: the type of an exception, or `timeout`."""

    reason: str


class Ruled(Protocol):
    """What a rule says of its detector's calls: whose they are, and how long they may take."""

    @property
    def id(self) -> str: ...

    @property
    def timeout(self) -> float | None: ...


class _Untimed(NamedTuple):
    id: str
    timeout: None = None


def attempt(rule: Ruled | None, call: Callable[[*Ts], T], *args: *Ts) -> T | Failure:
    """What the call returns, or why it failed; a timed one of a rule has a thread of its own."""
    try:
        if rule is None or rule.timeout is None:
            return call(*args)
        return _timed(rule, call, *args)
    except Exception as error:  # noqa: BLE001 - the one place where everything is caught
        return _failed(_name(call) if rule is None else _ruled(rule), error)


def attempting(flow: Generator[A, B, T]) -> Generator[A, B, T | Failure]:
    """As `attempt`, of what asks on its way."""
    try:
        return (yield from flow)
    except Exception as error:  # noqa: BLE001 - as there
        return _failed(_name(flow), error)


def _timed(rule: Ruled, call: Callable[[*Ts], T], *args: *Ts) -> T | Failure:
    outcomes: list[T | Failure] = []
    worker = threading.Thread(
        target=lambda: outcomes.append(attempt(_Untimed(rule.id), call, *args)),
        daemon=True,
    )
    worker.start()
    worker.join(rule.timeout)
    if outcomes:
        return outcomes[0]
    _log.error("%s ran out of time", _ruled(rule))
    return Failure("timeout")


def _failed(what: str, error: Exception) -> Failure:
    # The message may hold text; the type does not.
    _log.error("%s failed: %s", what, type(error).__name__)
    return Failure(type(error).__name__)


def _ruled(rule: Ruled) -> str:
    return f"rule {rule.id!r}"


def _name(what: object) -> str:
    name: str = getattr(what, "__qualname__", type(what).__qualname__)
    return name
