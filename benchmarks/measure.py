"""Clocks, percentiles and memory, the same for every benchmark."""

from __future__ import annotations

import gc
import math
import resource
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

__all__ = ["Cost", "Sample", "anonymous", "interleave", "percentile", "timed"]


@dataclass(slots=True)
class Cost:
    """Seconds spent: by processors (children that ended included) and by the clock."""

    cpu: float = 0.0
    wall: float = 0.0


@dataclass(frozen=True, slots=True)
class Sample:
    """Seconds of each of many equal jobs, in one list a round."""

    rounds: tuple[tuple[float, ...], ...]

    def at(self, share: float) -> float:
        """The percentile of a round; of the rounds, the median."""
        return median(percentile(times, share) for times in self.rounds)

    @property
    def mean(self) -> float:
        return median(sum(times) / len(times) for times in self.rounds)


@contextmanager
def timed() -> Iterator[Cost]:
    """Fills in what the block costs."""
    cost = Cost()
    gc.collect()
    cpu, wall = _cpu(), time.perf_counter()
    yield cost
    cost.wall = time.perf_counter() - wall
    cost.cpu = _cpu() - cpu


def interleave(
    jobs: Mapping[str, Sequence[Callable[[], object]]], rounds: int
) -> dict[str, Sample]:
    """CPU seconds of each job; every round runs every name once, so that load falls on all."""
    clock = time.process_time
    taken: dict[str, list[tuple[float, ...]]] = {name: [] for name in jobs}
    for _ in range(rounds):
        for name, calls in jobs.items():
            times = []
            for call in calls:
                begin = clock()
                call()
                times.append(clock() - begin)
            taken[name].append(tuple(times))
    return {name: Sample(tuple(rows)) for name, rows in taken.items()}


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of the values do not exceed."""
    ranked = sorted(values)
    return ranked[max(0, math.ceil(share * len(ranked)) - 1)]


def anonymous() -> int:
    """Bytes of memory that no file backs, of this process."""
    for line in Path("/proc/self/smaps_rollup").read_text().splitlines():
        if line.startswith("Anonymous:"):
            return int(line.split()[1]) * 1024
    raise OSError("this system does not tell anonymous memory")


def _cpu() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime
