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
from guardrail.records import RecordIndex
from guardrail.testing import chunkings, contract, streamed

pytest.importorskip("presidio_analyzer", reason="the extra leakrail[pii] is not installed")

CARD = " ".join(("4111", "1111", "1111", "1111"))
NBSP = "\u00a0"
IBAN = "GB82\u202fWEST\u202f1234\u202f5698\u202f7654\u202f32"
KEY = b"a key of no consequence"
ADDRESS = "12 Elm Street, Apt. 4, Springfield, IL 62704"
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
    ("Her fax, 03.93.92.16.85, is off", [("phone", "03.93.92.16.85")]),
    ("Phone:\n467 3395 mobile", [("phone", "467 3395")]),
    ("My card 4000 0000 0000 0000 006 expires", [("credit_card", "4000 0000 0000 0000 006")]),
    ("pay to gb82 west 1234 5698 7654 32", [("iban", "gb82 west 1234 5698 7654 32")]),
    ("She was born on 12 March 1981.", [("birthday", "12 March 1981")]),
    ("Born March 12, 1981, in Rome", [("birthday", "March 12, 1981")]),
    ("NHS number: 943 476 5919", [("uk_nhs", "943 476 5919")]),
    ("He lives at 12 Elm Street, Apt. 4, Springfield, IL 62704.", [("address", ADDRESS)]),
    ("It is Rue de la Paix 12, Paris, now", [("address", "Rue de la Paix 12, Paris")]),
    ("Zur Lindenstraße 7a, bitte", [("address", "Lindenstraße 7a")]),
    ("Send it to P.O. Box 194 today", [("address", "P.O. Box 194")]),
    ("My zip code is 29687 here", [("address", "29687")]),
    (f"The card {CARD.replace(' ', NBSP)} was used.", [("credit_card", CARD.replace(" ", NBSP))]),
    (f"A card\n{CARD[:9]}\n{CARD[10:]} here", [("credit_card", f"{CARD[:9]}\n{CARD[10:]}")]),
    (f"The card {CARD.replace(' ', '.')} was used.", [("credit_card", CARD.replace(" ", "."))]),
    ("IBAN GB82\u202fWEST\u202f1234\u202f5698\u202f7654\u202f32", [("iban", IBAN)]),
    ("My SSN: 536\u201122\u20118726", [("us_ssn", "536\u201122\u20118726")]),
    ("My SSN: ５３６–２２–８７２６", [("us_ssn", "５３６–２２–８７２６")]),
    ("Born 12\u201103\u20111984 in Rome", [("birthday", "12\u201103\u20111984")]),
    ('{"date_of_birth": "1984-03-12"}', [("birthday", "1984-03-12")]),
    ('{"dateOfBirth": "1984-03-12"}', [("birthday", "1984-03-12")]),
    ("Birthdate: 1984-03-12", [("birthday", "1984-03-12")]),
    (
        "Mail ｊ．ｒｏｅ＠ｅｘａｍｐｌｅ．ｃｏｍ now",
        [("email", "ｊ．ｒｏｅ＠ｅｘａｍｐｌｅ．ｃｏｍ")],
    ),
    ("Mail j.roe@exam\u00adple.com now", [("email", "j.roe@exam\u00adple.com")]),
    (
        "Phones:\n212-555-0187\n212-555-0188",
        [("phone", "212-555-0187"), ("phone", "212-555-0188")],
    ),
]
MISSES = [
    "",
    "No number and no address stands here.",
    "Card 4111 1111 1111 1112 fails its checksum.",
    "Version 3.11.7 of 2024, chapter 12, 100 %",
    "name@localhost is no address; @handle neither",
    "See a.example/path.2125550187 for more",  # a path, no telephone
    "Call it 1234567 times 7654321, as of 2024-01-02",
    "He was born in 1981, and left on 12 March 1999",
    "The 5 Main Streets; 3 ways; via 12 hops; on the road 66",
    "born march 12, 1981",  # only a capital tells a month from may and march
    "In the post, 2024 was a good year",
    "Cards\n4111\n1111\n1111\n1111",  # a column of numbers
    "A stillbirth on 2024-01-02, a seabird born",  # no word for birth before a date
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


def test_numbers_in_lines_are_all_found(pii: Pii) -> None:
    """However long the column is, streamed too: none is cut in two."""
    numbers = [f"536-22-{number}" for number in range(8000, 8100)]
    raw = "SSN\n" + "\n".join(numbers)
    found = list(pii.find(Text(raw)))
    assert [raw[one.start : one.end] for one in found] == numbers
    for chunks in chunkings(raw, 1, seed=4):
        assert streamed(pii, chunks, Context()) == found


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
    """Without a digit or an at sign little more waits than 64 characters."""
    stream = Guard([Rule(pii, id="pii")]).start(Context())
    text = "Ordinary words flow freely, as nothing in them looks like an address or a number. "
    shown = ""
    for end, letter in enumerate(text, 1):
        shown += stream.feed(letter)
        assert end - len(shown) <= 72
    shown += stream.feed("And so it goes on and on, until it ends, in one piece. ")
    assert len(text) + 55 - len(shown) <= 2


def test_a_word_of_context_raises_the_score() -> None:
    """Nine bare digits count where the sentence speaks of social security."""
    strict = Pii(entities=("us_ssn",))
    assert not list(strict.find(Text("The part number is 536228726 here")))
    (finding,) = strict.find(Text("My social security number, ssn 536228726"))
    assert finding.score == pytest.approx(0.4)
    health = Pii(entities=("uk_nhs",))
    assert not list(health.find(Text("The sum is 9434765919, a right check digit by chance")))
    assert list(health.find(Text("The NHS has her as 9434765919")))
    taxes = Pii(entities=("au_tfn",))
    assert not list(taxes.find(Text("701\n294\n289\n")))
    assert list(taxes.find(Text("The tax file number is 701 294 289")))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"entities": ("person",)}, "no entity 'person'; known: address"),
        ({"entities": ()}, "entities is empty"),
        ({"languages": ("xx",)}, "no national numbers of language 'xx'; known: de, en"),
        *(
            ({"language": one}, f"no national numbers of language '{one}'; known: de, en")
            for one in ("EN", "eng", "xx", "fr", "")
        ),
        *(
            ({"regions": several}, "regions must be countries")
            for several in ((), ("XX",), ("us",), ("US", "USA"))
        ),
        ({"allow": ("(",)}, r"allow: '\(' is no pattern"),
        ({"min_score": 2.0}, "between 0 and 1"),
        ({"model": "no_such_model"}, "no spaCy model 'no_such_model'"),
    ],
)
def test_bad_options_do_not_load(options: dict[str, object], message: str) -> None:
    """An entity or model that is not there is named."""
    with pytest.raises(PolicyError, match=message):
        Pii(**options)  # type: ignore[arg-type]


def test_what_is_allowed_is_not_found() -> None:
    """A value, or all that a pattern matches whole, in any case."""
    pii = Pii(allow=(r"help@example\.com", r".*@test\.example\.org"))
    raw = "Ask Help@example.com, b@test.example.org or jane.roe@example.com."
    assert [raw[f.start : f.end] for f in pii.find(Text(raw))] == ["jane.roe@example.com"]


def test_national_numbers_go_by_language() -> None:
    """Those of the language and of further ones are looked for, and only those."""
    raw = "Mi DNI es 12345678Z. My SSN: 536-22-8726"
    for options, found in (
        ({}, ["pii.us_ssn"]),
        ({"language": "es"}, ["pii.es_nif"]),
        ({"languages": ("es", "en")}, ["pii.es_nif", "pii.us_ssn"]),
        ({"entities": ("email",)}, []),
    ):
        assert [f.kind for f in Pii(**options).find(Text(raw))] == found


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A folder with a model that knows a few names, and takes some for what they are not."""
    import spacy

    names = {
        "PERSON": ["Ada Quill", "(Nora)", "ada quill", "Villa Lane", "Box 75", "quill", "Tom's"],
        "GPE": ["Tarn River", "tarn river", "Roe"],
        "NORP": ["Welsh"],
        "PRODUCT": ["Widget"],
    }
    language = spacy.blank("en")
    ruler = language.add_pipe("entity_ruler")
    ruler.add_patterns(  # type: ignore[attr-defined]
        [{"label": label, "pattern": name} for label, several in names.items() for name in several]
    )
    folder = tmp_path_factory.mktemp("spacy") / "model"
    language.to_disk(folder)
    return str(folder)


def test_a_model_of_the_users_names_people(model: str) -> None:
    """With a spaCy model from a folder, people and places are found as well, streamed too."""
    pii = Pii(model=model)
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


def test_with_a_model_the_contract_is_kept(model: str) -> None:
    """Names are as deterministic, settled, linear and the same in streams as patterns are."""
    hits = [
        (
            "Ada Quill met Tom's aunt.\nIn Tarn River? Ask Roe",
            [(0, 9), (14, 17), (29, 39), (45, 48)],
        )
    ]
    contract(Pii(model=model), hits=hits, misses=["A quill is a pen"])


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ("We met Mr. Roe there", [("person", "Roe")]),  # after a title, a place is a person
        ("So at Villa Lane 12 we met", [("location", "Villa Lane")]),  # beside a number, a place
        ("It is in 12 Villa Lane", [("address", "12 Villa Lane")]),  # a pattern goes before a name
        ("The Box 75 is full", []),  # no name has digits
        ("with ada quill in tarn river", [("person", "ada quill"), ("location", "tarn river")]),
        ("A quill is a pen", []),  # small letters where others are capital
        ("My name is Orla O. Byrne", [("person", "Orla O. Byrne")]),
        ("Is it (Nora) or not", [("person", "Nora")]),
        ("So this is Tom's pen", [("person", "Tom")]),
        (f"The {'Q' * 41} it is", []),  # no word, and shown to no model
        ("The Welsh Widget", []),  # not asked for, and no name
    ],
)
def test_names_are_corrected(model: str, raw: str, found: list[tuple[str, str]]) -> None:
    """What stands around a name tells whether the model took it for what it is."""
    kinds = [(f.kind, raw[f.start : f.end]) for f in Pii(model=model).find(Text(raw))]
    assert kinds == [(f"pii.{kind}", value) for kind, value in found]


def test_only_the_names_that_are_asked_for(model: str) -> None:
    """Organizations and nationalities are found where they are named, and others then are not."""
    raw = "Ada Quill is Welsh and named him Tom"
    (finding,) = Pii(model=model, entities=("nationality",)).find(Text(raw))
    assert (finding.kind, raw[finding.start : finding.end]) == ("pii.nationality", "Welsh")


def test_only_people_of_the_records(model: str, tmp_path: Path) -> None:
    """With a records index a name counts where its bearer stands there, in any form of it."""
    rows = [{"name": "Ada M. Quill", "city": "Tarn River"}]
    RecordIndex.build(rows, tmp_path / "staff", columns={"name": "name"}, key=KEY).close()
    (tmp_path / "key").write_bytes(KEY)
    pii = Pii(model=model, people=tmp_path / "staff", key_file=tmp_path / "key")
    raw = "Ada Quill met Mr. Brook. My name is Quill, Ada: ada@example.org, Tarn River"
    found = [(f.kind, raw[f.start : f.end]) for f in pii.find(Text(raw))]
    assert found == [
        ("pii.person", "Ada Quill"),
        ("pii.email", "ada@example.org"),
        ("pii.location", "Tarn River"),
    ]
    for chunks in chunkings(raw, 9, seed=2):
        assert streamed(pii, chunks, Context()) == sorted(pii.find(Text(raw)))
    pii.close()


def test_people_need_names(model: str, tmp_path: Path) -> None:
    """An index without names, and a detector that finds none, do not load."""
    index = tmp_path / "staff"
    RecordIndex.build([{"id": "A123456"}], index, columns={"id": "id"}).close()
    with pytest.raises(PolicyError, match="no column of type name"):
        Pii(model=model, people=index)
    with pytest.raises(PolicyError, match="people needs a model"):
        Pii(people=index)
    Pii().close()


def test_without_presidio_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the extra is not installed, the error says how to install it."""
    monkeypatch.setitem(sys.modules, "presidio_analyzer", None)
    with pytest.raises(PolicyError, match=r"pip install 'leakrail\[pii\]'"):
        Pii()
