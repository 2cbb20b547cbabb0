"""How values may be written and still be the same, by their types."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.records import RecordIndex
from guardrail.records.forms import forms
from guardrail.records.scan import Reading
from guardrail.text import Text
from tests.people import COLUMNS, found


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
