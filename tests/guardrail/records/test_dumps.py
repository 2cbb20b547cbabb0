"""What stands between the values of a dump: blanked, and awaited where it is unfinished."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.records import Records
from guardrail import Text
from guardrail.records import FieldType, RecordIndex
from guardrail.records.dumps import blanked, unfinished

COLUMNS: dict[str, FieldType] = {"name": "name", "born": "date", "mail": "email", "code": "id"}
ROW = {
    "name": "Basma Quist",
    "born": "1984-03-12",
    "mail": "basma@corp.example",
    "code": "EMP-0012345",
}

pieces = st.one_of(
    st.sampled_from(["first", "Last", "sur", "Na", "me", "name", " ", "_", ":", "=", "|", "*"]),
    st.sampled_from(
        ['"', "'", "<", ">", "<b>", '"a b":', "\\", "n", "\\n", "a", "-", ".", "1", "東"]
    ),
)


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (
            '{"first_name":"Basma","last_name":"Quist","dob":"1984-03-12"}',
            ['Basma","last_name":"Quist', "1984-03-12"],
        ),
        (
            "{'first': 'Basma', 'last' : 'Quist', 'b': '12 Mar 1984'}",
            ["Basma', 'last' : 'Quist", "12 Mar 1984"],
        ),
        (
            r'"{\"first\": \"Basma\", \"last\": \"Quist\", \"b\": \"1984-03-12\"}"',
            [r"Basma\", \"last\": \"Quist", "1984-03-12"],
        ),
        (
            "First name: Basma\n**Last Name:** Quist\nBorn 12.3.1984",
            ["Basma\n**Last Name:** Quist", "12.3.1984"],
        ),
        (
            "| Surname | Quist |\n| Forename | Basma | 1984-03-12 |",
            ["Quist |\n| Forename | Basma", "1984-03-12"],
        ),
        (
            '<td class="a">Basma</td><td class="b">Quist</td> 1984-03-12',
            ['Basma</td><td class="b">Quist', "1984-03-12"],
        ),
        (r'{"note":"id\nEMP-0012345"}', ["EMP-0012345"]),
        (r'{"note":"to\tbasma@corp.example"}', ["basma@corp.example"]),
        (r'{"note":"Basma Quist\nMarch 12, 1984"}', ["Basma Quist", "March 12, 1984"]),
        (r"C:\nancy\Basma Quist 1984-03-12", ["Basma Quist", "1984-03-12"]),
        ('{"Basma Quist": {"born": "1984-03-12"}}', ["Basma Quist", "1984-03-12"]),
    ],
)
def test_records_are_found_in_dumps(tmp_path: Path, raw: str, told: list[str]) -> None:
    """Though keys, tags and escapes stand between the words of a value, or right before it."""
    RecordIndex.build([ROW], tmp_path / "a", columns=COLUMNS).close()
    found = Records(index=tmp_path / "a").find(Text(raw))
    assert [raw[one.start : one.end] for one in found] == told


@given(st.lists(pieces, max_size=30).map("".join), st.lists(pieces, max_size=8).map("".join))
def test_what_is_blanked_stays(raw: str, more: str) -> None:
    """Up to where something is unfinished; the text stays as long as it was."""
    values = blanked(raw)
    assert len(values) == len(raw)
    end = unfinished(values)
    assert blanked(raw + more)[:end] == values[:end]
