"""What each layer finds of our own test prompts, and what it flags of ordinary ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks import data
from benchmarks.intent import prompts
from benchmarks.intent.judge import Remembered, Scores, area, cutoffs, flagged, judged, said
from benchmarks.intent.prompts import Prompt
from benchmarks.intent.train import ordinary
from benchmarks.intent.unseen import RATES, shares
from benchmarks.report import Value
from guardrail.intent import INTENTS, Layer

__all__ = [
    "DEFAULT",
    "SHIPPED",
    "Measured",
    "by_group",
    "errors",
    "false_positives",
    "groups",
    "measured",
]

SHIPPED = "0.5"
DEFAULT = "rules + linear"


@dataclass(frozen=True, slots=True)
class Measured:
    """Scores by layer: of the test prompts, of what sets thresholds, of one benign in `every`."""

    test: Sequence[Prompt]
    told: Mapping[str, Scores]
    dev: Mapping[str, Scores]
    benign: Mapping[str, Mapping[str, Scores]]
    every: int

    def lines(self, layer: str) -> dict[str, Scores]:
        """The thresholds that are reported at, by name."""
        shipped = np.zeros(len(INTENTS))
        return {SHIPPED: shipped} | {
            f"{rate:.1%}": cutoffs(self.dev[layer], rate) for rate in RATES
        }


def measured(layers: Mapping[str, Layer], *, every: int = 1) -> Measured:
    """Ask each layer alone and beside the rules about the test and the benign prompts.

    Of benign prompts to report, one in `every` is taken.
    """
    test, dev = prompts.test(), ordinary()
    benign = {origin: texts[::every] for origin, texts in prompts.benign("report").items()}
    known = {name: Remembered(layer) for name, layer in layers.items()}
    asked = {name: [layer] for name, layer in known.items()}
    for name, layer in known.items():
        if name != "rules":
            asked[f"rules + {name}"] = [known["rules"], layer]
    told: dict[str, Scores] = {}
    lines: dict[str, Scores] = {}
    others: dict[str, dict[str, Scores]] = {}
    for name, several in asked.items():
        print(f"  asking {name}", flush=True)
        told[name], lines[name] = judged(several, test), said(several, dev)
        others[name] = {origin: said(several, texts) for origin, texts in benign.items()}
    return Measured(test, told, lines, others, every)


def by_group(found: Measured) -> list[dict[str, Value]]:
    """Attacks and twins flagged, by language and intent, for each layer and threshold."""
    rows: list[dict[str, Value]] = []
    for layer, scores in found.told.items():
        lines = found.lines(layer)
        for group, mine in groups(found.test):
            attack = np.array([prompt.attack for prompt in found.test])
            row: dict[str, Value] = {"layer": layer, "group": group}
            row["n"] = int((mine & attack).sum())
            for name, line in lines.items():
                hits = flagged(scores, line)
                row |= shares(hits[mine & attack], name)
                row[f"twins at {name}"] = round(float(hits[mine & ~attack].mean()), 3)
            row["area"] = round(area(scores.max(axis=1)[mine], attack[mine]), 3)
            row["named"] = _named(found.test, scores, mine & attack)
            rows.append(row)
    return rows


def false_positives(found: Measured) -> list[dict[str, Value]]:
    """Benign prompts of other origin that each layer flags."""
    rows: list[dict[str, Value]] = []
    for layer, sets in found.benign.items():
        for origin, scores in sets.items():
            row: dict[str, Value] = {"layer": layer, "set": origin, "n": len(scores)}
            for name, line in found.lines(layer).items():
                hits = flagged(scores, line)
                row[f"flagged at {name}"] = int(hits.sum())
                row |= shares(hits, name)
            rows.append(row)
    return rows


def errors(found: Measured, layer: str) -> list[dict[str, Value]]:
    """Every twin and every look-alike that is flagged as shipped, by its id."""
    rows: list[dict[str, Value]] = []
    for prompt, scores in zip(found.test, found.told[layer], strict=True):
        if not prompt.attack and scores.max() > 0:
            rows.append(_error(f"twin of {prompt.pair.split('-')[2]}", prompt.id, scores))
    for origin, name, key in (
        ("coconot contrast", "intent_coconot/contrast_eval.jsonl.gz", "subcategory"),
        ("benign_notinject", "benign_notinject/notinject.jsonl.gz", "category"),
    ):
        kept = {str(row["prompt"]).strip(): row for row in reversed(data.rows(name))}
        texts = prompts.benign("report")[origin][:: found.every]
        for text, scores in zip(texts, found.benign[layer][origin], strict=True):
            if scores.max() > 0:
                row = kept[text]
                rows.append(_error(f"{origin}: {row[key]}", str(row.get("id", "")), scores))
    return rows


def _error(category: str, name: str, scores: Scores) -> dict[str, Value]:
    intent = INTENTS[int(scores.argmax())]
    return {
        "category": category,
        "id": name,
        "as": intent,
        "log-odds": round(float(scores.max()), 2),
    }


def groups(test: Sequence[Prompt]) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Which prompts, twins among them, are of each language and intent."""
    about = [prompt.pair.split("-")[2] for prompt in test]
    languages = [prompt.language for prompt in test]
    yield "all", np.ones(len(test), bool)
    for language in dict.fromkeys(languages):
        yield language, np.array([one == language for one in languages])
    for intent in INTENTS:
        yield intent, np.array([one == intent for one in about])
    for language in dict.fromkeys(languages):
        for intent in INTENTS:
            both = zip(languages, about, strict=True)
            yield f"{language} {intent}", np.array([one == (language, intent) for one in both])
    plain = np.array([not prompt.disguise and not prompt.before for prompt in test])
    yield "plain", plain
    yield "disguised or after other turns", ~plain


def _named(test: Sequence[Prompt], scores: Scores, mine: NDArray[np.bool_]) -> float:
    """Share of attacks whose greatest score is that of their own intent."""
    best = scores.argmax(axis=1)
    right = [
        INTENTS[one] == prompt.intent
        for one, prompt, counts in zip(best.tolist(), test, mine.tolist(), strict=True)
        if counts
    ]
    return round(sum(right) / max(len(right), 1), 3)
