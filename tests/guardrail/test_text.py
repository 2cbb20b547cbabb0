"""Canonical text: what folds to the same letters, and offsets back to the original."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.corpus import Key
from guardrail.corpus.words import hash_word, spell, split
from guardrail.text import Folded, Text, fold

KEY = Key(b"a key for tests!")


def letters(raw: str) -> list[bytes]:
    return list(spell(fold(raw)))


@pytest.mark.parametrize(
    ("dressed", "plain"),
    [
        ("HELLO, World", "hello world"),
        ("ｈｅｌｌｏ　ｗｏｒｌｄ", "hello world"),  # full width
        ("he\u0301llo w\u00f6rld", "hello world"),  # accents, composed or not
        ("h\u200be\u00adllo wo\u2060rld", "hello world"),  # zero width, soft hyphen
        ("һеllо wоrld", "hello world"),  # Cyrillic look-alikes
        ("𝐡𝐞𝐥𝐥𝐨 𝔴𝔬𝔯𝔩𝔡", "hello world"),  # mathematical alphabets
        ("ﬁnal oﬃce", "final office"),  # ligatures
        ("٤٢ ４２ 𝟜𝟚", "42 42 42"),  # digits of other scripts
        ("can’t stop—now", "can t stop now"),
        ("canʼt ˈstopˈ now", "can t stop now"),  # spacing modifiers
        ("ʜᴇʟʟᴏ ᴡᴏʀʟᴅ ᶦ", "hello world i"),  # small capitals
        ("ⓗ🄴🅛🅻⒪ 🇼🇴🇷🇱🇩", "hello world"),  # enclosed, regional indicators
        ("ħɇłłø đɨṧṯɍıƈŧ", "hello district"),  # strokes and hooks
        ("⠓⠑⠇⠇⠕⠀⠺⠕⠗⠇⠙", "hello world"),  # Braille
        ("he\u115fl\u1160l\u3164o wo\uffa0r\u2065l\U000e0fffd", "hello world"),  # fillers
        ("he\U000e0061llo wo\ufe0f\U000e0171rld", "hello world"),  # tags, variation selectors
        ("كـتـاب", "كتاب"),  # an Arabic word, stretched
        ("straße", "strasse"),
    ],
)
def test_folds_what_looks_alike(dressed: str, plain: str) -> None:
    """Case, width, accents, invisible characters and look-alikes do not hide a word."""
    assert letters(dressed) == letters(plain)


@pytest.mark.parametrize(
    "span",
    [
        *("00AD-00AD", "034F-034F", "061C-061C", "115F-1160", "17B4-17B5", "180B-180F"),
        *("200B-200F", "202A-202E", "2060-206F", "3164-3164", "FE00-FE0F", "FEFF-FEFF"),
        *("FFA0-FFA0", "FFF0-FFF8", "1BCA0-1BCA3", "1D173-1D17A", "E0000-E0FFF"),
    ],
)
def test_what_unicode_lets_nobody_see_vanishes(span: str) -> None:
    """Every default-ignorable code point may stand within a word."""
    first, last = (int(point, 16) for point in span.split("-"))
    assert letters(f"he{''.join(map(chr, range(first, last + 1)))}llo") == [b"hello"]


@pytest.mark.parametrize("raw", ["取締役会", "ฟ้าใส", "カナ", "서울"])
def test_scripts_without_spaces_give_a_word_for_each_character(raw: str) -> None:
    """Each character is a word of its own, with the marks that hang on it."""
    bases = [char for char in raw if not unicodedata.combining(char) and char != "้"]
    assert len(letters(raw)) == len(bases)


def test_cuts_words_every_32_letters() -> None:
    """A word without end is many words, so that nothing has to remember it."""
    assert [len(word) for word in letters("x" * 70)] == [32, 32, 6]


def test_different_scripts_stay_different() -> None:
    """Characters are told apart where they do not look alike."""
    assert letters("取") != letters("締")
    words = split(fold("取締 жизнь шизнь"), KEY)
    assert len(set(words.hashes.tolist())) == 4


pieces = st.text(
    alphabet=st.one_of(
        st.sampled_from("ab1 .,-\n"),
        st.sampled_from("äßﬁ½\u0301\u200b東้ก㍿ｱﾞŉŀⅷ🄰🇦ᴀˈ⠁\u3164\U000e0061"),
        st.characters(codec="utf-8"),
    ),
    max_size=60,
)


def joined(parts: list[Folded]) -> bytes:
    return b"".join(part.codes for part in parts)


@given(pieces, st.lists(st.integers(0, 60), max_size=6))
def test_folds_the_same_in_pieces(raw: str, cuts: list[int]) -> None:
    """Folding a text in pieces gives the codes, and the offsets, of the whole."""
    bounds = sorted({0, len(raw), *(min(cut, len(raw)) for cut in cuts)})
    parts = [fold(raw[start:end]) for start, end in pairwise(bounds)]
    whole = fold(raw)
    assert joined(parts) == whole.codes
    offsets = np.arange(len(raw) + 1) if whole.offsets is None else whole.offsets
    moved = [
        start + (np.arange(len(part.codes)) if part.offsets is None else part.offsets[:-1])
        for start, part in zip(bounds, parts, strict=False)
    ]
    assert np.concatenate([*moved, [len(raw)]]).tolist() == offsets.tolist()


@given(pieces, st.sampled_from(["", "a " * 1000]))
def test_folds_the_same_among_many_letters_of_other_scripts(raw: str, plain: str) -> None:
    """A few characters that are not ASCII are looked up one by one, many at once."""
    told = fold(plain).codes + fold(raw).codes + b"e" * 65
    assert fold(plain + raw + "é" * 65).codes == told


@given(pieces)
def test_words_lie_in_the_text_in_order(raw: str) -> None:
    """Spans are in order and inside the text, and one word's hash is that of its letters."""
    words, spelt = split(fold(raw), KEY), spell(fold(raw))
    assert len(words) == len(spelt)
    assert words.hashes.tolist() == [hash_word(word, KEY) for word in spelt]
    assert (words.starts < words.ends).all()
    assert (words.starts[1:] >= words.starts[:-1]).all()
    assert not len(words) or words.ends[-1] <= len(raw)


@given(st.characters(codec="utf-8"))
def test_every_character_folds(char: str) -> None:
    """No character makes folding fail, and none leaves a code that only the table uses."""
    codes = fold(f"{char}a{char}").codes
    assert not {1, 2, 255} & set(codes)


def test_a_text_never_shows_itself() -> None:
    """The repr of a text holds its size and nothing of what it says."""
    assert repr(Text("secret words", start=3)) == "Text(12 characters, start=3)"
