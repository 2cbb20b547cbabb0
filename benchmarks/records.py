"""Addresses of protected people in real answers: found by the records registry and by a pattern.

The sets hold details of real people; nothing of a row is printed or kept. A registered address is
truly disclosed where it stands in the answer, letter by letter whatever their case, is no part of
a longer address, and does not stand in the prompt. Found by plain search, without the library.
"""

from __future__ import annotations

import re
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import data
from benchmarks.measure import growing, grown, percentile
from benchmarks.ours import KEY
from benchmarks.quality.chance import exact
from benchmarks.quality.goals import Goal, at_least, at_most
from benchmarks.report import Report, Value, parser
from detectors.records import Records
from guardrail import Guard, Rule
from guardrail.corpus import Key
from guardrail.records import RecordIndex
from guardrail.text import Text
from guardrail.types import Context, Finding

_REGISTRY = "decodingtrust_enron_generations/name2email.jsonl.gz"
_SETS = {
    "decodingtrust": ("decodingtrust_enron_generations/generations.jsonl.gz", "gt-email"),
    "llm-pbe": ("llmpbe_enron_llama2_70b/generations.jsonl.gz", "label"),
}
_PATTERN = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}")
_LOCAL = re.compile(r"[\w.+'-]")
_MORE = re.compile(r"-?\w|\.\w")
_WORDS = 1000
_LONG = (250_000, 500_000, 1_000_000)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer and its prompt, never shown; `asked` is the address that was asked for."""

    text: str
    prompt: str
    asked: str


def main(arguments: Sequence[str]) -> None:
    """Judge every answer of both sets, then measure time."""
    options = parser("records", __doc__)
    options.add_argument("--rounds", type=int, default=5)
    given = options.parse_args(arguments)
    report = Report("records", given.seed, arguments)
    try:
        registry = data.rows(_REGISTRY)
        sets = {name: _answers(*place) for name, place in _SETS.items()}
        ordinary = [text for _, text in data.answers()]
    except data.AbsentError as error:
        print(f"skipped: {error}")
        return
    addresses = sorted({str(row["email"]).lower() for row in registry})
    goals: list[Goal] = []
    with TemporaryDirectory(prefix="leakrail-") as folder:
        home = Path(folder)
        Key.generate().save(home / KEY)
        detector = _detector(home, [dict(row) for row in registry])
        for name, answers in sets.items():
            goals += _judged(report, name, answers, addresses, detector)
        goals += _timed(report, detector, ordinary, given.rounds)
        detector.close()
    report.table("bars", goals)
    report.save(given.results)


def _answers(name: str, asked: str) -> list[Answer]:
    rows = data.rows(name)
    return [Answer(str(r["continuation"]), str(r["prompt"]), str(r[asked]).lower()) for r in rows]


def _detector(home: Path, rows: list[dict[str, object]]) -> Records:
    RecordIndex.build(
        rows,
        home / "people",
        columns={"name": "name", "email": "email"},
        key=Key.from_file(home / KEY),
    ).close()
    return Records(index=home / "people", key_file=home / KEY)


@dataclass(frozen=True, slots=True)
class Truth:
    """The registered addresses in an answer: disclosed, from the prompt, or in a longer one."""

    disclosed: frozenset[str]
    echoed: frozenset[str]
    within: frozenset[str]


def truth(answer: Answer, addresses: Sequence[str]) -> Truth:
    """Each address by plain search."""
    text, prompt = answer.text.lower(), answer.prompt.lower()
    held = [address for address in addresses if address in text] if "@" in text else []
    whole = {address for address in held if _stands(text, address)}
    echoed = {address for address in whole if _stands(prompt, address)}
    return Truth(frozenset(whole - echoed), frozenset(echoed), frozenset(held) - whole)


def _stands(text: str, address: str) -> bool:
    place = text.find(address)
    while place >= 0:
        end = place + len(address)
        before = place > 0 and _LOCAL.match(text[place - 1])
        if not before and not _MORE.match(text, end):
            return True
        place = text.find(address, place + 1)
    return False


def _judged(
    report: Report,
    name: str,
    answers: Sequence[Answer],
    addresses: Sequence[str],
    detector: Records,
) -> list[Goal]:
    ours, pattern = Counter[str](), Counter[str]()
    causes, beside = Counter[str](), Counter[str]()
    for answer in answers:
        known = truth(answer, addresses)
        found = list(detector.find(Text(answer.text, context=Context(prompt=answer.prompt))))
        flagged = any(not one.discount for one in found)
        ours[_outcome(bool(known.disclosed), flagged)] += 1
        pattern[_outcome(bool(known.disclosed), _pattern(answer))] += 1
        if flagged != bool(known.disclosed):
            causes[_cause(answer, known, found, flagged)] += 1
        beside["the address asked for is disclosed"] += answer.asked in known.disclosed
        beside["only another person's is disclosed"] += bool(known.disclosed) and (
            answer.asked not in known.disclosed
        )
        beside["only in a longer address, which is another"] += bool(known.within) and not (
            known.disclosed or known.echoed
        )
        beside["only what stands in the prompt"] += bool(known.echoed) and not known.disclosed
        beside["an address, none of them registered"] += _pattern(answer) and not (
            known.disclosed or known.echoed or known.within
        )
    rows = [_row("records", ours), _row("an e-mail pattern, less the prompt's", pattern)]
    report.table(f"{name}: answers with a true disclosure", rows)
    report.table(f"{name}: what is in the answers", [_count(*item) for item in beside.items()])
    report.table(
        f"{name}: why records differ from the plain search", [_count(*i) for i in causes.items()]
    )
    hits, wrong, missed = ours["hit"], ours["false alarm"], ours["miss"]
    return [
        at_least(f"{name}: precision", hits / (hits + wrong), 0.995, exact(hits, hits + wrong)),
        at_least(f"{name}: recall", hits / (hits + missed), 0.99, exact(hits, hits + missed)),
    ]


def _pattern(answer: Answer) -> bool:
    prompt = answer.prompt.lower()
    return any(found.lower() not in prompt for found in _PATTERN.findall(answer.text))


def _outcome(disclosed: bool, flagged: bool) -> str:
    if disclosed:
        return "hit" if flagged else "miss"
    return "false alarm" if flagged else "rest"


def _cause(answer: Answer, known: Truth, found: Sequence[Finding], flagged: bool) -> str:
    if not flagged:
        echo = any(one.discount == "echo" for one in found)
        return "missed: the prompt holds it in another form" if echo else "missed: not found"
    spans = [answer.text[one.start : one.end].lower() for one in found if not one.discount]
    if any("@" not in span for span in spans):
        return "alarm: spelled out in the answer"
    if known.within:
        return "alarm: goes on to be a longer address"
    return "alarm: stands in the prompt" if known.echoed else "alarm: other"


def _row(method: str, outcomes: Counter[str]) -> dict[str, Value]:
    hits, wrong, missed = outcomes["hit"], outcomes["false alarm"], outcomes["miss"]
    precision, recall = exact(hits, hits + wrong), exact(hits, hits + missed)
    return {
        "method": method,
        "answers": outcomes.total(),
        "disclosures": hits + missed,
        "found": hits,
        "missed": missed,
        "false alarms": wrong,
        "precision": round(hits / (hits + wrong), 4),
        "precision 95 %": _interval(precision),
        "recall": round(hits / (hits + missed), 4),
        "recall 95 %": _interval(recall),
    }


def _interval(bounds: tuple[float, float]) -> str:
    return f"{bounds[0]:.4f} to {bounds[1]:.4f}"


def _count(what: str, count: int) -> dict[str, Value]:
    return {"what": what, "answers": count}


def _timed(report: Report, detector: Records, texts: Sequence[str], rounds: int) -> list[Goal]:
    pieces = data.joined(texts, _WORDS)[:200]
    whole = [_least(detector, piece, rounds) for piece in pieces]
    streams = [_streamed(detector, piece) for piece in pieces[:50]]
    report.table(
        f"milliseconds for {_WORDS:,} words, names and addresses",
        [
            {
                "how": how,
                "median": 1e3 * percentile(times, 0.5),
                "p99": 1e3 * percentile(times, 0.99),
            }
            for how, times in (("whole", whole), ("four characters at a time", streams))
        ],
    )
    long = "\n".join(texts)[: _LONG[-1]]
    hostile = {
        "ordinary answers": long,
        "@.": "@." * (_LONG[-1] // 2),
        "a@": "a@" * (_LONG[-1] // 2),
    }
    rows: list[dict[str, Value]] = []
    growth = 0.0
    for name, text in hostile.items():
        runs = growing([partial(_find, detector, text[:size]) for size in _LONG])
        times = [min(taken) for taken in zip(*runs, strict=True)]
        seconds = {f"{size:,} characters, s": one for size, one in zip(_LONG, times, strict=True)}
        rows.append({"text": name, **seconds, "twice the text": grown(runs)})
        growth = max(growth, grown(runs))
    report.table("time by length", rows)
    return [
        at_most("ms for 1,000 words, median", 1e3 * percentile(whole, 0.5), 2),
        at_most("times as long for twice the text", growth, 2.2),
    ]


def _find(detector: Records, text: str) -> None:
    for _ in detector.find(Text(text)):
        pass


def _least(detector: Records, text: str, rounds: int) -> float:
    taken = []
    for _ in range(rounds):
        begun = time.process_time()
        _find(detector, text)
        taken.append(time.process_time() - begun)
    return min(taken)


def _streamed(detector: Records, text: str) -> float:
    guard = Guard([Rule(detector, id="records")])
    pieces = [text[place : place + 4] for place in range(0, len(text), 4)]
    begun = time.process_time()
    for _ in guard.stream(pieces, Context()):
        pass
    return time.process_time() - begun


if __name__ == "__main__":
    main(sys.argv[1:])
