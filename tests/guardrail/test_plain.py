"""Text in plain characters: what each becomes, and where it stands in the original."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.plain import plain, unmarked

texts = st.text(st.one_of(st.sampled_from("a1*`\\<b>&#64;%\u00ad．é"), st.characters()))


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("plain * text\n", "plain * text\n"),
        ("１９８４\u201103\u201312", "1984-03-12"),
        ("85\u00a0400\u202f1\u2009−\u20282", "85 400 1 - 2"),
        ("ｊ．ｄｏｅ＠ｃ", "j.doe@c"),
        ("\u066a \u0663 \U0001d7d7", "\u066a 3 9"),
        ("a\u00ad\u200b\ufe0fe\u0301", "ae"),
        ("ﬁ ½ x² é东", "ﬁ ½ x² é东"),  # none of one character, and no digits
    ],
)
def test_plain_characters(raw: str, text: str) -> None:
    """Digits, dashes, spaces and signs of ASCII; the rest stays."""
    assert plain(raw).text == text


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (r"j\_doe **so** `it` is", "j_doe so it is"),
        ("2*3 2**3 *3 2*", "2*3 2**3 3 2"),
        ("a<wbr>b</b><br /><a b><1>", "ab<a b><1>"),
        ("&#64;&#x2E;&period;&nosuch;&amp &nbsp;", "@..&nosuch;&amp  "),
        ("a%40b%2Ec%20d", "a@b.c%20d"),
        (r"C:\new a\ b", r"C:\new a\ b"),
    ],
)
def test_without_markup(raw: str, text: str) -> None:
    """Escapes, emphasis and tags are gone, and entities are what they say."""
    assert unmarked(raw).text == text


@given(texts)
def test_places(raw: str) -> None:
    """Spans lie in the original, one behind the other, and lead there and back."""
    for read in (plain(raw), unmarked(raw)):
        spans = [read.span(at, at + 1) for at in range(len(read.text))]
        assert all(start < end for start, end in spans)
        assert all(left[1] <= right[0] for left, right in pairwise(spans))
        assert [read.place(at) for at in range(len(spans))] == [start for start, _ in spans]
        assert [read.before(start) for start, _ in spans] == list(range(len(spans)))
        assert (read.place(len(spans)), read.before(len(raw))) == (len(raw), len(spans))


@given(texts, texts)
def test_characters_are_plain_by_themselves(left: str, right: str) -> None:
    """So a text is the same in pieces."""
    assert plain(left + right).text == plain(left).text + plain(right).text
