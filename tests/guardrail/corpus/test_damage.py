"""Damaged, foreign and newer files: a named error or a right answer, never a wrong one."""

from __future__ import annotations

import errno
import json
import os
import shutil
from pathlib import Path

import pytest

from guardrail.corpus import CorpusIndex, Key
from guardrail.errors import (
    CorpusIndexError,
    IndexCorruptError,
    IndexFormatError,
    IndexMissingError,
    IndexSpaceError,
    KeyFileError,
)

KEY = Key(b"a key for tests!")
TEXT = " ".join(f"word{number}" for number in range(400))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("damage") / "index"
    documents = [(f"document {number}", f"{number} {TEXT}") for number in range(3)]
    with CorpusIndex.build(documents, path, key=KEY) as index:
        index.add([("later", "of quite another kind " * 8)])
        index.delete(["document 1"])
    return path


def answers(folder: Path) -> list[str]:
    with CorpusIndex.open(folder, key=KEY) as index:
        return [match.document for match in index.search(TEXT)]


def damaged(folder: Path, tmp_path: Path, name: str, data: bytes) -> Path:
    copy = tmp_path / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(folder, copy)
    (copy / name).write_bytes(data)
    return copy


def named(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.iterdir()) if path.name != "LOCK"]


def flips(folder: Path, tmp_path: Path, step: int) -> None:
    right = answers(folder)
    assert right == ["document 0", "document 2"]
    for path in named(folder):
        data = path.read_bytes()
        # A table is mostly equal numbers: every region gets its share, and each header every byte.
        places = {*range(0, min(len(data), 1500), max(step // 64, 1)), *range(0, len(data), step)}
        for place in sorted(places):
            changed = bytearray(data)
            changed[place] ^= 1 << place % 8
            copy = damaged(folder, tmp_path, path.name, bytes(changed))
            try:
                assert answers(copy) == right
            except (CorpusIndexError, IndexMissingError):
                continue


def truncations(folder: Path, tmp_path: Path, step: int) -> None:
    for path in named(folder):
        data = path.read_bytes()
        for size in range(0, len(data), step):
            with pytest.raises(CorpusIndexError):
                answers(damaged(folder, tmp_path, path.name, data[:size]))


def test_a_flipped_bit_is_found(folder: Path, tmp_path: Path) -> None:
    """A bit flipped anywhere is an error, or changes no answer."""
    flips(folder, tmp_path, 8009)


def test_a_truncated_file_is_found(folder: Path, tmp_path: Path) -> None:
    """A file cut short is an error."""
    truncations(folder, tmp_path, 16_384)


@pytest.mark.slow
def test_a_flipped_bit_is_found_everywhere(folder: Path, tmp_path: Path) -> None:
    """The same at every 131st byte of every file, and every other one of the headers."""
    flips(folder, tmp_path, 131)


@pytest.mark.slow
def test_a_file_truncated_at_any_kilobyte_is_found(folder: Path, tmp_path: Path) -> None:
    """The same at every kilobyte."""
    truncations(folder, tmp_path, 1024)


def test_damage_has_its_name(folder: Path, tmp_path: Path) -> None:
    """A missing, a foreign, a newer, an older and a swapped file are told apart."""
    segments = sorted(path.name for path in folder.glob("*.seg"))
    data = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(IndexFormatError, match="not a segment"):
        answers(damaged(folder, tmp_path, segments[0], b"\x89PNG" * 64))
    for version, hint in ((2, "build the index anew"), (4, "update leakrail")):
        other = data[segments[0]][:8] + bytes([version]) + data[segments[0]][9:]
        with pytest.raises(IndexFormatError, match=f"format {version}; .* {hint}"):
            answers(damaged(folder, tmp_path, segments[0], other))
    CorpusIndex.build([("other", TEXT)], tmp_path / "other", key=KEY)
    other = next((tmp_path / "other").glob("*.seg")).read_bytes()
    with pytest.raises(IndexCorruptError, match="does not belong"):
        answers(damaged(folder, tmp_path, segments[0], other))
    state = json.loads(data["MANIFEST"])
    with pytest.raises(IndexFormatError, match="format 9"):
        answers(damaged(folder, tmp_path, "MANIFEST", json.dumps(state | {"version": 9}).encode()))
    with pytest.raises(IndexFormatError, match="not the manifest"):
        answers(damaged(folder, tmp_path, "MANIFEST", b'{"format": "other"}'))
    with pytest.raises(IndexCorruptError):
        answers(damaged(folder, tmp_path, "MANIFEST", b"[]"))
    older = {name: state[name] for name in state if name not in ("unit", "mac")}
    older["mac"] = KEY.mac(json.dumps(older, sort_keys=True).encode()).hex()
    with pytest.raises(IndexFormatError, match="not of this release"):
        answers(damaged(folder, tmp_path, "MANIFEST", json.dumps(older).encode()))
    copy = damaged(folder, tmp_path, "MANIFEST", data["MANIFEST"])
    (copy / segments[0]).unlink()
    with pytest.raises(IndexCorruptError, match="missing"):
        answers(copy)
    (copy / "MANIFEST").unlink()
    with pytest.raises(IndexMissingError):
        answers(copy)


def test_verify_reads_the_files_again(folder: Path, tmp_path: Path) -> None:
    """What is damaged under an open index is found by `verify`."""
    copy = damaged(folder, tmp_path, "LOCK", b"")
    with CorpusIndex.open(copy, key=KEY) as index:
        index.verify()
        segment = next(copy.glob("*.seg"))
        data = bytearray(segment.read_bytes())
        data[-1] ^= 1
        segment.unlink()
        segment.write_bytes(data)
        with pytest.raises(IndexCorruptError, match="damaged"):
            index.verify()


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_leaves_the_index_as_it_was(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    """No space is an error of its own, and the last committed state stands."""
    copy = damaged(folder, tmp_path, "LOCK", b"")
    before = {path.name: path.read_bytes() for path in copy.iterdir()}

    def full(_: int) -> None:
        raise OSError(code, os.strerror(code))

    with CorpusIndex.open(copy, key=KEY) as index:
        monkeypatch.setattr("os.fsync", full)
        with pytest.raises(IndexSpaceError, match="no space left"):
            index.add([("new", TEXT)])
        with pytest.raises(IndexSpaceError, match="no space left"):
            index.compact()
    assert {path.name: path.read_bytes() for path in copy.iterdir()} == before


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """A place where nothing can be written is named."""
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(CorpusIndexError, match="cannot make"):
        CorpusIndex.build([], tmp_path / "file" / "index")
    with pytest.raises(IndexMissingError, match="no index"):
        CorpusIndex.open(tmp_path / "file")


def test_keys_come_from_files_and_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key that is missing, short or overwritten is one clear line; a good one reads back."""
    made = Key.generate()
    made.save(tmp_path / "key")
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    assert Key.from_file(tmp_path / "key") == made
    Key(own := b"a secret of ours, with \x00 in it").save(tmp_path / "own")
    assert Key.from_file(tmp_path / "own").secret == own
    with pytest.raises(KeyFileError, match="white space"):
        Key(b" begins with a space").save(tmp_path / "spaced")
    assert not (tmp_path / "spaced").exists()
    with pytest.raises(KeyFileError, match="never overwritten"):
        made.save(tmp_path / "key")
    with pytest.raises(KeyFileError, match="no key file"):
        Key.from_file(tmp_path / "none")
    with pytest.raises(KeyFileError, match="cannot read"):
        Key.from_file(tmp_path)
    (tmp_path / "short").write_text("short")
    with pytest.raises(KeyFileError, match="at least 16 bytes; got 5"):
        Key.from_file(tmp_path / "short")
    monkeypatch.setenv("LEAKRAIL_TEST_KEY", "0123456789abcdef")
    assert Key.from_env("LEAKRAIL_TEST_KEY").id == Key(b"0123456789abcdef").id
    monkeypatch.setenv("LEAKRAIL_TEST_KEY", "short")
    with pytest.raises(KeyFileError, match="LEAKRAIL_TEST_KEY: a key needs"):
        Key.from_env("LEAKRAIL_TEST_KEY")
    monkeypatch.delenv("LEAKRAIL_TEST_KEY")
    with pytest.raises(KeyFileError, match="holds no key"):
        Key.from_env("LEAKRAIL_TEST_KEY")
    assert "secret" not in repr(made)
