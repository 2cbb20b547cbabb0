"""A semantic index: made, opened, refused, and made by the command line."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import numpy as np
import pytest

from guardrail import Document, Key
from guardrail.cli import main
from guardrail.errors import (
    GuardrailError,
    IndexCorruptError,
    IndexExistsError,
    IndexFormatError,
    IndexKeyError,
    IndexMissingError,
    InputError,
    PolicyError,
)
from guardrail.semantic import Encoder, SemanticIndex, encoder
from tests.models import stand_in

NOTE = "The doctor said that Tarben Vosk is sick and has bought eleven grey bees."
LONG = f"{NOTE} He hides them behind the old mill in Little Harrow, where nobody asks. {NOTE}"
HARMLESS = [
    f"Plain talk number {n} about kettles, gardens and open gates at noon." for n in range(20)
]
KEY = Key(b"0123456789abcdef")


@pytest.fixture
def encode(monkeypatch: pytest.MonkeyPatch) -> Encoder:
    monkeypatch.setitem(sys.modules, "sentence_transformers", stand_in())
    return encoder("tiny")


def build(path: Path, encode: Encoder) -> SemanticIndex:
    documents: list[Document | tuple[str, str]] = [Document("note", NOTE, "board"), ("long", LONG)]
    return SemanticIndex.build(documents, path, encode=encode, harmless=HARMLESS, rate=0.1, key=KEY)


def test_what_is_built_is_opened(tmp_path: Path, encode: Encoder) -> None:
    """The file holds vectors, places and threshold, for its owner's eyes only."""
    built = build(tmp_path / "index", encode)
    opened = SemanticIndex.open(tmp_path / "index", key=KEY)
    assert opened.threshold == built.threshold
    assert 0 < opened.threshold < 0.9
    vector = encode([NOTE])[0]
    assert opened.nearest(vector) == built.nearest(vector)
    cosine, name, label = opened.nearest(vector)
    assert (round(cosine, 2), name, label) == (1, "note", "board")
    assert stat.S_IMODE((tmp_path / "index").stat().st_mode) == 0o600
    assert NOTE.split()[3].encode() not in (tmp_path / "index").read_bytes()


def test_the_threshold_lets_few_harmless_windows_through(tmp_path: Path, encode: Encoder) -> None:
    """One window in ten reaches the threshold of a rate of 0.1, or as many as are equal to it."""
    index = build(tmp_path / "index", encode)
    cosines = [index.nearest(encode([text])[0])[0] for text in HARMLESS]
    assert np.mean(np.array(cosines) > index.threshold + 1e-6) <= 0.1


def test_another_model_does_not_fit(tmp_path: Path, encode: Encoder) -> None:
    """A model of other width, or other meaning, is told from the one that made the file."""
    index = build(tmp_path / "index", encode)
    assert index.fits(encode)
    assert not index.fits(encoder("wide"))
    assert not index.fits(encoder("other"))


def test_bad_files_are_told(tmp_path: Path, encode: Encoder) -> None:
    """What is missing, damaged, foreign or made with another key does not open."""
    path = tmp_path / "index"
    build(path, encode)
    data = path.read_bytes()
    cases: list[tuple[bytes, Key | None, type[GuardrailError]]] = [
        (data, None, IndexKeyError),
        (data[:-1], KEY, IndexCorruptError),
        (data[:40] + b"\xff" + data[41:], KEY, IndexCorruptError),
        (data[:-40] + b"x" + data[-39:], KEY, IndexCorruptError),
        (b"something else", KEY, IndexFormatError),
    ]
    for changed, key, error in cases:
        path.write_bytes(changed)
        with pytest.raises(error):
            SemanticIndex.open(path, key=key)
    with pytest.raises(IndexMissingError):
        SemanticIndex.open(tmp_path / "none")


def test_bad_builds_are_told(tmp_path: Path, encode: Encoder) -> None:
    """A file is never overwritten, and there must be sentences on both sides."""
    build(tmp_path / "index", encode)
    with pytest.raises(IndexExistsError):
        build(tmp_path / "index", encode)
    for documents, harmless, rate in (
        ([("short", "too short")], HARMLESS, 0.1),
        ([("note", NOTE)], HARMLESS, 0.001),
        ([("note", NOTE)], [], 0.1),
        ([("note", NOTE)], HARMLESS, 1.0),
    ):
        with pytest.raises(InputError):
            SemanticIndex.build(
                documents, tmp_path / "new", encode=encode, harmless=harmless, rate=rate
            )
    assert not (tmp_path / "new").exists()


def test_models_that_are_not_there(encode: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is fetched: without the package, or the model, one line says what to do."""
    assert encode(["x"]).shape == (1, 256)
    with pytest.raises(PolicyError, match="on this machine"):
        encoder("none")
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(PolicyError, match="pip install"):
        encoder("tiny")


@pytest.mark.usefixtures("encode")
def test_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`guardrail semantic build` makes the file, and says what threshold it came to."""
    monkeypatch.chdir(tmp_path)
    Path("note.txt").write_text(LONG)
    Path("plain.txt").write_text("\n\n".join(HARMLESS))
    arguments = ["semantic", "build", "note.txt", "--out", "index", "--model", "tiny"]
    with pytest.raises(SystemExit) as done:
        main([*arguments, "--harmless", "plain.txt", "--rate", "0.1"])
    assert done.value.code == 0
    told = capsys.readouterr().err
    assert "of 1 documents" in told
    assert f"threshold {SemanticIndex.open('index').threshold:.3f}" in told
