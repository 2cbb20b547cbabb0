"""Planted markers in ordinary answers, each rewritten in many ways, and answers without any.

A marker stands alone or within the sentence that it was planted with; both are rewritten whole. It
is found if a finding names it and lies where it stands. Rewrites that lose letters are told and
have no bar.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from string import ascii_lowercase, digits

from benchmarks.quality.bench import Bench
from benchmarks.quality.chance import exact
from benchmarks.quality.disguises import DISGUISES, Disguise
from benchmarks.quality.goals import Goal, at_least, at_most
from benchmarks.quality.passages import Planted, Score, planted
from benchmarks.report import Report, Value, bars
from detectors.canary import Canary
from guardrail.text import Text

__all__ = ["measure"]

_BAR = 0.98
_MANY = 50_000
_SENTENCE = "The reference of this file is {}, which stands nowhere else."
_WORDS = (
    "amber anvil apricot badger barley beacon birch bramble candle canyon cedar clover copper "
    "coral cricket dagger ember falcon fern garnet ginger harbor hazel heron indigo ivory "
    "juniper kettle lantern linen maple marble meadow nettle oyster pebble pepper pigeon plum "
    "quartz raven saddle saffron thistle timber tulip velvet walnut willow zephyr"
)

Kind = Callable[[random.Random], str]
Scores = dict[tuple[str, str], Score]
"""By kind of marker and where it stands."""


def _letters(count: int) -> Kind:
    return lambda chance: "".join(chance.choices(ascii_lowercase + digits, k=count))


def _hyphens(chance: random.Random) -> str:
    first, second, last = (word.title() for word in chance.sample(_WORDS.split(), 3))
    return f"{first}-{second}-{chance.randrange(10_000, 100_000)}-{last}"


_KINDS: dict[str, Kind] = {
    "8 letters and digits": _letters(8),
    "16 letters and digits": _letters(16),
    "words and a number, by hyphens": _hyphens,
    "5 words": lambda chance: " ".join(chance.sample(_WORDS.split(), 5)),
}
_PLACES = {"alone": "{}", "in its sentence": _SENTENCE}


def measure(report: Report, bench: Bench) -> list[Goal]:
    """Recall for each rewrite, by kind of marker and place; and answers flagged without one."""
    markers = _markers(bench.trials, bench.seed)
    canary = Canary(markers=tuple(markers))
    done = {disguise: _scores(canary, markers, disguise, bench) for disguise in DISGUISES}
    undoable = {disguise: one for disguise, one in done.items() if disguise.undoable}
    report.table("recall by rewrite", [_row(disguise, one) for disguise, one in done.items()])
    report.table("by marker and place, rewrites that a script can undo", _kinds(undoable.values()))
    figures = {disguise.name: _total(one.values()).recall for disguise, one in done.items()}
    report.chart("rewrites", bars("Recall of markers by rewrite", figures, unit=""))
    goals = []
    for disguise, one in undoable.items():
        total = _total(one.values())
        goals.append(at_least(f"marker, {disguise.name}", total.recall, _BAR, total.interval))
    return [*goals, *_ordinary(report, bench)]


def _markers(count: int, seed: int) -> list[str]:
    """Different ones of all kinds by turns."""
    chance = random.Random(seed)
    kinds = list(_KINDS.values())
    made: dict[str, None] = {}
    while len(made) < count:
        made[kinds[len(made) % len(kinds)](chance)] = None
    return list(made)


def _scores(canary: Canary, markers: Sequence[str], disguise: Disguise, bench: Bench) -> Scores:
    kinds = list(_KINDS)
    scores: Scores = {}
    for place, pattern in _PLACES.items():
        told = [disguise(pattern.format(one), number) for number, one in enumerate(markers)]
        for number, row in enumerate(planted(told, bench.hosts)):
            score = scores.setdefault((kinds[number % len(kinds)], place), Score())
            score.add(row.span, _named(canary, row, number + 1))
    return scores


def _named(canary: Canary, row: Planted, number: int) -> list[tuple[int, int]]:
    return [
        (one.start, one.end)
        for one in canary.find(Text(row.text))
        if one.source is not None and one.source.document == str(number)
    ]


def _total(scores: Iterable[Score]) -> Score:
    total = Score()
    for score in scores:
        total.outcomes += score.outcomes
        total.covered += score.covered
    return total


def _row(disguise: Disguise, scores: Scores) -> dict[str, Value]:
    named = {"rewrite": disguise.name, "undoable": "yes" if disguise.undoable else "no"}
    row = _total(scores.values()).row(**named)
    del row["covered"]  # a sentence around a marker need not be
    for column in (*_PLACES, *_KINDS):
        row[column] = round(_total(one for key, one in scores.items() if column in key).recall, 3)
    return row


def _kinds(done: Iterable[Scores]) -> list[dict[str, Value]]:
    rows, several = [], list(done)
    for kind in _KINDS:
        for place in _PLACES:
            row = _total(scores[kind, place] for scores in several).row(marker=kind, place=place)
            if place != "alone":
                row["covered"] = None
            rows.append(row)
    return rows


def _ordinary(report: Report, bench: Bench) -> list[Goal]:
    """Answers flagged by the markers that were planted, and by many more of each kind."""
    chance = random.Random(bench.seed + 1)
    lists = {"those planted": _markers(bench.trials, bench.seed)}
    lists |= {kind: [make(chance) for _ in range(_MANY)] for kind, make in _KINDS.items()}
    rows: list[dict[str, Value]] = []
    goals: list[Goal] = []
    for kind, markers in lists.items():
        canary = Canary(markers=tuple(markers))
        found = [list(canary.find(Text(text))) for _, text in bench.answers]
        seen = {one.source.document for several in found for one in several if one.source}
        hits, trials = sum(map(bool, found)), len(found)
        low, high = interval = exact(hits, trials)
        row: dict[str, Value] = {"kind": kind, "markers": len(markers), "found": len(seen)}
        row |= {"answers": trials, "flagged": hits, "%": 100 * hits / trials}
        rows.append(row | {"low": 100 * low, "high": 100 * high})
        goals.append(at_most(f"ordinary answers flagged, {kind}", hits / trials, 0, interval))
    report.table("ordinary answers", rows)
    return goals
