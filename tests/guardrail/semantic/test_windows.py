"""Windows of a text: where they begin and end, whole or as the text comes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.semantic import Cutter, windows
from guardrail.testing import chunkings


def words(count: int, end: str = "") -> str:
    return " ".join(["word"] * count) + end


@pytest.mark.parametrize(
    ("raw", "sizes"),
    [
        ("", []),
        (words(5, "."), []),  # too short
        (words(6), [6]),
        (words(9, ".") + " " + words(9, '."') + " " + words(7), [18, 7]),  # at sixteen or more
        (words(100), [48, 48]),  # no sentence ends
        (words(8) + "\n\n" + words(8), [8, 8]),  # paragraphs
        (words(8) + "\n" + words(8), [16]),
        (words(3) + "\n\n" + words(9), [9]),
        ("x" * 64 * 50, [48]),  # one word without an end
    ],
)
def test_windows(raw: str, sizes: list[int]) -> None:
    """A window ends with a sentence, a paragraph, or when it is long."""
    cut = windows(raw)
    assert [raw[window.start : window.end] for window in cut] == [window.raw for window in cut]
    if " " in raw:
        assert [len(window.raw.split()) for window in cut] == sizes
    else:
        assert [len(window.raw) // 64 for window in cut] == sizes


pieces = st.sampled_from(
    ["word ", "it", ". ", "\n", "\n\n", " ", "x" * 70, "東京。", words(14), "."]
)


@given(st.lists(pieces, max_size=30).map("".join), st.integers(0, 999))
def test_cuts_as_it_comes(raw: str, seed: int) -> None:
    """However a text comes, it is cut the same, and never before `begin`."""
    whole = windows(raw)
    for chunks in chunkings(raw, 3, seed):
        cutter, cut, begin, fed = Cutter(), [], 0, 0
        for chunk in chunks:
            cut += cutter.feed(chunk)
            fed += len(chunk)
            assert begin <= cutter.begin <= fed
            begin = cutter.begin
            assert all(window.end <= begin for window in cut)
        assert cut + cutter.close() == whole
