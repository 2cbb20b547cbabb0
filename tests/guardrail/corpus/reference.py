"""What an index must find, worked out from the definition and from the raw words alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Run:
    """Words `[start, start + words)` of a text equal words `place ...` of a document."""

    start: int
    words: int
    document: str
    place: int


def shared_runs(
    text: Sequence[str], documents: Mapping[str, Sequence[str]], least: int
) -> list[Run]:
    """Every maximal run of at least `least` words that the text shares with a document."""
    runs = []
    for name, words in documents.items():
        for diagonal in range(-len(text), len(words)):
            start = max(0, -diagonal)
            length = 0
            for word in range(start, min(len(text), len(words) - diagonal) + 1):
                inside = word < len(text) and word + diagonal < len(words)
                if inside and text[word] == words[word + diagonal]:
                    length += 1
                    continue
                if length >= least:
                    runs.append(Run(word - length, length, name, word - length + diagonal))
                length = 0
    return runs
