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

__all__ = [
    "PATIENCE",
    "Cost",
    "Sample",
    "anonymous",
    "growing",
    "grown",
    "interleave",
    "percentile",
    "timed",
]

PATIENCE = 60.0
"""Seconds of one job after which no longer one is begun."""

_LEAST, _MOST, _SHORT = 3, 9, 10.0


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


def growing(jobs: Sequence[Callable[[], object]]) -> list[list[float]]:
    """CPU seconds of jobs that take longer each, in rounds through all of them.

    A machine changes its speed from one minute to the next: sizes are compared within a round.
    """
    rounds = [[*_round(jobs)]]
    while len(rounds) < _LEAST or (len(rounds) < _MOST and sum(map(sum, rounds)) < _SHORT):
        rounds.append([*_round(jobs)])
    return rounds


def grown(rounds: Sequence[Sequence[float]]) -> float:
    """How time grows from each job to the next; of the rounds, the median.

    One step may be an interruption; over all of them what is not linear shows.
    """
    return median(
        (times[-1] / times[0]) ** (1 / (len(times) - 1)) if len(times) > 1 else 1.0
        for times in rounds
    )


def _round(jobs: Sequence[Callable[[], object]]) -> Iterator[float]:
    for job in jobs:
        begin = time.process_time()
        job()
        taken = time.process_time() - begin
        yield taken
        if taken > PATIENCE:
            return


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
