"""An index of windows: made, opened, refused, and made by the command line."""

from __future__ import annotations

import random
import stat
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from guardrail import Document, Key
from guardrail.cli import main
from guardrail.corpus.words import split
from guardrail.errors import (
    CorpusIndexError,
    DocumentError,
    GuardrailError,
    IndexCorruptError,
    IndexExistsError,
    IndexFormatError,
    IndexKeyError,
    IndexMissingError,
    InputError,
)
from guardrail.shuffled import BANDS, Agreement, ShuffledIndex
from guardrail.text import fold

KEY = Key(b"0123456789abcdef")
FILE = "SHUFFLED"


def story(seed: int, words: int) -> str:
    chance = random.Random(seed)
    letters = "abcdefghiklmnoprstuvw"
    return " ".join("".join(chance.choices(letters, k=6)) for _ in range(words))


NOTE = story(1, 40)
LONG = story(2, 160)


def build(path: Path) -> ShuffledIndex:
    documents: list[Document | tuple[str, str]] = [
        Document("note", NOTE, "board"),
        ("none", "word"),
        ("long", LONG),
    ]
    return ShuffledIndex.build(documents, path, key=KEY)


def asked(index: ShuffledIndex, raw: str, least: int = BANDS, stride: int = 50) -> list[Agreement]:
    pairs = index.sketch.pairs(split(fold(raw), index.key).hashes)
    return list(index.agreements(index.sketch.bands(pairs, stride), least))


def test_what_is_built_is_opened(tmp_path: Path) -> None:
    """The folder holds windows and their documents, for its owner's eyes only."""
    index = build(tmp_path / "index")
    assert (index.name, index.windows) == ("index", 1 + 0 + 6)
    assert index.documents == [("note", "board"), ("none", ""), ("long", "")]
    opened = ShuffledIndex.open(tmp_path / "index", key=KEY)
    assert asked(index, NOTE) == asked(opened, NOTE) == [Agreement(0, BANDS, 0, 1)]
    file = tmp_path / "index" / FILE
    assert [file] == list((tmp_path / "index").iterdir())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert NOTE.split()[3].encode() not in file.read_bytes()
    assert str(tmp_path / "index") in repr(index)


@pytest.mark.parametrize("first", [0, 25, 50, 75, 100, 110])
def test_windows_stand_at_every_25_words_and_at_the_end(tmp_path: Path, first: int) -> None:
    """A document is covered from its first word to its last."""
    index = build(tmp_path / "index")
    assert asked(index, " ".join(LONG.split()[first : first + 50])) == [Agreement(0, BANDS, 2, 1)]


def test_agreements_come_in_order(tmp_path: Path) -> None:
    """Each window of a long text that is like a document is told once, with the likest one."""
    index = build(tmp_path / "index")
    raw = f"{story(8, 5000)} {LONG}"
    told = asked(index, raw, least=5, stride=10)
    assert [one.window for one in told] == sorted({one.window for one in told})
    assert {one.document for one in told} == {2}
    assert told[-1].window == 511
    assert not asked(index, story(9, 5000), least=3, stride=10)
    assert not asked(index, "")


def test_what_too_many_windows_share_says_nothing(tmp_path: Path) -> None:
    """A value that more than 32 windows have is passed over; one that several have is counted."""
    few = ShuffledIndex.build([(str(n), NOTE) for n in range(9)], tmp_path / "few")
    assert asked(few, NOTE) == [Agreement(0, BANDS, 0, 9)]
    many = ShuffledIndex.build([(str(n), NOTE) for n in range(40)], tmp_path / "many")
    assert not asked(many, NOTE, least=1)


def test_long_documents_are_read_in_pieces(tmp_path: Path) -> None:
    """Where a piece ends makes no difference."""
    text = story(3, 30_000)
    index = ShuffledIndex.build([("book", text)], tmp_path / "index")
    told = asked(index, text, stride=25)
    assert len(told) == index.windows == (30_000 - 50) // 25 + 1
    assert np.all([one.bands == BANDS for one in told])


def test_bad_files_are_told(tmp_path: Path) -> None:
    """What is missing, damaged, foreign or made with another key does not open."""
    folder = tmp_path / "index"
    build(folder)
    data = (folder / FILE).read_bytes()
    cases: list[tuple[bytes, Key | None, type[GuardrailError]]] = [
        (data, None, IndexKeyError),
        (data[:-1], KEY, IndexCorruptError),
        (data[:12] + b"\xff" + data[13:], KEY, IndexCorruptError),
        (data[:20] + b"x" + data[21:], KEY, IndexCorruptError),
        (data[:-80] + bytes((data[-80] ^ 1,)) + data[-79:], KEY, IndexCorruptError),
        (data[:-1] + bytes((data[-1] ^ 1,)), KEY, IndexCorruptError),
        (b"something else", KEY, IndexFormatError),
        (b"", KEY, IndexCorruptError),
    ]
    for changed, key, error in cases:
        (folder / FILE).write_bytes(changed)
        with pytest.raises(error):
            ShuffledIndex.open(folder, key=key)
    (folder / FILE).unlink()
    with pytest.raises(IndexMissingError):
        ShuffledIndex.open(folder, key=KEY)
    (folder / FILE).mkdir()
    with pytest.raises(CorpusIndexError):
        ShuffledIndex.open(folder, key=KEY)


def test_bad_builds_are_told(tmp_path: Path) -> None:
    """An index is never overwritten, and one that cannot be made leaves nothing behind."""
    build(tmp_path / "index")
    with pytest.raises(IndexExistsError):
        build(tmp_path / "index")
    bad: list[tuple[Any, type[Exception]]] = [
        ([], InputError),
        ([("short", "word")], InputError),
        ([("note", NOTE), ("note", LONG)], DocumentError),
        (["ab"], DocumentError),
    ]
    for documents, error in bad:
        with pytest.raises(error):
            ShuffledIndex.build(documents, tmp_path / "new", key=KEY)
    assert not (tmp_path / "new").exists()
    (tmp_path / "file").write_text("")
    with pytest.raises(CorpusIndexError):
        build(tmp_path / "file")
    (tmp_path / "made").mkdir()
    with pytest.raises(InputError):
        ShuffledIndex.build([], tmp_path / "made")
    assert build(tmp_path / "made").windows == 7


def test_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`guardrail shuffled build` makes the folder, and says what it holds."""
    monkeypatch.chdir(tmp_path)
    Path("note.txt").write_text(LONG)
    Path("key").write_bytes(b"0123456789abcdef")
    arguments = ["shuffled", "build", "note.txt", "--out", "index", "--key-file", "key"]
    with pytest.raises(SystemExit) as done:
        main([*arguments, "--class", "board"])
    assert done.value.code == 0
    assert "6 windows of 1 documents" in capsys.readouterr().err
    assert ShuffledIndex.open("index", key=KEY).documents == [("note.txt", "board")]
    with pytest.raises(SystemExit) as done:
        main(arguments)
    assert done.value.code == 2
    assert "holds other files" in capsys.readouterr().err
