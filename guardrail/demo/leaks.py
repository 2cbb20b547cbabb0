"""How much of an answer is private: an exact count that shares no code with the index."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

__all__ = ["LeakCounter"]

_WORD = re.compile(r"[^\W_]+")


class LeakCounter:
    """Knows every run of `words` words of the documents, and finds them in an answer."""

    def __init__(self, documents: Iterable[str], *, words: int = 12) -> None:
        self._words = words
        self._runs = {run for document in documents for run, _, _ in self._split(document)}

    def count(self, answer: str) -> int:
        """The number of leaked words, each counted once."""
        return sum(len(_WORD.findall(answer[start:end])) for start, end in self.spans(answer))

    def spans(self, answer: str) -> list[tuple[int, int]]:
        """The leaked passages of an answer in code points; those that overlap are one."""
        spans: list[tuple[int, int]] = []
        for run, start, end in self._split(answer):
            if run not in self._runs:
                continue
            if spans and start < spans[-1][1]:
                start = spans.pop()[0]
            spans.append((start, end))
        return spans

    def _split(self, text: str) -> Iterator[tuple[str, int, int]]:
        words = list(_WORD.finditer(text))
        for place in range(len(words) - self._words + 1):
            window = words[place : place + self._words]
            run = " ".join(word.group().lower() for word in window)
            yield run, window[0].start(), window[-1].end()
