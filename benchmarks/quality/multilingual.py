"""Passages of made-up memos in six languages, as they are and rewritten, all made in one way."""

from __future__ import annotations

import random
from collections.abc import Sequence

from benchmarks.planted import canonical
from benchmarks.quality.bench import Bench
from benchmarks.quality.disguises import DISGUISES, Disguise
from benchmarks.quality.goals import Goal, at_most
from benchmarks.quality.lineup import Lineup
from benchmarks.quality.memos import ENGLISH, languages, memos
from benchmarks.quality.passages import Score, lengths, planted, score
from benchmarks.report import Report, Value, bars

__all__ = ["measure"]

# Phrases recur; in ten documents they would count as common.
_MEMOS = 8
_TRIALS = 120
_LONGEST = 120
_BAR = 0.01
_REWRITES = [disguise for disguise in DISGUISES if disguise.undoable and not disguise.latin]

Scores = dict[Disguise, dict[str, Score]]


def measure(report: Report, bench: Bench) -> list[Goal]:
    """Recall by language; a letter of a script without spaces counts as a word."""
    made = {
        language: memos(parts, _MEMOS, seed=bench.seed) for language, parts in languages().items()
    }
    documents = {
        f"{language}/{number}": memo
        for language, texts in made.items()
        for number, memo in enumerate(texts)
    }
    lineup = Lineup(bench.home / "memos", documents, seed=bench.seed)
    scores = {language: _scores(bench, lineup, texts) for language, texts in made.items()}
    words: list[dict[str, Value]] = [
        {"language": language, "memos": len(texts), "words": _words(texts)}
        for language, texts in made.items()
    ]
    report.table("texts", words)
    report.table("recall by language", _totals(scores, lineup))
    report.table(f"recall by rewrite, {lineup.best}", _rewrites(scores, lineup))
    pooled = {language: _pooled(rows, lineup.best).recall for language, rows in scores.items()}
    report.chart("languages", bars("Recall over all rewrites", pooled, unit=""))
    return _goals(scores, lineup)


def _words(texts: Sequence[str]) -> int:
    return sum(len(canonical(text).spans) for text in texts)


def _scores(bench: Bench, lineup: Lineup, texts: Sequence[str]) -> Scores:
    chance = random.Random(bench.seed)
    sizes = lengths(min(_TRIALS, bench.trials), longest=_LONGEST)
    passages = [_cut(chance.choice(texts), size, chance) for size in sizes]
    return {
        disguise: score(
            lineup,
            planted([disguise(text, n) for n, text in enumerate(passages)], bench.hosts),
        )
        for disguise in _REWRITES
    }


def _cut(text: str, size: int, chance: random.Random) -> str:
    spans = canonical(text).spans
    first = chance.randrange(len(spans) - size + 1)
    return text[spans[first][0] : spans[first + size - 1][1]]


def _pooled(rows: Scores, name: str) -> Score:
    """All rewrites but the first, which is none."""
    pooled = Score()
    for disguise in _REWRITES[1:]:
        pooled.outcomes += rows[disguise][name].outcomes
        pooled.covered += rows[disguise][name].covered
    return pooled


def _totals(scores: dict[str, Scores], lineup: Lineup) -> list[dict[str, Value]]:
    rows: list[dict[str, Value]] = []
    for language, scored in scores.items():
        plain = {name: scored[_REWRITES[0]][name] for name in lineup.names}
        row = _pooled(scored, lineup.best).row(language=language)
        for name, done in plain.items():
            row[f"as it is, {name}"] = round(done.recall, 4)
        rows.append(row)
    return rows


def _rewrites(scores: dict[str, Scores], lineup: Lineup) -> list[dict[str, Value]]:
    rows: list[dict[str, Value]] = []
    for disguise in _REWRITES:
        figures = {
            language: round(scored[disguise][lineup.best].recall, 3)
            for language, scored in scores.items()
        }
        rows.append({"rewrite": disguise.name, **figures})
    return rows


def _goals(scores: dict[str, Scores], lineup: Lineup) -> list[Goal]:
    goals: list[Goal] = []
    for language in scores:
        if language == ENGLISH:
            continue
        plain = [scores[name][_REWRITES[0]]["verbatim"].recall for name in (ENGLISH, language)]
        pooled = [_pooled(scores[name], lineup.best).recall for name in (ENGLISH, language)]
        goals += [
            at_most(f"{language} below English, verbatim", plain[0] - plain[1], _BAR),
            at_most(f"{language} below English, rewritten", pooled[0] - pooled[1], _BAR),
        ]
    return goals
