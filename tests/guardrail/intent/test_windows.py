"""Windows: every word is in one, none is too long, and the ends of a message have their own."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.intent.windows import SIZE, STEP, Cut, count, tail

RAWS = st.text(alphabet="ab .\n。东西한\u0301\u200b", max_size=600)


@given(RAWS)
def test_windows_cover_the_text(raw: str) -> None:
    """All that is not space stands in a window, and none of them has more than 63 words."""
    spans = Cut(raw).windows()
    covered = {place for start, end in spans for place in range(start, end)}
    assert {place for place, sign in enumerate(raw) if not sign.isspace()} <= covered
    assert all(0 < count(raw[start:end]) < SIZE + STEP for start, end in spans)
    assert spans == sorted(set(spans))


@given(RAWS, st.integers(1, 60))
def test_a_tail_has_the_last_words(raw: str, size: int) -> None:
    """So many words, or all of a shorter text."""
    assert raw.endswith(tail(raw, size))
    assert count(tail(raw, size)) == min(count(raw), size)


@given(st.lists(st.sampled_from(["a", "b.", "c\n", "d"]), min_size=16, max_size=300))
def test_a_run_of_words_stands_whole_in_a_window(words: list[str]) -> None:
    """Of 16 words, wherever it stands; each word of the text is another."""
    told = [f"{number}{word}" for number, word in enumerate(words)]
    raw = " ".join(told)
    for first in range(len(told) - 15):
        run = " ".join(told[first : first + 16]).strip()
        assert any(run in raw[start:end] for start, end in Cut(raw).windows())


def test_windows_begin_and_end_with_sentences() -> None:
    """Where they are not too long."""
    raw = "One two three four, five (six seven). " * 40
    for start, end in Cut(raw).windows():
        assert raw[start:end].startswith("One")
        assert raw[start:end].endswith("seven).")


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        ("one line alone here", ["one line alone here"] * 2),
        ("what is this here?\nA long text.\nmore\n", ["what is this here?"]),
        ("\n a b c\n\nlong\n\n and who is she? \n", ["a b c", "and who is she?"]),
        ("first one here\r\nsecond", ["first one here"]),
        ("a b c\n" + "x " * 60, ["a b c"]),
        (
            "What is this? " + "x " * 60 + "y. And who is that?",
            ["What is this?", "And who is that?"],
        ),
        ("x " * 60 + "y.", []),
        ("", []),
    ],
)
def test_the_ends_of_a_message_stand_alone(raw: str, told: list[str]) -> None:
    """The first line and the last, or their sentences, of three words and no more than a window."""
    assert [raw[start:end].strip() for start, end in Cut(raw).ends()] == told


@pytest.mark.parametrize("piece", ["a", "a ", " ", "\n", "东", "\u0301", "\r\n \t"])
def test_hostile_texts_take_linear_time(piece: str) -> None:
    """Sixteen times the text takes less than 64 times as long."""

    def seconds(size: int) -> float:
        raw = piece * (size // len(piece))
        begun = time.thread_time()
        Cut(raw).windows()
        Cut(raw).ends()
        tail(raw, SIZE)
        return time.thread_time() - begun

    small = min(seconds(20_000) for _ in range(3))
    assert any(seconds(320_000) < 64 * small for _ in range(3))


def test_sentences_stand_alone() -> None:
    """Those of three words or more, and lines like them."""
    raw = "Yes. One two three!  And 'four five six.'\n- a line of five\nno\n" + "x " * 60
    told = [raw[start:end] for start, end in Cut(raw).sentences()]
    assert told == ["One two three!", "And 'four five six.'", "- a line of five"]
