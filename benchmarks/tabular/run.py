"""What a credit-risk model tells of people, as it is and guarded, and how soon nudging is found.

Attackers know all of a person but one attribute, and the label or the answer that the person had;
they ask a route of FastAPI. Advantage is the share that is guessed beyond always guessing the
commonest value.
"""

from __future__ import annotations

import asyncio
import random
import sys
from argparse import Namespace
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from benchmarks.quality.chance import bootstrap, exact
from benchmarks.quality.goals import Goal, at_least, at_most
from benchmarks.report import Report, Value, parser
from benchmarks.tabular.attacks import Guess, balanced, infer, known, members
from benchmarks.tabular.credit import Table, drawn, read
from benchmarks.tabular.endpoint import MODELS, MODES, Endpoint, Mode, trained
from benchmarks.tabular.nudgers import HONEST, STYLES, disturbed, nudged, stale

_TRAINED, _OTHERS = 4000, 1000
_ADVANTAGE, _SOON, _FOUND, _DISTURBED = 0.05, 8, 0.95, 0.005
# What no policy of ours is held to: it is told beside the others.
_TOLD = ("all of these", "over 50 identities", "twice", "what-if")

Guesses = dict[tuple[str, Mode, str, str], list[Guess]]
Rights = dict[tuple[str, Mode], list[float]]


def main(arguments: Sequence[str]) -> None:
    options = parser("tabular", __doc__.partition("\n")[0] if __doc__ else None)
    options.add_argument("--seeds", type=int, default=2, help="tables and models, drawn anew")
    options.add_argument("--victims", type=int, default=150, help="for each of them")
    options.add_argument("--runs", type=int, default=400, help="of each kind of nudging")
    options.add_argument("--people", type=int, default=1000, help="who ask honestly, of each kind")
    options.add_argument("--csv", type=Path, help="a table of numbers in place of a drawn one")
    options.add_argument("--target", default="label", help="the column of the CSV to predict")
    options.add_argument("--tried", nargs="*", default=(), help="its columns that are guessed")
    given = options.parse_args(arguments)
    report = Report("tabular", given.seed, arguments, part="csv" if given.csv else "")
    goals = asyncio.run(_inference(report, given))
    table = _table(given, given.seed)
    goals += _nudging(report, table, given) + _honest(report, table, given)
    report.table("bars", goals)
    report.save(given.results)


def _table(given: Namespace, seed: int) -> Table:
    size = 2 * _TRAINED + _OTHERS + given.victims
    if given.csv is None:
        return drawn(size, seed)
    whole = read(given.csv, given.target, given.tried)
    places = random.Random(seed).sample(range(len(whole.rows)), min(size, len(whole.rows)))
    return whole.part(places)


async def _inference(report: Report, given: Namespace) -> list[Goal]:
    guesses: Guesses = defaultdict(list)
    rights: Rights = defaultdict(list)
    for seed in range(given.seed, given.seed + given.seeds):
        table = _table(given, seed)
        for kind in MODELS:
            await _attacked(table, kind, seed, given.victims, guesses, rights)
    _told_members(report, rights)
    return _told_attributes(report, guesses, given.seed)


async def _attacked(
    table: Table, kind: str, seed: int, count: int, guesses: Guesses, rights: Rights
) -> None:
    """One model, attacked in every mode."""
    inside, shadow = table.part(slice(0, _TRAINED)), table.part(slice(_TRAINED, 2 * _TRAINED))
    others = table.part(slice(2 * _TRAINED, 2 * _TRAINED + _OTHERS))
    victims = table.part(slice(2 * _TRAINED + _OTHERS, None)).part(slice(0, count))
    model, own = trained(kind, inside, seed), trained(kind, shadow, seed)
    for mode in MODES:
        endpoint = Endpoint(model, table, mode)
        # How people are answered is known from elsewhere.
        plain = Endpoint(model, table, "bands") if endpoint.watched else endpoint
        before = await known(plain, others)
        truths = await _levels(plain, victims)
        for name in table.tried:
            told = await infer(endpoint, victims, name, before, truths)
            for attack, found in told.items():
                guesses[kind, mode, name, attack] += found
        if not endpoint.watched:
            rights[kind, mode] += await _members(
                endpoint, Endpoint(own, table, mode), inside, shadow, others
            )


async def _members(
    endpoint: Endpoint, mine: Endpoint, inside: Table, shadow: Table, others: Table
) -> list[float]:
    """A shadow model tells how members are answered; then as many members as others are judged."""
    half = len(others.rows) // 2
    far, near = others.part(slice(0, half)), others.part(slice(half, None))
    labels = [shadow.labels[: len(far.rows)].tolist(), far.labels.tolist()]
    some = shadow.part(slice(0, len(far.rows)))
    ratios = members(await _levels(mine, some), await _levels(mine, far), labels)
    some = inside.part(slice(0, len(near.rows)))
    labels = [some.labels.tolist(), near.labels.tolist()]
    return balanced(ratios, await _levels(endpoint, some), await _levels(endpoint, near), labels)


async def _levels(endpoint: Endpoint, people: Table) -> list[float]:
    return await endpoint.ask(list(people.rows), "bank") or []


def _told_attributes(report: Report, guesses: Guesses, seed: int) -> list[Goal]:
    rows: list[dict[str, Value]] = []
    worst: dict[str, tuple[float, str, list[Guess]]] = {}
    for (kind, mode, name, attack), found in guesses.items():
        soon = _mean([one.stopped and one.queries <= _SOON for one in found])
        gains = _gains(found)
        gain = _mean(gains)
        low, high = bootstrap(gains, _mean, seed=seed)
        rows.append(
            {
                "model": kind,
                "attribute": name,
                "attack": attack,
                "mode": mode,
                "victims": len(found),
                "prior": round(_mean([one.prior for one in found]), 3),
                "accuracy": round(_mean([one.hit for one in found]), 3),
                "advantage": round(gain, 3),
                "95 %": f"{low:.3f} to {high:.3f}",
                "queries": round(_mean([one.queries for one in found]), 2),
                "stopped": round(soon, 3),
            }
        )
        groups = [mode, f"{mode}: not stopped"] if soon < _FOUND else [mode]
        for group in groups:
            if group not in worst or gain > worst[group][0]:
                worst[group] = gain, f"{name}, {kind}, {attack}", found
    report.table("attribute inference", rows)
    report.table(
        "the worst attribute",
        [{"mode": mode, "of": of, "advantage": round(gain, 3)}
         for mode, (gain, of, _) in worst.items()],
    )  # fmt: skip
    goals = []
    for group in ("monitor", "monitor, waits: not stopped", "monitor, careful"):
        if group in worst:
            gain, of, found = worst[group]
            what = f"advantage, {group}, worst ({of})"
            goals.append(
                at_most(what, gain, _ADVANTAGE, bootstrap(_gains(found), _mean, seed=seed))
            )
    return goals


def _gains(found: Sequence[Guess]) -> list[int]:
    return [one.hit - one.prior for one in found]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _told_members(report: Report, rights: Rights) -> None:
    report.table(
        "membership inference by a shadow model (a guess: 0.5)",
        [
            {
                "model": kind,
                "mode": mode,
                "people": len(told),
                "balanced accuracy": round(_mean(told), 3),
                "95 %": "{:.3f} to {:.3f}".format(*bootstrap(told, _mean, seed=1)),
            }
            for (kind, mode), told in rights.items()
        ],
    )


def _nudging(report: Report, table: Table, given: Namespace) -> list[Goal]:
    rows: list[dict[str, Value]] = []
    goals = []
    for name, style in STYLES.items():
        queries = nudged(table, style, given.runs, given.seed)
        hits = sum(one <= _SOON for one in queries)
        share, interval = hits / len(queries), exact(hits, len(queries))
        rows.append(
            {
                "nudging": name,
                "runs": len(queries),
                f"found in {_SOON}": round(share, 4),
                "95 %": "{:.4f} to {:.4f}".format(*interval),
                "queries, median": median(queries),
                "queries, most": max(queries),
            }
        )
        if not any(part in name for part in _TOLD):
            goals.append(at_least(f"nudging found, {name}", share, _FOUND, interval))
    report.table("nudging of an attribute of three values or more", rows)
    return goals


def _honest(report: Report, table: Table, given: Namespace) -> list[Goal]:
    rows: list[dict[str, Value]] = []
    goals = []
    for name, kind in HONEST.items():
        once, asked, refused = disturbed(table, kind, given.people, given.seed)
        share, interval = once / given.people, exact(once, given.people)
        rows.append(
            {
                "honest": name,
                "people": given.people,
                "disturbed": round(share, 4),
                "95 %": "{:.4f} to {:.4f}".format(*interval),
                "rows": asked,
                "refused": refused,
            }
        )
        if not any(part in name for part in _TOLD):
            goals.append(at_most(f"honest people disturbed, {name}", share, _DISTURBED, interval))
    report.table("people who ask honestly", rows)
    model = trained("boosting", table.part(slice(0, _TRAINED)), given.seed)
    same, wrong = stale(model, table, given.people, given.seed)
    report.table(
        "one field corrected: how often the answer of before is given again",
        [{"corrected": given.people, "same bins": same, "and a band that would differ": wrong}],
    )
    return goals


if __name__ == "__main__":
    main(sys.argv[1:])
