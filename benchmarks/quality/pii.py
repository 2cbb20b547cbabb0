"""Personal data in made-up sentences, beside presidio's defaults on the same NLP engine.

A span is found where one of its kind overlaps it by half of both together or more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from benchmarks import data
from benchmarks.measure import interleave
from benchmarks.quality.bench import Bench
from benchmarks.quality.chance import bootstrap
from benchmarks.quality.goals import Goal, at_least, at_most
from benchmarks.quality.outsider import Outsider
from benchmarks.quality.presidio import Entity, Finder, finders, outsiders, seen_by, versions
from benchmarks.report import Report, Value, bars

__all__ = ["measure"]

_SETS = ("synth_dataset_v2", "generated_large")
_GOLD = {
    "ADDRESS": "location",
    "CREDIT_CARD": "credit_card",
    "DATE_TIME": "date_time",
    "DOMAIN_NAME": "url",
    "EMAIL_ADDRESS": "email",
    "GPE": "location",
    "IBAN_CODE": "iban",
    "IP_ADDRESS": "ip_address",
    "LOCATION": "location",
    "NRP": "nrp",
    "PERSON": "person",
    "PHONE_NUMBER": "phone",
    "STREET_ADDRESS": "location",
    "US_DRIVER_LICENSE": "us_driver_license",
    "US_SSN": "us_ssn",
}
_PATTERNS = frozenset({"credit_card", "email", "iban", "ip_address", "phone", "us_ssn"})
_NAMES = _PATTERNS | {"person", "location"}
_ALL = frozenset(_GOLD.values())
_NUMBERS = ("phone", "credit_card", "iban", "us_ssn", "ip_address", "crypto", "mac_address")
_OPENAI = "openai_guardrails"
_COST_ROWS = 300


@dataclass(frozen=True, slots=True)
class Row:
    """A sentence, what stands in it, and the template that it was made from."""

    text: str
    template: int
    gold: tuple[Entity, ...]


@dataclass(frozen=True, slots=True)
class Count:
    """Spans of one row: true, found, and rightly found."""

    gold: int
    found: int
    right: int


def measure(report: Report, bench: Bench) -> list[Goal]:
    """F2 by set and kind, cost, and what numbers in tweets are taken for."""
    sets = {name: _rows(name) for name in _SETS}
    known, others = finders(), outsiders()
    report.table("versions", [{"package": name, "version": v} for name, v in versions().items()])
    goals: list[Goal] = []
    for name, rows in sets.items():
        found = {method: [find(row.text) for row in rows] for method, find in known.items()}
        found |= {
            method: [seen_by(other, row.text) for row in rows] for method, other in others.items()
        }
        goals += _scored(report, bench, name, rows, found)
    goals += _cost(report, sets[_SETS[0]], known, others)
    _tweets(report, known)
    return goals


def _rows(name: str) -> list[Row]:
    made: list[Row] = []
    for row in data.rows(f"pii_presidio_research/{name}.jsonl.gz"):
        spans = row["spans"]
        assert isinstance(spans, list)
        gold = tuple(
            Entity(span["start_position"], span["end_position"], _GOLD[span["entity_type"]])
            for span in spans
            if span["entity_type"] in _GOLD
        )
        made.append(Row(str(row["full_text"]), int(str(row["template_id"])), gold))
    return made


def _scored(
    report: Report,
    bench: Bench,
    name: str,
    rows: Sequence[Row],
    found: dict[str, list[list[Entity]]],
) -> list[Goal]:
    names = ("pii + names", "presidio + names")
    pools = {
        "patterns": (_PATTERNS, ("pii", "presidio"), ("langchain", "litellm", _OPENAI)),
        "patterns and names": (_NAMES, names, (_OPENAI,)),
        "all that presidio knows": (_ALL, names, (_OPENAI,)),
    }
    table: list[dict[str, Value]] = []
    goals: list[Goal] = []
    for pool, (kinds, methods, others) in pools.items():
        if methods[0] not in found:
            continue
        counted = {
            method: _counts(rows, found[method], kinds)
            for method in (*methods, *others)
            if method in found
        }
        for method, counts in counted.items():
            table.append({"kinds": pool, "method": method, **_figures(bench, rows, counts)})
        goals.append(_better(bench, f"{name}, {pool}", rows, counted, methods))
    report.table(f"{name}: spans", table)
    report.table(f"{name}: by kind", _kinds(rows, found))
    shown = {f"{row['method']}: {row['kinds']}": float(row["F2"] or 0) for row in table}
    report.chart(name, bars(f"F2 on {name}", shown, unit=""))
    return goals


def _counts(
    rows: Sequence[Row], found: Sequence[Sequence[Entity]], kinds: frozenset[str]
) -> list[Count]:
    counts: list[Count] = []
    for row, entities in zip(rows, found, strict=True):
        gold = [one for one in row.gold if one.kind in kinds]
        seen = [one for one in entities if one.kind in kinds]
        counts.append(Count(len(gold), len(seen), _right(gold, seen)))
    return counts


def _right(gold: Sequence[Entity], found: Sequence[Entity]) -> int:
    left = list(found)
    right = 0
    for one in gold:
        hit = next((other for other in left if _same(one, other)), None)
        if hit is not None:
            left.remove(hit)
            right += 1
    return right


def _same(one: Entity, other: Entity) -> bool:
    inside = min(one.end, other.end) - max(one.start, other.start)
    around = max(one.end, other.end) - min(one.start, other.start)
    return one.kind == other.kind and inside >= around / 2


def _f2(counts: Sequence[Count]) -> float:
    gold, found = sum(c.gold for c in counts), sum(c.found for c in counts)
    return 5 * sum(c.right for c in counts) / max(1, 4 * gold + found)


def _grouped(rows: Sequence[Row], counts: Sequence[Count]) -> list[list[Count]]:
    groups: dict[int, list[Count]] = {}
    for row, count in zip(rows, counts, strict=True):
        groups.setdefault(row.template, []).append(count)
    return list(groups.values())


def _of_groups(groups: Sequence[Sequence[Count]]) -> float:
    return _f2([count for group in groups for count in group])


def _figures(bench: Bench, rows: Sequence[Row], counts: Sequence[Count]) -> dict[str, Value]:
    gold, found, right = (
        sum(getattr(count, part) for count in counts) for part in ("gold", "found", "right")
    )
    low, high = bootstrap(_grouped(rows, counts), _of_groups, seed=bench.seed)
    return {
        "spans": gold,
        "found": found,
        "right": right,
        "precision": round(right / max(1, found), 4),
        "recall": round(right / max(1, gold), 4),
        "F2": round(_f2(counts), 4),
        "low": round(low, 4),
        "high": round(high, 4),
    }


def _better(
    bench: Bench,
    what: str,
    rows: Sequence[Row],
    counted: dict[str, list[Count]],
    methods: tuple[str, str],
) -> Goal:
    ours, theirs = (_grouped(rows, counted[method]) for method in methods)
    pairs = list(zip(ours, theirs, strict=True))

    def gain(drawn: Sequence[tuple[list[Count], list[Count]]]) -> float:
        return _of_groups([one for one, _ in drawn]) - _of_groups([other for _, other in drawn])

    return at_least(
        f"{what}: F2 above presidio's", gain(pairs), 0.0, bootstrap(pairs, gain, seed=bench.seed)
    )


def _kinds(rows: Sequence[Row], found: dict[str, list[list[Entity]]]) -> list[dict[str, Value]]:
    table: list[dict[str, Value]] = []
    for kind in sorted(_ALL):
        for method, entities in found.items():
            counts = _counts(rows, entities, frozenset({kind}))
            gold, seen, right = (
                sum(getattr(count, part) for count in counts) for part in ("gold", "found", "right")
            )
            if gold and seen:
                table.append(
                    {
                        "kind": kind,
                        "method": method,
                        "spans": gold,
                        "found": seen,
                        "right": right,
                        "F2": round(_f2(counts), 3),
                    }
                )
    return table


def _cost(
    report: Report, rows: Sequence[Row], known: dict[str, Finder], others: dict[str, Outsider]
) -> list[Goal]:
    asked = rows[:_COST_ROWS]
    words = sum(len(row.text.split()) for row in asked)
    jobs: dict[str, list[Callable[[], object]]] = {
        name: [partial(find, row.text) for row in asked] for name, find in known.items()
    }
    taken = interleave(jobs, 3)
    each = {name: 1e6 * sample.mean * len(asked) / words for name, sample in taken.items()}
    for name, other in others.items():
        before = other.seconds
        for row in asked:
            other.spans(row.text)
        each[name] = 1e6 * (other.seconds - before) / words
    report.table(
        "cost (CPU)",
        [{"method": name, "ms for 1,000 words": value} for name, value in each.items()],
    )
    report.chart("cost", bars("1,000 words, CPU", each, unit="ms"))
    pairs = [(name, name.replace("pii", "presidio")) for name in each if name.startswith("pii")]
    return [
        at_most(f"cost of {ours}, times {theirs}", each[ours] / each[theirs], 1.0)
        for ours, theirs in pairs
    ]


def _tweets(report: Report, known: dict[str, Finder]) -> None:
    try:
        rows = data.rows("pii_btc_names/btc.jsonl.gz")
    except data.AbsentError as error:
        print(f"skipped: {error}")
        return
    texts = [" ".join(map(str, _tokens(row))) for row in rows]
    table: list[dict[str, Value]] = []
    for name in ("pii", "presidio"):
        counts = dict.fromkeys(_NUMBERS, 0)
        flagged = 0
        for text in texts:
            kinds = [one.kind for one in known[name](text) if one.kind in counts]
            flagged += bool(kinds)
            for kind in kinds:
                counts[kind] += 1
        row: dict[str, Value] = {"method": name, "tweets": len(texts), "flagged": flagged}
        row["%"] = 100 * flagged / len(texts)
        table.append({**row, **counts})
    report.table("numbers in tweets (no label says which are true)", table)


def _tokens(row: dict[str, object]) -> list[object]:
    tokens = row["tokens"]
    assert isinstance(tokens, list)
    return tokens
