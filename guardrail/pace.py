"""When what is answered leaves: a whole number of steps after its request came."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field

__all__ = ["Pace"]


@dataclass(slots=True)
class Pace:
    """Steps of so many seconds since a request was there, as a whole; 0 is none to wait for.

    What there is to answer with may have come later: `mark` says that it comes now. The guard has
    all of the next step for its work, so that how long that takes changes nothing. Steps must not
    count from a request's first byte: who sends the last one late would choose how much of a step
    is left.
    """

    step: float
    begun: float = field(default_factory=time.perf_counter)
    came: float = field(init=False)

    def __post_init__(self) -> None:
        self.came = self.begun

    def mark(self) -> None:
        self.came = time.perf_counter()

    def left(self, now: float) -> float:
        """Seconds until it may leave."""
        if not self.step:
            return 0.0
        due = math.ceil((self.came - self.begun) / self.step) + 1
        steps = max(due, math.ceil((now - self.begun) / self.step))
        return max(self.begun + steps * self.step - now, 0.0)

    def rest(self) -> None:
        """Sleep until then."""
        if left := self.left(time.perf_counter()):
            time.sleep(left)

    async def arest(self) -> None:
        """Sleep until then, and let others go on."""
        import asyncio

        if left := self.left(time.perf_counter()):
            await asyncio.sleep(left)
