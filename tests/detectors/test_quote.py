"""What an answer may quote of each document, and no more, whole or as it streams."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detectors.near import Near
from detectors.verbatim import Verbatim
from guardrail import Context, CorpusIndex, Detector, Finding, Guard, Key, Rule, Text
from guardrail.corpus.quote import WHOLE
from guardrail.errors import PolicyError
from guardrail.testing import chunkings, contract, streamed
from tests.passages import part, story

BUDGET = 30


# Two documents have a part in common, one lies within another.
DOCUMENTS = {
    "memo": story(1, 90),
    "letter": f"{story(2, 40)} {part(story(1, 90), 20, 60)}",
    "draft": part(story(1, 90), 10, 80),
    "note": story(3, 14),
    "card": story(4, 26),
}
MEMO, LETTER, NOTE = DOCUMENTS["memo"], DOCUMENTS["letter"], DOCUMENTS["note"]
PLAIN = story(99, 60)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("quote")
    Key(b"0123456789abcdef").save(folder / "key")
    key = Key.from_file(folder / "key")
    CorpusIndex.build(DOCUMENTS.items(), folder / "index", key=key).close()
    CorpusIndex.build(DOCUMENTS.items(), folder / "presence", key=key, layout="presence").close()
    return folder


@pytest.fixture(scope="module")
def verbatim(home: Path) -> Iterator[Verbatim]:
    detector = Verbatim(index=home / "index", key_file=home / "key", quote_words=BUDGET)
    yield detector
    detector.close()


@pytest.fixture(scope="module")
def near(home: Path) -> Iterator[Near]:
    detector = Near(index=home / "index", key_file=home / "key", quote_words=BUDGET)
    yield detector
    detector.close()


@pytest.fixture(params=["verbatim", "near"])
def detector(request: pytest.FixtureRequest) -> Detector:
    found: Detector = request.getfixturevalue(request.param)
    return found


def passages(found: Iterable[Finding]) -> list[Finding]:
    """Those in no other one: of the same words, each further document is told as well."""
    told: list[Finding] = []
    for one in sorted(found, key=lambda one: (one.start, -one.end, one.discount)):
        if not told or one.end > told[-1].end:
            told.append(one)
    return told


def discounts(detector: Detector, raw: str) -> list[str]:
    return [one.discount for one in passages(detector.find(Text(raw)))]


def answer(*pieces: str) -> str:
    fillers = [story(50 + number, 50) for number in range(len(pieces) + 1)]
    return " ".join(
        f"{filler} {piece}" for filler, piece in zip(fillers, (*pieces, ""), strict=True)
    )


def test_a_short_citation_passes(detector: Detector) -> None:
    """Up to the budget a passage is a quotation, and a longer one counts as a whole."""
    assert discounts(detector, answer(part(MEMO, 60, 85))) == ["quote"]
    raw = answer(part(MEMO, 50, 88))
    (finding,) = passages(detector.find(Text(raw)))
    assert finding.discount == ""
    assert raw.index(part(MEMO, 50, 88)) <= finding.start + 8
    assert finding.source is not None
    assert finding.source.words >= 36


def test_words_add_up_for_each_document(detector: Detector) -> None:
    """The passage that goes beyond counts, and each one after it; another document's does not."""
    raw = answer(part(MEMO, 60, 80), part(LETTER, 0, 20), part(MEMO, 0, 18), part(MEMO, 66, 84))
    assert discounts(detector, raw) == ["quote", "quote", "", ""]


def test_a_passage_of_several_documents_is_sharesof_each(verbatim: Verbatim) -> None:
    """Who names another document for each passage gets no more of any of them."""
    raw = answer(part(MEMO, 30, 50), part(LETTER, 5, 25), part(MEMO, 0, 20))
    assert discounts(verbatim, raw) == ["quote", "", ""]


def test_no_document_is_quoted_whole(detector: Detector) -> None:
    """A document shorter than the budget is no quotation."""
    assert discounts(detector, answer(NOTE)) == [""]


@pytest.mark.parametrize("kind", [Verbatim, Near])
def test_no_document_is_quoted_whole_in_parts(home: Path, kind: type[Verbatim | Near]) -> None:
    """The part that makes a document whole counts, though the budget has room for it."""
    detector = kind(index=home / "index", key_file=home / "key", quote_words=100)
    parts = [part(MEMO, 60, 90), part(MEMO, 0, 30), part(MEMO, 30, 60)]
    assert discounts(detector, answer(*parts[:2])) == ["quote", "quote"]
    assert discounts(detector, answer(*parts)) == ["quote", "quote", ""]
    detector.close()


def test_a_code_is_no_quotation(near: Near) -> None:
    """What has to be decoded counts, however short."""
    raw = answer(base64.b64encode(part(MEMO, 0, 20).encode()).decode() + " .")
    assert discounts(near, raw) == [""]


def test_an_index_without_documents_has_one_budget(home: Path) -> None:
    """Where only presence is known, the budget is that of the whole index."""
    detector = Verbatim(index=home / "presence", key_file=home / "key", quote_words=BUDGET)
    raw = answer(part(MEMO, 0, 18), part(LETTER, 0, 18))
    assert discounts(detector, raw) == ["quote", ""]
    detector.close()


def test_echoes_are_free(detector: Detector) -> None:
    """What the reader wrote is not counted as given."""
    context = Context(prompt=part(MEMO, 0, 40))
    raw = answer(part(MEMO, 2, 38), part(MEMO, 62, 84))
    *echoes, last = passages(detector.find(Text(raw, context=context)))
    assert {one.discount for one in echoes} == {"echo"}
    assert last.discount == "quote"


def test_the_verdict_tells_of_quotations(verbatim: Verbatim) -> None:
    """A quotation is shown, and reported as discounted."""
    guard = Guard([Rule(verbatim, id="verbatim")])
    raw = answer(part(MEMO, 60, 80), part(MEMO, 0, 20))
    verdict = guard.check(raw)
    assert part(MEMO, 60, 80) in verdict.text
    assert part(MEMO, 0, 20) not in verdict.text
    told = passages((*verdict.findings, *verdict.discounted))
    assert [one.discount for one in told] == ["quote", ""]


def test_contract(detector: Detector) -> None:
    """The contract of every detector, with and without quotations."""
    raws = [
        answer(part(MEMO, 60, 80), part(MEMO, 0, 20), part(LETTER, 0, 25)),
        f"{part(MEMO, 0, 15)} {part(MEMO, 40, 70)} {PLAIN}",
    ]
    hits = [(raw, [(one.start, one.end) for one in detector.find(Text(raw))]) for raw in raws]
    contract(detector, hits=hits, misses=["", PLAIN])


pieces = st.tuples(
    st.sampled_from(sorted(DOCUMENTS)), st.integers(0, 70), st.integers(6, 40), st.integers(0, 9)
)


def mixed(parts: list[tuple[str, int, int, int]]) -> str:
    """Passages of documents, with some plain words, or none, between them."""
    texts = []
    for number, (name, first, size, between) in enumerate(parts):
        texts.append(part(DOCUMENTS[name], first, first + size))
        texts.append(story(200 + number, between))
    return ". ".join(filter(None, texts))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts=st.lists(pieces, max_size=8), seed=st.integers(0, 999))
def test_streams_as_it_finds(
    verbatim: Verbatim, parts: list[tuple[str, int, int, int]], seed: int
) -> None:
    """However an answer is cut, the same is quoted and the same counts; and never too much."""
    raw = mixed(parts)
    whole = sorted(verbatim.find(Text(raw)))
    for chunks in chunkings(raw, 3, seed):
        assert streamed(verbatim, chunks, Context()) == whole
    for name, words in uncounted(raw, whole).items():
        assert words <= BUDGET
        assert words < WHOLE * len(DOCUMENTS[name].split())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(parts=st.lists(pieces, max_size=6), seed=st.integers(0, 999))
def test_near_streams_as_it_finds(
    near: Near, parts: list[tuple[str, int, int, int]], seed: int
) -> None:
    """The same of edited passages: every fifth word is another."""
    words = mixed(parts).split()
    raw = " ".join("other" if n % 5 == 3 else word for n, word in enumerate(words))
    whole = sorted(near.find(Text(raw)))
    for chunks in chunkings(raw, 2, seed):
        assert streamed(near, chunks, Context()) == whole
    shares: Counter[str] = Counter()
    for one in whole:
        if one.discount == "quote" and one.source is not None:
            shares[one.source.document] += one.source.words
    assert max(shares.values(), default=0) <= BUDGET


def uncounted(raw: str, found: list[Finding]) -> Counter[str]:
    """Of each document, the words in runs of twelve or more that no finding counts."""
    words, places = [], [0]
    for word in raw.split():
        words.append(word.strip("."))
        places.append(places[-1] + len(word) + 1)
    hidden = {
        n
        for n in range(len(words))
        if any(one.start <= places[n] < one.end for one in found if not one.discount)
    }
    shares: Counter[str] = Counter()
    for name, text in DOCUMENTS.items():
        grams = {tuple(text.split()[at : at + 12]) for at in range(len(text.split()) - 11)}
        shown = {
            at + n
            for at in range(len(words))
            if tuple(words[at : at + 12]) in grams
            for n in range(12)
        }
        shares[name] = len(shown - hidden)
    return shares


@pytest.mark.parametrize("kind", [Verbatim, Near])
def test_a_bad_budget_does_not_load(home: Path, kind: type[Verbatim | Near]) -> None:
    """A budget below nothing is told at once."""
    with pytest.raises(PolicyError, match="quote_words"):
        kind(index=home / "index", key_file=home / "key", quote_words=-1)
