"""Where foreign code is called: whatever it does, the guard goes on and knows."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from guardrail.rule import Failure

__all__ = ["attempt"]

P = ParamSpec("P")
T = TypeVar("T")

_log = logging.getLogger("guardrail")


def attempt(
    timeout: float | None, call: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs
) -> T | Failure:
    """What the call returns, or why it failed; with a timeout it runs in a thread of its own."""
    if timeout is None:
        try:
            return call(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 - the one place where everything is caught
            # The message may hold text; the type does not.
            _log.error("%s failed: %s", _name(call), type(error).__name__)
            return Failure(type(error).__name__)
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


def _name(call: Callable[..., object]) -> str:
    return getattr(call, "__qualname__", type(call).__qualname__)
