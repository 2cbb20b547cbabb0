"""Passages of a private corpus, word for word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from guardrail.corpus import CorpusIndex, Key, Match
from guardrail.corpus.align import Runs, outermost
from guardrail.corpus.discount import Echo, alphabetic, common, public
from guardrail.corpus.follow import Follower, Passage
from guardrail.corpus.quote import Quotes
from guardrail.corpus.snapshot import WORDS, Snapshot
from guardrail.corpus.words import spell
from guardrail.errors import PolicyError
from guardrail.text import Text
from guardrail.types import Context, Finding, Source

__all__ = ["Verbatim"]


class Verbatim:
    """Finds runs of `min_words` words or more that stand in a document of the index.

    A run counts if `min_words` of its words, and `distinct` different words of letters among
    them, are neither an `echo` of what the reader wrote, nor in the `background` index of public
    text, nor `common` to `max_documents` documents; otherwise it is reported with that discount
    (`indistinct` for want of different words). Of each document an answer may `quote` up to
    `quote_words` words, in such runs and from left to right, though no document whole, not even in
    parts; the run that goes beyond counts, and each one after it. An index without places has one
    such budget. What several documents have is reported of the first, and of the others as `also`
    there.

    While an answer streams, `hold="run"` holds back what may belong to a run; `hold="word"` only
    the word being written, so that a run is shown up to its `min_words`-th word and no further,
    which is all it promises.
    """

    def __init__(
        self,
        *,
        index: Path,
        key_file: Path | None = None,
        key_env: str | None = None,
        min_words: int | None = None,
        max_documents: int = 10,
        distinct: int = 8,
        background: Path | None = None,
        hold: Literal["run", "word"] = "run",
        quote_words: int = 0,
    ) -> None:
        self.index = CorpusIndex.open(index, key=Key.configured(key_file, key_env))
        self.background = None if background is None else CorpusIndex.open(background)
        self.least = self.index.snapshot().least(min_words)
        self.max_documents, self.distinct, self.hold = max_documents, distinct, hold
        if any(one is not None and one.unit != WORDS for one in (self.index, self.background)):
            raise PolicyError("verbatim needs an index over words; build it without --letters")
        if max_documents < 1 or distinct < 1:
            raise PolicyError("max_documents and distinct must be at least 1")
        if quote_words < 0:
            raise PolicyError("quote_words must be at least 0")
        self.quote_words = quote_words
        self._name = self.index.name
        # Hashes of words that were met, with the key that they were made with.
        self._known: dict[Key, dict[bytes, int]] = {}

    def find(self, text: Text) -> Iterable[Finding]:
        snapshot = self.index.snapshot()
        words = snapshot.words(text)
        runs = self._long(snapshot.runs(words.hashes))
        if not len(runs):
            return ()
        passage = Passage(words, spell(text.folded))
        quotes = Quotes(self.quote_words)
        return self._judge(snapshot, passage, runs, Echo(snapshot, text.context), quotes)

    def settled(self, text: Text) -> int:
        scanner = self.scanner(text.context)
        scanner.feed(text.raw)
        return scanner.settled

    def scanner(self, context: Context) -> _Scanner:
        """Follows one answer, word by word, at a few microseconds each."""
        snapshot = self.index.snapshot()
        known = self._known
        if snapshot.key not in known:
            known = self._known = {snapshot.key: {}}
        follower = Follower(snapshot, self.least, known[snapshot.key])
        echo, quotes = Echo(snapshot, context), Quotes(self.quote_words)

        def judge(passage: Passage) -> Iterable[Finding]:
            runs = self._long(snapshot.runs(passage.words.hashes))
            return self._judge(snapshot, passage, runs, echo, quotes)

        return _Scanner(follower, judge, self.least if self.hold == "word" else None)

    def close(self) -> None:
        """Let go of the index."""
        self.index.close()
        if self.background is not None:
            self.background.close()

    def _long(self, runs: Runs) -> Runs:
        if not len(runs):
            return runs
        return runs.take(np.flatnonzero(runs.end - runs.start >= self.least))

    def _judge(
        self, snapshot: Snapshot, passage: Passage, runs: Runs, echo: Echo, quotes: Quotes
    ) -> Iterator[Finding]:
        if not len(runs):
            return
        everywhere = common(runs, len(passage.letters), self.max_documents)
        outer = outermost(runs)
        discounts: list[str] = []
        for cluster in _clusters(outer):
            first, last = int(cluster.start[0]), int(cluster.end[-1])
            part = passage.cut(first, last)
            masks = {
                "echo": echo.mask(part.words.hashes),
                "background": public(self.background, part.letters),
                "common": everywhere[first:last],
            }
            discounts += self._discounts(part, cluster.start - first, cluster.end - first, masks)
        if self.quote_words:
            discounts = self._quoted(snapshot, passage, runs, outer, discounts, quotes)
        for row, discount in enumerate(discounts):
            yield self._finding(snapshot.match(passage.words, outer, row), passage, discount)
        yield from self._beside(snapshot, passage, runs, outer, discounts)

    def _beside(
        self,
        snapshot: Snapshot,
        passage: Passage,
        runs: Runs,
        outer: Runs,
        discounts: Sequence[str],
    ) -> Iterator[Finding]:
        """What further documents have of the same words: `also`, or discounted as these are."""
        if len(runs) == len(outer):
            return
        told = {*zip(outer.uid.tolist(), range(len(outer)), strict=True)}
        for row, owner in _owned(runs, outer):
            key = int(runs.uid[row]), owner
            # Those that many have, or the reader had, are nobody's.
            if key in told or discounts[owner] not in ("", "quote", "indistinct"):
                continue
            told.add(key)
            match = snapshot.match(passage.words, runs, row)
            yield self._finding(match, passage, discounts[owner] or "also")

    def _quoted(
        self,
        snapshot: Snapshot,
        passage: Passage,
        runs: Runs,
        outer: Runs,
        discounts: Sequence[str],
        quotes: Quotes,
    ) -> list[str]:
        """The discounts, and `quote` where every document with a run inside is but quoted."""
        told = [discount or "quote" for discount in discounts]
        for run, owner in _owned(runs, outer):
            if discounts[owner]:
                continue
            start, end = int(runs.start[run]), int(runs.end[run])
            begin, stop = int(passage.words.starts[start]), int(passage.words.ends[end - 1])
            document, segment = int(runs.document[run]), snapshot.parts[runs.part[run]][0]
            size = 0 if document < 0 else int(segment.words[document])
            if not quotes.take(int(runs.uid[run]), begin, stop, end - start, size=size):
                told[owner] = ""
        return told

    def _discounts(
        self,
        part: Passage,
        starts: NDArray[np.int64],
        ends: NDArray[np.int64],
        masks: dict[str, NDArray[np.bool_]],
    ) -> Iterator[str]:
        """Why each run does not count; empty where it does."""
        counts = np.ones(len(part.letters), dtype=bool)
        reasons = np.full(len(starts), "", dtype=object)
        for reason, mask in masks.items():
            counts &= ~mask
            sums = np.concatenate(([0], np.cumsum(counts)))
            few = sums[ends] - sums[starts] < self.least
            reasons[few & (reasons == "")] = reason
        kinds = _varieties(part, counts, zip(starts.tolist(), ends.tolist(), strict=True))
        for reason, kind in zip(reasons.tolist(), kinds, strict=True):
            yield reason or ("indistinct" if kind < self.distinct else "")

    def _finding(self, match: Match, passage: Passage, discount: str) -> Finding:
        start = match.start
        if self.hold == "word":
            start = int(passage.words.starts[match.word + self.least - 1])
        source = Source(
            self._name,
            match.document,
            match.sensitivity,
            match.words,
            place=match.place,
            reach=match.words,
            size=match.size,
            grants=match.grants,
        )
        return Finding(start, match.end, "verbatim", source=source, discount=discount)


class _Scanner:
    """A follower whose passages are judged; `nth` is the word of a run to hold back from."""

    __slots__ = ("_follower", "_judge", "_nth")

    def __init__(
        self,
        follower: Follower,
        judge: Callable[[Passage], Iterable[Finding]],
        nth: int | None,
    ) -> None:
        self._follower, self._judge, self._nth = follower, judge, nth

    @property
    def settled(self) -> int:
        if self._nth is None:
            return self._follower.settled
        return self._follower.held_from(self._nth)

    def feed(self, chunk: str) -> Sequence[Finding]:
        passages = self._follower.feed(chunk)
        return self._judged(passages) if passages else ()

    def close(self) -> Sequence[Finding]:
        return self._judged(self._follower.close())

    def _judged(self, passages: Sequence[Passage]) -> Sequence[Finding]:
        return [finding for passage in passages for finding in self._judge(passage)]


def _owned(runs: Runs, outer: Runs) -> Iterator[tuple[int, int]]:
    """Runs from left to right, each with the outermost one that it lies in."""
    # Of the outermost runs that begin before a run, the last one reaches furthest.
    owners = np.searchsorted(outer.start, runs.start, side="right") - 1
    for run in np.lexsort((-runs.end, runs.start)).tolist():
        yield run, int(owners[run])


def _clusters(runs: Runs) -> Iterator[Runs]:
    """Runs that overlap, together."""
    breaks = np.flatnonzero(runs.start[1:] >= runs.end[:-1]) + 1
    for rows in np.split(np.arange(len(runs)), breaks):
        if len(rows):
            yield runs.take(rows)


def _varieties(
    part: Passage, counts: NDArray[np.bool_], spans: Iterable[tuple[int, int]]
) -> Iterator[int]:
    """How many different words of letters count in each span; the spans move on."""
    names = [
        letters if counted and alphabetic(letters) else b""
        for letters, counted in zip(part.letters, counts.tolist(), strict=True)
    ]
    inside: Counter[bytes] = Counter()
    first = last = 0
    for start, end in spans:
        inside.update(filter(None, names[last:end]))
        for name in filter(None, names[first:start]):
            inside[name] -= 1
            if not inside[name]:
                del inside[name]
        first, last = start, end
        yield len(inside)
