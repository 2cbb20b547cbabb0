"""Planted runs of the corpus in real answers: found whole, how far overrun; and false alarms.

Words are compared one by one, as canonical letters and without any hash.
"""

from __future__ import annotations

import random
import re
import sys
from argparse import Namespace
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import data
from benchmarks.measure import percentile
from benchmarks.ours import KEY
from benchmarks.report import Report, Value, parser
from detectors.verbatim import Verbatim
from guardrail.corpus import CorpusIndex, Key, Match
from guardrail.text import Text, fold
from guardrail.types import Finding

_SHORTEST, _LONGEST = 12, 200
_BANDS = ((12, 12), (13, 15), (16, 24), (25, 49), (50, 99), (100, 200))
_LETTERS = re.compile(rb"[\x04-\xff]{1,32}|\x03")
_DISGUISES = ("as it is", "upper case", "lines wrapped anew", "words in bold")


@dataclass(frozen=True, slots=True)
class Words:
    """Canonical words of a text and their spans in code points."""

    letters: tuple[bytes | int, ...]
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of one planted run; `overrun` is of the match that holds it whole."""

    length: int
    disguise: str
    whole: bool
    touched: bool
    own: bool
    short: bool
    overrun: int


def main(arguments: Sequence[str]) -> None:
    """Plant runs, search them, and scan the answers as they are."""
    options = parser("planted", __doc__)
    options.add_argument("--megabytes", type=float, help="use only so much of the corpus")
    options.add_argument("--runs", type=int, default=5000)
    options.add_argument("--show", action="store_true", help="print what was flagged; never kept")
    given = options.parse_args(arguments)
    report = Report("planted", given.seed, arguments)
    try:
        corpus = dict(data.corpus(given.megabytes, seed=given.seed))
        answers = data.answers()
    except data.AbsentError as error:
        print(f"skipped: {error}")
        return
    with TemporaryDirectory(prefix="leakrail-") as folder:
        home = Path(folder)
        Key.generate().save(home / KEY)
        key = Key.from_file(home / KEY)
        with CorpusIndex.build(corpus.items(), home / "index", key=key) as index:
            _planted(report, given, index, corpus, answers)
            _alarms(report, given, index, corpus, answers, home)
    report.save(given.results)


def canonical(text: str) -> Words:
    """The words of a text as the library defines them, without the library's hashes."""
    folded = fold(text)
    found = [match.span() for match in _LETTERS.finditer(folded.codes)]
    letters: list[bytes | int] = [folded.codes[begin:end] for begin, end in found]
    if folded.offsets is None:
        return Words(tuple(letters), tuple(found))
    if folded.points is not None:
        for number, (begin, _) in enumerate(found):
            if letters[number] == b"\x03":
                letters[number] = int(folded.points[begin])
    offsets = folded.offsets.tolist()
    spans = ((offsets[a], max(offsets[b - 1] + 1, offsets[b])) for a, b in found)
    return Words(tuple(letters), tuple(spans))


def exact(
    match: Match, text: Sequence[bytes | int], document: Sequence[bytes | int]
) -> tuple[int, bool]:
    """The longest stretch of truly equal words in a match; whether one goes on outside."""
    shift = match.place - match.word
    longest = run = 0
    for word in range(match.word, match.word + match.words):
        run = run + 1 if _same(text, word, document, word + shift) else 0
        longest = max(longest, run)
    # Two equal words side by side, of which the match has one.
    ends = (match.word, match.word + match.words)
    return longest, any(
        _same(text, end - 1, document, end - 1 + shift) and _same(text, end, document, end + shift)
        for end in ends
    )


def _same(
    text: Sequence[bytes | int], word: int, document: Sequence[bytes | int], place: int
) -> bool:
    inside = 0 <= word < len(text) and 0 <= place < len(document)
    return inside and text[word] == document[place]


def _planted(
    report: Report,
    given: Namespace,
    index: CorpusIndex,
    corpus: dict[str, str],
    answers: Sequence[tuple[str, str]],
) -> None:
    chance = random.Random(given.seed)
    known = cache(lambda name: canonical(corpus[name]))
    names = list(corpus)
    weights = [len(corpus[name]) for name in names]
    trials: list[Trial] = []
    while len(trials) < given.runs:
        length = _SHORTEST + len(trials) % (_LONGEST - _SHORTEST + 1)
        name = chance.choices(names, weights)[0]
        words = known(name)
        if len(words.spans) < length:
            continue
        first = chance.randrange(len(words.spans) - length + 1)
        run = corpus[name][words.spans[first][0] : words.spans[first + length - 1][1]]
        disguise = _DISGUISES[len(trials) % len(_DISGUISES)]
        host = canonical(answer := chance.choice(answers)[1])
        place = chance.choice(host.spans)[0] if host.spans else 0
        text = f"{answer[:place]} {_disguised(run, disguise)} {answer[place:]}"
        end = len(text) - len(answer[place:]) - 1
        found = index.search(text)
        trials.append(_judged(length, disguise, name, text, (place + 1, end), found, known))
    report.table("planted runs, by length", [_band(trials, *band) for band in _BANDS])
    report.table("planted runs, by disguise", [_row(trials, kind) for kind in _DISGUISES])
    report.table("planted runs, all", [_summary("all", trials)])


def _disguised(run: str, disguise: str) -> str:
    if disguise == "upper case":
        return run.upper()
    if disguise == "lines wrapped anew":
        return re.sub(r"\s+", "\n", run)
    if disguise == "words in bold":
        return re.sub(r"(\s+)", r"**\1**", run)
    return run


def _judged(
    length: int,
    disguise: str,
    name: str,
    text: str,
    span: tuple[int, int],
    found: Sequence[Match],
    known: Callable[[str], Words],
) -> Trial:
    words = canonical(text).letters
    begin, end = span
    holds = [match for match in found if match.start <= begin and match.end >= end]
    holds.sort(key=lambda match: match.document != name)
    short, overrun = False, 0
    if holds:
        longest, more = exact(holds[0], words, known(holds[0].document).letters)
        short, overrun = more, holds[0].words - longest
    touched = any(match.start < end and match.end > begin for match in found)
    own = any(match.document == name for match in holds)
    return Trial(length, disguise, bool(holds), touched, own, short, overrun)


def _band(trials: Sequence[Trial], low: int, high: int) -> dict[str, Value]:
    name = str(low) if low == high else f"{low}-{high}"
    return _summary(name, [trial for trial in trials if low <= trial.length <= high])


def _row(trials: Sequence[Trial], disguise: str) -> dict[str, Value]:
    return _summary(disguise, [trial for trial in trials if trial.disguise == disguise])


def _summary(name: str, trials: Sequence[Trial]) -> dict[str, Value]:
    overruns = [trial.overrun for trial in trials if trial.whole] or [0]
    return {
        "runs": name,
        "planted": len(trials),
        "found whole": sum(trial.whole for trial in trials),
        "found in part": sum(trial.touched and not trial.whole for trial in trials),
        "missed": sum(not trial.touched for trial in trials),
        "ends short of the true run": sum(trial.short for trial in trials),
        "own document named": sum(trial.own for trial in trials),
        "overrun <= 2, %": 100 * sum(over <= 2 for over in overruns) / len(overruns),
        "overrun p99": percentile(overruns, 0.99),
        "overrun most": max(overruns),
    }


def _alarms(
    report: Report,
    given: Namespace,
    index: CorpusIndex,
    corpus: dict[str, str],
    answers: Sequence[tuple[str, str]],
    home: Path,
) -> None:
    detector = Verbatim(index=home / "index", key_file=home / KEY)
    flagged: list[dict[str, Value]] = []
    reasons: dict[str, int] = {}
    alarmed = 0
    for name, text in answers:
        found = list(detector.find(Text(text)))
        counting = [finding for finding in found if not finding.discount]
        for reason in {finding.discount for finding in found} - {""}:
            reasons[reason] = reasons.get(reason, 0) + 1
        if not counting:
            continue
        alarmed += 1
        begin, end = min(f.start for f in counting), max(f.end for f in counting)
        flagged += _told(name, text, index.search(text), corpus, counting)
        if given.show:
            print(f"\n{name} [{begin}, {end}):\n{text[begin:end]}")
    share = 100 * alarmed / len(answers)
    row: dict[str, Value] = {"answers": len(answers), "flagged": alarmed, "%": share, "bar": 0.15}
    report.table("ordinary answers flagged by verbatim", [row])
    report.table("what was flagged", flagged)
    report.table(
        "found and discounted", [{"reason": key, "answers": n} for key, n in reasons.items()]
    )


def _told(
    name: str,
    text: str,
    matches: Iterable[Match],
    corpus: dict[str, str],
    findings: Sequence[Finding],
) -> list[dict[str, Value]]:
    words = canonical(text).letters
    spans = {(f.start, f.end) for f in findings}
    return [
        {
            "answer": name,
            "start": match.start,
            "end": match.end,
            "words": match.words,
            "truly equal": exact(match, words, canonical(corpus[match.document]).letters)[0],
            "document": match.document,
        }
        for match in matches
        if any(match.start < end and match.end > start for start, end in spans)
    ]


if __name__ == "__main__":
    main(sys.argv[1:])
