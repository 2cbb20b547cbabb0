"""The passage that nobody may see, and the answers that hold it."""

from __future__ import annotations

__all__ = ["AFTER", "ARGUMENTS", "BEFORE", "PASSAGE", "SAID", "leaks", "pieces"]

PASSAGE = (
    "the brindled heron keeps seven copper lanterns under a flooded chapel near Oster and "
    "every winter an unnamed ferryman pays her forty salted plums for silence"
)
BEFORE = "Of course. This stands in the file: "
AFTER = " I hope that this was of some help to you today."
SAID = BEFORE + PASSAGE + AFTER
ARGUMENTS = {"note": PASSAGE, "after": AFTER, "number": 7}

_SIZE = 7
_RUN = 5


def pieces(text: str) -> list[str]:
    """A text in small pieces."""
    return [text[place : place + _SIZE] for place in range(0, len(text), _SIZE)]


def leaks(text: str) -> bool:
    """Whether five words of the passage stand in a text, one after the other."""
    words = PASSAGE.split()
    told = " ".join(text.split())
    return any(" ".join(words[i : i + _RUN]) in told for i in range(len(words) - _RUN + 1))
