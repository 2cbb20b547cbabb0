"""Passages with a share of their words edited, or with their parts in another order."""

from __future__ import annotations

import random
from collections.abc import Sequence

from benchmarks.quality.bench import Bench
from benchmarks.quality.edits import EDITS, SHUFFLES
from benchmarks.quality.goals import Goal, at_least
from benchmarks.quality.lineup import Lineup
from benchmarks.quality.passages import Score, planted, prose, score
from benchmarks.report import Report, Value, lines

__all__ = ["measure"]

_SIZES = (30, 50, 100, 200)
_RATES = (0, 5, 10, 15, 20, 25, 30, 40)
_BARS = {
    (50, 5): 0.99,
    (50, 10): 0.97,
    (50, 15): 0.92,
    (100, 15): 0.99,
    (200, 15): 0.99,
    (100, 25): 0.95,
    (200, 25): 0.95,
}
_SHUFFLE_BARS = {("blocks of 5 words", 50): 0.98, ("blocks of 5 words", 100): 0.95}
_OTHERS = 20_000

Key = tuple[str, int, int]


def measure(report: Report, bench: Bench) -> list[Goal]:
    """Recall by kind and share of edits and by length; and by shuffle."""
    lineup = bench.lineup
    passages = {
        size: prose(bench.corpus, [size] * bench.trials, seed=bench.seed + size) for size in _SIZES
    }
    edited = _edited(bench, passages)
    shuffled = _shuffled(bench, passages)
    report.table(
        "recall by edits",
        [
            _row(scores, lineup, {"words": size, "edits": kind, "%": rate})
            for (kind, size, rate), scores in edited.items()
        ],
    )
    report.table(
        "recall by shuffle",
        [
            _row(scores, lineup, {"words": size, "shuffled": kind})
            for (kind, size), scores in shuffled.items()
        ],
    )
    for size in _SIZES:
        report.chart(f"{size}", _chart(edited, lineup, size))
    goals = [
        at_least(
            f"{size} words, {rate} % {kind}, {lineup.words}",
            (done := edited[kind, size, rate][lineup.words]).recall,
            bar,
            done.interval,
        )
        for (size, rate), bar in _BARS.items()
        for kind in EDITS
    ]
    return goals + [
        at_least(
            f"{size} words, {kind} shuffled",
            (done := shuffled[kind, size][lineup.best]).recall,
            bar,
            done.interval,
        )
        for (kind, size), bar in _SHUFFLE_BARS.items()
    ]


def _edited(bench: Bench, passages: dict[int, list[str]]) -> dict[Key, dict[str, Score]]:
    chance = random.Random(bench.seed)
    others = _words(bench, chance)
    done: dict[Key, dict[str, Score]] = {}
    for kind, edit in EDITS.items():
        for size, texts in passages.items():
            for rate in _RATES:
                made = [" ".join(edit(text.split(), rate / 100, others, chance)) for text in texts]
                done[kind, size, rate] = score(bench.lineup, planted(made, bench.hosts))
    return done


def _shuffled(
    bench: Bench, passages: dict[int, list[str]]
) -> dict[tuple[str, int], dict[str, Score]]:
    chance = random.Random(bench.seed)
    return {
        (kind, size): score(
            bench.lineup, planted([shuffle(text, chance) for text in texts], bench.hosts)
        )
        for kind, shuffle in SHUFFLES.items()
        for size, texts in passages.items()
    }


def _words(bench: Bench, chance: random.Random) -> Sequence[str]:
    """Words of the corpus as often as they stand in it."""
    found: list[str] = []
    for text in chance.sample(list(bench.corpus.values()), min(400, len(bench.corpus))):
        words = [word for word in text[:200_000].split() if word.strip(".,;:!?\"'()").isalpha()]
        found += chance.sample(words, min(len(words), 400))
    return found[:_OTHERS]


def _row(scores: dict[str, Score], lineup: Lineup, named: dict[str, Value]) -> dict[str, Value]:
    row = scores[lineup.best].row(**named)
    return row | {name: round(scores[name].recall, 3) for name in lineup.names}


def _chart(edited: dict[Key, dict[str, Score]], lineup: Lineup, size: int) -> str:
    series = {
        name: [(float(rate), edited["mixed", size, rate][name].recall) for rate in _RATES]
        for name in lineup.names
    }
    return lines(f"Recall, {size} words", series, x="words edited, %", y="recall")
