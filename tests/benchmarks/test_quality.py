"""What the quality benchmark does to passages, and how it counts."""

from __future__ import annotations

import base64
import gzip
import html
import json
import quopri
import random
import unicodedata
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

import pytest

from benchmarks.planted import canonical
from benchmarks.quality import leaderboard
from benchmarks.quality.chance import bootstrap, exact
from benchmarks.quality.disguises import DISGUISES
from benchmarks.quality.edits import EDITS, SHUFFLES
from benchmarks.quality.memos import ENGLISH, languages, memos
from benchmarks.quality.outsiders import serve
from benchmarks.quality.passages import Planted, Score, lengths, prose
from benchmarks.report import Report

PASSAGE = "The keeper of the lamp, who seldom spoke, wrote: “Forty barrels, and no more.”"
ASCII = "The keeper of the lamp, who seldom spoke, wrote: forty barrels, and no more."
BY_NAME = {disguise.name: disguise for disguise in DISGUISES}

UNDO: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "full width": lambda text: unicodedata.normalize("NFKC", text),
    "mathematical bold": lambda text: unicodedata.normalize("NFKC", text),
    "mathematical sans": lambda text: unicodedata.normalize("NFKC", text),
    "words in bold": lambda text: text.replace("**", ""),
    "HTML tags between words": lambda text: text.replace("<b>", "").replace("</b>", ""),
    "soft hyphens in words": lambda text: text.replace("\u00ad", ""),
    "joined by underscores": lambda text: text.replace("_", " "),
    "letters spaced out": lambda text: " ".join(
        word.replace(" ", "") for word in text.split("   ")
    ),
    "list, a word a line": lambda text: " ".join(line[2:] for line in text.splitlines()),
    "numbered list, a word a line": lambda text: " ".join(
        line.split(". ", 1)[1] for line in text.splitlines()
    ),
    "base64": lambda text: base64.b64decode(text).decode(),
    "base64, lines of 76": lambda text: base64.b64decode(text).decode(),
    "base64, for URLs": lambda text: base64.urlsafe_b64decode(text).decode(),
    "base32": lambda text: base64.b32decode(text).decode(),
    "base85": lambda text: base64.b85decode(text).decode(),
    "ascii85": lambda text: base64.a85decode(text, adobe=True).decode(),
    "hex": lambda text: bytes.fromhex(text).decode(),
    "hex, spaced": lambda text: bytes.fromhex(text).decode(),
    "hex, \\x": lambda text: bytes.fromhex(text.replace("\\x", "")).decode(),
    "percent, all bytes": unquote,
    "percent, as in URLs": unquote,
    "HTML entities, decimal": html.unescape,
    "HTML entities, hex": html.unescape,
    "JSON escapes": lambda text: str(json.loads(f'"{text}"')),
    "quoted-printable": lambda text: quopri.decodestring(text).decode(),
    "quoted-printable, all bytes": lambda text: quopri.decodestring(text).decode(),
    "binary octets": lambda text: bytes(int(part, 2) for part in text.split()).decode(),
    "decimal code points": lambda text: "".join(chr(int(part)) for part in text.split()),
    "letters reversed": lambda text: text[::-1],
    "words in reverse order": lambda text: " ".join(text.split()[::-1]),
    "each word reversed": lambda text: " ".join(word[::-1] for word in text.split()),
    "rot13": lambda text: BY_NAME["rot13"](text, 0),
    "atbash": lambda text: BY_NAME["atbash"](text, 0),
    "rot47": lambda text: BY_NAME["rot47"](text, 0),
    "base64 of hex": lambda text: bytes.fromhex(base64.b64decode(text).decode()).decode(),
    "base64 of base64": lambda text: base64.b64decode(base64.b64decode(text)).decode(),
    "base64 of reversed": lambda text: base64.b64decode(text).decode()[::-1],
    "base64 of gzip": lambda text: gzip.decompress(base64.b64decode(text)).decode(),
}


@pytest.mark.parametrize("name", UNDO)
def test_disguise_is_what_it_says(name: str) -> None:
    """What stands for an encoding decodes to the passage, letter for letter."""
    assert UNDO[name](BY_NAME[name](PASSAGE, 1)) == PASSAGE


def test_disguises_keep_the_letters_that_they_say_they_keep() -> None:
    """A rewrite of layout or letters leaves the letters in their order; names are unique."""
    letters = "".join(filter(str.isalpha, ASCII)).lower()
    for name in (
        "upper case",
        "random case",
        "punctuation added",
        "white space as noise",
        "zero-width in words",
        "combining accents",
        "spaces dropped",
        "CamelCase",
        "letters joined by dots",
        "spaces inside words",
        "emoji between words",
    ):
        made = BY_NAME[name](ASCII, 1)
        assert "".join(part for part in made if part.isalpha()).lower() == letters, name
    assert len(BY_NAME) == len(DISGUISES)
    assert sum(disguise.undoable for disguise in DISGUISES) >= 30


def test_disguises_are_the_same_for_the_same_seed() -> None:
    """A rewrite is a pure function of the passage and the seed, and changes something."""
    for disguise in DISGUISES[1:]:
        assert disguise(PASSAGE, 3) == disguise(PASSAGE, 3)
        assert disguise(PASSAGE, 3) != PASSAGE


def test_small_codes_spell_what_they_should() -> None:
    """Morse, the spelling alphabet, leetspeak and look-alikes are the usual ones."""
    assert BY_NAME["Morse"]("Sos a1", 0) == "... --- ... / .- .----"
    assert BY_NAME["spelling alphabet"]("Ab", 0) == "alfa bravo"
    assert BY_NAME["leetspeak"]("Also Toast", 0) == "4l50 70457"
    assert BY_NAME["pig latin"]("string apple", 0) == "ingstray appleway"
    assert set(BY_NAME["Cyrillic look-alikes"]("aaaaaaaa", 0)) == {"a", "а"}


@pytest.mark.parametrize("kind", EDITS)
def test_edits_touch_the_share_of_words_that_was_asked_for(kind: str) -> None:
    """A rate of 0 changes nothing, a rate of 20 % leaves most words, and chance is seeded."""
    words = [f"word{number}" for number in range(100)]
    assert EDITS[kind](words, 0.0, ["other"], random.Random(1)) == words
    made = EDITS[kind](words, 0.2, ["other"], random.Random(1))
    assert made == EDITS[kind](words, 0.2, ["other"], random.Random(1))
    assert 80 <= len(set(words).intersection(made)) <= 97
    assert made.count("other") <= 20


@pytest.mark.parametrize("kind", SHUFFLES)
def test_shuffles_keep_every_word(kind: str) -> None:
    """A shuffled passage has the words that it had, in another order."""
    passage = ", ".join(f"one{n} two{n} three{n} four{n} five{n}" for n in range(20))
    made = SHUFFLES[kind](passage, random.Random(1))
    assert sorted(made.split()) == sorted(passage.split())
    assert made != passage


def test_intervals_are_those_of_the_tables() -> None:
    """Clopper and Pearson's interval at its ends and in the middle; the bootstrap's width."""
    assert exact(0, 100) == pytest.approx((0.0, 0.0362), abs=1e-4)
    assert exact(100, 100) == pytest.approx((0.9638, 1.0), abs=1e-4)
    assert exact(50, 100) == pytest.approx((0.3983, 0.6017), abs=1e-4)
    low, high = bootstrap([0.0, 1.0] * 50, lambda drawn: sum(drawn) / len(drawn), seed=1)
    assert low < 0.5 < high
    assert high - low == pytest.approx(0.2, abs=0.03)


def test_passage_counts_as_found_where_a_finding_touches_it() -> None:
    """Findings outside the passage do not count; covered characters are counted once."""
    row = Planted(("before", "after"), "x" * 10, " ")
    assert row.text == "before xxxxxxxxxx after"
    assert row.text[slice(*row.span)] == "x" * 10
    score = Score()
    score.add(row.span, [(0, 7), (18, 20)])
    score.add(row.span, [(0, 12), (5, 14)])
    assert score.outcomes == [False, True]
    assert score.covered == pytest.approx(0.7)
    assert score.recall == 0.5


def test_passages_have_the_length_asked_for() -> None:
    """Lengths run from the shortest to the longest; passages of prose are cut to them, seeded."""
    sizes = lengths(9)
    assert (sizes[0], sizes[-1]) == (20, 200)
    text = " ".join("".join(random.Random(n).choices("abcdefgh", k=6)) for n in range(900))
    found = prose({"a": text}, sizes, seed=1)
    assert [len(passage.split()) for passage in found] == sizes
    assert found == prose({"a": text}, sizes, seed=1)
    assert all(passage in text for passage in found)


def test_memos_are_made_alike_in_every_language() -> None:
    """Each language has as many phrases for each part of a sentence, and more than 2,000 words."""
    known = languages()
    shapes = {
        language: sorted((slot, len(phrases)) for slot, phrases in parts.items())
        for language, parts in known.items()
    }
    assert ENGLISH in known
    assert len(known) == 6
    assert len({str(shape) for shape in shapes.values()}) == 1
    for parts in known.values():
        made = memos(parts, 8, seed=1)
        assert made == memos(parts, 8, seed=1)
        assert len(set(made)) == 8
        assert sum(len(canonical(memo).spans) for memo in made) > 2000


def test_libraries_of_others_are_asked_line_by_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """A library is made once, of the texts that it is to know, and asked for one text a line."""
    made: list[list[str]] = []

    def library(texts: list[str]) -> serve.Ask:
        made.append(texts)
        return lambda text: [(0, len(text), "leak")] if text in texts else []

    monkeypatch.setitem(serve.KNOWN, "made up", library)
    lines = ['{"build": ["one", "two"]}', '{"text": "two"}', '{"text": "three"}']
    built, hit, miss = serve.answers("made up", iter(lines))
    assert made == [["one", "two"]]
    assert built == {}
    assert hit["spans"] == [(0, 3, "leak")]
    assert miss["spans"] == []
    assert miss["seconds"] >= 0


def test_leaderboard_puts_bars_first(tmp_path: Path) -> None:
    """The page holds bars, tables, command and charts of every part that was run."""
    leaderboard.write(tmp_path, {"part": "a question"})
    assert not (tmp_path / "QUALITY.md").exists()
    report = Report("quality", 7, ["--seed", "7"], part="part")
    report.table("found", [{"rewrite": "a|b", "recall": 0.98765, "n": 12}])
    report.table("bars", [{"what": "all", "figure": 0.5, "bar": ">= 0.98", "met": "NO"}])
    report.chart("curve", "<svg/>")
    report.save(tmp_path)
    leaderboard.write(tmp_path, {"part": "a question", "other": "not run"})
    page = (tmp_path / "QUALITY.md").read_text("utf-8")
    assert "0 of 1 are met" in page
    assert page.index("| part | all | 0.5 | >= 0.98 | NO |") < page.index("## part: a question")
    assert "| a\\|b | 0.9877 | 12 |" in page
    assert "python -m benchmarks quality --seed 7" in page
    assert "(quality-part-curve.svg)" in page
    assert "not run" not in page
