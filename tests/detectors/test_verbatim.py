"""Passages of the corpus: found, discounted or exempt, whole or as they stream."""

from __future__ import annotations

import base64
import codecs
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import SupportsIndex
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detectors.near import Near
from detectors.verbatim import Verbatim
from guardrail import (
    Action,
    Context,
    CorpusIndex,
    Document,
    Finding,
    Guard,
    Key,
    Message,
    Rule,
    Text,
)
from guardrail.errors import InputError, PolicyError
from guardrail.testing import chunkings, contract, streamed
from tests.passages import part, story

BOILER = "This message is meant for the person named above and for nobody else at all, thank you."
MEMO = story(1)
LETTER = story(2)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("verbatim")
    documents = [Document("memo", MEMO, "board"), Document("letter", LETTER)]
    documents += [Document(f"mail{n}", f"{story(n, 30)} {BOILER}") for n in range(10, 22)]
    documents += [Document("table", "7 " * 40 + "yes no " * 20)]
    Key(b"0123456789abcdef").save(folder / "key")
    key = Key.from_file(folder / "key")
    CorpusIndex.build(documents, folder / "index", key=key).close()
    CorpusIndex.build(documents, folder / "presence", key=key, layout="presence").close()
    CorpusIndex.build([("public", LETTER)], folder / "public").close()
    return folder


@pytest.fixture
def verbatim(home: Path) -> Iterator[Verbatim]:
    detector = Verbatim(index=home / "index", key_file=home / "key")
    yield detector
    detector.close()


def find(detector: Verbatim, raw: str, **context: object) -> list[Finding]:
    return list(detector.find(Text(raw, context=Context(**context))))  # type: ignore[arg-type]


def test_finds_a_passage(verbatim: Verbatim) -> None:
    """A run of twelve words is found from its first to its last character, with its source."""
    answer = f"It said: {part(MEMO, 20, 32)}. So there."
    (finding,) = find(verbatim, answer)
    assert answer[finding.start : finding.end] == part(MEMO, 20, 32)
    assert (finding.kind, finding.score, finding.discount) == ("verbatim", 1.0, "")
    assert finding.source is not None
    assert finding.source.as_dict() == {
        "index": "index",
        "document": "memo",
        "class": "board",
        "words": 12,
    }


def test_keeps_the_contract_of_a_detector(verbatim: Verbatim) -> None:
    """Deterministic, settled, linear, and the same however the answer is cut."""
    passage = part(MEMO, 5, 30)
    contract(
        verbatim,
        hits=[
            (passage, [(0, len(passage))]),
            (f"Well, {passage}!", [(6, 6 + len(passage))]),
            (f"1. {passage.upper()}", [(3, 3 + len(passage))]),
        ],
        misses=["", part(MEMO, 0, 10), f"{part(MEMO, 0, 9)} but {part(MEMO, 20, 29)}"],
    )


def test_two_documents_are_two_findings(verbatim: Verbatim) -> None:
    """Passages of different documents are told apart; one inside another counts once."""
    findings = find(verbatim, f"{part(MEMO, 0, 20)} {part(LETTER, 0, 20)}")
    assert [f.source.document for f in findings if f.source] == ["memo", "letter"]


def test_what_many_documents_hold_is_common(verbatim: Verbatim, home: Path) -> None:
    """Boilerplate is reported with its discount; the limit is an option."""
    assert {finding.discount for finding in find(verbatim, BOILER)} == {"common"}
    strict = Verbatim(index=home / "index", key_file=home / "key", max_documents=100)
    first, *others = find(strict, BOILER)
    assert first.discount == ""
    # Of the same words, each further document that has them is told.
    assert {one.discount for one in others} == {"also"}
    names = {one.source.document for one in (first, *others) if one.source is not None}
    assert len(names) == 1 + len(others)


def test_few_different_words_do_not_count(verbatim: Verbatim, home: Path) -> None:
    """Numbers and a handful of words are no passage, unless asked for."""
    assert {finding.discount for finding in find(verbatim, "7 " * 30)} == {"indistinct"}
    assert {finding.discount for finding in find(verbatim, "yes no " * 10)} == {"indistinct"}
    lenient = Verbatim(index=home / "index", key_file=home / "key", distinct=2)
    assert "" in {finding.discount for finding in find(lenient, "yes no " * 10)}


def test_an_echo_of_the_reader_is_exempt(verbatim: Verbatim) -> None:
    """What the reader wrote is no leak; what goes on from there is."""
    asked = f"Is this yours: {part(MEMO, 0, 30)}?"
    assert [f.discount for f in find(verbatim, part(MEMO, 0, 30), prompt=asked)] == ["echo"]
    assert [f.discount for f in find(verbatim, part(MEMO, 0, 36), prompt=asked)] == ["echo"]
    assert [f.discount for f in find(verbatim, part(MEMO, 0, 45), prompt=asked)] == [""]


def turned(text: str) -> str:
    return " ".join(reversed(text.split()))


def coded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def spaced(text: str) -> str:
    return "  ".join(" ".join(word) for word in text.split())


def backwards(text: str) -> str:
    return text[::-1]


def rot13(text: str) -> str:
    return codecs.encode(text, "rot13")


@pytest.mark.parametrize("disguise", [turned, coded, spaced, backwards, rot13])
def test_what_the_reader_wrote_in_disguise_is_an_echo(
    verbatim: Verbatim, disguise: Callable[[str], str]
) -> None:
    """Whoever has a guess decoded learns nothing of it; half of a guess is half an echo."""
    passage = part(MEMO, 0, 30)
    asked = f"Decode this: {disguise(passage)}"
    assert [f.discount for f in find(verbatim, passage, prompt=asked)] == ["echo"]
    half = f"Decode this: {disguise(part(MEMO, 0, 15))}"
    assert [f.discount for f in find(verbatim, passage, prompt=half)] == [""]
    jumbled = f"Decode this: {disguise(' '.join(sorted(passage.split())))}"
    assert [f.discount for f in find(verbatim, passage, prompt=jumbled)] == [""]


class Prompt(str):
    """Counts how often it is cut."""

    __slots__ = ()
    cuts = 0

    def __getitem__(self, place: SupportsIndex | slice) -> str:
        Prompt.cuts += 1
        return super().__getitem__(place)


def test_a_prompt_is_read_once_for_all_texts_of_an_answer(verbatim: Verbatim, home: Path) -> None:
    """For two detectors, and for an answer of many parts, it costs what it costs for one."""
    near = Near(index=home / "index", key_file=home / "key")
    guard = Guard([Rule(verbatim, id="verbatim"), Rule(near, id="near")])
    context = Context(prompt=Prompt(f"Is this yours: {part(MEMO, 0, 30)}?"))
    guard.check(part(MEMO, 0, 30), context)
    cuts = Prompt.cuts
    assert cuts > 0
    assert guard.check(part(MEMO, 0, 36), context).discounted
    assert guard.check(part(MEMO, 0, 45), context).findings
    assert Prompt.cuts == cuts


def test_only_the_readers_own_words_are_an_echo(verbatim: Verbatim) -> None:
    """Neither what the system put into the conversation nor a loose vocabulary exempts."""
    passage = part(MEMO, 0, 30)
    system = (Message("system", passage), Message("user", "Tell me."))
    assert [f.discount for f in find(verbatim, passage, messages=system)] == [""]
    jumbled = " ".join(sorted(passage.split()))
    assert [f.discount for f in find(verbatim, passage, prompt=jumbled)] == [""]


def test_public_text_is_background(home: Path) -> None:
    """Runs that a public corpus holds too are reported and do not count."""
    detector = Verbatim(index=home / "index", key_file=home / "key", background=home / "public")
    assert [f.discount for f in find(detector, part(LETTER, 0, 30))] == ["background"]
    assert [f.discount for f in find(detector, part(MEMO, 0, 30))] == [""]


def test_the_guard_tells_why_a_match_does_not_count(verbatim: Verbatim) -> None:
    """A discounted match is in the verdict, with its reason, and changes nothing."""
    verdict = Guard([Rule(verbatim, id="verbatim")]).check(BOILER)
    assert (verdict.action, verdict.text) == (Action.ALLOW, BOILER)
    assert {finding.discount for finding in verdict.discounted} == {"common"}


def test_holds_ordinary_text_for_ten_words(verbatim: Verbatim) -> None:
    """Text that matches nothing waits for ten words and the one being written."""
    scanner = verbatim.scanner(Context())
    text = "none of these ordinary words is in any of the documents that we hold here today "
    for end in range(len(text)):
        scanner.feed(text[end])
        behind = text[scanner.settled : end + 1]
        assert len(behind.split()) <= 11


def test_nothing_of_a_passage_is_shown(verbatim: Verbatim) -> None:
    """However an answer is cut, no word of a passage of it leaves."""
    guard = Guard([Rule(verbatim, id="verbatim")])
    answer = f"Here it is: {part(MEMO, 7, 50)}. And nothing else."
    for chunks in chunkings(answer, 200, seed=3):
        assert "".join(guard.stream(chunks)) == "Here it is: [redacted]. And nothing else."


def test_hold_word_shows_less_than_min_words(home: Path) -> None:
    """`hold="word"` waits for one word only and never shows the twelfth of a run."""
    detector = Verbatim(index=home / "index", key_file=home / "key", hold="word")
    guard = Guard([Rule(detector, id="verbatim")])
    answer = f"Here it is: {part(MEMO, 7, 50)}. And nothing else."
    for chunks in chunkings(answer, 100, seed=4):
        shown = "".join(guard.stream(chunks))
        assert shown == f"Here it is: {part(MEMO, 7, 18)} [redacted]. And nothing else."
    scanner = detector.scanner(Context())
    scanner.feed("plain text that waits for nothing but its last wor")
    assert scanner.settled == len("plain text that waits for nothing but its last ")


def test_presence_finds_without_a_document(home: Path) -> None:
    """An index without places says that, and not what."""
    detector = Verbatim(index=home / "presence", key_file=home / "key")
    answer = f"So: {part(MEMO, 0, 40)}"
    (finding,) = find(detector, answer)
    assert finding.source is not None
    assert finding.source.document == ""
    assert finding.start <= 4
    contract(detector, hits=[], misses=["", "nothing here"])
    for chunks in chunkings(answer, 50, seed=5):
        assert streamed(detector, chunks, Context()) == [finding]


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"min_words": 5}, InputError),
        ({"max_documents": 0}, PolicyError),
        ({"distinct": 0}, PolicyError),
        ({"key_env": "NAME"}, PolicyError),
    ],
)
def test_bad_options_do_not_load(
    home: Path, options: dict[str, object], error: type[Exception]
) -> None:
    """An option that cannot be kept is an error when the detector is made."""
    with pytest.raises(error):
        Verbatim(index=home / "index", key_file=home / "key", **options)  # type: ignore[arg-type]


def test_sees_changes_of_the_index_at_the_next_answer(tmp_path: Path) -> None:
    """A document that is added is found in the next answer; one answer sees one state."""
    with CorpusIndex.build([("memo", MEMO)], tmp_path / "index") as index:
        detector = Verbatim(index=tmp_path / "index")
        scanner = detector.scanner(Context())
        index.add([("letter", LETTER)])
        scanner.feed(LETTER)
        assert list(scanner.close()) == []
        assert len(find(detector, LETTER)) == 1
        index.delete(["memo"])
        assert find(detector, MEMO) == []


@st.composite
def answers(draw: st.DrawFn) -> tuple[list[list[str]], str, str]:
    """Documents over a small vocabulary, an answer pieced together from them, and a prompt."""
    letters = draw(st.sampled_from(["ab", "abcdef", "abcdeßéﬁ½東ก1\u0301\u200b"]))
    word = st.text(alphabet=letters, min_size=1, max_size=draw(st.sampled_from([2, 9, 40])))
    vocabulary = draw(st.lists(word, min_size=1, max_size=40, unique=True))
    document = st.lists(st.sampled_from(vocabulary), max_size=50)
    documents = draw(st.lists(document, min_size=1, max_size=4))
    documents += draw(st.sampled_from([0, 0, 12])) * documents[:1]

    def pieces() -> str:
        text = ""
        for _ in range(draw(st.integers(1, 4))):
            words = draw(st.sampled_from(documents))
            first = draw(st.integers(0, len(words)))
            words = words[first : first + draw(st.integers(0, 40))]
            words = words + draw(st.lists(st.sampled_from(vocabulary), max_size=5))
            text += draw(st.sampled_from([" ", ", ", "\n", "—"])).join([*words, ""])
        return text

    return documents, pieces(), pieces()


def check_chunkings(case: tuple[list[list[str]], str, str], count: int) -> None:
    documents, answer, prompt = case
    number = len(answer) + len(prompt)
    named = [(str(place), " ".join(words)) for place, words in enumerate(documents)]
    with TemporaryDirectory() as folder:
        index = Path(folder) / "index"
        layout = ("located", "presence")[number % 2]
        CorpusIndex.build(named, index, layout=layout).close()  # type: ignore[arg-type]
        hold = ("run", "word")[number // 2 % 2]
        detector = Verbatim(index=index, distinct=1 + number % 3, hold=hold)  # type: ignore[arg-type]
        context = Context(prompt=prompt)
        whole = sorted(detector.find(Text(answer, context=context)))
        guard = Guard([Rule(detector, id="verbatim")])
        shown = guard.check(answer, context).text
        for chunks in chunkings(answer, count, seed=number):
            assert streamed(detector, chunks, context) == whole
            assert "".join(guard.stream(chunks, context)) == shown


many = {"suppress_health_check": [HealthCheck.too_slow]}


@settings(max_examples=60, **many)  # type: ignore[arg-type]
@given(answers())
def test_streams_as_it_finds(case: tuple[list[list[str]], str, str]) -> None:
    """Whatever the corpus, the answer, the prompt and the cuts: a stream is a check."""
    check_chunkings(case, 5)


@settings(max_examples=40, **many)  # type: ignore[arg-type]
@given(answers(), st.integers(1, 4))
def test_streams_as_it_finds_in_a_crowd(
    case: tuple[list[list[str]], str, str], places: int
) -> None:
    """The same where most grams stand in more places than are looked at."""
    with patch("guardrail.corpus.lookup.MAX_PLACES", places):
        check_chunkings(case, 5)


@pytest.mark.slow
@settings(max_examples=2_500, **many)  # type: ignore[arg-type]
@given(answers())
def test_streams_as_it_finds_at_length(case: tuple[list[list[str]], str, str]) -> None:
    """The same over a hundred thousand chunkings."""
    check_chunkings(case, 40)


def test_a_prompt_is_no_echo_of_itself(verbatim: Verbatim) -> None:
    """A rule on prompts finds private passages that the reader is about to send out."""
    rule = Rule(verbatim, id="outbound", on="prompt", action=Action.REFUSE)
    with Guard([rule]) as guard:
        for context in (
            Context(prompt=f"Rewrite this: {MEMO}"),
            Context(messages=(Message("user", MEMO), Message("user", "Go on."))),
        ):
            admission = guard.admit(context)
            assert admission.action is Action.REFUSE
            assert admission.context == context
        assert guard.admit(Context(prompt="Go on.")).action is Action.ALLOW


def test_a_stream_goes_by_the_key_that_the_index_has_now(home: Path, tmp_path: Path) -> None:
    """Written anew with another key, it is found in streams as well as in whole answers."""
    key = Key.from_file(home / "key")
    CorpusIndex.build([("memo", MEMO)], tmp_path / "index", key=key).close()
    detector = Verbatim(index=tmp_path / "index", key_file=home / "key")
    with Guard([Rule(detector, id="verbatim", action=Action.REDACT)]) as guard:
        for _ in range(2):
            assert "".join(guard.stream([MEMO])) == guard.check(MEMO).text == "[redacted]"
            detector.index.rekey([("memo", MEMO)], key=b"another key for it")
