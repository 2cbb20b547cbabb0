"""Passages of 20 to 200 words, each rewritten in many ways, inside ordinary answers.

A passage that stands in ten documents or more is found and does not count, as it is by default.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from benchmarks.quality.bench import Bench
from benchmarks.quality.chance import exact
from benchmarks.quality.disguises import DISGUISES, Disguise
from benchmarks.quality.goals import Goal, at_least
from benchmarks.quality.lineup import Lineup
from benchmarks.quality.passages import Score, lengths, planted, prose, score
from benchmarks.report import Report, Value, bars

__all__ = ["measure"]

_BAR = 0.98
_BANDS = (20, 30, 50, 100, 201)


def measure(report: Report, bench: Bench) -> list[Goal]:
    """Recall for each rewrite and method."""
    lineup, sizes = bench.lineup, lengths(bench.trials)
    passages = prose(bench.corpus, sizes, seed=bench.seed)
    scores: dict[Disguise, dict[str, Score]] = {}
    missed: list[tuple[int, bool]] = []
    for disguise in DISGUISES:
        texts = [disguise(passage, number) for number, passage in enumerate(passages)]
        scores[disguise] = score(lineup, planted(texts, bench.hosts))
        if disguise.undoable:
            missed += zip(sizes, scores[disguise][lineup.best].outcomes, strict=True)
    undoable = {name: row for name, row in scores.items() if name.undoable}
    report.table("recall by rewrite", _rows(scores, lineup))
    report.table("rewrites that a script can undo, by method", _methods(undoable, lineup))
    report.table(f"by length in words, {lineup.best}, same rewrites", _lengths(missed))
    for name in (lineup.best, *(name for name in lineup.detectors if name != lineup.best)):
        figures = {disguise.name: row[name].recall for disguise, row in scores.items()}
        report.chart(name.replace(" + ", "-"), bars(f"Recall by rewrite: {name}", figures, unit=""))
    return [
        at_least(disguise.name, (done := row[lineup.best]).recall, _BAR, done.interval)
        for disguise, row in undoable.items()
    ]


def _rows(scores: dict[Disguise, dict[str, Score]], lineup: Lineup) -> list[dict[str, Value]]:
    rows: list[dict[str, Value]] = []
    for disguise, row in scores.items():
        named = {"rewrite": disguise.name, "undoable": "yes" if disguise.undoable else "no"}
        ours = row[lineup.best].row(**named)
        rows.append(ours | {name: round(row[name].recall, 3) for name in lineup.names})
    return rows


def _methods(scores: dict[Disguise, dict[str, Score]], lineup: Lineup) -> list[dict[str, Value]]:
    rows: list[dict[str, Value]] = []
    for name in lineup.names:
        figures = [row[name].recall for row in scores.values()]
        rows.append(
            {
                "method": name,
                "rewrites": len(figures),
                f"at {_BAR} or above": sum(figure >= _BAR for figure in figures),
                "mean recall": sum(figures) / len(figures),
                "least": min(figures),
            }
        )
    return rows


def _lengths(outcomes: Sequence[tuple[int, bool]]) -> list[dict[str, Value]]:
    rows: list[dict[str, Value]] = []
    for low, high in pairwise(_BANDS):
        inside = [hit for size, hit in outcomes if low <= size < high]
        under, over = exact(sum(inside), len(inside)) if inside else (0.0, 1.0)
        share = sum(inside) / max(1, len(inside))
        rows.append(
            {
                "words": f"{low}-{high - 1}",
                "n": len(inside),
                "recall": share,
                "low": under,
                "high": over,
            }
        )
    return rows
