"""The spelling alphabet: Alfa Bravo Charlie."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.blobs import blobs, open_at
from guardrail.spoken import spoken

CODES = (
    "alfa bravo charlie delta echo foxtrot golf hotel india juliett kilo lima mike november oscar "
    "papa quebec romeo sierra tango uniform victor whiskey xray yankee zulu"
)
SENTENCE = "the board will sell the mill to no one else in town"
PLAIN = "Mike and Oscar took a tango class at the hotel in Lima, then golf in India with Papa."


def spelt(text: str, joint: str = " / ") -> str:
    return joint.join(
        " ".join(CODES.split()[ord(one) - 97] for one in word) for word in text.split()
    )


@pytest.mark.parametrize("joint", [" / ", "/", "\n", "  ", " | ", " /\n"])
def test_reads_what_is_spelt_out(joint: str) -> None:
    """The words come back, and where they stood."""
    raw = f"It says: {spelt(SENTENCE, joint)}. That is all."
    ((start, end, told),) = spoken(raw)
    assert told == SENTENCE
    assert raw[start:end] == spelt(SENTENCE, joint)
    assert list(blobs(raw)) == [(start, end, told)]


def test_words_without_ends_are_one() -> None:
    """Where nothing stands between words, their letters come back."""
    ((_, _, told),) = spoken(spelt(SENTENCE, " "))
    assert told == SENTENCE.replace(" ", "")


@pytest.mark.parametrize(
    "raw",
    [
        spelt(SENTENCE).upper(),
        spelt(SENTENCE).title(),
        spelt(SENTENCE).replace("alfa", "Alpha").replace("juliett", "Juliet"),
        spelt(SENTENCE).replace("whiskey", "whisky").replace("xray", "x-ray"),
        spelt(SENTENCE, " / ").replace("o ", "o, "),
    ],
)
def test_knows_variants(raw: str) -> None:
    """Case, the other spellings, and commas make no difference."""
    ((_, _, told),) = spoken(raw)
    assert told == SENTENCE


def test_digits_stand_for_themselves() -> None:
    """A number within is read as it is."""
    ((_, _, told),) = spoken(f"{spelt('room')} / 4 0 2 / {spelt('at the corner of the mill')}")
    assert told == "room 402 at the corner of the mill"


@pytest.mark.parametrize(
    "raw", ["", PLAIN, PLAIN * 9, spelt("nineteen letters he"), "echo " * 19, "1 2 3 " * 40]
)
def test_ordinary_text_is_none(raw: str) -> None:
    """Some of the words, and fewer than twenty in a row, are no passage."""
    assert not list(spoken(raw))


@given(st.data())
def test_a_passage_is_open_until_something_else_follows(data: st.DataObject) -> None:
    """What begins before the open place is found the same, whatever is appended."""
    chance = random.Random(data.draw(st.integers(0, 99)))
    pieces = [PLAIN, spelt(SENTENCE, chance.choice((" ", " / ", "\n", ", ", "-"))), "1, 2; 3", " "]
    raw = " ".join(chance.choice(pieces) for _ in range(4))
    cut = data.draw(st.integers(0, len(raw)))
    place = open_at(raw[:cut])
    before = [one for one in blobs(raw[:cut]) if one[0] < place]
    assert before == [one for one in blobs(raw) if one[0] < place]
