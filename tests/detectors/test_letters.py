"""Passages whose words were run together or broken up."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from detectors.letters import Letters
from detectors.verbatim import Verbatim
from guardrail import Context, CorpusIndex, Document, Finding, Key, Text
from guardrail.errors import InputError, PolicyError
from guardrail.testing import contract
from tests.passages import part, story

MEMO = story(1)
PLAIN = story(99, 80)

DIGITS = "".join(random.Random(7).choices("0123456789", k=300))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("letters")
    documents = [Document("memo", MEMO, "board"), Document("table", " ".join(DIGITS))]
    documents += [Document(f"mail{n}", story(n, 300)) for n in range(10, 14)]
    Key(b"0123456789abcdef").save(folder / "key")
    key = Key.from_file(folder / "key")
    CorpusIndex.build(documents, folder / "index", key=key, gram=16, unit="letters").close()
    CorpusIndex.build(documents, folder / "words", key=key).close()
    return folder


@pytest.fixture(scope="module")
def letters(home: Path) -> Iterator[Letters]:
    detector = Letters(index=home / "index", key_file=home / "key")
    yield detector
    detector.close()


def found(detector: Letters, raw: str, prompt: str | None = None) -> list[Finding]:
    return list(detector.find(Text(raw, context=Context(prompt=prompt))))


def broken(text: str) -> str:
    chance = random.Random(4)
    return "".join(f"{one} " if chance.random() < 0.3 else one for one in text)


SPACINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "run together": lambda text: text.replace(" ", ""),
    "in title case": lambda text: text.title().replace(" ", ""),
    "spelt out": lambda text: " ".join(text.replace(" ", "")),
    "with dots": lambda text: ".".join(text.replace(" ", "")),
    "broken": broken,
    "one a line": lambda text: "\n".join(text.replace(" ", "")),
}


@pytest.mark.parametrize("name", SPACINGS)
def test_finds_however_spaced(letters: Letters, name: str) -> None:
    """The finding covers the passage; a few letters at either end may agree by chance."""
    spaced = SPACINGS[name](part(MEMO, 10, 40))
    before = part(PLAIN, 0, 30)
    (finding,) = found(letters, f"{before}: {spaced} . {part(PLAIN, 30, 60)}")
    first = len(before) + 2
    assert first - 6 <= finding.start <= first
    assert first + len(spaced.rstrip()) <= finding.end <= first + len(spaced) + 6
    assert (finding.kind, finding.discount) == ("near", "")


CODES = (
    "alfa bravo charlie delta echo foxtrot golf hotel india juliett kilo lima mike november oscar "
    "papa quebec romeo sierra tango uniform victor whiskey xray yankee zulu"
)


def spoken(text: str) -> str:
    codes = CODES.split()
    return " ".join(codes[ord(letter) - ord("a")] for letter in text.replace(" ", ""))


def test_reads_the_spelling_alphabet(letters: Letters) -> None:
    """A passage that is spelt out in code words, without breaks, is found as all of them."""
    told, before = spoken(part(MEMO, 10, 40)), part(PLAIN, 0, 30)
    (finding,) = found(letters, f"{before}: {told} . {part(PLAIN, 30, 60)}")
    first = len(before) + 2
    assert (finding.start, finding.end) == (first, first + len(told))
    assert finding.source is not None
    assert finding.source.document == "memo"


def test_names_the_document(home: Path) -> None:
    """An index over letters can be searched like any other, and tells which document it was."""
    with CorpusIndex.open(home / "index", key=Key.from_file(home / "key")) as index:
        answer = part(MEMO, 10, 40).replace(" ", "")
        (match,) = index.search(answer)
        assert (match.document, match.sensitivity) == ("memo", "board")
        assert (match.start, match.end) == (0, len(answer))
        assert MEMO[match.anchor : match.anchor + 64].strip()
        assert index.info()["unit"] == "letters"
        assert not index.search(PLAIN)


def test_discounts(letters: Letters) -> None:
    """What the reader wrote does not count, however it is spaced there, nor do numbers."""
    joined = part(MEMO, 5, 45).replace(" ", "")
    assert [one.discount for one in found(letters, joined, part(MEMO, 0, 50))] == ["echo"]
    assert {one.discount for one in found(letters, DIGITS[20:140])} == {"indistinct"}


def test_contract(letters: Letters) -> None:
    """The contract of every detector."""
    hits = []
    for name in ("run together", "spelt out", "broken", "as it is"):
        raw = f"{part(PLAIN, 0, 20)} {SPACINGS[name](part(MEMO, 10, 40))} . {part(PLAIN, 20, 70)}"
        hits.append((raw, [(one.start, one.end) for one in found(letters, raw)]))
    raw = f"{part(PLAIN, 0, 20)} {spoken(part(MEMO, 10, 30))} . {part(PLAIN, 20, 70)}"
    hits.append((raw, [(one.start, one.end) for one in found(letters, raw)]))
    assert all(len(spans) == 1 for _, spans in hits)
    contract(letters, hits=hits, misses=["", "nothing here", PLAIN])


def test_the_other_index_does_not_load(home: Path) -> None:
    """`letters` and `verbatim` each name the index that they need, and letters need places."""
    with pytest.raises(PolicyError, match="--letters"):
        Letters(index=home / "words", key_file=home / "key")
    with pytest.raises(PolicyError, match="over words"):
        Verbatim(index=home / "index", key_file=home / "key")
    with pytest.raises(InputError, match="places"):
        CorpusIndex.build([], home / "none", layout="presence", unit="letters")
