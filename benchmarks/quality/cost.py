"""What each detector costs on ordinary answers, whole and streamed, and on long or hostile text."""

from __future__ import annotations

import base64
import gc
import random
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from benchmarks.measure import PATIENCE, growing, grown, interleave
from benchmarks.quality.bench import Bench
from benchmarks.quality.goals import Goal, at_most
from benchmarks.quality.lineup import LETTERS, SHUFFLED, counted
from benchmarks.report import Report, Value, bars
from detectors.pii import Pii
from detectors.secrets import Secrets
from guardrail import Action, Context, Detector, Guard, Rule
from guardrail.errors import PolicyError
from guardrail.text import Text
from guardrail.types import Finding

__all__ = ["measure"]

# Some 1,000 tokens of a usual tokenizer.
_CHARACTERS = 3812
_CHUNK = 4
_ANSWERS = 40
_ROUNDS = 5
# Those that the bars are for.
_USUAL = "verbatim + near + secrets + pii"
_WHOLE_BAR, _STREAM_BAR, _PII_TIMES = 5.0, 25.0, 2.0
_SIZES = (125_000, 250_000, 500_000, 1_000_000)
_GROWTH_BAR = 2.2
# Below it, in seconds, what is fixed weighs more than the text.
_FLOOR = 0.01


def measure(report: Report, bench: Bench) -> list[Goal]:
    """Milliseconds for 1,000 tokens, and how time grows up to 1 MB."""
    answers = [text for _, text in bench.answers if len(text) >= _CHARACTERS and text.isascii()]
    texts = [text[:_CHARACTERS] for text in answers[:_ANSWERS]]
    detectors = _detectors(bench)
    # What the peers keep in memory is not to be searched for garbage while ours are timed.
    gc.freeze()
    goals = _whole(report, bench, texts, detectors)
    goals += _streamed(report, texts, detectors)
    goals += _growth(report, bench, [text for _, text in bench.answers], detectors)
    return goals


def _detectors(bench: Bench) -> dict[str, Detector]:
    made: dict[str, Detector] = {**bench.lineup.detectors, "secrets": Secrets()}
    try:
        made["pii"] = Pii()
    except PolicyError as error:
        print(f"skipped: {error}")
    return made


def _whole(
    report: Report, bench: Bench, texts: Sequence[str], detectors: Mapping[str, Detector]
) -> list[Goal]:
    jobs: dict[str, list[Callable[[], object]]] = {
        name: [partial(_find, detector, text) for text in texts]
        for name, detector in detectors.items()
    }
    groups = {f"Guard.check: {name}": group for name, group in _groups(detectors).items()}
    for name, group in groups.items():
        jobs[name] = [partial(_guard(group).check, text) for text in texts]
    for name, query in bench.lineup.peers.items():
        jobs[name] = [partial(query, text) for text in texts]
    taken = interleave(jobs, _ROUNDS)
    report.table(
        f"{_CHARACTERS} characters, some 1,000 tokens (CPU)",
        [
            {
                "what": name,
                "p50 ms": round(1000 * sample.at(0.5), 3),
                "p95 ms": round(1000 * sample.at(0.95), 3),
            }
            for name, sample in taken.items()
        ],
    )
    typical = {name: 1000 * sample.at(0.5) for name, sample in taken.items()}
    report.chart("whole", bars("1,000 tokens, CPU, median", typical, unit="ms"))
    name = f"Guard.check: {_USUAL}"
    return [at_most(f"ms whole, {name}", typical[name], _WHOLE_BAR)] if name in typical else []


def _streamed(
    report: Report, texts: Sequence[str], detectors: Mapping[str, Detector]
) -> list[Goal]:
    guards = {name: _guard({name: detector}) for name, detector in detectors.items()}
    groups = _groups(detectors)
    guards |= {name: _guard(group) for name, group in groups.items()}
    guards["nothing"] = Guard(())
    jobs: dict[str, list[Callable[[], object]]] = {
        name: [partial(_stream, guard, text) for text in texts] for name, guard in guards.items()
    }
    if "pii" in detectors:
        jobs["pii, whole"] = [partial(_find, detectors["pii"], text) for text in texts]
    taken = interleave(jobs, 3)
    whole = taken.pop("pii, whole", None)
    report.table(
        f"the same in chunks of {_CHUNK} characters (CPU)",
        [
            {
                "what": name,
                "p50 ms": round(1000 * sample.at(0.5), 3),
                "p95 ms": round(1000 * sample.at(0.95), 3),
            }
            for name, sample in taken.items()
        ],
    )
    bar = _STREAM_BAR + _PII_TIMES * (1000 * whole.at(0.5) if whole else 0.0)
    if _USUAL not in taken:
        return []
    return [at_most(f"ms streamed, {_USUAL}", 1000 * taken[_USUAL].at(0.5), round(bar, 1))]


def _groups(detectors: Mapping[str, Detector]) -> dict[str, dict[str, Detector]]:
    """All detectors together, and all but those on letters and on windows, which are extras."""
    extra = {*LETTERS, *SHUFFLED}
    usual = {name: detector for name, detector in detectors.items() if name not in extra}
    return {" + ".join(group): group for group in (usual, dict(detectors))}


def _find(detector: Detector, text: str) -> list[Finding]:
    return counted(detector, Text(text))


def _guard(detectors: Mapping[str, Detector]) -> Guard:
    return Guard(
        Rule(detector, id=name, action=Action.REDACT) for name, detector in detectors.items()
    )


def _stream(guard: Guard, text: str) -> int:
    pieces = (text[place : place + _CHUNK] for place in range(0, len(text), _CHUNK))
    return sum(map(len, guard.stream(pieces, Context())))


def _growth(
    report: Report, bench: Bench, answers: Sequence[str], detectors: Mapping[str, Detector]
) -> list[Goal]:
    texts = _long(bench, answers)
    rows: list[dict[str, Value]] = []
    worst: dict[str, float] = {}
    for kind, text in texts.items():
        for name, detector in detectors.items():
            rounds = growing([partial(_find, detector, text[:size]) for size in _SIZES])
            times = [min(taken) for taken in zip(*rounds, strict=False)]
            row: dict[str, Value] = {"text": kind, "detector": name}
            for size, taken in zip(_SIZES, times, strict=False):
                row[f"{size // 1000} KB, s"] = round(taken, 3)
            growth = grown(rounds)
            row["growth for twice the text"] = round(growth, 2) if times[0] > _FLOOR else None
            row["stopped"] = f"over {PATIENCE:g} s" if len(times) < len(_SIZES) else ""
            rows.append(row)
            if times[0] > _FLOOR:
                worst[name] = max(worst.get(name, 0.0), growth)
    report.table("long text (CPU, the best round, the median growth)", rows)
    return [
        at_most(f"growth for twice the text, {name}", growth, _GROWTH_BAR)
        for name, growth in worst.items()
    ]


def _long(bench: Bench, answers: Sequence[str]) -> dict[str, str]:
    chance = random.Random(bench.seed)
    size = _SIZES[-1]
    raw = chance.randbytes(size)
    document = max(bench.corpus.values(), key=len)
    prose = "\n".join(answers)[:size]
    return {
        "ordinary answers": _again(prose[: _SIZES[0]], size),
        "a document of the corpus": document[:size],
        "one sentence of the corpus again and again": _again(document[2000:2150] + " ", size),
        "one word": _again("the ", size),
        "one letter": "a" * size,
        "no break": "".join(chance.choices("abcdefghij", k=size)),
        "digits": "".join(chance.choices("0123456789 ", k=size)),
        "base64 of noise": base64.b64encode(raw).decode()[:size],
        "base64 of answers": base64.b64encode(prose[: _SIZES[0]].encode() * 8).decode()[:size],
        "hex of noise": raw.hex()[:size],
        "hex digits, spaced": raw.hex(" ")[:size],
        "escapes": _again("%41&#65;\\x41\\u0041=41", size),
        "open escapes": _again("%&#\\x\\u=", size),
        "at signs": _again("a@", size),
        "dots and letters": _again("a.", size),
        "opening brackets": "<" * size,
        "open tags": _again("<b ", size),
        "zero-width": _again("a\u200b", size),
        "combining marks": "a" + "\u0301" * (size - 1),
        "dashes": _again("-----BEGIN ", size),
        "keys": _again("key = sk-", size),
        "Morse": _again("... --- ... / ", size),
        "Han": "".join(chr(chance.randrange(0x4E00, 0x9FFF)) for _ in range(size)),
    }


def _again(part: str, size: int) -> str:
    return (part * (size // len(part) + 1))[:size]
