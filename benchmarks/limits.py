"""What it costs to see who asks: time a decision in each store, memory for a million."""

from __future__ import annotations

import asyncio
import gc
import json
import random
import shutil
import socket
import string
import subprocess
import sys
import tempfile
import time
from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import limits as peer

from benchmarks.measure import anonymous, percentile
from benchmarks.report import Report, Value, bars, parser
from guardrail import Context, Guard, Identity
from guardrail.flow import driven
from guardrail.session.history import History
from guardrail.session.limits import Limit, Limits
from guardrail.session.memory import MemoryStore
from guardrail.session.probing import Probing, Watch
from guardrail.session.redis import RedisStore
from guardrail.session.sqlite import SqliteStore
from guardrail.session.store import Ask, Store
from guardrail.sketch import Sketcher

_RULES = (Limit(id="each", queries="60/minute", burst=20),)
_WIDE = (Limit(id="each", queries="60000/minute", burst=60_000),)
_BARS = {"memory": 20.0}
_ADDED_BAR = 300.0
_SKETCH_BAR = 100.0
_MEMORY_BAR = 300.0
_WORDS, _PROMPTS, _PEOPLE = 20, 3200, 100


def main(arguments: Sequence[str]) -> None:
    options = parser("limits", __doc__)
    options.add_argument("--identities", type=int, default=1_000_000, help="for memory")
    options.add_argument("--rounds", type=int, default=7)
    options.add_argument("--decisions", type=int, default=2000, help="a round, a store")
    options.add_argument("--resident", action="store_true", help="(for its own process) memory")
    given = options.parse_args(arguments)
    if given.resident:
        print(json.dumps(_resident(given.identities)))
        return
    report = Report("limits", given.seed, arguments)
    with tempfile.TemporaryDirectory() as home, _redis() as url:
        stores: dict[str, Store] = {"memory": MemoryStore()}
        stores["sqlite"] = SqliteStore(Path(home) / "store", timeout=1)
        if url is not None:
            stores["redis"] = RedisStore(url, timeout=1)
        _decisions(report, given, stores, url)
        _admissions(report, given, stores)
    _memory(report, given)
    report.save(given.results)


def _decisions(report: Report, given: Namespace, stores: dict[str, Store], url: str | None) -> None:
    """The decision alone, of a thousand identities in turn, beside what `limits` takes."""
    contexts = [Context("hello", identity=Identity(f"user-{n}")) for n in range(1000)]
    jobs: dict[str, Callable[[Context], object]] = {
        name: _ours(Limits(_RULES, History(store, secret=b"k" * 32)))
        for name, store in stores.items()
    }
    places = {"memory": "memory://"} | ({"redis": url} if url else {})
    for place, where in places.items():
        storage = peer.storage.storage_from_string(where)
        for kind in ("MovingWindow", "SlidingWindowCounter", "FixedWindow"):
            strategy = getattr(peer.strategies, f"{kind}RateLimiter")(storage)
            jobs[f"limits {kind}, {place}"] = _peer(
                strategy, peer.RateLimitItemPerMinute(60, namespace=kind)
            )
    times = _interleaved(jobs, contexts, given.rounds, given.decisions)
    report.table(
        "a decision (wall)",
        [
            {
                "store": name,
                "p50 us": 1e6 * median(percentile(row, 0.5) for row in rows),
                "p99 us": 1e6 * median(percentile(row, 0.99) for row in rows),
                "bar (p50)": _BARS.get(name),
            }
            for name, rows in times.items()
        ],
    )
    values = {
        name: 1e6 * median(percentile(row, 0.5) for row in rows) for name, rows in times.items()
    }
    report.chart("decision", bars("A decision, median", values, unit="us"))


def _ours(limits: Limits) -> Callable[[Context], object]:
    return lambda context: driven(limits.take(context), Ask.now)


def _peer(
    strategy: peer.strategies.RateLimiter, item: peer.RateLimitItem
) -> Callable[[Context], object]:
    return lambda context: strategy.hit(item, context.identity.subject)


def _admissions(report: Report, given: Namespace, stores: dict[str, Store]) -> None:
    """What limits and probing add to a guard's door, from a thread and from an event loop.

    Everybody is let through: that costs more than to hold somebody up.
    """
    contexts = _prompts(given.seed)
    histories = {name: History(store, secret=b"k" * 32) for name, store in stores.items()}
    guards = {"nothing": Guard()}
    for name, history in histories.items():
        guards[name] = Guard(limits=Limits(_WIDE, history))
        watch = Watch(Probing(), history, Sketcher(b"s" * 32))
        guards[f"{name}, probing"] = Guard(limits=Limits(_WIDE, history), watch=watch)
    added = {"redis": _ADDED_BAR, "redis, probing": _ADDED_BAR, "memory, probing": _SKETCH_BAR}
    sync: dict[str, Callable[[Context], object]]
    sync = {name: guard.admit for name, guard in guards.items()}
    times = _interleaved(sync, contexts, given.rounds, given.decisions)
    apart = asyncio.run(_in_turn(guards, contexts, given.rounds, given.decisions))
    rows: list[dict[str, Value]] = []
    for door, told in (("admit", times), ("aadmit", apart)):
        half = {name: median(percentile(row, 0.5) for row in runs) for name, runs in told.items()}
        rows += [
            {
                "door": door,
                "store": name,
                "p50 us": 1e6 * half[name],
                "added us": 1e6 * (half[name] - half["nothing"]),
                "bar (added)": added.get(name),
            }
            for name in told
        ]
    report.table("an admission (wall)", rows)


def _prompts(seed: int) -> list[Context]:
    """Different prompts of a hundred people, more of each than are kept."""
    chance = random.Random(seed)
    words = ["".join(chance.choices(string.ascii_lowercase, k=6)) for _ in range(2000)]
    return [
        Context(
            " ".join(chance.choices(words, k=_WORDS)), identity=Identity(f"guest-{n % _PEOPLE}")
        )
        for n in range(_PROMPTS)
    ]


def _interleaved(
    jobs: dict[str, Callable[[Context], object]],
    contexts: Sequence[Context],
    rounds: int,
    count: int,
) -> dict[str, list[list[float]]]:
    times: dict[str, list[list[float]]] = {name: [] for name in jobs}
    clock = time.perf_counter
    for _ in range(rounds):
        for name, job in jobs.items():
            row = []
            for number in range(count):
                context = contexts[number % len(contexts)]
                begin = clock()
                job(context)
                row.append(clock() - begin)
            times[name].append(row)
    return times


async def _in_turn(
    guards: dict[str, Guard], contexts: Sequence[Context], rounds: int, count: int
) -> dict[str, list[list[float]]]:
    times: dict[str, list[list[float]]] = {name: [] for name in guards}
    clock = time.perf_counter
    for _ in range(rounds):
        for name, guard in guards.items():
            row = []
            for number in range(count):
                context = contexts[number % len(contexts)]
                begin = clock()
                await guard.aadmit(context)
                row.append(clock() - begin)
            times[name].append(row)
    return times


def _memory(report: Report, given: Namespace) -> None:
    own = ["--resident", "--identities", str(given.identities)]
    line = [sys.executable, "-m", "benchmarks.limits", *own]
    held = json.loads(subprocess.run(line, check=True, capture_output=True).stdout)  # noqa: S603
    report.table(
        "memory of identities that have all asked within the limit's time (own process)",
        [
            {
                "identities": given.identities,
                "anonymous MB": held / 1e6,
                "bytes each": held / given.identities,
                "bar (MB)": _MEMORY_BAR if given.identities == 1_000_000 else None,
            }
        ],
    )


def _resident(identities: int) -> int:
    limits = Limits(
        [Limit(queries="6/day", burst=3)], History(MemoryStore(most=identities), secret=b"k" * 32)
    )
    take = _ours(limits)
    take(Context("hello"))
    gc.collect()
    before = anonymous()
    for number in range(identities):
        take(Context("hello", identity=Identity(f"user-{number}")))
    gc.collect()
    return anonymous() - before


@contextmanager
def _redis() -> Iterator[str | None]:
    """A server of its own, where Redis is installed."""
    program = shutil.which("redis-server")
    if program is None:
        print("no redis-server: left out", file=sys.stderr)
        yield None
        return
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    line = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    with subprocess.Popen(line, stdout=subprocess.DEVNULL) as server:  # noqa: S603
        try:
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port)).close()
                    break
                except ConnectionError:
                    time.sleep(0.05)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.kill()


if __name__ == "__main__":
    main(sys.argv[1:])
