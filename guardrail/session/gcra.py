"""The generic cell rate algorithm: one moment for each key says all that a limit has to know.

The moment is when everything that was taken has come back. What would put it more than a burst
ahead is not to be had yet, and a moment that has passed need not be kept. (ITU-T I.371.)
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

__all__ = ["Take", "charged", "taken"]


@dataclass(frozen=True, slots=True)
class Take:
    """Something to take: `cost` of what comes back one by one, each `interval` microseconds.

    A cost of 0 only asks. At most `burst` is there at once; what is charged afterwards may come to
    `debt` more. The key is a digest of 16 bytes, keyed, so that nothing kept tells whose it is.
    """

    key: bytes
    _: KW_ONLY
    interval: int
    burst: int
    cost: int = 1
    debt: int = 0

    @property
    def span(self) -> int:
        """How far ahead a moment can be, in microseconds."""
        return self.interval * (self.burst + self.debt)


def taken(moment: int, now: int, take: Take) -> tuple[int, int]:
    """The moment when it is taken, and the microseconds until it can be; none if it can now."""
    later = _now_or_later(moment, now, take) + take.interval * take.cost
    wait = later - now - take.interval * take.burst
    return later, wait if wait > 0 else 0


def charged(moment: int, now: int, take: Take) -> int:
    """The moment when it is charged, whether it was there or not."""
    return min(_now_or_later(moment, now, take) + take.interval * take.cost, now + take.span)


def _now_or_later(moment: int, now: int, take: Take) -> int:
    if moment <= now:
        return now
    # A clock that was set back must not lock anybody out for longer than a debt can.
    return min(moment, now + take.span)
