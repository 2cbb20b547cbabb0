"""Building and querying the index, side by side with other methods in one run."""

from __future__ import annotations

import gc
import json
import os
import random
import subprocess
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks import data, peers
from benchmarks.measure import Cost, anonymous, interleave, timed
from benchmarks.ours import KEY, Guarded, Indexed
from benchmarks.report import Report, Value, bars, lines, parser
from guardrail.corpus import Key

_OURS, _PRESENCE, _GUARD = "leakrail", "leakrail, presence only", "leakrail, Guard.check"
_LENGTHS = (8, 10, 11, 12, 14, 16, 20, 24, 32, 50, 100, 200)
_WORDS = 1000
_BUILD_BARS = {"datasketch": 60, "rensa": 12, "infini-gram": 30, "rbloom": 2.5, "python-set": 5}
_QUERY_BARS = {"datasketch": 45, "rensa": 5, "infini-gram": 200, "rbloom": 5, "python-set": 2.5}
_MEMORY_QUERIES = 300


def main(arguments: Sequence[str]) -> None:
    """Build, query, memory, scale, recall and false positives."""
    given = _options(arguments)
    if given.resident:
        print(json.dumps(_resident(given)))
        return
    report = Report("index-large" if given.large else "index", given.seed, arguments)
    try:
        texts = _texts(given)
        answers = data.joined((text for _, text in data.answers()), _WORDS)
    except data.AbsentError as error:
        print(f"skipped: {error}")
        return
    random.Random(given.seed).shuffle(answers)
    with TemporaryDirectory(prefix="leakrail-") as folder:
        home = Path(folder)
        Key.generate().save(home / KEY)
        _run(report, given, home, texts, answers)
    report.save(given.results)


def _options(arguments: Sequence[str]) -> Namespace:
    options = parser("index", __doc__)
    options.add_argument("--megabytes", type=float, help="use only so much of the corpus")
    options.add_argument("--large", type=Path, nargs="+", help="text files below these folders")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--answers", type=int, default=400, help="most answers to query")
    options.add_argument("--seconds", type=float, default=3.0, help="query time a round, a method")
    options.add_argument("--planted", type=int, default=60, help="planted runs for each length")
    options.add_argument("--peers", default=",".join(peers.PEERS), help="methods to put beside it")
    options.add_argument("--resident", help="(for its own processes) memory of one method")
    options.add_argument("--home", type=Path, help="(for its own processes)")
    given = options.parse_args(arguments)
    given.peers = [name for name in given.peers.split(",") if name]
    if unknown := sorted(set(given.peers) - set(peers.PEERS)):
        options.error(f"no method named {', '.join(unknown)}; known: {', '.join(peers.PEERS)}")
    return given


def _texts(given: Namespace) -> list[str]:
    if given.large:
        return [text for _, text in data.large(given.large, given.megabytes, seed=given.seed)]
    return [text for _, text in data.corpus(given.megabytes, seed=given.seed)]


def _run(
    report: Report, given: Namespace, home: Path, texts: Sequence[str], answers: Sequence[str]
) -> None:
    megabytes = data.size(("", text) for text in texts) / 1e6
    names: list[str] = given.peers
    methods: dict[str, Callable[[], peers.Peer]] = {
        _OURS: lambda: Indexed(home),
        _PRESENCE: lambda: Indexed(home, "presence"),
        f"{_OURS}, all cores": lambda: Indexed(home, workers=os.cpu_count() or 1),
    }
    for name in names:
        if peers.available(name):
            methods[name] = partial(peers.make, name, texts)
    report.table(
        "corpus",
        [{"documents": len(texts), "MB": megabytes, "answers of 1,000 words": len(answers)}],
    )
    built, costs = _build(methods, texts, given.rounds)
    _build_table(report, built, costs, megabytes, names)
    built.pop(f"{_OURS}, all cores")
    located = built[_OURS]
    assert isinstance(located, Indexed)
    built[_GUARD] = Guarded(located.path, home / KEY)
    _query_table(report, given, built, answers, names)
    _alarms(report, given, built, answers)
    _recall(report, given, built, texts, answers)
    _scale(report, given, home, texts, located, answers)
    built_names = [name for name in built if name not in (_PRESENCE, _GUARD)]
    (home / "located").write_text(located.path.name)
    built.clear()
    gc.unfreeze()
    _memory(report, given, home, built_names, names, megabytes)


def _build(
    methods: Mapping[str, Callable[[], peers.Peer]], texts: Sequence[str], rounds: int
) -> tuple[dict[str, peers.Peer], dict[str, list[Cost]]]:
    kept: dict[str, peers.Peer] = {}
    costs: dict[str, list[Cost]] = {name: [] for name in methods}
    for number in range(rounds):
        for name, method in methods.items():
            made = method()
            with timed() as cost:
                made.build(texts)
            costs[name].append(cost)
            print(f"  build, round {number + 1}: {name} {cost.cpu:.2f} s", file=sys.stderr)
            if number == rounds - 1:
                kept[name] = made
                # Millions of objects of one method must not slow the next one's collections.
                gc.freeze()
            del made
    return kept, costs


def _build_table(
    report: Report,
    built: Mapping[str, peers.Peer],
    costs: Mapping[str, Sequence[Cost]],
    megabytes: float,
    names: Sequence[str],
) -> None:
    speed = {name: megabytes / median(c.cpu for c in rows) for name, rows in costs.items()}
    rows: list[dict[str, Value]] = [
        {
            "method": name,
            "MB/s (CPU)": speed[name],
            "MB/s (wall)": megabytes / median(cost.wall for cost in costs[name]),
            "ours is faster by": speed[_OURS] / speed[name] if name in names else None,
            "bar": _BUILD_BARS.get(name),
            "index bytes per corpus byte": method.size / megabytes / 1e6,
        }
        for name, method in built.items()
    ]
    rows += [_absent(name) for name in names if name not in built]
    report.table("build", rows)
    report.chart("build", bars("Build, MB a second of CPU time", speed, unit="MB/s"))


def _query_table(
    report: Report,
    given: Namespace,
    built: Mapping[str, peers.Peer],
    answers: Sequence[str],
    names: Sequence[str],
) -> None:
    jobs: dict[str, list[Callable[[], object]]] = {}
    peer: dict[str, str] = {name: name for name in names}
    for name, method in built.items():
        asked = _affordable(method, answers, given)
        jobs[name] = [partial(method.query, text) for text in asked]
        if isinstance(method, peers.Documented):
            for form, ask in method.documented.items():
                peer[plain := f"{name}, {form}"] = name
                jobs[plain] = [partial(ask, text) for text in asked[: len(asked) // 4]]
    taken = interleave(jobs, given.rounds)
    typical = {name: sample.at(0.5) for name, sample in taken.items()}
    rows: list[dict[str, Value]] = [
        {
            "method": name,
            "p50 ms": 1000 * typical[name],
            "p99 ms": 1000 * taken[name].at(0.99),
            "answers": len(jobs[name]),
            "ours is faster by": typical[name] / typical[_OURS] if name in peer else None,
            "bar": _QUERY_BARS.get(peer.get(name, "")),
        }
        for name in jobs
    ]
    rows += [_absent(name) for name in names if name not in built]
    report.table("query of an ordinary answer of 1,000 words (CPU)", rows)
    milliseconds = {name: 1000 * value for name, value in typical.items()}
    report.chart("query", bars("Query of 1,000 words, CPU", milliseconds, unit="ms"))


def _alarms(
    report: Report, given: Namespace, built: Mapping[str, peers.Peer], answers: Sequence[str]
) -> None:
    rows: list[dict[str, Value]] = []
    for name, method in built.items():
        asked = _affordable(method, answers, given, most=len(answers))
        flagged = sum(method.query(text) for text in asked)
        share = 100 * flagged / len(asked)
        rows.append({"method": name, "answers": len(asked), "alarms": flagged, "%": share})
    report.table("alarms on ordinary answers of 1,000 words", rows)


def _recall(
    report: Report,
    given: Namespace,
    built: Mapping[str, peers.Peer],
    texts: Sequence[str],
    answers: Sequence[str],
) -> None:
    chance = random.Random(given.seed)
    runs = {size: _runs(texts, size, given.planted, chance) for size in _LENGTHS}
    series: dict[str, list[tuple[float, float]]] = {}
    rows: list[dict[str, Value]] = []
    for name, method in built.items():
        hosts = [text[:2000] for text in answers[: given.planted]]
        hosts = [host for host in _affordable(method, hosts, given) if not method.query(host)]
        found: dict[int, float] = {}
        for size, planted in runs.items():
            pairs = list(zip(hosts, planted, strict=False))
            hits = sum(method.query(f"{host[:1000]} {run} {host[1000:]}") for host, run in pairs)
            found[size] = hits / max(1, len(pairs))
        row: dict[str, Value] = {"method": name, "runs": len(hosts)}
        rows.append(row | {str(size): share for size, share in found.items()})
        if name not in (_PRESENCE, _GUARD):
            series[name] = [(float(size), found[size]) for size in _LENGTHS if size <= 50]
    report.table("share of planted runs that raise an alarm, by length in words", rows)
    report.chart("recall", lines("Alarms by copied length", series, x="words", y="share found"))


def _scale(
    report: Report,
    given: Namespace,
    home: Path,
    texts: Sequence[str],
    whole: Indexed,
    answers: Sequence[str],
) -> None:
    tenth = Indexed(home)
    tenth.build(texts[::10])
    asked = answers[: given.answers]
    named = {"a tenth of the corpus": tenth, "the whole corpus": whole}
    jobs = {name: [partial(method.query, text) for text in asked] for name, method in named.items()}
    interleave(jobs, 1)
    taken = interleave(jobs, given.rounds + 2)
    small, big = (taken[name].at(0.5) for name in named)
    rows: list[dict[str, Value]] = [
        {"index over": name, "p50 ms": 1000 * sample.at(0.5), "p99 ms": 1000 * sample.at(0.99)}
        for name, sample in taken.items()
    ]
    report.table("query time as the corpus grows tenfold", rows)
    report.table("ratio", [{"p50, whole to a tenth": big / small, "bar": 1.6}])


def _memory(
    report: Report,
    given: Namespace,
    home: Path,
    built: Sequence[str],
    names: Sequence[str],
    megabytes: float,
) -> None:
    rows: list[dict[str, Value]] = []
    for name in built:
        own = ["--resident", name, "--home", str(home), "--seed", str(given.seed)]
        if given.megabytes:
            own += ["--megabytes", str(given.megabytes)]
        if given.large:
            own += ["--large", *map(str, given.large)]
        line = [sys.executable, "-m", "benchmarks.index", *own]
        done = subprocess.run(line, check=True, capture_output=True, text=True)  # noqa: S603
        held = json.loads(done.stdout)
        rows.append(
            {
                "method": name,
                "anonymous MB above imports": held / 1e6,
                "per corpus byte": held / megabytes / 1e6,
                "bar (MB)": 64 if name == _OURS else None,
            }
        )
    rows += [_absent(name) for name in names if name not in built]
    report.table("memory while querying (own process)", rows)


def _resident(given: Namespace) -> int:
    answers = data.joined((text for _, text in data.answers()), _WORDS)[:_MEMORY_QUERIES]
    texts = [] if given.resident == _OURS else _texts(given)
    method = None if given.resident == _OURS else peers.make(given.resident, texts)
    gc.collect()
    before = anonymous()
    if method is None:
        method = Guarded(given.home / (given.home / "located").read_text(), given.home / KEY)
    else:
        method.build(texts)
    begin, most = time.monotonic(), 0
    for number, text in enumerate(answers):
        method.query(text)
        if number % 10 == 0:
            most = max(most, anonymous())
        if time.monotonic() - begin > 10:
            break
    return max(most, anonymous()) - before


def _runs(texts: Sequence[str], words: int, count: int, chance: random.Random) -> list[str]:
    found: list[str] = []
    long = [text for text in texts if len(text) > 20 * words]
    while len(found) < count and long:
        parts = chance.choice(long).split()
        if len(parts) <= words:
            continue
        place = chance.randrange(len(parts) - words)
        run = parts[place : place + words]
        # Only prose: what counts as one word is no matter of taste there.
        if all(part.strip(".,;:!?\"'()").isalpha() for part in run):
            found.append(" ".join(run))
    return found


def _affordable(
    method: peers.Peer, answers: Sequence[str], given: Namespace, most: int | None = None
) -> Sequence[str]:
    method.query(answers[0])
    begin = time.process_time()
    method.query(answers[0])
    each = max(1e-6, time.process_time() - begin)
    count = max(5, int(given.seconds / each))
    return answers[: min(count, given.answers if most is None else most)]


def _absent(name: str) -> dict[str, Value]:
    return {"method": f"{name}: not installed"}


if __name__ == "__main__":
    main(sys.argv[1:])
