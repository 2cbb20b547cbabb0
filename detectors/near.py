"""Passages of a private corpus, edited or in disguise, and short documents given away whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from guardrail.corpus import CorpusIndex, Key
from guardrail.corpus.alike import Alike, Likeness
from guardrail.corpus.discount import Echo, alphabetic, common, public
from guardrail.corpus.droning import PERIOD
from guardrail.corpus.quote import WHOLE, Quotes
from guardrail.corpus.segment import LOCATED
from guardrail.corpus.snapshot import WORDS, Snapshot
from guardrail.corpus.words import Words, spell
from guardrail.errors import PolicyError
from guardrail.rescan import Rescan
from guardrail.text import Text, fold
from guardrail.types import Context, Finding, Source
from guardrail.views import View, settled, views

__all__ = ["Near"]

_WHOLE_WORDS = 8
_REACH = 2
_WHOLE_NEWS = 5
_BEYOND = 1 << 62


class Near:
    """Finds passages that resemble a document of the index in spite of edits and disguise.

    A passage counts if `min_words` of its words agree with the document, in order and at least
    `min_share` of those in between, and if as many, with `distinct` different words of letters
    among them, are no echo, public or common (see `Verbatim`). A document that stands in the
    answer whole (95 % of its words, or all of 8 to 19) counts if 5 of them are no echo, public or
    common.
    Otherwise an answer may `quote` up to `quote_words` words of each document, from left to right,
    but none in a code, and no document whole, not even in parts; the passage that goes beyond
    counts, and each one after it.

    The text is read as it is and otherwise: backwards, upside down, in rot13 or atbash, in
    leetspeak, without markup, list numbers and joints between letters, unescaped, and decoded (see
    `guardrail.views`).
    The score is the share of words that agree.

    While an answer streams, some 50 words are held back, and more around what resembles a document.
    """

    step: ClassVar[int] = 256

    def __init__(
        self,
        *,
        index: Path,
        key_file: Path | None = None,
        key_env: str | None = None,
        min_words: int = 16,
        min_share: float = 0.4,
        max_documents: int = 10,
        distinct: int = 8,
        background: Path | None = None,
        disguises: bool = True,
        quote_words: int = 0,
    ) -> None:
        self.index = CorpusIndex.open(index, key=Key.configured(key_file, key_env))
        self.background = None if background is None else CorpusIndex.open(background)
        if self.index.snapshot().manifest.layout != LOCATED:
            raise PolicyError("near needs an index with places; build it without --presence")
        if any(one is not None and one.unit != WORDS for one in (self.index, self.background)):
            raise PolicyError("near needs an index over words; build it without --letters")
        if min(min_words, max_documents, distinct) < 1:
            raise PolicyError("min_words, max_documents and distinct must be at least 1")
        if not 0 < min_share <= 1:
            raise PolicyError("min_share must be more than 0 and at most 1")
        if quote_words < 0:
            raise PolicyError("quote_words must be at least 0")
        self.min_words, self.min_share = min_words, min_share
        self.max_documents, self.distinct = max_documents, distinct
        self.disguises, self.quote_words = disguises, quote_words
        self._name = self.index.name
        self._state: Snapshot | None = None

    def find(self, text: Text) -> Iterable[Finding]:
        return _Judge(Quotes(self.quote_words)).told(self.likenesses(text))

    def likenesses(self, text: Text) -> Sequence[Finding]:
        """All findings, also those inside others; what counts unless it is quoted has `quote`."""
        readings = self._readings(text)
        echo = Echo(readings[0].snapshot, text.context)
        return [one for reading in readings for one in self._judged(reading, echo)]

    def settled(self, text: Text) -> int:
        held = settled(text.raw) if self.disguises else len(text.raw)
        return min(held, *(reading.settled for reading in self._readings(text)))

    def scanner(self, context: Context) -> _Scanner:
        """Asks again while one answer grows, of one state of the index."""
        pinned = copy(self)
        pinned._state = self._state or self.index.snapshot()
        return _Scanner(Rescan(_Likenesses(pinned), context), _Judge(Quotes(self.quote_words)))

    def close(self) -> None:
        """Let go of the index."""
        self.index.close()
        if self.background is not None:
            self.background.close()

    def _readings(self, text: Text) -> Sequence[_Reading]:
        if self not in text.notes:
            text.notes[self] = tuple(self._read(text))
        known: tuple[_Reading, ...] = text.notes[self]
        return known

    def _read(self, text: Text) -> Iterator[_Reading]:
        snapshot = self._state or self.index.snapshot()
        seen = [*views(text.raw)] if self.disguises else [View(text.raw)]
        read = zip(seen, snapshot.words_each([view.raw for view in seen]), strict=True)
        readings: list[tuple[View, Words, bool]] = []
        for number, (view, words) in enumerate(read):
            readings.append((view, words, False))
            if self.disguises and (number == 0 or view.backwards):
                words = Words(words.hashes[::-1], words.starts[::-1], words.ends[::-1])
                readings.append((view, words, True))
        hashes = [words.hashes for _, words, _ in readings]
        found = snapshot.runs_each(hashes, skim=self.distinct > PERIOD)
        for (view, words, turned), runs in zip(readings, found, strict=True):
            alike = Alike(snapshot, words.hashes, runs)
            yield _Reading(snapshot, view, words, alike, turned)

    def _judged(self, reading: _Reading, echo: Echo) -> Iterator[Finding]:
        if not reading.alike.found:
            return
        # The letters are worked out where they are needed only: it takes a loop over all words.
        masks = {"echo": echo.mask(reading.words.hashes)}
        if self.background is not None:
            masks["background"] = public(self.background, reading.letters)
        masks["common"] = common(reading.alike.runs, len(reading.words), self.max_documents)
        for likeness in reading.alike.found:
            reason = self._reason(reading, likeness, masks)
            if reason is not None:
                yield self._finding(reading, likeness, reason)

    def _reason(
        self, reading: _Reading, likeness: Likeness, masks: dict[str, NDArray[np.bool_]]
    ) -> str | None:
        """Why a likeness does not count; empty where it does, None where it is none."""
        words = likeness.words
        passage = len(words) >= self.min_words and len(words) >= self.min_share * (
            likeness.end - likeness.start
        )
        size = int(reading.snapshot.parts[likeness.part][0].words[likeness.document])
        whole = len(words) >= max(_WHOLE_WORDS, WHOLE * size)
        whole = whole and len(np.unique(likeness.places)) >= WHOLE * size
        if not passage and not (whole and reading.vouched(likeness)):
            return None
        least = _WHOLE_NEWS if whole else self.min_words
        counts = np.ones(len(words), dtype=bool)
        for reason, mask in masks.items():
            counts &= ~mask[words]
            if counts.sum() < least:
                return reason
        kinds = {reading.letters[word] for word in words[counts].tolist()}
        if sum(map(alphabetic, kinds)) < min(self.distinct, least):
            return "indistinct"
        quotable = self.quote_words and not whole and not reading.view.decoded
        return "quote" if quotable else ""

    def _finding(self, reading: _Reading, likeness: Likeness, reason: str) -> Finding:
        segment = reading.snapshot.parts[likeness.part][0]
        name, sensitivity, grants = segment.describe(likeness.document)
        start, end = reading.span(likeness.start, likeness.end)
        share = len(likeness.words) / (likeness.end - likeness.start)
        words, place = len(likeness.words), int(likeness.places.min())
        reach = int(likeness.places.max()) + 1 - place
        source = Source(
            self._name,
            name,
            sensitivity,
            words,
            # From all over a document they stand in no one place of it.
            place=place if reach <= _REACH * words else -1,
            reach=reach,
            size=int(segment.words[likeness.document]),
            grants=grants,
        )
        return Finding(start, end, "near", share, source=source, discount=reason)


@dataclass(frozen=True)
class _Reading:
    """One view of a text, word by word; `turned` if its last word comes first."""

    snapshot: Snapshot
    view: View
    words: Words
    alike: Alike
    turned: bool

    @cached_property
    def letters(self) -> Sequence[bytes]:
        spelt = spell(fold(self.view.raw))
        return spelt[::-1] if self.turned else spelt

    def vouched(self, likeness: Likeness) -> bool:
        """Whether a document that stands there whole does so beyond chance."""
        segment, _ = self.snapshot.parts[likeness.part]
        told: list[list[int]] = [[] for _ in range(int(segment.words[likeness.document]))]
        hashes = self.words.hashes.take(likeness.words).tolist()
        for place, word in zip(likeness.places.tolist(), hashes, strict=True):
            told[place].append(word)
        return self.snapshot.vouched(told, likeness.part)

    @property
    def settled(self) -> int:
        """The place of the original from which on something may be found that is not yet."""
        if self.view.decoded:
            return _BEYOND
        if not len(self.words):
            return 0
        if self.view.backwards != self.turned:
            behind = self.alike.settled_behind()
            return 0 if behind == len(self.words) else self.span(behind, behind + 1)[1]
        first = self.alike.settled()
        return self.span(first, first + 1)[0]

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Where words `[first, last)` stand in the original."""
        if self.turned:
            first, last = last - 1, first + 1
        return self.view.span(int(self.words.starts[first]), int(self.words.ends[last - 1]))


@dataclass(frozen=True, slots=True)
class _Likenesses:
    """A detector that leaves the last judgement to who follows the whole answer."""

    near: Near

    def find(self, text: Text) -> Iterable[Finding]:
        return self.near.likenesses(text)

    def settled(self, text: Text) -> int:
        return self.near.settled(text)


class _Scanner:
    __slots__ = ("_judge", "_rescan")

    def __init__(self, rescan: Rescan, judge: _Judge) -> None:
        self._rescan, self._judge = rescan, judge

    @property
    def settled(self) -> int:
        return self._rescan.settled

    def feed(self, chunk: str) -> Iterable[Finding]:
        findings = self._rescan.feed(chunk)
        return self._judge.told(findings) if findings else ()

    def close(self) -> Iterable[Finding]:
        return self._judge.told(self._rescan.close())


class _Judge:
    """What counts of one answer's findings: beyond what is quoted, and in no other of its document.

    One of another document stays: who may read one document may not be one who may read the other.
    """

    __slots__ = ("_covered", "_quotes", "_told")

    def __init__(self, quotes: Quotes) -> None:
        self._quotes = quotes
        self._covered: dict[str, int] = {}
        self._told: dict[str, int] = {}

    def told(self, findings: Iterable[Finding]) -> Sequence[Finding]:
        """Of findings that come from left to right, those that count before those that do not."""
        told = []
        for one in sorted(map(self._counted, sorted(findings, key=_place)), key=_order):
            document = "" if one.source is None else one.source.document
            covered, told_to = self._covered.get(document, 0), self._told.get(document, 0)
            if one.end <= covered or (one.discount and one.end <= told_to):
                continue
            self._told[document] = max(told_to, one.end)
            self._covered[document] = covered if one.discount else one.end
            told.append(one)
        return told

    def _counted(self, one: Finding) -> Finding:
        if one.discount not in ("", "quote") or one.source is None:
            return one
        source = one.source
        quoted = self._quotes.take(
            source.document, one.start, one.end, source.words, size=source.size
        )
        return one if quoted or not one.discount else replace(one, discount="")


def _place(one: Finding) -> tuple[int, int, str]:
    return one.start, -one.end, "" if one.source is None else one.source.document


def _order(one: Finding) -> tuple[int, int, bool, float, str]:
    start, end, document = _place(one)
    return start, end, bool(one.discount), -one.score, document
