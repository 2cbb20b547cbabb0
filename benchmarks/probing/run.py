"""Probing over time: who is found and how soon, and how much comes out piece by piece."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks import data
from benchmarks.probing import extraction, monitors
from benchmarks.report import Report, parser

__all__ = ["main"]


def main(arguments: Sequence[str]) -> None:
    options = parser("probing", __doc__.partition("\n")[0] if __doc__ else None)
    options.add_argument("--megabytes", type=float, help="use only so much of the corpus")
    options.add_argument("--documents", type=int, default=20, help="attacked, one after the other")
    options.add_argument("--runs", type=int, default=200, help="attackers of each kind and way")
    given = options.parse_args(arguments)
    report = Report("probing", given.seed, arguments)
    try:
        corpus = dict(data.corpus(given.megabytes, seed=given.seed))
        answers = [text for _, text in data.answers()]
        goals = monitors.measure(report, corpus, given.runs, given.seed)
    except data.AbsentError as error:
        print(f"skipped: {error}")
        return
    goals += extraction.measure(report, corpus, answers, given)
    report.table("bars", goals)
    report.save(given.results)
