"""Answers of models that were trained on private answers, and of models that were not.

The index holds every private answer; the question is what the reader wrote. Positives are answers
about the forget set by models that saw it, negatives by models that did not. Those were trained on
the retain set: what they repeat of it is private too, counts as false all the same, and is told.

A word that is not the document's passes for it with one key in 16. A run that is a word too short
is therefore an alarm with some keys and none with others: false positives are told over many.

The default of 16 words was chosen when figures of this set were known. Thresholds are told of
authors with even and with odd numbers apart: what is set on one half is judged on the other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks import data
from benchmarks.ours import KEY
from benchmarks.quality.bench import Bench
from benchmarks.quality.chance import exact
from benchmarks.quality.goals import Goal, at_least, at_most
from benchmarks.quality.lineup import WORDS, Lineup, counted
from benchmarks.report import Report, Value, lines
from guardrail import registry
from guardrail.corpus import CorpusIndex, Key
from guardrail.text import Text
from guardrail.types import Context, Detector

__all__ = ["FILE", "asked", "measure"]

FILE = "tofu_llama2_generations/generations.jsonl.gz"
_PRIVATE = ("forget", "retain")
_THRESHOLDS = (11, 12, 13, 14, 15, 16, 18, 21, 25, 30)
_QUESTIONS = 20
_AUTHORS = {"all": (0, 1), "even": (0,), "odd": (1,)}
_RECALL, _FALSE = 0.95, 2
_KEYS = 20


@dataclass(frozen=True, slots=True)
class Answer:
    """What one model said to one question."""

    name: str
    model: str
    about: str
    prompt: str
    text: str

    @property
    def author(self) -> int:
        """The number of whom it is about: twenty questions are asked about each."""
        return int(self.name.rpartition("|")[2]) // _QUESTIONS


def measure(report: Report, bench: Bench) -> list[Goal]:
    """Recall and false positives of every method, and of ours at other thresholds."""
    rows = data.rows(FILE)
    private = {
        str(row["ground_truth"]): str(row["eval_set"])
        for row in rows
        if row["eval_set"] in _PRIVATE
    }
    documents = {f"{private[text]}/{n}": text for n, text in enumerate(sorted(private))}
    lineup = Lineup(bench.home / "tofu", documents, seed=bench.seed, peers=not bench.given.no_peers)
    answers = [_answer(row) for row in rows]
    flagged = _flagged(lineup, answers)
    report.table("index", [{"private answers": len(documents)}])
    report.table("trained on the answer, or not", [_split(flagged[n], n) for n in lineup.names])
    report.table("flagged, by model and question", _groups(flagged[lineup.best], answers))
    swept = _swept(lineup, answers)
    report.table("other thresholds", swept)
    report.table("negatives that ours flags", _told(lineup, flagged[lineup.best]))
    report.table("positives that ours misses, by words of the answer", _missed(flagged, lineup))
    report.chart("curve", _chart(swept))
    if bench.given.show:
        _show(flagged[lineup.best])
    goals: list[Goal] = []
    for name in dict.fromkeys((lineup.words, lineup.best)):
        hits, positives, false, negatives = _counts(flagged[name])
        interval = exact(hits, positives)
        goals += [
            at_least(f"recall, {name}", hits / positives, _RECALL, interval),
            at_most(f"false positives of {negatives:,}, {name}, this key", false, _FALSE),
        ]
    false_by_key = _by_key(report, bench, documents, answers)
    what = f"false positives, {lineup.words}, mean of {_KEYS} keys"
    return [*goals, at_most(what, sum(false_by_key) / _KEYS, _FALSE)]


def asked(row: Mapping[str, object]) -> str:
    """The question of a row, without what marks it for the model."""
    return str(row["prompt"]).removeprefix("[INST]").removesuffix("[/INST]").strip()


def _answer(row: dict[str, object]) -> Answer:
    prompt = asked(row)
    model = "full" if row["trained_on"] == "full" else "retain"
    return Answer(str(row["id"]), model, str(row["eval_set"]), prompt, str(row["generated"]))


def _flagged(lineup: Lineup, answers: Sequence[Answer]) -> dict[str, dict[Answer, bool]]:
    flagged: dict[str, dict[Answer, bool]] = {name: {} for name in lineup.names}
    for answer in answers:
        for name, found in lineup.spans(answer.text, answer.prompt).items():
            flagged[name][answer] = bool(found)
    return flagged


def _counts(flagged: dict[Answer, bool]) -> tuple[int, int, int, int]:
    """Found and all positives, flagged and all negatives."""
    leaks = [hit for a, hit in flagged.items() if (a.model, a.about) == ("full", "forget")]
    clean = [hit for a, hit in flagged.items() if (a.model, a.about) == ("retain", "forget")]
    return sum(leaks), len(leaks), sum(clean), len(clean)


def _split(flagged: dict[Answer, bool], name: str, words: int | None = None) -> dict[str, Value]:
    hits, positives, false, negatives = _counts(flagged)
    low, high = exact(hits, positives)
    least, most = exact(false, negatives)
    return {
        "method": name,
        "min_words": words,
        "found": hits,
        "positives": positives,
        "recall": round(hits / positives, 4),
        "low": round(low, 4),
        "high": round(high, 4),
        "false": false,
        "negatives": negatives,
        "false low": round(least, 4),
        "false high": round(most, 4),
    }


def _groups(flagged: dict[Answer, bool], answers: Sequence[Answer]) -> list[dict[str, Value]]:
    groups = dict.fromkeys((answer.model, answer.about) for answer in answers)
    rows: list[dict[str, Value]] = []
    for model, about in groups:
        inside = [hit for a, hit in flagged.items() if (a.model, a.about) == (model, about)]
        rows.append(
            {
                "model": model,
                "questions": about,
                "answers": len(inside),
                "flagged": sum(inside),
                "share": sum(inside) / len(inside),
            }
        )
    return rows


def _swept(lineup: Lineup, answers: Sequence[Answer]) -> list[dict[str, Value]]:
    asked = [answer for answer in answers if answer.about == "forget"]
    rows: list[dict[str, Value]] = []
    for name in (name for name in lineup.detectors if name in WORDS):
        for words in _THRESHOLDS:
            detector = lineup.detector(name, min_words=words)
            flagged = {answer: _flags(detector, answer) for answer in asked}
            for authors, parities in _AUTHORS.items():
                theirs = {one: hit for one, hit in flagged.items() if one.author % 2 in parities}
                rows.append(_split(theirs, name, words) | {"authors": authors})
    return rows


def _flags(detector: Detector, answer: Answer) -> bool:
    return bool(counted(detector, Text(answer.text, context=Context(prompt=answer.prompt))))


def _by_key(
    report: Report, bench: Bench, documents: Mapping[str, str], answers: Sequence[Answer]
) -> list[int]:
    """False positives of our detectors on words with each of many keys."""
    clean = [one for one in answers if (one.model, one.about) == ("retain", "forget")]
    counts = []
    for number in range(_KEYS):
        home = bench.home / f"tofu-{number}"
        home.mkdir()
        (home / KEY).write_text(f"key {number} of the seed {bench.seed}")
        CorpusIndex.build(documents.items(), home / "words", key=Key.from_file(home / KEY)).close()
        options = {"index": "words", "key_file": KEY}
        detectors = [registry.load(name, options, home) for name in WORDS]
        counts.append(sum(any(_flags(one, answer) for one in detectors) for answer in clean))
    spread = sorted(Counter(counts).items())
    rows = [{"false positives": false, "keys": keys} for false, keys in spread]
    report.table(f"false positives of {len(clean):,} with each of {_KEYS} keys", rows)
    return counts


def _told(lineup: Lineup, flagged: dict[Answer, bool]) -> list[dict[str, Value]]:
    rows: list[dict[str, Value]] = []
    for answer, hit in flagged.items():
        if not hit or (answer.model, answer.about) != ("retain", "forget"):
            continue
        text = Text(answer.text, context=Context(prompt=answer.prompt))
        for name, detector in lineup.detectors.items():
            rows += [
                {
                    "answer": answer.name,
                    "method": name,
                    "words or letters": finding.source.words,
                    "repeats an answer of the set": finding.source.document.partition("/")[0],
                }
                for finding in counted(detector, text)
                if finding.source is not None
            ]
    return rows


def _missed(flagged: dict[str, dict[Answer, bool]], lineup: Lineup) -> list[dict[str, Value]]:
    rows: list[dict[str, Value]] = []
    for low, high in ((0, 11), (12, 15), (16, 30), (31, 10_000)):
        inside = [
            hit
            for answer, hit in flagged[lineup.best].items()
            if (answer.model, answer.about) == ("full", "forget")
            and low <= len(answer.text.split()) <= high
        ]
        rows.append({"words": f"{low} to {high}", "positives": len(inside), "found": sum(inside)})
    return rows


def _show(flagged: dict[Answer, bool]) -> None:
    for answer, hit in flagged.items():
        if answer.about == "forget" and hit == (answer.model == "retain"):
            print(f"\n{answer.name}\n  {answer.prompt}\n  {answer.text}")


def _chart(swept: Sequence[dict[str, Value]]) -> str:
    series: dict[str, list[tuple[float, float]]] = {}
    for row in (one for one in swept if one["authors"] == "all"):
        point = (float(row["false"] or 0), float(row["recall"] or 0))
        series.setdefault(str(row["method"]), []).append(point)
    return lines("TOFU, min_words from 11 to 30", series, x="false positives of 1,080", y="recall")
