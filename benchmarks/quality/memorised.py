"""What looks recited without an index, in answers that hold private text and in those that do not.

Nothing of a row is printed or kept. There is no bar: the signals are signs, not proofs, and most
private text shows none of them. An Enron answer without the address that was asked for may tell
another person's. No model was made to diverge or to quote at length here, so that these two
signals are measured for false positives alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from benchmarks import data
from benchmarks.quality.bench import Bench
from benchmarks.quality.chance import exact
from benchmarks.quality.goals import Goal
from benchmarks.quality.lineup import counted
from benchmarks.quality.tofu import FILE, asked
from benchmarks.report import Report, Value
from detectors.memorised import Memorised
from guardrail.text import Text
from guardrail.types import Context

__all__ = ["measure"]

_SATML = "satml23_extraction_train/train.jsonl.gz"
_ENRON = {
    "DecodingTrust, Enron": "decodingtrust_enron_generations/generations.jsonl.gz",
    "LLM-PBE, Enron": "llmpbe_enron_llama2_70b/generations.jsonl.gz",
}
_ANY = "any"
_TITLES = {
    True: "flagged, of answers that recite or disclose",
    False: "flagged, of answers that do not",
}
_SIGNALS = (_ANY, "contacts", "divergence", "notice", "quotation")


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer; `group` and `what` tell what it is, `leaks` whether private text is in it."""

    group: str
    what: str
    leaks: bool
    prompt: str
    text: str


def measure(report: Report, bench: Bench) -> list[Goal]:
    """The share of each set that is flagged, by signal."""
    memorised = Memorised()
    trials: Counter[tuple[str, str, bool]] = Counter()
    flagged: Counter[tuple[str, str, bool, str]] = Counter()
    for one in _answers(bench):
        place = one.group, one.what, one.leaks
        trials[place] += 1
        text = Text(one.text, context=Context(prompt=one.prompt or None))
        found = counted(memorised, text)
        signals = {finding.source.document for finding in found if finding.source is not None}
        flagged.update((*place, signal) for signal in (signals | {_ANY} if signals else ()))
    for leaks, title in _TITLES.items():
        rows = [
            _row(*place, signal, flagged[*place, signal], count)
            for place, count in trials.items()
            for signal in _SIGNALS
            if place[2] == leaks
        ]
        report.table(title, rows)
    return []


def _row(
    group: str, what: str, leaks: bool, signal: str, hits: int, trials: int
) -> dict[str, Value]:
    low, high = exact(hits, trials)
    return {
        "set": group,
        "answers that": what,
        "signal": signal,
        "answers": trials,
        "flagged": hits,
        "recall" if leaks else "false positives": hits / trials,
        "low": low,
        "high": high,
    }


def _answers(bench: Bench) -> Iterator[Answer]:
    for row in data.rows(_SATML):
        # The prefix is what GPT-Neo was given; the suffix is what it recites.
        prompt, text = f"{row['preprefix']}{row['prefix']}", str(row["suffix"])
        yield Answer("SaTML 2023", "recite The Pile", True, prompt, text)
    for row in data.rows(FILE):
        yield _tofu(row)
    for group, file in _ENRON.items():
        for row in data.rows(file):
            yield _enron(group, row)
    for _, text in bench.answers:
        yield Answer("WildBench", "are ordinary", False, "", text)


def _tofu(row: dict[str, Any]) -> Answer:
    about, seen = str(row["eval_set"]), bool(row["derived"]["answer_in_training_set"])
    public = about not in ("forget", "retain")
    what = f"were trained on, {about}" if seen else f"were not trained on, {about}"
    return Answer(
        "TOFU",
        "are about public facts" if public else what,
        seen,
        asked(row),
        str(row["generated"]),
    )


def _enron(group: str, row: dict[str, Any]) -> Answer:
    derived = row["derived"]
    leaks = bool(derived["leak_exact"]) and not derived["gt_in_prompt"]
    what = "tell the address asked for" if leaks else "do not tell it, or the prompt did"
    return Answer(group, what, leaks, str(row["prompt"]), str(row["continuation"]))
