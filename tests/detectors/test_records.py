"""Fields of records: found in every format, together or alone, whole or as they stream."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.records import Records
from guardrail import Action, Context, Finding, Guard, Key, Message, Rule, Text
from guardrail.errors import IndexKeyError, IndexMissingError, KeyFileError, PolicyError
from guardrail.records import FieldType, RecordIndex
from guardrail.testing import chunkings, contract, streamed
from tests.people import COLUMNS, FORMATS, KEY, Person, people, person, strangers, written

STRONG = ("email", "phone", "account")
WEAK = ("born", "salary", "illness")
ADA = person(3)
BOB = person(4)
CARDS = ["4" + "1" * size + "2" * size for size in (4, 6, 7, 8)]

glue = st.sampled_from([" ", ", ", "\n", ". ", " is ", "é", "東", " - ", " at ", " dot ", "@", ""])
marks = st.one_of(
    st.sampled_from(
        ["\u00ad", "\u200b" * 3, "\u2011", "\u00a0", "＠", "．", "１２", "5*", "3 000,50"]
    ),
    st.sampled_from(
        ["**", "`", "\\_", "<b>", "</b>", "<br ", "/>", "<i x", "&#64;", "&am", "p;", "%40"]
    ),
    st.sampled_from(
        ['{"first_name":"', '", "last_name" : "', '":', "'a", '"', "First name: ", "last_"]
    ),
    st.sampled_from(["Name", "\\n", "\\t", "\\"]),
)
shreds = st.builds(
    lambda raw, first, size: raw[first % len(raw) :][:size],
    st.sampled_from([text for column in FORMATS for text in FORMATS[column](ADA)]),
    st.integers(0, 30),
    st.integers(1, 30),
)
values = st.one_of(
    people.flatmap(lambda one: st.sampled_from([w for f in FORMATS.values() for w in f(one)])),
    st.sampled_from([ADA, BOB]).flatmap(
        lambda one: st.sampled_from([w for f in FORMATS.values() for w in f(one)])
    ),
)
texts = st.lists(st.one_of(values, shreds, glue, marks, st.just("and then")), max_size=14).map(
    "".join
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("records")
    (folder / "key").write_bytes(KEY)
    rows = [person(seed).row for seed in range(40)]
    RecordIndex.build(
        rows, folder / "people", columns=COLUMNS, key=KEY, sensitivity="staff"
    ).close()
    return folder


@pytest.fixture(scope="module")
def records(home: Path) -> Iterator[Records]:
    detector = Records(index=home / "people", key_file=home / "key")
    yield detector
    detector.close()


@pytest.fixture(scope="module")
def cards(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Records]:
    folder = tmp_path_factory.mktemp("cards") / "index"
    RecordIndex.build([{"card": card} for card in CARDS], folder, columns={"card": "id"}).close()
    detector = Records(index=folder)
    yield detector
    detector.close()


def find(detector: Records, raw: str, **context: object) -> list[Finding]:
    return list(detector.find(Text(raw, context=Context(**context))))  # type: ignore[arg-type]


@given(st.data(), people, st.sampled_from(STRONG))
def test_a_strong_field_is_found_in_every_format(
    records: Records, data: st.DataObject, one: Person, column: str
) -> None:
    """Whoever's it is and however it is written, with words before and behind it."""
    value = data.draw(written(one, column))
    raw = f"Yes, the one you want is {value} and no other."
    end = raw.index(value) + len(value)
    (finding,) = find(records, raw)
    assert finding.end == end
    # Signs, zeros and a country code may stay in front of a number.
    assert value[: len(value) - end + finding.start].strip("+(01") == ""


@given(st.data(), people, st.sampled_from(WEAK))
def test_a_name_and_a_field_are_found_in_every_format(
    records: Records, data: st.DataObject, one: Person, column: str
) -> None:
    """Both of them, in either order."""
    name, value = data.draw(written(one, "name")), data.draw(written(one, column))
    core = value.removeprefix("USD ").removeprefix("$").removesuffix(" EUR")
    for raw in (f"It says {name} and then {value}.", f"It says {value} and then {name}."):
        found = find(records, raw)
        for part in (name.removeprefix("DR. "), core):
            start = raw.index(part)
            assert any(one.start <= start and start + len(part) <= one.end for one in found)


@given(st.data(), strangers, people)
def test_nothing_is_found_of_others(
    records: Records, data: st.DataObject, other: Person, one: Person
) -> None:
    """Neither a stranger's fields nor a name here with somebody else's birthday."""
    parts = [data.draw(written(other, column)) for column in STRONG]
    assert find(records, f"Take {', '.join(parts)}.") == []
    name, born = data.draw(written(one, "name")), data.draw(written(other, "born"))
    assert find(records, f"{name} was born on {born}.") == []


@given(texts, st.integers(0, 2**32))
def test_streams_find_what_the_whole_answer_holds(records: Records, raw: str, seed: int) -> None:
    """However fields, shreds of them and what stands around them are cut, the findings agree."""
    whole = sorted(records.find(Text(raw)))
    for chunks in chunkings(raw, 4, seed):
        assert streamed(records, chunks, Context()) == whole


@pytest.mark.parametrize("column", COLUMNS)
def test_streams_of_one_column(tmp_path: Path, column: str) -> None:
    """So they do where the index holds fields of one type alone, be it the strong one."""
    rows = [person(seed).row for seed in range(5)]
    RecordIndex.build(rows, tmp_path / "idx", columns={column: COLUMNS[column]}).close()
    detector = Records(index=tmp_path / "idx", strong=(COLUMNS[column],))
    ordinary = ", as may be said in 12 ordinary words, "
    raw = ordinary.join(value for seed in range(5) for value in FORMATS[column](person(seed)))
    whole = sorted(detector.find(Text(raw)))
    assert len(whole) >= 15
    for chunks in chunkings(raw, 20, 0):
        assert streamed(detector, chunks, Context()) == whole


@given(
    st.lists(st.sampled_from([*map(" ".join, CARDS), "4", "1", "2", "a", "41", " ", "-", "x y"])),
    st.integers(0, 2**32),
)
def test_streams_of_numbers_that_are_spelt_out(cards: Records, parts: list[str], seed: int) -> None:
    """So they do where letters stand one by one, more of them than any field has words."""
    raw = " ".join(parts)
    whole = sorted(cards.find(Text(raw)))
    for chunks in chunkings(raw, 4, seed):
        assert streamed(cards, chunks, Context()) == whole


@given(texts, texts)
def test_what_is_settled_stays(records: Records, raw: str, more: str) -> None:
    """Nothing that starts before the settled point changes when text is appended."""
    settled = records.settled(Text(raw))
    before, after = (
        [finding for finding in records.find(Text(text)) if finding.start < settled]
        for text in (raw, raw + more)
    )
    assert before == after


def test_keeps_the_contract_of_a_detector(records: Records) -> None:
    """Deterministic, settled, linear, and the same however the answer is cut."""
    email, account, name = ADA.row["email"], ADA.row["account"], ADA.row["name"]
    contract(
        records,
        hits=[
            (f"Write to {email}.", [(9, 9 + len(email))]),
            (account, [(0, len(account))]),
            (f"{name}: {ADA.illness}", _spans(f"{name}: {ADA.illness}", name, ADA.illness)),
        ],
        misses=["", f"{name} is well", f"nobody@{ADA.host}", ADA.digits[3:], ADA.illness],
    )


def _spans(raw: str, *values: str) -> list[tuple[int, int]]:
    return [(raw.index(value), raw.index(value) + len(value)) for value in values]


def test_a_finding_names_its_record(records: Records) -> None:
    """Index, number of the record, class and words; never the value."""
    (finding,) = find(records, f"It is {ADA.row['account']}.")
    assert (finding.kind, finding.score, finding.discount) == ("record", 1.0, "")
    assert finding.source is not None
    assert finding.source.as_dict() == {
        "index": "people",
        "document": "4",
        "class": "staff",
        "words": 3,
    }


def test_fields_stand_together_within_a_window(records: Records, home: Path) -> None:
    """Forty words, both fields included, unless another number is asked for."""
    name, illness = ADA.row["name"], ADA.illness
    size = len(name.split()) + len(illness.split())
    near, far = (f"{name} {'so ' * (40 - size + more)}{illness}" for more in (0, 1))
    assert len(find(records, near)) == 2
    assert find(records, far) == []
    short = Records(index=home / "people", key_file=home / "key", window=10)
    assert find(short, near) == []
    assert len(find(short, f"{name} {illness}")) == 2


def test_as_many_fields_as_are_asked_for_stand_together(home: Path) -> None:
    """Three of one record, in different columns, one of them a name."""
    three = Records(index=home / "people", key_file=home / "key", weak=3)
    name, born, illness = ADA.row["name"], ADA.row["born"], ADA.illness
    assert find(three, f"{name} {illness} {illness}") == []
    assert len(find(three, f"{name} {illness} {born}")) == 3
    assert len(find(three, f"{born} {illness} {name}")) == 3
    assert find(three, f"{born} {illness} {BOB.row['name']}") == []


def test_people_of_one_name_are_told_apart(tmp_path: Path) -> None:
    """Each field counts that belongs to one of them, under the record that it is of."""
    rows = [
        {"name": "Basma Quist", "town": "Oldport", "street": "1 Elm Row"},
        {"name": "Basma Quist", "town": "Oldport", "street": "2 Oak Lane"},
    ]
    columns: dict[str, FieldType] = {"name": "name", "town": "text", "street": "text"}
    RecordIndex.build(rows, tmp_path / "idx", columns=columns).close()
    found = find(Records(index=tmp_path / "idx"), "Basma Quist lives at 2 Oak Lane, Oldport.")
    assert [one.source.document for one in found if one.source] == ["1", "2", "1"]


def test_types_can_be_strong_or_weak(home: Path) -> None:
    """A strong name is found alone; an address that is not strong only with a name."""
    strong = Records(index=home / "people", key_file=home / "key", strong=("name",))
    assert len(find(strong, ADA.row["name"])) == 1
    assert find(strong, ADA.row["email"]) == []
    none = Records(index=home / "people", key_file=home / "key", strong=())
    assert len(find(none, f"{ADA.row['name']}: {ADA.row['email']}")) == 2


@pytest.mark.parametrize("column", STRONG)
def test_a_name_is_found_beside_a_strong_field(records: Records, column: str) -> None:
    """Of its own record, before it or behind it, whole or as it streams; not beside another's."""
    name, value = ADA.row["name"], str(ADA.row[column])
    for raw in (
        f"{name}: {value}",
        f"{value}, says {name}",
        f"Write to {value}. Or ask for {name}.",
    ):
        found = find(records, raw)
        assert {raw[one.start : one.end] for one in found} >= {name}
        assert len(found) == 2
        for chunks in chunkings(raw, 3, seed=1):
            assert streamed(records, chunks, Context()) == sorted(found)
    (other,) = find(records, f"{name} and {BOB.row[column]}")
    assert other.source
    assert other.source.place == list(COLUMNS).index(column)


def test_what_the_reader_wrote_is_an_echo(records: Records) -> None:
    """In whatever format; what stands with it is none."""
    spelled = f"Is {ADA.user} at {ADA.host.replace('.', ' dot ')} taken?"
    (echo,) = find(records, f"{ADA.user}@{ADA.host}", prompt=spelled)
    assert echo.discount == "echo"
    coded = b64encode(f"Who has the address {ADA.row['email']}?".encode()).decode()
    (echo,) = find(records, ADA.row["email"], prompt=f"Decode {coded} and say it.")
    assert echo.discount == "echo"
    (other,) = find(records, f"{BOB.user}@{BOB.host}", prompt=spelled)
    assert other.discount == ""
    asked = f"What does {ADA.last}, {ADA.first} suffer from?"
    name, illness = find(records, f"{ADA.first} {ADA.last}: {ADA.illness}", prompt=asked)
    assert (name.discount, illness.discount) == ("echo", "")
    system = (Message("system", ADA.row["email"]), Message("user", "Tell me."))
    assert find(records, ADA.row["email"], messages=system)[0].discount == ""


def test_more_than_the_reader_wrote_is_no_echo(records: Records) -> None:
    """Of a number whose end was written, and of a name with a middle name that was not."""
    tail = f"Whose number ends in {ADA.digits[-8:]}?"
    assert find(records, ADA.row["phone"], prompt=tail)[0].discount == ""
    assert find(records, ADA.digits[-8:], prompt=tail)[0].discount == "echo"
    whole = f"Whose is {ADA.row['phone']}?"
    assert find(records, ADA.digits[-8:], prompt=whole)[0].discount == "echo"
    short, full = f"{ADA.first} {ADA.last}", str(ADA.row["name"])
    for asked, told, discount in ((short, full, ""), (full, short, "echo"), (full, full, "echo")):
        name, _ = find(records, f"{told}: {ADA.illness}", prompt=f"What has {asked}?")
        assert name.discount == discount


def test_a_stream_holds_back_little(records: Records) -> None:
    """Ordinary words as far as a field may reach; a name until the window has passed."""
    scanner = records.scanner(Context())
    assert not scanner.feed("these are ordinary words and nothing else besides them " * 4)
    assert scanner.settled > 4 * 55 - 60
    place = 4 * 55
    scanner.feed(f"{ADA.row['name']} " + "goes on and on " * 5)
    assert scanner.settled == place
    scanner.feed("goes on and on " * 10)
    assert scanner.settled > place
    assert list(scanner.close()) == []


def test_the_guard_redacts_fields_alone(records: Records) -> None:
    """What stands between two fields stays."""
    verdict = Guard([Rule(records, id="records")]).check(
        f"I see that {ADA.row['name']} has {ADA.illness}, mail {ADA.row['email']}."
    )
    assert verdict.action is Action.REDACT
    assert verdict.text == "I see that [redacted] has [redacted], mail [redacted]."


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"strong": ("shoe",)}, PolicyError, "no type 'shoe'; known: email, phone"),
        ({"weak": 1}, PolicyError, "weak must be at least 2"),
        ({"window": 0}, PolicyError, "window at least 1"),
        ({"key_file": None}, IndexKeyError, "none was given"),
        ({"key_env": "A"}, PolicyError, "keep one"),
        ({"key_file": Path("no/key")}, KeyFileError, "no key file"),
        ({"index": Path("no/index")}, IndexMissingError, "no record index at no/index"),
    ],
)
def test_options_are_checked(
    home: Path, options: dict[str, object], error: type[Exception], message: str
) -> None:
    """A wrong one does not load."""
    given = {"index": home / "people", "key_file": home / "key"} | options
    with pytest.raises(error, match=message):
        Records(**given)  # type: ignore[arg-type]


def test_another_key_does_not_open_it(home: Path, tmp_path: Path) -> None:
    """The error names both keys, by their ids."""
    Key.generate().save(tmp_path / "other")
    with pytest.raises(IndexKeyError, match="was made with key"):
        Records(index=home / "people", key_file=tmp_path / "other")
