"""`guardrail records`, run as its users run it."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path
from unittest.mock import patch

import pyarrow
import pytest
from pyarrow import parquet

from guardrail import Guard
from guardrail.cli import main
from guardrail.corpus import Key
from guardrail.errors import InputError
from guardrail.records import rows
from tests.people import KEY, person

ROWS = [{"ref": f"r{seed}", "first": "", "last": "", **person(seed).row} for seed in range(5)]
COLUMNS = ("--column", "name=name", "--column", "email=email")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("key").write_bytes(KEY)
    with Path("people.csv").open("w", newline="", encoding="utf-8-sig") as stream:
        writer = csv.DictWriter(stream, list(ROWS[0]))
        writer.writeheader()
        writer.writerows(ROWS)
    lines = "\n".join(json.dumps(row) for row in ROWS)
    Path("people.jsonl").write_text(lines + "\n\n")
    Path("people.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
    parquet.write_table(pyarrow.Table.from_pylist(ROWS), "people.parquet")
    return tmp_path


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as done:
        main(arguments)
    return int(done.value.code or 0)


@pytest.mark.parametrize("ending", ["csv", "jsonl", "jsonl.gz", "parquet"])
@pytest.mark.usefixtures("home")
def test_builds_from_every_kind_of_file(ending: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The same index, which a policy can use."""
    build = ("records", "build", f"people.{ending}", "--out", "idx", "--key-file", "key")
    assert run(*build, *COLUMNS, "--id-field", "ref", "--class", "staff") == 0
    assert capsys.readouterr() == ("", "")
    assert run("records", "info", "idx", "--key-file", "key", "--json") == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["records"], facts["class"], facts["key"]) == (5, "staff", Key(KEY).id)
    Path("policy.toml").write_text(
        'version = 1\nowner = "privacy@example.org"\n[[rule]]\nuse = "records"\n'
        'options = { index = "idx", key_file = "key", strong = ["email"] }\n'
    )
    with Guard.from_policy("policy.toml") as guard:
        (finding,) = guard.check(f"Write to {ROWS[2]['email']}.").as_dict()["findings"]
    assert finding["source"] == {"index": "idx", "document": "r2", "class": "staff", "words": 4}


@pytest.mark.usefixtures("home")
def test_info_tells_what_is_guarded(capsys: pytest.CaptureFixture[str]) -> None:
    """In words; a value that is not of its column's type is told at once."""
    rows = [{"e": "a@b.example", "n": 7}, {"e": "none at all", "n": 8}]
    Path("odd.jsonl").write_text("\n".join(map(json.dumps, rows)))
    assert run("records", "build", "odd.jsonl", "--out", "odd", "--column", "e=email") == 0
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("e: 1 of 2 values are no email and not guarded\nmade without a key")
    assert run("records", "info", "odd") == 0
    shown = capsys.readouterr().out
    assert "records              2" in shown
    assert "key                  none" in shown
    assert "e                    email: 1 of 2 values guarded" in shown


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("build", "none.csv", "--out", "x", *COLUMNS), "no file none.csv"),
        (("build", "key", "--out", "x", *COLUMNS), "key: not .csv, .jsonl, .jsonl.gz, .parquet"),
        (("build", "people.csv", "--out", "x"), "Missing option '--column'"),
        (("build", "people.csv", *COLUMNS), "Missing option '--out'"),
        (("build", "people.csv", "--out", "x", "--column", "name"), "is not NAME=TYPE"),
        (("build", "people.csv", "--out", "x", "--column", "=name"), "is not NAME=TYPE"),
        (("build", "people.csv", "--out", "x", *COLUMNS, *COLUMNS), "'name' is given twice"),
        (("build", "people.csv", "--out", "x", "--column", "name=nom"), "no type 'nom'; known"),
        (("build", "people.csv", "--out", "x", "--column", "shoe=id"), "no field 'shoe'; it has"),
        (("build", "people.csv", "--out", "x", *COLUMNS, "--id-field", "name"), "protected column"),
        (("build", "people.csv", "--out", "x", *COLUMNS, "--key-file", "no"), "no key file at no"),
        (("build", "bad.jsonl", "--out", "x", *COLUMNS), "bad.jsonl:1: not a line of JSON"),
        (("build", "list.jsonl", "--out", "x", *COLUMNS), "list.jsonl:1: not a JSON object"),
        (("build", "bad.csv", "--out", "x", *COLUMNS), "bad.csv:2: 3 fields, 2 expected"),
        (("build", "quote.csv", "--out", "x", *COLUMNS), "quote.csv:2: "),
        (("build", "twice.csv", "--out", "x", *COLUMNS), "two columns have the same name"),
        (("build", "bytes.csv", "--out", "x", *COLUMNS), "bytes.csv is not UTF-8 text"),
        (("build", "bad.jsonl.gz", "--out", "x", *COLUMNS), "damaged or no gzip file"),
        (("build", "bad.parquet", "--out", "x", *COLUMNS), "damaged or no Parquet file"),
        (("build", "folder.csv", "--out", "x", *COLUMNS), "cannot read folder.csv"),
        (("build", "people.csv", "--out", "folder.csv", *COLUMNS), "folder.csv holds other files"),
        (("build", "empty.csv", "--out", "x", *COLUMNS), "there are no records"),
        (("info", "nowhere"), "no record index at nowhere"),
        (("info",), "Missing argument 'DIR'"),
    ],
)
@pytest.mark.usefixtures("home")
def test_an_error_is_one_line_and_status_2(
    arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever is wrong: one clear line on standard error, and nothing half-written."""
    Path("bad.jsonl").write_text("{")
    Path("list.jsonl").write_text("[]")
    Path("bad.csv").write_text("name,email\n\n1,2,3\n".replace("\n\n", "\n"))
    Path("quote.csv").write_text('name,email\n"a"b,c\n')
    Path("twice.csv").write_text("name,name\n")
    Path("bytes.csv").write_bytes(b"name,email\n\xff,x\n")
    Path("bad.jsonl.gz").write_bytes(b"no gzip")
    Path("bad.parquet").write_bytes(b"PAR1")
    Path("empty.csv").write_text("name,email\n\n")
    Path("folder.csv").mkdir()
    Path("folder.csv/inside").touch()
    assert run("records", *arguments) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert message in told.err
    assert told.err.startswith("guardrail: ")
    assert told.err.count("\n") == 1
    assert not Path("x").exists()


@pytest.mark.usefixtures("home")
def test_parquet_asks_for_what_it_needs() -> None:
    """The extra is named where it is not installed."""
    with (
        patch.dict("sys.modules", {"pyarrow.parquet": None}),
        pytest.raises(InputError, match=r"pip install 'leakrail\[parquet\]'"),
    ):
        next(rows("people.parquet"))
