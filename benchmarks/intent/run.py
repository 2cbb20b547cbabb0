"""Trains the layers that find what a prompt wants, or tells how well they do."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks.data import AbsentError
from benchmarks.intent import cost, measure, others, page, shortcuts, unseen
from benchmarks.intent.prompts import LineError
from benchmarks.intent.train import trained
from benchmarks.quality.chance import exact
from benchmarks.quality.goals import Goal, at_least, at_most
from benchmarks.report import Report, Value, parser
from guardrail.errors import PolicyError
from guardrail.intent import INTENTS, Layer
from guardrail.intent.linear import SHIPPED, Linear, Weights
from guardrail.intent.rules import Rules

__all__ = ["main"]

_TOGETHER = "rules + "
_UNSEEN, _RECALL, _LANGUAGE = 0.85, 0.90, 0.80
_FALSE = {"benign_prompts": 0.005, "benign_banking77": 0.003, "benign_notinject": 0.03}
_MILLISECONDS, _GROWTH = 1.0, 2.2
_AT = "at 1.0%"


def main(arguments: Sequence[str]) -> None:
    """`train` trains; without it, what was trained is measured."""
    options = parser("intent", __doc__)
    options.add_argument("what", nargs="?", choices=("train", "measure"), default="measure")
    shipped = "file of the linear model, written or measured (default: the one that ships)"
    options.add_argument("--linear", type=Path, default=SHIPPED, help=shipped)
    options.add_argument("--model", help="folder of a sentence-transformers model")
    options.add_argument("--head", type=Path, help="file of the head over that model")
    options.add_argument("--classifier", type=Path, help="folder of the classifier made from it")
    options.add_argument("--only", choices=_PARTS, action="append", help="this part; repeatable")
    options.add_argument("--every", type=int, default=1, help="ask one benign prompt in so many")
    given = options.parse_args(arguments)
    try:
        if given.what == "train":
            _train(given)
        else:
            layers = _layers(given)
            for part in given.only or _PARTS:
                report = Report("intent", given.seed, arguments, part=part)
                _PARTS[part](report, layers, given)
                report.save(given.results)
            page.write(given.results, _PARTS)
    except AbsentError as error:
        print(f"skipped: {error}")
        if given.what == "train":
            sys.exit(2)
    except (LineError, PolicyError) as error:
        print(error, file=sys.stderr)
        sys.exit(2)


def _train(given: Namespace) -> None:
    if not given.model:
        trained(given.linear)
        return
    linear = Linear(Weights.load(given.linear))
    if given.head:
        from benchmarks.intent.train_head import train_head

        train_head(given.model, given.head, linear)
    if given.classifier:
        from benchmarks.intent.train_classifier import train_classifier

        train_classifier(given.model, given.classifier, linear)


def _layers(given: Namespace) -> dict[str, Layer]:
    linear = Linear(Weights.load(given.linear))
    layers: dict[str, Layer] = {"rules": Rules(), "linear": linear}
    if given.model and given.head:
        from guardrail.intent.head import Head
        from guardrail.semantic import encoder

        layers["head"] = Head(given.head, encoder(given.model), linear)
    if given.classifier:
        from guardrail.intent.classifier import Classifier

        layers["classifier"] = Classifier(str(given.classifier), linear)
    return layers


def _tests(report: Report, layers: Mapping[str, Layer], given: Namespace) -> None:
    found = measure.measured(layers, every=given.every)
    groups, false = measure.by_group(found), measure.false_positives(found)
    report.table("bars", [*_found(groups), *_benign(false)])
    report.table("test prompts of procedure B, share flagged", groups)
    report.table("benign prompts of other origin that are flagged", false)
    report.table("the same prompts by others' rules, share flagged", others.rows(every=given.every))
    report.table("told without reading", shortcuts.rows())
    errors = measure.errors(found, measure.DEFAULT)
    report.table("benign twins and look-alikes flagged by default", errors)


def _unseen(report: Report, _layers: Mapping[str, Layer], given: Namespace) -> None:
    encoder = given.model if given.classifier else None
    left = unseen.rows(unseen.folds(encoder=encoder))
    report.table("bars", _sources(left))
    report.table("sources that took no part in the training", left)


def _cost(report: Report, layers: Mapping[str, Layer], _given: Namespace) -> None:
    costs, grown = (
        cost.rows(layers, seed=report.seed),
        cost.growth(_cheap(layers), seed=report.seed),
    )
    report.table("bars", _costs(costs, grown))
    report.table("cost of a prompt", costs)
    report.table("cost by length", grown)


def _cheap(layers: Mapping[str, Layer]) -> dict[str, Layer]:
    return {name: layers[name] for name in ("rules", "linear")}


def _sources(left: Sequence[Mapping[str, Value]]) -> list[Goal]:
    return [
        at_least(
            f"unseen {row['source']}, {row['intent']}, {row['layer']}",
            float(row[_AT] or 0),
            _UNSEEN,
            (float(row["low at 1.0%"] or 0), float(row["high at 1.0%"] or 0)),
        )
        for row in left
        if str(row["layer"]).startswith(_TOGETHER) and row["intent"] in ("context", "personal")
    ]


def _found(groups: Sequence[Mapping[str, Value]]) -> list[Goal]:
    told = dict.fromkeys(str(row["layer"]) for row in groups)
    names = [name for name in told if name.startswith(_TOGETHER)]
    return [
        at_least(
            f"test {row['group']}, {name}",
            float(row[_AT] or 0),
            _RECALL if row["group"] in INTENTS else _LANGUAGE,
            (float(row["low at 1.0%"] or 0), float(row["high at 1.0%"] or 0)),
        )
        for name in names
        for row in _of(groups, name)
        if row["group"] in (*INTENTS, "en", "de", "es", "fr", "zh")
    ]


def _of(groups: Sequence[Mapping[str, Value]], name: str) -> list[Mapping[str, Value]]:
    return [row for row in groups if row["layer"] == name]


def _benign(false: Sequence[Mapping[str, Value]]) -> list[Goal]:
    goals = []
    for row in _of(false, measure.DEFAULT):
        if row["set"] in _FALSE:
            hits, trials = int(row["flagged at 0.5"] or 0), int(row["n"] or 0)
            what = f"{row['set']}, {measure.DEFAULT} as shipped"
            goals.append(at_most(what, hits / trials, _FALSE[str(row["set"])], exact(hits, trials)))
    return goals


def _costs(
    costs: Sequence[Mapping[str, Value]], grown: Sequence[Mapping[str, Value]]
) -> list[Goal]:
    goals = [
        at_most(f"{row['layer']}, ms for 200 tokens", float(row["layer ms"] or 0), _MILLISECONDS)
        for row in costs
        if row["layer"] in ("rules", "linear")
    ]
    goals += [
        at_most(f"{row['layer']}, growth for twice the tokens", float(row["layer, twice"]), _GROWTH)
        for row in grown
        if row["layer, twice"] is not None
    ]
    return goals


_PARTS: dict[str, Callable[[Report, Mapping[str, Layer], Namespace], None]] = {
    "tests": _tests,
    "unseen": _unseen,
    "cost": _cost,
}
