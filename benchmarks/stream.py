"""What a guarded stream costs, and how far behind the model it stays."""

from __future__ import annotations

import re
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks import data
from benchmarks.measure import interleave, percentile
from benchmarks.ours import KEY
from benchmarks.report import Report, Value, bars, parser
from detectors.pii import Pii
from detectors.secrets import Secrets
from detectors.verbatim import Verbatim
from guardrail import Action, Context, Detector, Guard, Rule
from guardrail.corpus import CorpusIndex, Key
from guardrail.text import Text
from guardrail.types import Finding, Scanner

_CHUNK, _CHUNKS = 4, 953
_WORD = re.compile(r"\w+")

Feed = Callable[[str], object]


def main(arguments: Sequence[str]) -> None:
    """Total time, time a chunk, hold-back, and what streaming adds to `pii`."""
    options = parser("stream", __doc__)
    options.add_argument("--megabytes", type=float, help="use only so much of the corpus")
    options.add_argument("--answers", type=int, default=40)
    options.add_argument("--rounds", type=int, default=5)
    given = options.parse_args(arguments)
    report = Report("stream", given.seed, arguments)
    try:
        corpus = data.corpus(given.megabytes, seed=given.seed)
        answers = [text for _, text in data.answers()]
    except data.AbsentError as error:
        print(f"skipped: {error}")
        return
    size = _CHUNK * _CHUNKS
    texts = [text[:size] for text in answers if len(text) >= size and text.isascii()]
    texts = texts[: given.answers]
    with TemporaryDirectory(prefix="leakrail-") as folder:
        home = Path(folder)
        Key.generate().save(home / KEY)
        CorpusIndex.build(corpus, home / "index", key=Key.from_file(home / KEY)).close()
        verbatim = Verbatim(index=home / "index", key_file=home / KEY)
        word = Verbatim(index=home / "index", key_file=home / KEY, hold="word")
        secrets = Secrets()
        _total(report, given, texts, _guard(verbatim, secrets))
        _chunks(report, given, texts, {"verbatim": verbatim, "secrets": secrets})
        policies = {
            "verbatim + secrets": _guard(verbatim, secrets),
            "verbatim": _guard(verbatim),
            "secrets": _guard(secrets),
            "verbatim, hold = word": _guard(word),
        }
        report.table(
            "held back on ordinary answers, after each chunk",
            [_held(name, guard, texts) for name, guard in policies.items()],
        )
        _pii(report, given, texts)
    report.save(given.results)


def _guard(*detectors: Detector) -> Guard:
    return Guard(
        Rule(detector, id=type(detector).__name__.lower(), action=Action.REDACT)
        for detector in detectors
    )


def _pieces(text: str) -> list[str]:
    return [text[i : i + _CHUNK] for i in range(0, len(text), _CHUNK)]


def _total(report: Report, given: Namespace, texts: Sequence[str], guard: Guard) -> None:
    taken = interleave(
        {
            "guard.stream": [_streamed(guard, text) for text in texts],
            "guard.check of the whole": [partial(guard.check, text) for text in texts],
            "joining the chunks": [partial("".join, _pieces(text)) for text in texts],
        },
        given.rounds,
    )
    report.table(
        f"{_CHUNKS} chunks of {_CHUNK} characters, verbatim + secrets (CPU)",
        [
            {
                "what": name,
                "p50 ms": 1000 * sample.at(0.5),
                "p99 ms": 1000 * sample.at(0.99),
                "us a chunk": 1e6 * sample.at(0.5) / _CHUNKS,
                "bar (ms)": 15 if name == "guard.stream" else None,
            }
            for name, sample in taken.items()
        ],
    )


def _streamed(guard: Guard, text: str) -> Callable[[], object]:
    pieces = _pieces(text)
    return lambda: sum(len(safe) for safe in guard.stream(iter(pieces), Context()))


def _found(detector: Detector, text: str) -> list[Finding]:
    return list(detector.find(Text(text)))


def _chunks(
    report: Report, given: Namespace, texts: Sequence[str], detectors: dict[str, Detector]
) -> None:
    feeds: dict[str, Callable[[], Feed]] = {"the guard alone": partial(_started, Guard(()))}
    for name, detector in detectors.items():
        feeds[f"{name}, its scanner"] = partial(_scanner, detector)
        feeds[f"{name}, guarded"] = partial(_started, _guard(detector))
    rows: list[dict[str, Value]] = []
    for name, start in feeds.items():
        taken = _microseconds(start, texts, given.rounds)
        rows.append(
            {
                "what": name,
                "p50 us": percentile(taken, 0.5),
                "p99 us": percentile(taken, 0.99),
                "mean us": sum(taken) / len(taken),
                "bars": None if name == "the guard alone" else "8 / 30",
            }
        )
    report.table(f"one chunk of {_CHUNK} characters (clock, median of rounds)", rows)
    typical = {str(row["what"]): float(row["p50 us"] or 0) for row in rows}
    report.chart("chunk", bars("One chunk of 4 characters, median", typical, unit="us"))


def _started(guard: Guard) -> Feed:
    return guard.start(Context()).feed


def _scanner(detector: Detector) -> Feed:
    make: Callable[[Context], Scanner] | None = getattr(detector, "scanner", None)
    if make is None:
        return _started(_guard(detector))
    scanner = make(Context())
    return lambda chunk: list(scanner.feed(chunk))


def _microseconds(start: Callable[[], Feed], texts: Sequence[str], rounds: int) -> list[float]:
    clock = time.perf_counter_ns
    taken: list[float] = []
    for text in texts:
        pieces = _pieces(text)
        passes: list[list[int]] = []
        for _ in range(rounds):
            feed = start()
            row = []
            for piece in pieces:
                begin = clock()
                feed(piece)
                row.append(clock() - begin)
            passes.append(row)
        # The same chunk in several rounds: being interrupted is not the scanner's cost.
        taken += [median(times) / 1000 for times in zip(*passes, strict=True)]
    return taken


def _held(name: str, guard: Guard, texts: Iterable[str]) -> dict[str, Value]:
    characters: list[int] = []
    words: list[int] = []
    clean = 0
    for text in texts:
        if guard.check(text, Context()).text != text:
            continue
        clean += 1
        stream = guard.start(Context())
        fed = shown = 0
        for piece in _pieces(text):
            fed += len(piece)
            shown += len(stream.feed(piece))
            characters.append(fed - shown)
            words.append(len(_WORD.findall(text[shown:fed])))
        stream.close()
    return {
        "detectors": name,
        "answers": clean,
        "characters p50": percentile(characters, 0.5),
        "characters p99": percentile(characters, 0.99),
        "characters most": max(characters),
        "words p50": percentile(words, 0.5),
        "words p99": percentile(words, 0.99),
    }


def _pii(report: Report, given: Namespace, texts: Sequence[str]) -> None:
    title = "pii: streamed beside the whole answer (CPU)"
    try:
        detector = Pii()
        list(detector.find(Text(texts[0])))
    except ImportError:
        report.table(title, [{"what": "pii: not installed"}])
        return
    taken = interleave(
        {
            "whole": [partial(_found, detector, text) for text in texts],
            "streamed": [_streamed(_guard(detector), text) for text in texts],
            "nothing": [_streamed(Guard(()), text) for text in texts],
        },
        given.rounds,
    )
    samples = taken.values()
    costs = {
        "p50": [1000 * sample.at(0.5) for sample in samples],
        "mean": [1000 * sample.mean for sample in samples],
    }
    rows: list[dict[str, Value]] = [
        {
            "answers": name,
            "whole ms": whole,
            "streamed ms": streamed,
            "streamed without rules ms": nothing,
            "adds, times the whole": (streamed - nothing) / whole,
            "bar": 2,
        }
        for name, (whole, streamed, nothing) in costs.items()
    ]
    report.table(title, rows)


if __name__ == "__main__":
    main(sys.argv[1:])
