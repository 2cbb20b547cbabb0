"""The parts, one after the other, each with a file of its own, and the leaderboard over all."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from contextlib import ExitStack

from benchmarks.data import AbsentError
from benchmarks.quality import leaderboard
from benchmarks.quality.bench import Bench
from benchmarks.report import Report, parser

__all__ = ["PARTS", "main"]

PARTS = {
    "disguise": "passages rewritten so that a script can undo it",
    "near": "passages with words edited or parts shuffled",
    "benign": "ordinary answers that are flagged",
    "tofu": "answers of models that were trained on private text, and of models that were not",
    "satml": "text that a model repeats, by copied length",
    "multilingual": "passages in Arabic, Chinese, German, Japanese and Spanish beside English",
    "pii": "personal data beside presidio's defaults",
    "canary": "planted markers, rewritten, in ordinary answers",
    "memorised": "what looks recited, without an index",
    "semantic": "private answers in other words",
    "cost": "time for whole answers, streams, and long or hostile text",
}


def main(arguments: Sequence[str]) -> None:
    """Run every part whose data and detectors are here."""
    options = parser("quality", __doc__)
    options.add_argument("--only", choices=PARTS, action="append", help="this part; repeatable")
    options.add_argument("--megabytes", type=float, help="use only so much of the corpus")
    options.add_argument("--trials", type=int, default=240, help="passages for each row")
    options.add_argument("--no-peers", action="store_true", help="our own detectors only")
    options.add_argument("--show", action="store_true", help="print what was flagged; never kept")
    given = options.parse_args(arguments)
    with ExitStack() as stack:
        bench = stack.enter_context(Bench(given))
        for part in given.only or PARTS:
            report = Report("quality", given.seed, arguments, part=part)
            print(f"\n== {part}: {PARTS[part]}", flush=True)
            try:
                goals = importlib.import_module(f"benchmarks.quality.{part}").measure(report, bench)
            except AbsentError as error:
                print(f"skipped: {error}")
                continue
            if goals:
                report.table("bars", goals)
            report.save(given.results)
    leaderboard.write(given.results, PARTS)
