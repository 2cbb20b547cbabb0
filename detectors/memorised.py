"""Passages that look recited, told without an index."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, get_args

from detectors.signals.contacts import Contacts, addresses
from detectors.signals.divergence import Divergence
from detectors.signals.notice import Notice
from detectors.signals.quotation import Quotation
from detectors.signals.word import Signal, Span, Word
from guardrail.errors import PolicyError
from guardrail.text import Text
from guardrail.types import Context, Finding, Source

__all__ = ["Memorised"]

Name = Literal["contacts", "divergence", "notice", "quotation"]

_WORD = re.compile(r"\S+")
_SPACE = re.compile(r"\s")
_SCORE = 0.5


class Memorised:
    """Finds what a model tends to recite; the document of a finding's source names the `signals`.

    `contacts`: each e-mail address after the first, unless the reader wrote it. `divergence`: all
    that follows a phrase of up to 8 words repeated 16 times or more (Nasr et al. 2023,
    arXiv 2311.17035). `notice`: a notice of copyright or licence, to the end of its paragraph.
    `quotation`: what a quotation has beyond `quote_words` words. All are signs and no proof, and
    score 0.5.

    While an answer streams, the unfinished word is held back, and what one of these has begun;
    after a divergence all the rest.
    """

    def __init__(
        self, *, signals: tuple[Name, ...] = get_args(Name), quote_words: int = 100
    ) -> None:
        if quote_words < 1:
            raise PolicyError("quote_words must be at least 1")
        if not signals:
            raise PolicyError("signals is empty: nothing would be found")
        self.signals, self.quote_words = frozenset(signals), quote_words

    def find(self, text: Text) -> Iterable[Finding]:
        scanner = self.scanner(text.context)
        return sorted((*scanner.feed(text.raw), *scanner.close()))

    def settled(self, text: Text) -> int:
        scanner = self.scanner(text.context)
        scanner.feed(text.raw)
        return scanner.settled

    def scanner(self, context: Context) -> _Scanner:
        """Sees each word of one answer once."""
        supplied = (addresses(text) for text in context.supplied)
        known = frozenset(address for several in supplied for _, _, address in several)
        made: dict[str, Signal] = {
            "contacts": Contacts(known),
            "divergence": Divergence(),
            "notice": Notice(),
            "quotation": Quotation(self.quote_words),
        }
        return _Scanner({name: made[name] for name in sorted(self.signals)})


class _Scanner:
    __slots__ = ("_begin", "_breaks", "_held", "_signals")

    def __init__(self, signals: dict[str, Signal]) -> None:
        self._signals = signals
        self._held: list[str] = []
        self._begin = self._breaks = 0

    @property
    def settled(self) -> int:
        opened = (signal.open for signal in self._signals.values())
        return min((self._begin, *(place for place in opened if place is not None)))

    def feed(self, chunk: str) -> Sequence[Finding]:
        self._held.append(chunk)
        if not _SPACE.search(chunk):
            return ()
        raw = "".join(self._held)
        unfinished = "" if raw[-1].isspace() else raw.rsplit(None, 1)[-1]
        self._held = [unfinished]
        return tuple(self._seen(raw[: len(raw) - len(unfinished)]))

    def close(self) -> Sequence[Finding]:
        found = list(self._seen("".join(self._held)))
        for name, signal in self._signals.items():
            if span := signal.close():
                found.append(_finding(name, span))
        return found

    def _seen(self, raw: str) -> Iterator[Finding]:
        place = 0
        for match in _WORD.finditer(raw):
            breaks = self._breaks + raw.count("\n", place, match.start())
            self._breaks, place = 0, match.end()
            word = Word.of(match[0], self._begin + match.start(), breaks)
            for name, signal in self._signals.items():
                if span := signal.see(word):
                    yield _finding(name, span)
        self._breaks += raw.count("\n", place)
        self._begin += len(raw)


def _finding(name: str, span: Span) -> Finding:
    start, end, words = span
    return Finding(start, end, "memorised", _SCORE, source=Source("signals", name, "", words))
