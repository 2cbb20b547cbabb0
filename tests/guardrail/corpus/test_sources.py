"""Documents from files: what is read, and what is said about what cannot be."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from guardrail.corpus import Document
from guardrail.corpus.sources import read
from guardrail.errors import InputError


def test_reads_folders_files_and_lines(tmp_path: Path) -> None:
    """Texts are named by their path in the folder, lines by their id."""
    folder = tmp_path / "papers"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "memo.md").write_text("\ufeffa memo", encoding="utf-8")
    (folder / "b.txt").write_text("a text")
    (folder / "photo.jpg").write_bytes(b"\xff\xd8")
    (tmp_path / "one.txt").write_text("alone")
    rows = [{"id": 7, "text": "x", "class": "board", "grants": ["a"]}, {"id": "y", "text": "z"}]
    with gzip.open(tmp_path / "rows.jsonl.gz", "wt") as file:
        file.write("\n\n".join(json.dumps(row) for row in rows))
    sources = [folder, tmp_path / "one.txt", tmp_path / "rows.jsonl.gz"]
    assert list(read(sources, sensitivity="internal")) == [
        Document("b.txt", "a text", "internal"),
        Document("deep/memo.md", "a memo", "internal"),
        Document("one.txt", "alone", "internal"),
        Document("7", "x", "board", ("a",)),
        Document("y", "z", "internal"),
    ]


def test_fields_can_be_named(tmp_path: Path) -> None:
    """Lines may call their id and text otherwise."""
    path = tmp_path / "rows.jsonl"
    path.write_text('{"key": "k", "body": "b"}')
    assert list(read([path], id_field="key", text_field="body")) == [Document("k", "b")]


def test_links_are_not_followed(tmp_path: Path) -> None:
    """A link in a folder may lead anywhere, and is left out."""
    (tmp_path / "outside.txt").write_text("outside")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "inside.txt").write_text("inside")
    (tmp_path / "folder" / "link.txt").symlink_to(tmp_path / "outside.txt")
    assert [document.id for document in read([tmp_path / "folder"])] == ["inside.txt"]


def test_what_is_left_out_is_told(tmp_path: Path) -> None:
    """Links and files of other endings in a folder are named to who asks."""
    (tmp_path / "inside.txt").write_text("inside")
    (tmp_path / "page.html").write_text("a page")
    (tmp_path / "link.txt").symlink_to(tmp_path / "inside.txt")
    (tmp_path / "folder").symlink_to(tmp_path)
    left: list[Path] = []
    assert len(list(read([tmp_path], left_out=left.append))) == 1
    assert [path.name for path in left] == ["folder", "link.txt", "page.html"]


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.jsonl", b'{"id": "a", "text": "t"}\nnonsense', "a.jsonl:2: not a line of JSON"),
        ("a.jsonl", b"[1]", "a.jsonl:1: not a JSON object"),
        ("a.jsonl", b'{"text": "t"}', "a.jsonl:1: no id in the field 'id'"),
        ("a.jsonl", b'{"id": true, "text": "t"}', "no id"),
        ("a.jsonl", b'{"id": "a", "text": 3}', "no text in the field 'text'; `text_field` names"),
        ("a.jsonl", b'{"id": "a", "text": "t", "class": 3}', "`class` must be a string"),
        ("a.jsonl", b'{"id": "a", "text": "t", "grants": "x"}', "`grants` must be a list"),
        ("a.jsonl", b'{"id": "a", "text": "t", "grants": 3}', "`grants` must be a list"),
        ("a.jsonl.gz", b"no gzip", "damaged or no gzip"),
        ("a.jsonl.gz", gzip.compress(b'{"id": "a"')[:-9], "damaged or no gzip"),
        ("a.txt", b"\xff\xfe", "not UTF-8"),
        ("a.pdf", b"", "not a folder"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, name: str, data: bytes, message: str) -> None:
    """One line with file and line number says what is wrong."""
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError, match=message):
        list(read([tmp_path / name]))


def test_nothing_to_read_is_an_error(tmp_path: Path) -> None:
    """A folder without text, or no folder at all, is a mistake to hear of."""
    with pytest.raises(InputError, match="holds no text"):
        list(read([tmp_path]))
    with pytest.raises(InputError, match="no file or folder"):
        list(read([tmp_path / "none"]))
