"""Text that GPT-Neo repeats when asked for it, by how many of its words stand in an answer.

Much of it is licences and page furniture, which stands in many documents and does not count by
default; what is in fewer than ten is told apart.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from benchmarks import data
from benchmarks.quality.bench import Bench
from benchmarks.quality.goals import Goal
from benchmarks.quality.lineup import Lineup
from benchmarks.quality.passages import planted, score
from benchmarks.report import Report, Value, lines
from guardrail.text import Text

__all__ = ["measure"]

_FILE = "satml23_extraction_train/train.jsonl.gz"
_LENGTHS = (8, 10, 12, 14, 16, 20, 24, 30)
_MOST = 600
_COMMON = 10
_GRAM = 6
_WORD = re.compile(r"\w+")


def measure(report: Report, bench: Bench) -> list[Goal]:
    """Recall of the beginning of a suffix, where the index holds it and what stands before it."""
    rows = data.rows(_FILE)
    documents = {
        str(row["id"]): f"{row['preprefix']}{row['prefix']}{row['suffix']}" for row in rows
    }
    # Others' methods take minutes to build here, and are measured on the corpus.
    lineup = Lineup(bench.home / "satml", documents, seed=bench.seed)
    counts = Counter(gram for text in documents.values() for gram in set(_grams(text)))
    suffixes = [str(row["suffix"]) for row in rows]
    random.Random(bench.seed).shuffle(suffixes)
    rare: list[dict[str, Value]] = []
    every: list[dict[str, Value]] = []
    series: dict[str, list[tuple[float, float]]] = {name: [] for name in lineup.names}
    for size in _LENGTHS:
        cut = [" ".join(text.split()[:size]) for text in suffixes if len(text.split()) >= size]
        apart = [text for text in cut if all(counts[gram] < _COMMON for gram in _grams(text))]
        rare.append(_row(bench, lineup, apart[:_MOST], size, series))
        every.append(_row(bench, lineup, cut[:_MOST], size, {}))
    report.table("recall by words copied, text in fewer than 10 documents", rare)
    report.table("recall by words copied, all text", every)
    report.chart("length", lines("Recall by copied length", series, x="words", y="recall"))
    return []


def _row(
    bench: Bench,
    lineup: Lineup,
    passages: Sequence[str],
    size: int,
    series: dict[str, list[tuple[float, float]]],
) -> dict[str, Value]:
    placed = planted(passages, bench.hosts)
    scores = score(lineup, placed)
    for name, line in series.items():
        line.append((float(size), scores[name].recall))
    found = sum(_any(lineup, one.text) for one in placed) / max(1, len(placed))
    row = scores[lineup.best].row(words=size)
    row |= {name: round(scores[name].recall, 3) for name in lineup.names}
    return row | {"found, counted or not": round(found, 3)}


def _grams(text: str) -> Iterator[tuple[str, ...]]:
    words = _WORD.findall(text.lower())
    return zip(*(words[skip:] for skip in range(_GRAM)), strict=False)


def _any(lineup: Lineup, text: str) -> bool:
    return any(list(detector.find(Text(text))) for detector in lineup.detectors.values())
