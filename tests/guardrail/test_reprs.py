"""What is shown of the objects that hold text, in a traceback or a debugger: never the text."""

from __future__ import annotations

import pytest

from guardrail import Key
from guardrail.corpus.follow import Passage
from guardrail.corpus.words import spell, split
from guardrail.records.forms import Form
from guardrail.text import Text, fold
from guardrail.views import views

RAW = "marigold 旗 pays Harrow nine crowns"
FOLDED = fold(RAW)


@pytest.mark.parametrize(
    "held",
    [
        Text(RAW),
        FOLDED,
        Passage(split(FOLDED, Key.public()), spell(FOLDED)),
        Form("marigold"),
        *views(RAW),
    ],
    ids=lambda held: type(held).__name__,
)
def test_shows_no_text(held: object) -> None:
    """Neither the text nor its letters, in whatever order, nor the numbers of its characters."""
    shown = repr(held).lower()
    for told in ("marigold", "dlogiram", "znevtbyq", "旗", str(ord("旗")), "harrow"):
        assert told not in shown
