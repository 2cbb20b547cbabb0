"""The guarantee, against an exact reference: no run missed or cut short, long only by chance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guardrail.corpus import CorpusIndex, Match
from guardrail.corpus.align import Runs
from guardrail.corpus.droning import PERIOD
from guardrail.corpus.words import Words as Split
from guardrail.text import Text
from tests.guardrail.corpus.reference import Run, shared_runs

Words = tuple[str, ...]


@dataclass(frozen=True)
class Case:
    """A life of an index, and a text to put beside it."""

    gram: int
    key: bytes | None
    steps: tuple[tuple[str, tuple[tuple[str, Words], ...]], ...]
    text: Words
    extra: int


@st.composite
def cases(draw: st.DrawFn) -> Case:
    letters = draw(st.sampled_from(["ab", "abc", "abcdefgh", "abcdefghijklmnopqrstuvwxyzäßжд東"]))
    word = st.text(alphabet=letters, min_size=1, max_size=draw(st.sampled_from([1, 2, 9, 40])))
    vocabulary = draw(st.lists(word, min_size=1, max_size=30, unique=True))
    document = st.lists(st.sampled_from(vocabulary), max_size=50).map(tuple)
    texts = draw(st.lists(document, min_size=1, max_size=5))
    named = [(f"d{number}", text) for number, text in enumerate(texts)]
    steps = [("build", tuple(named[:2]))]
    for name, text in named[2:]:
        steps.append(("add", ((name, text),)))
    for name, text in draw(st.lists(st.sampled_from(named), max_size=2, unique=True)):
        steps.append(draw(st.sampled_from([("delete", ((name, ()),)), ("add", ((name, text),))])))
    if draw(st.booleans()):
        steps.append(("compact", ()))
    pieces: list[str] = []
    for _ in range(draw(st.integers(1, 4))):
        source = draw(st.sampled_from(texts))
        first = draw(st.integers(0, len(source)))
        pieces += source[first : first + draw(st.integers(0, 40))]
        pieces += draw(st.lists(st.sampled_from(vocabulary), max_size=6))
    return Case(
        gram=draw(st.integers(3, 8)),
        key=draw(st.none() | st.binary(min_size=16, max_size=16)),
        steps=tuple(steps),
        text=tuple(pieces),
        extra=draw(st.integers(0, 5)),
    )


def split(words: Sequence[str]) -> list[str]:
    """Words as the index cuts them: every 32 letters, and Han letters alone."""
    cut: list[str] = []
    for word in words:
        for part in word.replace("東", " 東 ").replace("ß", "ss").replace("ä", "a").split():
            cut += [part[first : first + 32] for first in range(0, len(part), 32)]
    return cut


def live(case: Case, folder: Path, layout: str) -> tuple[CorpusIndex, dict[str, list[str]]]:
    """The index after all steps, and the documents that are in it."""
    known: dict[str, list[str]] = {}
    index = CorpusIndex.build([], folder, key=case.key, gram=case.gram, layout=layout)  # type: ignore[arg-type]
    for step, documents in case.steps:
        if layout == "presence" and (step == "delete" or known.keys() & dict(documents)):
            continue
        if step == "delete":
            gone = [name for name, _ in documents if known.pop(name, None) is not None]
            index.delete(gone)
        elif step == "compact":
            index.compact()
        else:
            texts = [(name, " ".join(words)) for name, words in documents]
            index.add(texts, replace=layout != "presence")
            known |= {name: split(words) for name, words in documents}
    return index, known


def holds(match: Match, run: Run) -> bool:
    return (
        (match.document, match.place - match.word) == (run.document, run.place - run.start)
        and match.word <= run.start
        and run.start + run.words <= match.word + match.words
    )


seen: Counter[str] = Counter()


def check_located(case: Case) -> None:
    with TemporaryDirectory() as folder:
        index, documents = live(case, Path(folder) / "index", "located")
        text, least = split(case.text), 2 * case.gram - 1 + case.extra
        with index:
            matches = index.search(" ".join(case.text), min_words=least)
        for run in shared_runs(text, documents, least):
            assert any(holds(match, run) for match in matches)
        for match in matches:
            words = documents[match.document][match.place : match.place + match.words]
            same = [a == b for a, b in zip(text[match.word :], words, strict=False)]
            assert len(words) == match.words
            assert "1" * case.gram in "".join("01"[equal] for equal in same)
            seen["overrun"] += same.count(False)
            seen["ends"] += (match.word > 0) + (match.word + match.words < len(text))


def check_presence(case: Case) -> None:
    with TemporaryDirectory() as folder:
        index, documents = live(case, Path(folder) / "index", "presence")
        text, least = split(case.text), 3 * case.gram - 1 + case.extra
        with index:
            matches = index.search(" ".join(case.text), min_words=least)
        for run in shared_runs(text, documents, least):
            assert any(
                match.word <= run.start and run.start + run.words <= match.word + match.words
                for match in matches
            )


quiet = {"suppress_health_check": [HealthCheck.too_slow]}


@settings(max_examples=200, **quiet)  # type: ignore[arg-type]
@given(cases())
def test_no_shared_run_is_missed(case: Case) -> None:
    """Every shared run is found whole, in its document and place, after any history."""
    check_located(case)


@settings(max_examples=100, **quiet)  # type: ignore[arg-type]
@given(cases())
def test_presence_covers_every_shared_run(case: Case) -> None:
    """An index without places covers every run of its floor or more."""
    check_presence(case)


@pytest.mark.slow
def test_no_shared_run_is_missed_at_length() -> None:
    """The same, ten thousand times; words beyond a run appear as rarely as 4-bit tags promise."""
    seen.clear()
    settings(max_examples=10_000, **quiet)(given(cases())(check_located))()  # type: ignore[arg-type]
    expected = (seen["ends"] + seen["overrun"]) / 16
    print(f"words beyond a run: {seen['overrun']} at {seen['ends']} ends; at most {expected:.0f}")  # noqa: T201
    assert seen["overrun"] <= expected + 5 * expected**0.5


@pytest.mark.slow
def test_presence_covers_every_shared_run_at_length() -> None:
    """The same without places, two thousand times."""
    settings(max_examples=2_000, **quiet)(given(cases())(check_presence))()  # type: ignore[arg-type]


@st.composite
def droning(draw: st.DrawFn) -> tuple[list[str], list[str], int]:
    """A document and a text that share stretches of few words repeated, and a gram."""
    few = st.lists(st.sampled_from("abcdef"), min_size=1, max_size=6)
    stretch = st.tuples(few, st.integers(1, 40)).map(lambda drawn: (drawn[0] * drawn[1])[:60])
    plain = st.lists(st.sampled_from([f"w{n}" for n in range(40)]), max_size=12)
    pieces = draw(st.lists(st.one_of(stretch, plain), min_size=1, max_size=6))
    chosen = draw(st.lists(st.sampled_from(pieces), min_size=1, max_size=6))
    first = draw(st.integers(0, 20))
    text = [*chain.from_iterable(chosen)][first:]
    return [*chain.from_iterable(pieces)], text + draw(plain), draw(st.integers(3, 8))


@settings(max_examples=300, **quiet)  # type: ignore[arg-type]
@given(droning())
def test_skimming_misses_what_drones_on_alone(drawn: tuple[list[str], list[str], int]) -> None:
    """With `skim` every run with more than six different words is found whole all the same."""
    document, text, gram = drawn
    with TemporaryDirectory() as folder:
        given = [("d", " ".join(document))]
        with CorpusIndex.build(given, Path(folder) / "index", gram=gram) as index:
            snapshot = index.snapshot()
            runs = snapshot.runs(snapshot.words(Text(" ".join(text))).hashes, skim=True)
    found = list(zip(runs.start.tolist(), runs.end.tolist(), runs.place.tolist(), strict=True))
    for run in shared_runs(text, {"d": document}, 2 * gram - 1):
        if len(set(text[run.start : run.start + run.words])) <= PERIOD:
            continue
        assert any(
            start <= run.start
            and run.start + run.words <= end
            and place - start == run.place - run.start
            for start, end, place in found
        )


@settings(max_examples=200, **quiet)  # type: ignore[arg-type]
@given(st.lists(droning(), min_size=1, max_size=4), st.booleans())
def test_several_texts_are_searched_as_each_alone(
    drawn: list[tuple[list[str], list[str], int]], skim: bool
) -> None:
    texts = [" ".join(text) for _, text, _ in drawn]
    with TemporaryDirectory() as folder:
        given = [(str(number), " ".join(document)) for number, (document, _, _) in enumerate(drawn)]
        with CorpusIndex.build(given, Path(folder) / "index", gram=drawn[0][2]) as index:
            snapshot = index.snapshot()
            alone = [snapshot.words(Text(text)) for text in texts]
            words = snapshot.words_each(texts)
            runs = snapshot.runs_each([one.hashes for one in words], skim=skim)
            expected = [snapshot.runs(one.hashes, skim=skim) for one in alone]
    assert list(map(_columns, words)) == list(map(_columns, alone))
    assert list(map(_columns, runs)) == list(map(_columns, expected))


def _columns(one: Split | Runs) -> list[list[int]]:
    return [getattr(one, field.name).tolist() for field in fields(one)]
