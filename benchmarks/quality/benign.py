"""Ordinary answers against a corpus that they have nothing to do with: what is flagged."""

from __future__ import annotations

from benchmarks.quality.bench import Bench
from benchmarks.quality.chance import exact
from benchmarks.quality.goals import Goal, at_most
from benchmarks.quality.lineup import counted
from benchmarks.report import Report, Value
from guardrail.text import Text

__all__ = ["measure"]

_BAR = 0.0015
_READ = {
    "66240d3595fa4229": "quotes the warranty paragraph of the MIT licence, as one mail does",
}
"""What was seen by reading the answers to a question that are flagged."""


def measure(report: Report, bench: Bench) -> list[Goal]:
    """The share of answers that each method flags, and which ones ours flags."""
    lineup, answers = bench.lineup, bench.answers
    flagged = dict.fromkeys(lineup.names, 0)
    told: list[dict[str, Value]] = []
    for name, text in answers:
        found = lineup.spans(text)
        for method, spans in found.items():
            flagged[method] += bool(spans)
        if found[lineup.best]:
            told += _told(bench, name, text)
    rows: list[dict[str, Value]] = []
    for method, count in flagged.items():
        low, high = exact(count, len(answers))
        share = count / len(answers)
        rows.append(
            {
                "method": method,
                "answers": len(answers),
                "flagged": count,
                "%": 100 * share,
                "low": 100 * low,
                "high": 100 * high,
            }
        )
    report.table("ordinary answers flagged", rows)
    report.table("what ours flagged", told)
    return [
        at_most(
            f"share flagged, {method}",
            flagged[method] / len(answers),
            _BAR,
            exact(flagged[method], len(answers)),
        )
        for method in dict.fromkeys((lineup.words, lineup.best))
    ]


def _told(bench: Bench, name: str, text: str) -> list[dict[str, Value]]:
    rows: list[dict[str, Value]] = []
    for method, detector in bench.lineup.detectors.items():
        for finding in counted(detector, Text(text)):
            if bench.given.show:
                print(f"\n{name} [{finding.start}, {finding.end}) by {method}:")
                print(text[finding.start : finding.end])
            source = finding.source
            rows.append(
                {
                    "answer": name,
                    "method": method,
                    "start": finding.start,
                    "end": finding.end,
                    "score": round(finding.score, 3),
                    "words": None if source is None else source.words,
                    "document": None if source is None else source.document,
                    "read": _READ.get(name.rpartition("/")[2], "not read yet"),
                }
            )
    return rows
