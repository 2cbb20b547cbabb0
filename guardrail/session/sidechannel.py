"""Whether the time or the size of answers tells what was found in an index: a test over traffic."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Literal

import numpy as np

from guardrail.types import Action

if TYPE_CHECKING:
    from guardrail.event import Event

__all__ = ["Reading", "SideChannel", "rank_test"]

Channel = Literal["seconds", "size"]

_CHANNELS: tuple[Channel, ...] = ("seconds", "size")
# What a reader cannot tell apart by the text; an answer that is throttled was never looked for.
_ALIKE = {
    Action.ALLOW: Action.ALLOW,
    Action.FLAG: Action.ALLOW,
    Action.REDACT: Action.REDACT,
    Action.REFUSE: Action.REFUSE,
}
_TESTS = len(_CHANNELS) * len(set(_ALIKE.values()))
_FIRST, _MOST = 32, 1024
_SMALL = 0.1


@dataclass(frozen=True, slots=True)
class Reading:
    """What the last look at answers of one `action` has shown; numbers only.

    `auc` is how often a hit's value is above a miss's, ties half: 0.5 tells nothing, 0 or 1 all.
    `p` is how probable so much is by chance, `level` what it must not exceed at this look.
    """

    action: Action
    channel: Channel
    pairs: int
    auc: float
    p: float
    level: float

    @property
    def delta(self) -> float:
        """Cliff's delta, the size of the effect, in [-1, 1]."""
        return 2 * self.auc - 1

    @property
    def tells(self) -> bool:
        """Whether hits can be told from misses: surely, and better than hardly."""
        return self.p <= self.level and abs(self.delta) >= _SMALL


class SideChannel:
    """Watches whether hits can be told from misses by what no text says: seconds, and size.

    Give it to `Guard(on_event=...)` and it hears of each answer that leaves an HTTP edge, or call
    `see`. Compared are answers that look alike: shown, redacted or refused. A hit and a miss that
    come one after the other are a pair, so that busy hours count for both. A look is taken at 32
    pairs and whenever they have doubled, and from the last 1,024 on at as many more. Of `alpha`,
    the chance of ever raising a false alarm, look number k spends one part in k(k + 1). It takes
    answers for independent: who asks for long answers alone, and hits, is taken for a channel.
    """

    def __init__(self, *, alpha: float = 0.01) -> None:
        self._alpha = alpha
        self._pairs = {action: _Pairs() for action in _ALIKE.values()}
        self._readings: dict[tuple[Action, Channel], Reading] = {}
        self._lock = Lock()

    def __call__(self, event: Event) -> None:
        if event.kind == "answer":
            shown = Action.ALLOW if event.mode == "observe" else event.action
            self.see(shown, event.seconds, event.characters, hit=event.matched)

    def see(self, action: Action, seconds: float, size: int, *, hit: bool) -> None:
        """Count an answer as its reader sees it."""
        if action not in _ALIKE:
            return
        alike = _ALIKE[action]
        with self._lock:
            pairs = self._pairs[alike]
            if pairs.add((seconds, size), hit=hit):
                self._look(alike, pairs)

    @property
    def readings(self) -> tuple[Reading, ...]:
        """The last look at each kind of answers, once there were enough of them."""
        with self._lock:
            return tuple(self._readings.values())

    def _look(self, action: Action, pairs: _Pairs) -> None:
        level = self._alpha / _TESTS / (pairs.looks * (pairs.looks + 1))
        for place, channel in enumerate(_CHANNELS):
            hits = [hit[place] for hit, _ in pairs.kept]
            misses = [miss[place] for _, miss in pairs.kept]
            auc, p = rank_test(hits, misses)
            reading = Reading(action, channel, len(hits), auc, p, level)
            self._readings[action, channel] = reading


class _Pairs:
    """The last pairs of a hit and a miss, and when they are to be looked at."""

    def __init__(self) -> None:
        self.kept: deque[tuple[tuple[float, int], tuple[float, int]]] = deque(maxlen=_MOST)
        self.looks = 0
        self._alone: tuple[bool, tuple[float, int]] | None = None
        self._count, self._due = 0, _FIRST

    def add(self, values: tuple[float, int], *, hit: bool) -> bool:
        """Whether there are now enough for another look."""
        if self._alone is None or self._alone[0] is hit:
            self._alone = hit, values
            return False
        other = self._alone[1]
        self._alone = None
        self.kept.append((values, other) if hit else (other, values))
        self._count += 1
        if self._count < self._due:
            return False
        self._due += min(self._due, _MOST)
        self.looks += 1
        return True


def rank_test(hits: Sequence[float], misses: Sequence[float]) -> tuple[float, float]:
    """The area under the curve, and the two-sided p of Mann and Whitney's test, ties corrected."""
    several, others = len(hits), len(misses)
    every = several + others
    _, which, counts = np.unique(
        np.array([*hits, *misses], dtype=np.float64), return_inverse=True, return_counts=True
    )
    ranks = np.cumsum(counts) - (counts - 1) / 2
    above = float(ranks[which[:several]].sum()) - several * (several + 1) / 2
    ties = float((counts.astype(np.float64) ** 3 - counts).sum())
    variance = several * others / 12 * (every + 1 - ties / (every * (every - 1)))
    half = several * others / 2
    if variance <= 0:
        return 0.5, 1.0
    z = max(abs(above - half) - 0.5, 0.0) / math.sqrt(variance)
    return above / (several * others), math.erfc(z / math.sqrt(2))
