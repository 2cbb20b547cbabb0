"""A time as a policy says it."""

from __future__ import annotations

import re

from guardrail.errors import PolicyError

__all__ = ["period_of"]

_UNITS = {"minute": 60, "hour": 3600, "day": 86400}
_PERIOD = re.compile(r"(\d{0,4})\s*(minute|hour|day)s?", re.ASCII)
_MICRO = 1_000_000
_LONGEST = 366 * 86400 * _MICRO


def period_of(what: str, per: str) -> int:
    """The microseconds of a time like `day` or `12 hours`; raises `PolicyError`."""
    found = _PERIOD.fullmatch(per.strip())
    told = 0 if found is None else int(found[1] or 1) * _UNITS[found[2]] * _MICRO
    if not 0 < told <= _LONGEST:
        raise PolicyError(f"{what}: {per!r} is no time like day or 12 hours")
    return told
