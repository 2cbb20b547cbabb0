"""Every detector, however an answer is cut: what it finds in pieces it finds in the whole."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from detectors.canary import Canary
from detectors.letters import Letters
from detectors.memorised import Memorised
from detectors.near import Near
from detectors.pii import Pii
from detectors.records import Records
from detectors.secrets import Secrets
from detectors.shuffled import Shuffled
from detectors.verbatim import Verbatim
from guardrail import Context, CorpusIndex, Detector, Key, Text
from guardrail.records import RecordIndex
from guardrail.shuffled import ShuffledIndex
from guardrail.testing import chunkings, streamed
from tests.passages import DISGUISES, part, story
from tests.people import COLUMNS, FORMATS, KEY, person

MEMO, LETTER, PLAIN = story(1), story(2, 200), story(99, 80)
MARKER = "Quiet-Otter-48213-Fern"
PEOPLE = [person(seed) for seed in (3, 4, 7)]
VALUES = [told for one in PEOPLE for written in FORMATS.values() for told in written(one)]
PERSONAL = [
    "jane.roe@example.com",
    "(212) 555-0187",
    "4111 1111 1111 1111",
    "DE89 3704 0044 0532 0130 00",
    "ssn 536-22-8726",
    "192.0.2.17",
    "12 Elm Street, Oldport, NY 10001",
    "born on 3 May 1990",
]
KEYS = ["ghp_" + "a1B2" * 9, "sk_live_" + "A1" * 12, 'password = "x7#Kq9!vTz"', "AKIA" + "Q7" * 8]
GLUE = [
    *(
        " ",
        "\n",
        ". ",
        ", ",
        ": ",
        "; ",
        "-",
        "'",
        '"',
        "(",
        "[",
        "]",
        "{",
        "}",
        "<",
        ">",
        "/",
        "|",
    ),
    *("*", "**", "_", "`", "```\n", "> ", "\n- ", "\n1. ", "\\n", "\\u00", "&#", "&am", "p;", "=4"),
    *(
        "%2",
        "<b>",
        "</b>",
        "<br ",
        "<!-- a b c ",
        "-->",
        "é",
        "東",
        "\u00ad",
        "\u200b",
        "１２",
        "0x",
        "3",
    ),
    *(" at ", " dot ", " is ", "May ", "Apt. ", "Dr. ", "x" * 40, " and then on" * 6),
    '<span style="color: red; padding: 2px 4px" title="of the memo">',
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    (folder / "key").write_bytes(KEY)
    key, documents = Key.from_file(folder / "key"), [("memo", MEMO), ("letter", LETTER)]
    CorpusIndex.build(documents, folder / "words", key=key).close()
    CorpusIndex.build(documents, folder / "letters", key=key, gram=16, unit="letters").close()
    ShuffledIndex.build(documents, folder / "shuffled", key=key)
    rows = [person(seed).row for seed in range(40)]
    RecordIndex.build(rows, folder / "people", columns=COLUMNS, key=key).close()
    return folder


def passages(chance: random.Random) -> str:
    first = chance.randrange(40)
    return part(chance.choice((MEMO, LETTER)), first, first + chance.choice((4, 9, 15, 30)))


def one_of(several: Sequence[str]) -> Callable[[random.Random], str]:
    return lambda chance: chance.choice(several)


def keyed(home: Path, index: str) -> dict[str, Any]:
    return {"index": home / index, "key_file": home / "key"}


# How a detector is made, what stands in its texts, and how many of them are streamed at length.
CASES: dict[str, tuple[Callable[[Path], Detector], Callable[[random.Random], str], int]] = {
    "canary": (lambda _: often(Canary)(markers=(MARKER,)), one_of([MARKER]), 8_000),
    "letters": (lambda home: often(Letters)(**keyed(home, "letters")), passages, 5_000),
    "memorised": (lambda _: Memorised(), passages, 10_000),
    "near": (lambda home: often(Near)(**keyed(home, "words")), passages, 4_000),
    "pii": (lambda _: often(Pii)(languages=("de", "es")), one_of(PERSONAL), 25_000),
    "records": (lambda home: often(Records)(**keyed(home, "people")), one_of(VALUES), 25_000),
    "secrets": (lambda _: Secrets(), one_of(KEYS), 25_000),
    "shuffled": (lambda home: often(Shuffled)(**keyed(home, "shuffled")), passages, 5_000),
    "verbatim": (lambda home: Verbatim(**keyed(home, "words")), passages, 10_000),
}


def often(kind: type[Any]) -> type[Any]:
    """A detector that looks again after a few characters."""
    return type(kind.__name__, (kind,), {"step": 24})


def texts(chance: random.Random, made: Callable[[random.Random], str]) -> Iterator[str]:
    """Texts of what a detector finds, whole, in parts and in disguise, with all sorts between."""
    while True:
        pieces = [PLAIN[: chance.randrange(300)]]
        for _ in range(chance.randint(1, 8)):
            piece = made(chance)
            if chance.random() < 0.3:
                first = chance.randrange(len(piece))
                piece = piece[first : first + chance.randint(1, 40)]
            if chance.random() < 0.3 and piece.isascii():
                piece = chance.choice([*DISGUISES.values()])(piece)
            pieces += [piece, *chance.choices(GLUE, k=chance.randrange(4))]
        yield "".join([*pieces, PLAIN[: chance.randrange(200)]])


def check(home: Path, name: str, count: int, seed: int) -> None:
    make, made, _ = CASES[name]
    chance, detector = random.Random(seed), make(home)
    told = texts(chance, made)
    for _ in range(count // 2):
        raw = next(told)
        whole = sorted(detector.find(Text(raw)))
        chunked = [*chunkings(raw, 3, chance.randrange(2**32))]
        for chunks in chance.sample(chunked, 2):
            assert streamed(detector, chunks, Context()) == whole


@pytest.mark.parametrize("name", CASES)
def test_however_an_answer_is_cut(home: Path, name: str) -> None:
    """A few texts of each."""
    check(home, name, 40, seed=1)


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_however_an_answer_is_cut_at_length(home: Path, name: str) -> None:
    """More than a hundred thousand times, over all of them."""
    check(home, name, CASES[name][2], seed=2)
