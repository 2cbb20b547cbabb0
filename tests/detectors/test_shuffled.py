"""Passages of private documents in another order: found, discounted, or none."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.shuffled import Shuffled
from guardrail import Action, Context, CorpusIndex, Document, Finding, Guard, Key, Rule, Text
from guardrail.errors import GuardrailError
from guardrail.registry import load
from guardrail.shuffled import ShuffledIndex
from guardrail.testing import chunkings, contract, streamed
from tests.passages import part, story


def blocks(text: str, size: int, seed: int = 0) -> str:
    """The text with its words in another order, so many left together."""
    words = text.split()
    parts = [" ".join(words[place : place + size]) for place in range(0, len(words), size)]
    return " ".join(random.Random(seed).sample(parts, len(parts)))


MEMO = story(1)
LETTER = story(2, 400)
NUMBERS = " ".join(str(number * 7919) for number in range(1, 60))
BOILER = story(3)
PLAIN = story(99, 80)
KEY = b"0123456789abcdef"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shuffled")
    documents = [Document("memo", MEMO, "board"), Document("letter", LETTER)]
    documents += [Document(f"mail{n}", f"{story(n, 30)} {BOILER}") for n in range(10, 22)]
    documents.append(Document("numbers", NUMBERS))
    (folder / "key").write_bytes(KEY)
    ShuffledIndex.build(documents, folder / "index", key=Key(KEY))
    CorpusIndex.build([("song", part(MEMO, 0, 45))], folder / "public").close()
    return folder


@pytest.fixture(scope="module")
def shuffled(home: Path) -> Iterator[Shuffled]:
    detector = Shuffled(index=home / "index", key_file=home / "key", background=home / "public")
    yield detector
    detector.close()


@pytest.fixture(scope="module")
def strict(home: Path) -> Iterator[Shuffled]:
    detector = Shuffled(index=home / "index", key_file=home / "key")
    yield detector
    detector.close()


def found(detector: Shuffled, raw: str, prompt: str | None = None) -> list[Finding]:
    return sorted(detector.find(Text(raw, context=Context(prompt=prompt))))


@pytest.mark.parametrize("size", [3, 5, 10])
def test_finds_blocks_in_any_order(strict: Shuffled, size: int) -> None:
    """Fifty words of the letter are found although only so many neighbours stay together."""
    raw = f"{part(PLAIN, 0, 30)} {blocks(part(LETTER, 100, 150), size)} {part(PLAIN, 30, 60)}"
    told = found(strict, raw)
    assert told
    for one in told:
        assert (one.kind, one.discount) == ("near", "")
        assert one.source is not None
        assert (one.source.index, one.source.document, one.source.words) == ("index", "letter", 50)
        assert 0.27 < one.score <= 1
    assert told[0].start < len(part(PLAIN, 0, 30)) + 9
    assert len(raw) - told[-1].end < len(part(PLAIN, 30, 60)) + 9


def test_finds_the_end_and_the_whole_of_a_document(strict: Shuffled) -> None:
    """A document's last words are in a window, and a document of one is found as it is."""
    assert found(strict, blocks(part(LETTER, 352, 400), 5))
    (one, *_) = found(strict, MEMO.upper())
    assert one.score > 0.9
    assert one.source is not None
    assert (one.source.document, one.source.sensitivity) == ("memo", "board")


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "one",
        PLAIN,
        blocks(MEMO, 1),  # no two neighbours are left
        f"{part(MEMO, 0, 8)} {PLAIN}",  # too few of them
        " ".join(f"{word} so" for word in MEMO.split()),  # nor here
    ],
)
def test_misses(strict: Shuffled, raw: str) -> None:
    """The same words without their neighbours, and other words, are not found."""
    assert not found(strict, raw)


def test_an_echo_does_not_count(strict: Shuffled) -> None:
    """What the reader wrote may come back in another order; what goes beyond counts."""
    answer = blocks(part(LETTER, 0, 50), 10)
    assert {one.discount for one in found(strict, answer, part(LETTER, 0, 50))} == {"echo"}
    assert {one.discount for one in found(strict, answer, part(LETTER, 0, 10))} == {""}
    assert {one.discount for one in found(strict, answer, part(LETTER, 0, 50)[::-1])} == {"echo"}
    # A pasted vocabulary exempts nothing.
    assert {one.discount for one in found(strict, answer, " ".join(sorted(LETTER.split())))} == {""}


def test_public_common_and_bare_text_does_not_count(shuffled: Shuffled, strict: Shuffled) -> None:
    """Public text, what many documents have, and what has few words of letters say why."""
    answer = part(MEMO, 0, 45)
    assert {one.discount for one in found(shuffled, answer)} == {"background"}
    assert {one.discount for one in found(strict, answer)} == {""}
    assert {one.discount for one in found(strict, blocks(BOILER, 10))} == {"common"}
    assert {one.discount for one in found(strict, blocks(NUMBERS, 10))} == {"indistinct"}


def test_contract(shuffled: Shuffled) -> None:
    """The contract of every detector."""
    raws = (
        f"{part(PLAIN, 0, 30)} {blocks(part(LETTER, 100, 150), 5)} {part(PLAIN, 30, 60)}",
        blocks(part(LETTER, 200, 320), 10),
        f"{blocks(BOILER, 10)}.",
    )
    hits = [(raw, [(one.start, one.end) for one in found(shuffled, raw)]) for raw in raws]
    assert all(spans for _, spans in hits)
    contract(shuffled, hits=hits, misses=["", "nothing here", PLAIN, blocks(MEMO, 1)])


pieces = st.sampled_from(
    [
        blocks(part(LETTER, 0, 50), 5),
        blocks(part(MEMO, 0, 40), 10),
        f"{part(LETTER, 100, 130)}, {part(MEMO, 20, 45)}",
        part(PLAIN, 0, 17),
        " ½ ﷺ ",
        "x" * 70,
        "東京。",
        "é\u0301\u0301",
        "\n\n",
        "word",
    ]
)


@given(st.lists(pieces, max_size=8).map(" ".join), st.booleans(), st.integers(0, 999))
@settings(max_examples=40)
def test_streams_as_it_finds(shuffled: Shuffled, raw: str, echo: bool, seed: int) -> None:
    """However an answer is cut, the same is found, and each finding as soon as it is settled."""
    context = Context(prompt=part(LETTER, 0, 30) if echo else None)
    whole = sorted(shuffled.find(Text(raw, context=context)))
    for chunks in chunkings(raw, 3, seed):
        assert streamed(shuffled, chunks, context) == whole


def test_holds_back_few_words(strict: Shuffled) -> None:
    """Ordinary text goes on its way after one window and one step."""
    scanner, words = strict.scanner(Context()), story(77, 300).split()
    for number, word in enumerate(words, 1):
        assert not list(scanner.feed(f"{word} "))
        held = len(" ".join(words[:number])) + 1 - scanner.settled
        assert held <= 60 * 8 + strict.step


def test_guards_an_answer(strict: Shuffled) -> None:
    """A rule takes the stretch out, whole or streamed."""
    guard = Guard([Rule(strict, id="shuffled", action=Action.REDACT)])
    secret = blocks(part(LETTER, 100, 150), 5)
    raw = f"{story(5, 100)} {secret} {story(6, 100)}"
    verdict = guard.check(raw, Context())
    assert secret[:40] not in verdict.text
    assert verdict.text.startswith(part(raw, 0, 60))
    assert verdict.text.endswith(part(story(6, 100), 40, 100))
    assert "".join(guard.stream([raw[:300], raw[300:310], raw[310:]], Context())) == verdict.text


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"min_bands": 0}, "min_bands"),
        ({"min_bands": 65}, "min_bands"),
        ({"distinct": 0}, "distinct"),
        ({"max_documents": 0}, "max_documents"),
        ({"index": "none"}, "no index of windows"),
        ({"key_file": "public"}, "key"),
        ({"background": "none"}, "none"),
    ],
)
def test_bad_options_do_not_load(home: Path, options: dict[str, Any], complaint: str) -> None:
    """What is out of range or missing is told at once."""
    with pytest.raises(GuardrailError, match=complaint):
        load("shuffled", {"index": "index", "key_file": "key"} | options, home)
