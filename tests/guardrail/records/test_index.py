"""The index of records: what is stored, what is told of it, and what damage does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

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
from guardrail.records.store import FILE, Store
from tests.people import COLUMNS, KEY, found, person

ROWS = [person(seed).row for seed in range(12)]


def built(folder: Path, **options: Any) -> RecordIndex:
    return RecordIndex.build(ROWS, folder, **({"columns": COLUMNS, "key": KEY} | options))


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
