"""A text that comes in pieces, cut between words: each piece once its words are whole."""

from __future__ import annotations

from guardrail.corpus.pieces import clipped, whole
from guardrail.text import Folded, fold

__all__ = ["Splitter"]


class Splitter:
    """Folds one text as it comes, up to where nothing behind can change a word.

    It looks at what has come whenever that has grown by a quarter of what is held, so that time
    is linear.
    """

    def __init__(self) -> None:
        self.begin = 0
        self._held = ""
        self._fresh: list[str] = []
        self._grown = self._wait = 0

    def feed(self, chunk: str) -> tuple[int, Folded]:
        """Where the next whole words begin, and these; `begin` is where others will."""
        self._fresh.append(chunk)
        self._grown += len(chunk)
        if self._grown < self._wait:
            return self.begin, _NOTHING
        folded, begin = self._folded(), self.begin
        cut = whole(folded)
        done = cut if folded.offsets is None else int(folded.offsets[cut])
        self._held = self._held[done:]
        self.begin += done
        self._wait = len(self._held) // 4
        return begin, clipped(folded, cut)

    def close(self) -> tuple[int, Folded]:
        """The rest: the text has ended."""
        return self.begin, self._folded()

    def _folded(self) -> Folded:
        self._held += "".join(self._fresh)
        self._fresh, self._grown = [], 0
        return fold(self._held)


_NOTHING = Folded(b"")
