"""A text that comes in pieces has the words that it has whole."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail import Key
from guardrail.corpus.words import spell, split
from guardrail.shuffled import Splitter
from guardrail.testing import chunkings
from guardrail.text import Folded, fold

KEY = Key(b"0123456789abcdef")

pieces = st.sampled_from(
    [
        *("word ", "it", ". ", "\n", "x" * 32, "x" * 70),
        *("½", "a½", "ﷺ", "é\u0301", "\u0301", "東京。", "한"),
    ]
)


def words(begin: int, folded: Folded) -> list[tuple[int, int, int, bytes]]:
    """Hash, span in the whole text, and letters of each."""
    found, letters = split(folded, KEY), spell(folded)
    spans = (found.starts + begin).tolist(), (found.ends + begin).tolist()
    return list(zip(found.hashes.tolist(), *spans, letters, strict=True))


@given(st.lists(pieces, max_size=30).map("".join), st.integers(0, 999))
def test_words_are_those_of_the_whole(raw: str, seed: int) -> None:
    """However a text comes, it has the same words at the same places."""
    whole = words(0, fold(raw))
    for chunks in chunkings(raw, 4, seed):
        splitter, begin = Splitter(), 0
        found: list[tuple[int, int, int, bytes]] = []
        for chunk in chunks:
            found += words(*splitter.feed(chunk))
            assert begin <= splitter.begin
            begin = splitter.begin
            assert all(start < begin for _, start, _, _ in found)
        found += words(*splitter.close())
        assert found == whole


@pytest.mark.parametrize(
    ("raw", "begin"),
    [
        ("", 0),
        ("one two", 3),
        ("one two ", 7),
        ("x" * 32, 0),  # a mark may follow
        ("x" * 33, 32),
        ("x" * 70, 64),
        ("½½½", 0),  # no word ends with its character
        ("東京", 1),
        ("\u0301\u0301", 2),
        (f"{'½' * 300} ", 300),
        (f"one {'½' * 300}", 3),
    ],
)
def test_holds_what_is_not_whole(raw: str, begin: int) -> None:
    """What may still change is held, and no more."""
    splitter = Splitter()
    splitter.feed(raw)
    assert splitter.begin == begin


@pytest.mark.parametrize("piece", ["½", "\u0301", "x", "xy ", "한"])
def test_hostile_text_takes_linear_time(piece: str) -> None:
    """Text that is never whole is looked at again only when it has grown by a quarter."""

    def seconds(count: int) -> float:
        begun = time.thread_time()
        splitter = Splitter()
        for _ in range(count):
            splitter.feed(piece * 8)
        splitter.close()
        return time.thread_time() - begun

    small = min(seconds(500) for _ in range(3))
    assert min(seconds(8000) for _ in range(3)) < 64 * small
