"""Long text has the words that it has in one piece."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from guardrail.corpus import CorpusIndex
from guardrail.corpus.pieces import PIECE
from guardrail.corpus.words import split
from guardrail.text import Text, fold

_PARTS = ["a", "bc ", " ", ", ", "é", "ﬁ", "½", "漢", "\u0301", "\u200b", "x" * 40]


@settings(max_examples=60)
@given(st.lists(st.sampled_from(_PARTS), min_size=1, max_size=60), st.integers(0, PIECE))
def test_words_in_pieces(parts: list[str], more: int) -> None:
    part, size = "".join(parts), 2 * PIECE + more
    text = (part * (size // len(part) + 1))[:size]
    with TemporaryDirectory() as folder, CorpusIndex.build([], Path(folder) / "index") as index:
        snapshot = index.snapshot()
        found, expected = snapshot.words(Text(text)), split(fold(text), snapshot.key)
    assert found.hashes.tolist() == expected.hashes.tolist()
    assert found.starts.tolist() == expected.starts.tolist()
    assert found.ends.tolist() == expected.ends.tolist()


def test_a_document_of_marks_alone_has_no_words(tmp_path: Path) -> None:
    with CorpusIndex.build([("marks", "\u0301\u200b")], tmp_path / "index") as index:
        assert index.search("\u0301\u200b") == ()
