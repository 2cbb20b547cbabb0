"""The index of records: what is stored, what is told of it, and what damage does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.corpus import Key
from guardrail.errors import (
    CorpusIndexError,
    GuardrailError,
    IndexCorruptError,
    IndexExistsError,
    IndexFormatError,
    IndexKeyError,
    IndexMissingError,
    IndexSpaceError,
    InputError,
)
from guardrail.records import RecordIndex
from guardrail.records.forms import forms
from guardrail.records.scan import Reading
from guardrail.records.store import FILE, Store
from guardrail.text import Text
from tests.people import COLUMNS, KEY, person

ROWS = [person(seed).row for seed in range(12)]


def built(folder: Path, **options: Any) -> RecordIndex:
    return RecordIndex.build(ROWS, folder, **({"columns": COLUMNS, "key": KEY} | options))


def found(index: RecordIndex, raw: str) -> list[tuple[str, str]]:
    """Pieces of the text and the columns that hold them."""
    hits = Reading(index, Text(raw)).hits()
    return [(raw[hit.start : hit.end], index.columns[hit.field.column]) for hit in hits]


def test_info_tells_numbers(tmp_path: Path) -> None:
    """Of records, forms, values of each column, and bytes."""
    with built(tmp_path / "people", sensitivity="staff") as index:
        facts = index.info()
    assert (facts["name"], facts["key"], facts["class"]) == ("people", Key(KEY).id, "staff")
    assert facts["records"] == 12
    assert facts["columns"]["phone"] == {"type": "phone", "values": 12, "unguarded": 0}
    assert facts["bytes"] == (tmp_path / "people" / FILE).stat().st_size
    assert RecordIndex.build(ROWS, tmp_path / "open", columns=COLUMNS).info()["key"] is None


def test_no_value_is_in_the_file(tmp_path: Path) -> None:
    """Neither a field nor an id, in any case."""
    named = [{"ref": f"ref-{number}-file", **row} for number, row in enumerate(ROWS)]
    with RecordIndex.build(
        named, tmp_path / "people", columns=COLUMNS, key=KEY, id_field="ref"
    ) as index:
        assert [index.describe(record) for record in range(12)] == [row["ref"] for row in named]
    data = b"".join(path.read_bytes() for path in (tmp_path / "people").iterdir()).lower()
    for row in named:
        for value in row.values():
            for part in {str(value), *str(value).split()}:
                # What is as short as `+1` stands anywhere by chance.
                assert len(part) < 4 or part.lower().encode() not in data


def test_a_record_is_named_by_its_number(tmp_path: Path) -> None:
    """From 1, where it has no id."""
    with built(tmp_path / "people") as index:
        assert (index.describe(0), index.describe(11)) == ("1", "12")
        assert repr(index) == f"RecordIndex({str(tmp_path / 'people')!r})"
    for ask in (index.info, lambda: found(index, str(ROWS[0]["email"]))):
        with pytest.raises(CorpusIndexError, match="is closed"):
            ask()


def test_columns_of_several_fields(tmp_path: Path) -> None:
    """A name in two fields is one name; blanks stand for nothing."""
    rows = [
        {"first": "Zerbina", "last": "Vantongeren", "town": "N/A"},
        {"first": "", "last": "Quenby", "town": None},
    ]
    columns = {"first+last": "name", "town": "text"}
    with RecordIndex.build(rows, tmp_path / "a", columns=columns) as index:  # type: ignore[arg-type]
        assert found(index, "Vantongeren, Zerbina")[0] == ("Vantongeren, Zerbina", "first+last")
        assert found(index, "It is N/A, null or none") == []
        assert index.info()["columns"]["town"]["values"] == 0


def test_a_short_id_is_a_text(tmp_path: Path) -> None:
    """Fewer than six letters and digits tell nothing by themselves."""
    rows = [{"order": "W-76"}, {"order": "W-7678"}, {"order": "W-76780"}]
    with RecordIndex.build(rows, tmp_path / "a", columns={"order": "id"}) as index:
        kinds = {
            piece: index.types[hit.field.column]
            for hit in Reading(index, Text("W76 w7678 w 76780")).hits()
            for piece in ["W76 w7678 w 76780"[hit.start : hit.end]]
        }
    assert kinds == {"W76": "text", "w7678": "text", "w 76780": "id"}


def test_fields_of_several_values(tmp_path: Path) -> None:
    """Addresses, numbers and ids that stand beside each other are found one by one."""
    row = {
        "mail": "a.b@corp.example; 'c.d@corp.example', E F <e.f@corp.example> g.h@corp.example",
        "id": "AC-1234 or BD-56789 | CE-6543210",
        "part": "DF-1234, 12",
        "account": "88123456.0",
    }
    columns = {"mail": "email", "id": "id", "part": "id", "account": "id"}
    told = "a.b@corp.example c.d@corp.example e.f@corp.example g.h@corp.example AC1234 BD56789"
    told += " CE6543210 DF-1234,12 88123456"
    with RecordIndex.build([row], tmp_path / "a", columns=columns) as index:  # type: ignore[arg-type]
        assert [piece for piece, _ in found(index, told)] == told.split()


def test_ids_may_be_spelt_out(tmp_path: Path) -> None:
    """Letter by letter, however long they are; with another letter in between they are not."""
    iban = "GB29NWBK60161331926819"
    rows = [{"id": "AC-1234-5678-9012"}, {"id": iban}]
    with RecordIndex.build(rows, tmp_path / "a", columns={"id": "id"}) as index:
        for value in ("AC123456789012", iban):
            for sign in (" ", "-", ".\n"):
                spelt = sign.join(value)
                assert found(index, f"It is a {spelt} b") == [(spelt, "id")]
        assert found(index, " ".join(f"{iban[:9]}x{iban[9:]}")) == []


def test_only_numbers_and_names_leave_something_out(tmp_path: Path) -> None:
    """An id is not found in a longer number, nor a text around a letter by itself."""
    rows = [{"id": "6172484867", "text": "Basma Quist", "n": "Lucjan Pell", "p": "212 555 0199"}]
    columns = {"id": "id", "text": "text", "n": "name", "p": "phone"}
    with RecordIndex.build(rows, tmp_path / "a", columns=columns) as index:  # type: ignore[arg-type]
        assert found(index, "00 16172484867 and Basma X. Quist") == []
        held = found(index, "6172484867 and Basma Quist, Lucjan X. Pell: 12125550199")
        assert {column for _, column in held} == set(columns)


def test_many_records(tmp_path: Path) -> None:
    """More than are hashed at a time, each of them found."""
    rows = [{"n": f"Basma{seed} Quist{seed}", "m": 1000 + seed} for seed in range(9000)]
    columns = {"n": "name", "m": "money"}
    with RecordIndex.build(rows, tmp_path / "a", columns=columns) as index:  # type: ignore[arg-type]
        for seed in (0, 5000, 8999):
            held = found(index, f"Quist{seed}, Basma{seed}: {1000 + seed}.00")
            assert {column for _, column in held} == set(columns)


def test_long_texts_count_by_their_beginning(tmp_path: Path) -> None:
    """Sixteen words; what is longer than can be looked for is told, not stored."""
    rows = [{"note": " ".join(f"word{n}" for n in range(40)), "ref": "1" * 300}]
    rows += [{"note": "short", "ref": "reference"}]
    with RecordIndex.build(rows, tmp_path / "a", columns={"note": "text", "ref": "id"}) as index:
        note = str(rows[0]["note"])
        assert found(index, note) == [(note[: note.index(" word16")], "note")]
        assert index.info()["columns"]["ref"] == {"type": "id", "values": 2, "unguarded": 1}


def test_letters_may_be_words(tmp_path: Path) -> None:
    """Of a script without spaces sixteen count, and what comes next is stored whole."""
    note = "".join(chr(0x4E00 + n) for n in range(40))
    rows = [{"note": note, "ref": "reference"}]
    with RecordIndex.build(rows, tmp_path / "a", columns={"note": "text", "ref": "id"}) as index:
        assert found(index, f"{note} reference") == [(note[:16], "note"), ("reference", "ref")]


def test_long_names_hide_no_others(tmp_path: Path) -> None:
    """In Thai each letter is a word: such names count by their beginning, and once each."""
    thai = ["ประยุทธ์นามสกุล จันทร์โอชาสมบูรณ์ศรี", "สมชายวัฒนา พิพัฒน์สกุลเจริญรุ่งเรือง"]
    rows = [{"n": name} for name in (*thai, "x" * 300, "Basma Quist")]
    with RecordIndex.build(rows, tmp_path / "a", columns={"n": "name"}) as index:
        assert index.info()["columns"]["n"] == {"type": "name", "values": 4, "unguarded": 1}
        for name in (*thai, "Quist, Basma"):
            assert found(index, f"It is {name} here")
    with pytest.raises(InputError, match="none of its values is a name"):
        RecordIndex.build([{"n": "x" * 300}] * 2, tmp_path / "b", columns={"n": "name"})


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Ödön O'Tuama", "ODON OTUAMA"),
        ("Maria Garcia Lopez", "Garcia Lopez, Maria"),
        ("Dr. Lucjan Pell, PhD", "Pell, Lucjan"),
        ("Prof. Dr. Basma Quist III", "basma quist"),
        ("Basma van der Quist", "Basma X. van der Quist"),
        ("Basma Quist", "B\u200basma Q\u0301uist"),
        ("Quist, Basma", "Basma B Quist"),
        ("李小龍", "他叫李小龍嗎"),
        ("A B C D E F", "F A B C D E"),
        ("Prince", "PRINCE"),
    ],
)
def test_names(tmp_path: Path, value: str, text: str) -> None:
    """Order, accents, titles, initials and scripts without spaces."""
    with RecordIndex.build([{"n": value}], tmp_path / "a", columns={"n": "name"}) as index:
        assert found(index, text)


@pytest.mark.parametrize(
    ("stored", "text", "same"),
    [
        ("+49 (0)89 1234567", "0049 89 1234567", True),
        ("+49 89 1234567", "089/1234567", True),
        ("089 1234567", "+49 (0)89 1234567", True),
        ("089 1234567", "+49891234567", True),
        ("6172484867", "011 1 617 248 4867", True),
        ("6172484867", "00000 6172484867", True),
        ("6172484867", "6172484867123", False),
        ("6172484867", "248-4867", False),
        ("248-4867", "2484867", True),
        ("248-4867", "617 248 4868", False),
        ("+1 617 248 4867", "617 248\n4867", True),
        ("６１７-248-4867", "617.248.4867", True),
        ("6172484867.0", "617 248 4867", True),
        ("617-248-4867 x89", "617-248-4867", True),
        ("+1 617-248-4867, ext. 89", "617-248-4867 ext 89", True),
        ("617-248-4867x89", "617-248-4867x89", True),
        ("617-248-4867 / 617-248-4868", "617-248-4868", True),
        ("617-248-4867; 617-248-4868", "617-248-4867 or so", True),
        ("089 / 1234567", "089 1234567", True),
    ],
)
def test_telephone_numbers(tmp_path: Path, stored: str, text: str, same: bool) -> None:
    """Two are one if they end in the same eight digits, or are equal in seven."""
    with RecordIndex.build([{"p": stored}], tmp_path / "a", columns={"p": "phone"}) as index:
        assert bool(found(index, f"Call {text} now")) is same


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("2024-05-03", True),
        ("2024/5/3", True),
        ("05/03/2024", True),
        ("03/05/2024", True),
        ("3.5.24", True),
        ("May 3rd, 2024", True),
        ("the 3rd of May 2024", True),
        ("3-may-2024", True),
        ("Sept. 3, 2024", False),
        ("20240503", True),
        ("2024-05-03T10:00:00Z", True),
        ("2024-13-45", False),
        ("3 May 1924", False),
        ("12024-05-03", False),
        ("2024-05-031", False),
        ("1.2024.05.03", False),
        ("day 3, 2024", False),
        ("123/5/2024", False),
        ("2024\u201105\u201103", True),
        ("2024\u201305\u201303", True),
        ("２０２４-０５-０３", True),
        ("2024_05_03", True),
        ("3/May/2024", True),
        ("2024 May 3", True),
        ("3\u00ad May\u00a02024", True),
        ("**May** 3, 2024", True),
        ("May the 3rd, 2024", True),
        ("the 3rd day of May 2024", True),
        ("3/5/20", False),
        ("31/4/204", False),
    ],
)
def test_dates(tmp_path: Path, text: str, same: bool) -> None:
    """Every usual order; day and month may be either."""
    with RecordIndex.build([{"d": "3 May 2024"}], tmp_path / "a", columns={"d": "date"}) as index:
        assert bool(found(index, f"on {text}, they say")) is same


@pytest.mark.parametrize(
    ("stored", "text", "same"),
    [
        ("1234.5", "$1,234.50", True),
        (1234.5, "1.234,50 EUR", True),
        ("$1,234.50", "1234.5", True),
        ("1234.5000", "1'234.50", True),
        ("85000", "$85k", True),
        ("85000", "85 000", True),
        ("85000", "85\u202f000", True),
        ("85000.5", "85 000,50 EUR", True),
        ("85000", "８５,０００", True),
        ("1200", "1.2k", True),
        ("12", "$12 300 times", True),
        ("85000.0", "85,000", True),
        ("85000", "85.000", True),
        ("85000", "85,000.00", True),
        ("12", "12", False),
        ("12", "$12", True),
        ("12", "12 euros", True),
        ("12", "EUR 12", True),
        ("12", "12.00", True),
        ("1234.5", "1234.51", False),
        ("1234.5", "1.1234.5", False),
        ("1234.5", "12345", False),
    ],
)
def test_amounts(tmp_path: Path, stored: object, text: str, same: bool) -> None:
    """Separators and currency do not matter; a small whole number needs a currency."""
    rows = [{"m": stored}]
    with RecordIndex.build(rows, tmp_path / "a", columns={"m": "money"}) as index:
        assert bool(found(index, f"It costs {text} there")) is same


def test_what_is_no_amount_is_told(tmp_path: Path) -> None:
    """One beyond all reckoning too."""
    rows = [{"m": value} for value in ("1234567890123456e1234567890123456", "sNaN", "a lot", "9")]
    with RecordIndex.build(rows, tmp_path / "a", columns={"m": "money"}) as index:
        assert index.info()["columns"]["m"] == {"type": "money", "values": 4, "unguarded": 3}


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("j.doe@corp.example", True),
        ("<J.Doe@Corp.Example>,", True),
        ("'j.doe@corp.example'", True),
        ("j.doe@corp.example.", True),
        ("j.doe@corp.example.com", True),
        ("j.doe ＠ corp.example", True),
        ("請寄j.doe@corp.example吧", True),
        ("me at j.doe at corp dot example", True),
        ("?to=j.doe@corp.example&more", True),
        ("x=20j.doe@corp.example", True),
        ("...j.doe@corp.example", True),
        ("to a dot b dot c dot d dot j dot doe at corp dot example", True),
        ("j.d\u00ado\u200be@corp.example", True),
        ("ｊ．ｄｏｅ＠ｃｏｒｐ．ｅｘａｍｐｌｅ", True),
        ("j.doe\ufe6bcorp.example", True),
        ("j.d\u043ee@c\u043erp.\u0435x\u0430mple", True),
        ("j\\.doe@corp.example", True),
        ("j.doe<wbr>@**corp.example**", True),
        ("j.doe&#64;corp&period;example", True),
        ("mailto:j.doe%40corp.example", True),
        ("j.doe@corp<x>.example", True),
        ("j.doe&corp;@corp.example", False),
        ("x.j.doe@corp.example", False),
        ("doe@corp.example", False),
        ("j.doe@corp", False),
        ("j.doe@corp-example", False),
        ("jdoe@corp.example", False),
        ("j.doe at corp", False),
        ("a" * 70 + ".j.doe@corp.example", False),
        ("j.doe@" + "a-" * 150 + "x", False),
        ("@corp.example", False),
        ("j.doe@", False),
        ("j.doe [at] (dot)", False),
    ],
)
def test_addresses(tmp_path: Path, text: str, same: bool) -> None:
    """Plain or spelled out; what goes on to the left is another address."""
    rows = [{"e": "J.Doe@corp.example"}, {"e": "ann@é-corp\u2011mail.example"}]
    with RecordIndex.build(rows, tmp_path / "a", columns={"e": "email"}) as index:
        assert bool(found(index, f"{text}")) is same
        assert found(index, "E\u0301, ann@e-corp-\nmail.example")


@given(st.text(max_size=60), st.sampled_from(list(COLUMNS.values())))
def test_any_value_has_forms_or_none(value: str, kind: Any) -> None:
    """Whatever a field holds, each form comes once."""
    known = forms(kind, value)
    assert len(set(known)) == len(known)


@pytest.mark.parametrize(
    ("rows", "options", "message"),
    [
        ([], {}, "there are no records"),
        ([dict.fromkeys(ROWS[0], "")], {}, "no values in them"),
        (ROWS, {"columns": {}}, "0 columns are given"),
        (ROWS, {"columns": {"email": "mail"}}, "no type 'mail'; known: email, phone"),
        (ROWS, {"columns": {"mail": "email"}}, "record 1 has no field 'mail'; it has: name"),
        (ROWS, {"columns": {"illness": "email"}}, "column 'illness': none of its values"),
        (ROWS, {"id_field": "email"}, "'email' is a protected column"),
        (ROWS, {"id_field": "ref"}, "no field 'ref'"),
        ([ROWS[0] | {"ref": " "}], {"id_field": "ref"}, "record 1 has no id in the field 'ref'"),
        ([ROWS[0], ROWS[1] | {"name": ["x"]}], {}, "record 2: the field 'name' is no single"),
    ],
)
def test_what_cannot_be_built(
    tmp_path: Path, rows: list[dict[str, Any]], options: dict[str, Any], message: str
) -> None:
    """A clear error that tells no value, and nothing left behind."""
    with pytest.raises(InputError, match=message) as told:
        RecordIndex.build(rows, tmp_path / "a", **({"columns": COLUMNS} | options))
    assert not (tmp_path / "a").exists()
    assert ROWS[0]["email"] not in str(told.value)


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """Neither an index nor anything else; an empty folder is taken, and stays after a failure."""
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError):
        RecordIndex.build([], tmp_path / "empty", columns=COLUMNS)
    built(tmp_path / "empty").close()
    with pytest.raises(IndexExistsError, match="holds a record index already"):
        built(tmp_path / "empty")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "note").touch()
    with pytest.raises(IndexExistsError, match=r"other files \(note\)"):
        built(tmp_path / "full")
    (tmp_path / "file").touch()
    with pytest.raises(CorpusIndexError, match="cannot make"):
        built(tmp_path / "file")


def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says what it is, and the folder is gone."""

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(IndexSpaceError, match="no space left"):
        built(tmp_path / "a")
    assert not (tmp_path / "a").exists()


def cut(data: bytes) -> bytes:
    return data[:-1]


def longer(data: bytes) -> bytes:
    return data + b"\0" * 64


def newer(data: bytes) -> bytes:
    return data[:8] + (9).to_bytes(4, "little") + data[12:]


def other_header(data: bytes) -> bytes:
    return data.replace(b'"records":12', b'"records":13')


def no_json(data: bytes) -> bytes:
    return data[:16] + b"!" + data[17:]


@pytest.mark.parametrize(
    ("damage", "error", "message"),
    [
        (cut, IndexCorruptError, "truncated"),
        (longer, IndexCorruptError, "truncated, or something"),
        (lambda data: data[:40], IndexCorruptError, "header is damaged"),
        (lambda _: b"", IndexCorruptError, "is empty"),
        (lambda _: b"PK" + b"0" * 99, IndexFormatError, "is not a leakrail record index"),
        (newer, IndexFormatError, "has format 9; this release reads 3"),
        (other_header, IndexCorruptError, "header is damaged"),
        (no_json, IndexCorruptError, "header is damaged"),
        (lambda data: data[:-100] + b"\1" + data[-99:], IndexCorruptError, "section"),
    ],
)
def test_damage_has_a_name(
    tmp_path: Path,
    damage: Callable[[bytes], bytes],
    error: type[GuardrailError],
    message: str,
) -> None:
    """Each kind has its error, which names the file."""
    built(tmp_path / "a").close()
    path = tmp_path / "a" / FILE
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(error, match=message) as told:
        RecordIndex.open(tmp_path / "a", key=KEY)
    assert FILE in str(told.value)


def test_every_byte_counts(tmp_path: Path) -> None:
    """A changed byte, but for padding, is an error; one of the library's own."""
    built(tmp_path / "a").close()
    path = tmp_path / "a" / FILE
    whole = path.read_bytes()
    undetected = 0
    for place in range(0, len(whole), 97):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        try:
            Store(tmp_path / "a", Key(KEY))
        except CorpusIndexError:
            continue
        undetected += 1
        assert whole[place] == 0
    assert undetected < 5


def test_a_wrong_key_has_a_name(tmp_path: Path) -> None:
    """Which key it was made with, by its id, and which was given."""
    built(tmp_path / "a").close()
    with pytest.raises(IndexKeyError, match=f"made with key {Key(KEY).id}; none was given"):
        RecordIndex.open(tmp_path / "a")
    with pytest.raises(IndexKeyError, match="the key given is"):
        RecordIndex.open(tmp_path / "a", key=Key.generate())
    built(tmp_path / "open", key=None).close()
    with pytest.raises(IndexKeyError, match="made without a key"):
        RecordIndex.open(tmp_path / "open", key=KEY)


def test_what_is_not_there_has_a_name(tmp_path: Path) -> None:
    """No folder, no file, or a folder in its place."""
    with pytest.raises(IndexMissingError, match="no record index at"):
        RecordIndex.open(tmp_path / "a")
    (tmp_path / "b" / FILE).mkdir(parents=True)
    with pytest.raises(CorpusIndexError, match="cannot read"):
        RecordIndex.open(tmp_path / "b")
