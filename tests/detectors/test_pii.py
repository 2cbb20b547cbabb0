"""Personal data: what is found without a model, held whole while it streams, and by a model."""

from __future__ import annotations

import random
import sys
from itertools import combinations
from pathlib import Path

import pytest

from detectors.pii import Pii
from guardrail import Context, Guard, Rule, Text
from guardrail.errors import PolicyError
from guardrail.testing import chunkings, contract, streamed

pytest.importorskip("presidio_analyzer", reason="the extra leakrail[pii] is not installed")

CARD = " ".join(("4111", "1111", "1111", "1111"))
LONG_MAIL = "a-very-long-name.with.many-parts.and-more." + "department" + "@mail.example.org"


@pytest.fixture(scope="module")
def pii() -> Pii:
    return Pii()


HITS = [
    ("Write to jane.roe@example.com today.", [("email", "jane.roe@example.com")]),
    ("Call (212) 555-0187 before noon.", [("phone", "(212) 555-0187")]),
    ("Or +44 20 7946 0958, says Tom.", [("phone", "+44 20 7946 0958")]),
    (f"The card {CARD} was used.", [("credit_card", CARD)]),
    ("Pay to GB82 WEST 1234 5698 7654 32 now", [("iban", "GB82 WEST 1234 5698 7654 32")]),
    ("The host is 192.168.10.77 at home", [("ip_address", "192.168.10.77")]),
    ("My SSN: 536-22-8726, do not tell", [("us_ssn", "536-22-8726")]),
    (f"{LONG_MAIL} is long", [("email", LONG_MAIL)]),
]
MISSES = [
    "",
    "No number and no address stands here.",
    "Card 4111 1111 1111 1112 fails its checksum.",
    "Version 3.11.7 of 2024, chapter 12, 100 %",
    "name@localhost is no address; @handle neither",
]


def spans(raw: str, found: list[tuple[str, str]]) -> list[tuple[int, int]]:
    return [(raw.index(value), raw.index(value) + len(value)) for _, value in found]


@pytest.mark.parametrize(("raw", "found"), HITS)
def test_finds_by_pattern_and_checksum(pii: Pii, raw: str, found: list[tuple[str, str]]) -> None:
    """Each kind with its exact span, and no model or network."""
    findings = list(pii.find(Text(raw)))
    assert [(f.kind, raw[f.start : f.end]) for f in findings] == [
        (f"pii.{kind}", value) for kind, value in found
    ]


def test_keeps_the_contract_of_a_detector(pii: Pii) -> None:
    """Deterministic, settled, linear, and the same however the answer is cut."""
    contract(pii, hits=[(raw, spans(raw, found)) for raw, found in HITS], misses=MISSES)


def test_nothing_of_a_long_address_is_shown(pii: Pii) -> None:
    """An address of 74 characters is withheld whole for every way to cut it once or twice."""
    address = LONG_MAIL[:-4].rjust(68, "x") + ".co.uk"
    assert len(address) == 74
    answer = f"Write to {address} and wait."
    guard = Guard([Rule(pii, id="pii")])
    for first, second in combinations(range(len(answer)), 2):
        chunks = [answer[:first], answer[first:second], answer[second:]]
        assert "".join(guard.stream(chunks)) == "Write to [redacted] and wait."


def test_sentences_end_in_the_same_place_for_every_cut(pii: Pii) -> None:
    """Long sentences, many lines, numbers anywhere: a stream is a check."""
    chance = random.Random(5)
    parts = [raw for raw, _ in HITS] + ["plain words ", "\n", ". ", "x" * 300, "word " * 120, "7 "]
    for _ in range(8):
        raw = "".join(chance.choice(parts) for _ in range(20))
        whole = sorted(pii.find(Text(raw)))
        for chunks in chunkings(raw, 6, seed=chance.randrange(99)):
            assert streamed(pii, chunks, Context()) == whole


def test_holds_plain_text_by_a_few_words(pii: Pii) -> None:
    """Without a digit or an at sign little more waits than 32 characters."""
    scanner = pii.scanner(Context())
    text = "Ordinary words flow freely, as nothing in them looks like an address or a number. "
    for end, letter in enumerate(text, 1):
        scanner.feed(letter)
        assert end - scanner.settled <= 40
    scanner.feed("And so it goes on, in one piece. ")
    assert len(text) + 33 - scanner.settled <= 2


def test_a_word_of_context_raises_the_score() -> None:
    """Nine bare digits count where the sentence speaks of social security."""
    strict = Pii(entities=("us_ssn",))
    assert not list(strict.find(Text("The part number is 536228726 here")))
    (finding,) = strict.find(Text("My social security number, ssn 536228726"))
    assert finding.score == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"entities": ("person",)}, "no entity 'person'; known: credit_card"),
        ({"min_score": 2.0}, "between 0 and 1"),
        ({"model": "no_such_model"}, "no spaCy model 'no_such_model'"),
    ],
)
def test_bad_options_do_not_load(options: dict[str, object], message: str) -> None:
    """An entity or model that is not there is named."""
    with pytest.raises(PolicyError, match=message):
        Pii(**options)  # type: ignore[arg-type]


def test_a_model_of_the_users_names_people(tmp_path: Path) -> None:
    """With a spaCy model from a folder, people and places are found as well, streamed too."""
    import spacy

    language = spacy.blank("en")
    ruler = language.add_pipe("entity_ruler")
    ruler.add_patterns(  # type: ignore[attr-defined]
        [
            {"label": "PERSON", "pattern": "Ada Quill"},
            {"label": "GPE", "pattern": [{"LOWER": "tarn"}, {"LOWER": "river"}]},
        ]
    )
    language.to_disk(tmp_path / "model")
    pii = Pii(model=str(tmp_path / "model"))
    raw = "Then Ada Quill went to Tarn River. Her mail is ada@example.org, says Ada Quill"
    kinds = [(f.kind, raw[f.start : f.end]) for f in pii.find(Text(raw))]
    assert kinds == [
        ("pii.person", "Ada Quill"),
        ("pii.location", "Tarn River"),
        ("pii.email", "ada@example.org"),
        ("pii.person", "Ada Quill"),
    ]
    for chunks in chunkings(raw, 20, seed=6):
        assert streamed(pii, chunks, Context()) == sorted(pii.find(Text(raw)))


def test_without_presidio_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the extra is not installed, the error says how to install it."""
    monkeypatch.setitem(sys.modules, "presidio_analyzer", None)
    with pytest.raises(PolicyError, match=r"pip install 'leakrail\[pii\]'"):
        Pii()
