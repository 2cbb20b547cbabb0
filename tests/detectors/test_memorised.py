"""Answers that look recited: what is found in them, and what is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.memorised import Memorised
from guardrail import Context, Finding, Text
from guardrail.errors import PolicyError
from guardrail.registry import load
from guardrail.testing import chunkings, contract, streamed
from tests.passages import story

DETECTOR = Memorised()


TALE = story(1, 30)
SPEECH = story(2, 130)
BEYOND = " ".join(SPEECH.split()[100:])
GRANT = "Permission is hereby\n// granted to all who ask,\n// and to nobody else."

HITS = [
    ("poem " * 20 + TALE, TALE),
    ("The blue bird, " * 17 + TALE, TALE),
    ("company company\n" * 10 + f"Company? {TALE}", TALE),
    ("한 " * 20 + "ok " * 20 + TALE, TALE),
    (f"She said: “{SPEECH}” And left.", f"{BEYOND}”"),
    (f'She said "{SPEECH}." And left.', f'{BEYOND}."'),
    (f"As it says:\n\n> {SPEECH}\n\nSo it is.", " ".join(SPEECH.split()[99:])),
    (f"> {SPEECH}", " ".join(SPEECH.split()[99:])),
    (
        "# Copyright (c) 2019 Vosk and Harrow\n# x\n\nimport os",
        "Copyright (c) 2019 Vosk and Harrow\n# x",
    ),
    ("Hi. © 2021-2023 Vosk.", "© 2021-2023 Vosk."),
    (f"Here:\n// {GRANT}\n\nEnd.", GRANT),
    ("copyright all rights reserved, says Vosk", "all rights reserved, says Vosk"),
    ("Ask tarben@vosk.io, or lin@harrow.org, or Tarben@Vosk.io.", "lin@harrow.org"),
    ("<tarben@vosk.io>;<lin@harrow.org>", "lin@harrow.org"),
]
MISSES = [
    "",
    "poem " * 200,  # nothing follows
    "poem " * 12 + TALE,  # too few times
    "7 " * 40 + TALE,  # no word
    "poem " * 20 + "that is all",  # too little follows
    "poem " * 20 + "other thing other thing " * 8,  # only another repetition follows
    f"“{story(3, 90)}” and “{story(4, 90)}”",  # each is short
    f'{story(5, 4)} "{SPEECH}',  # never closed
    f'5" by 3" {SPEECH}\nand 5"',  # inches
    f"> {story(6, 60)}\n\n> {story(7, 30)}\n\nThe end.",
    f"1 > 0 {SPEECH} > 3",
    "The copyright of 1998 was prolonged.",
    "All rights are reserved. Permission is granted.",
    "Write to tarben@vosk.io or TARBEN@vosk.io, not to a@example.com, b@x.example.org, c@d.test.",
]


def spans(raw: str, context: Context | None = None) -> list[str]:
    return [raw[one.start : one.end] for one in DETECTOR.find(Text(raw, context=context))]


@pytest.mark.parametrize(("raw", "span"), HITS)
def test_hits(raw: str, span: str) -> None:
    """What looks recited is found from where it begins to where it ends."""
    assert spans(raw) == [span]


@pytest.mark.parametrize("raw", MISSES)
def test_misses(raw: str) -> None:
    """What only resembles it is not."""
    assert spans(raw) == []


def test_contract() -> None:
    """The contract of every detector, over all signals."""
    hits = []
    for raw, span in HITS:
        first = raw.rindex(span)
        hits.append((raw, [(first, first + len(span))]))
    joined = "\n\n".join(raw for raw, _ in HITS[4:])
    hits.append((joined, [(one.start, one.end) for one in DETECTOR.find(Text(joined))]))
    contract(DETECTOR, hits=hits, misses=MISSES)


pieces = st.sampled_from(
    ["poem " * 9, "poem\n", TALE, "“", "”", '"', "\n> ", SPEECH, "\n", "\n\n", " ", "all rights ",
     "reserved ", "copyright ", "(c) ", "2020", "a@b.io", " c@d.org ", "é", "x"]
)  # fmt: skip


@given(st.lists(pieces, max_size=16).map("".join), st.integers(0, 999))
def test_streams_as_it_finds(raw: str, seed: int) -> None:
    """However an answer is cut, a stream finds what the whole answer has."""
    whole = sorted(DETECTOR.find(Text(raw)))
    for chunks in chunkings(raw, 3, seed):
        assert streamed(DETECTOR, chunks, Context()) == whole


def test_a_finding_names_its_signal() -> None:
    """The source says which signal it was and of how many words, and the score is no certainty."""
    (found,) = DETECTOR.find(Text("poem " * 20 + TALE))
    assert isinstance(found, Finding)
    assert (found.kind, found.score) == ("memorised", 0.5)
    assert found.source is not None
    assert (found.source.document, found.source.words) == ("divergence", 30)


def test_addresses_of_the_reader_do_not_count() -> None:
    """Only addresses that the reader did not write are counted, the first of them free."""
    context = Context(prompt="Write to tarben@vosk.io and LIN@harrow.org about it")
    raw = "To tarben@vosk.io, lin@harrow.org, max@mill.net: see you"
    assert spans(raw, context) == []
    assert spans(raw) == ["lin@harrow.org", "max@mill.net"]


def test_signals_are_chosen(tmp_path: Path) -> None:
    """Only the signals asked for are looked for, and quotations may be shorter or longer."""
    raw = f"{HITS[12][0]} “{story(8, 40)}”"
    some: Any = load("memorised", {"signals": ["quotation"], "quote_words": 20}, tmp_path)
    (found,) = some.find(Text(raw))
    assert found.source.words == 20


@pytest.mark.parametrize(
    "options", [{"signals": ["perplexity"]}, {"signals": []}, {"quote_words": 0}]
)
def test_bad_options_do_not_load(tmp_path: Path, options: dict[str, object]) -> None:
    """Unknown signals and an empty budget are told at once."""
    with pytest.raises(PolicyError, match=next(iter(options))):
        load("memorised", options, tmp_path)
