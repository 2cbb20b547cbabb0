"""One committed state of an index, opened for reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, islice, product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from guardrail.corpus.align import Runs
from guardrail.corpus.fingerprint import Key
from guardrail.corpus.manifest import Manifest, Part
from guardrail.corpus.match import Match
from guardrail.corpus.pieces import PIECE, chunked, joined
from guardrail.corpus.search import find_runs
from guardrail.corpus.segment import ANCHOR_WORDS, LOCATED, Segment, stands
from guardrail.corpus.words import Words, spell_out, split
from guardrail.errors import IndexCorruptError, IndexMissingError, InputError
from guardrail.text import Text

__all__ = ["LETTERS", "WORDS", "Masked", "Snapshot", "floor_of"]

WORDS, LETTERS = "words", "letters"
DEFAULT_WORDS = {WORDS: 12, LETTERS: 60}
_ROOM = 1 << 25
_TOGETHER = 1 << 13
_WAYS = 64
Masked = tuple[Segment, NDArray[np.bool_] | None]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The segments of one manifest, each with its mask of deleted documents."""

    manifest: Manifest
    key: Key
    parts: tuple[Masked, ...]

    @classmethod
    def open(cls, folder: Path, key: Key, before: Snapshot | None = None) -> Snapshot:
        """The last committed state; segments that `before` holds open are not read again."""
        known = {} if before is None else {part.mac: part for part, _ in before.parts}
        manifest = Manifest.load(folder, key)
        while True:
            try:
                parts = tuple(_opened(folder, key, part, known) for part in manifest.parts)
            except IndexMissingError as error:
                # A writer may have committed, and removed a merged segment, since the load.
                newer = Manifest.load(folder, key)
                if newer == manifest:
                    raise IndexCorruptError(str(error)) from None
                manifest = newer
                continue
            for segment, _ in parts:
                segment.sift(_ROOM // len(parts))
            return cls(manifest, key, parts)

    @property
    def floor(self) -> int:
        """The shortest run, in words, that is always found."""
        return floor_of(self.manifest.gram, self.manifest.layout)

    def least(self, min_words: int | None) -> int:
        """The run length to use: by default 12 words (60 letters) or the floor, if that is more."""
        if min_words is None:
            return max(DEFAULT_WORDS[self.manifest.unit], self.floor)
        if min_words < self.floor:
            low = f"min_words is {min_words}; this index finds runs of {self.floor} words or more"
            raise InputError(f"{low} (build it with a smaller gram for shorter ones)")
        return min_words

    def words(self, text: Text) -> Words:
        """The words of a text; of an index over letters, its letters."""
        if self.manifest.unit == WORDS:
            return split(text.folded, self.key) if len(text.raw) <= PIECE else self._words(text.raw)
        return joined(
            Words(words.hashes, (words.starts + start) >> 1, (words.ends + start + 1) >> 1)
            for start, words in chunked(spell_out(text.raw), self.key)
        )

    def words_each(self, raws: Sequence[str]) -> list[Words]:
        """The words of several texts, of an index over words; short ones are split together."""
        if sum(map(len, raws)) > PIECE:
            return [self._words(raw) for raw in raws]
        words = self._words("\n".join(raws))
        begins = list(accumulate((len(raw) + 1 for raw in raws), initial=0))
        cuts = words.starts.searchsorted(begins).tolist()
        return [
            Words(
                words.hashes[low:high], words.starts[low:high] - begin, words.ends[low:high] - begin
            )
            for begin, low, high in zip(begins, cuts, cuts[1:], strict=False)
        ]

    def _words(self, raw: str) -> Words:
        return joined(
            Words(words.hashes, words.starts + start, words.ends + start)
            for start, words in chunked(raw, self.key)
        )

    def runs(self, hashes: NDArray[np.uint64], *, skim: bool = False) -> Runs:
        """What `find_runs` finds; without places nothing is passed over."""
        return self.runs_each([hashes], skim=skim)[0]

    def runs_each(self, several: Sequence[NDArray[np.uint64]], *, skim: bool = False) -> list[Runs]:
        """The same for several texts; short ones are looked up together."""
        skim = skim and self.manifest.layout == LOCATED
        if len(several) > 1 and sum(map(len, several)) > _TOGETHER:
            return [self.runs(hashes, skim=skim) for hashes in several]
        return find_runs(several, self.parts, self.key, self.manifest.gram, skim=skim)

    def search(self, text: Text, min_words: int | None = None) -> tuple[Match, ...]:
        least = self.least(min_words)
        words = self.words(text)
        runs = self.runs(words.hashes)
        if not len(runs):
            return ()
        long = runs.take(np.flatnonzero(runs.end - runs.start >= least))
        return tuple(sorted(self.match(words, long, row) for row in range(len(long))))

    def match(self, words: Words, runs: Runs, row: int) -> Match:
        """One row of `runs` as a match."""
        first, last = int(runs.start[row]), int(runs.end[row])
        segment, _ = self.parts[runs.part[row]]
        document, place = int(runs.document[row]), int(runs.place[row])
        name, sensitivity, grants = ("", "", ()) if document < 0 else segment.describe(document)
        return Match(
            start=int(words.starts[first]),
            end=int(words.ends[last - 1]),
            word=first,
            words=last - first,
            document=name,
            place=place,
            size=0 if document < 0 else int(segment.words[document]),
            anchor=-1 if document < 0 else self._anchor(segment, document, place),
            sensitivity=sensitivity,
            grants=grants,
        )

    def vouched(self, told: Sequence[Sequence[int]], part: int) -> bool:
        """Whether each gram is known that would be kept of a document of just these words.

        For each of its words stand the hashes of those that may be it; a gram of one for which
        there is none is passed over. A word that is not the document's passes for it by its tag
        alone with one key in 16.
        """
        gram, (segment, _) = self.manifest.gram, self.parts[part]
        asked = (told[place : place + gram] for place in stands(len(told), gram))
        return all(self._known(words, segment) for words in asked if all(words))

    def _known(self, words: Sequence[Sequence[int]], segment: Segment) -> bool:
        ways = np.array([*islice(product(*words), _WAYS)], dtype=np.uint64)
        grams = self.key.grams(ways.ravel(), len(words))[:: len(words)]
        return any(map(segment.holds, self.key.fingerprints(grams).tolist()))

    def _anchor(self, segment: Segment, document: int, place: int) -> int:
        anchor = int(segment.anchors[int(segment.anchor0[document]) + place // ANCHOR_WORDS])
        return anchor if self.manifest.unit == WORDS else anchor // 2


def floor_of(gram: int, layout: str) -> int:
    """A run this long holds one stored gram whole; without places, two in step."""
    return 2 * gram - 1 if layout == LOCATED else 3 * gram - 1


def _opened(folder: Path, key: Key, part: Part, known: dict[str, Segment]) -> Masked:
    segment = known.get(part.mac) or Segment(folder / part.file, key)
    if segment.mac != part.mac:
        raise IndexCorruptError(f"{folder / part.file} does not belong to this index")
    if not part.deleted:
        return segment, None
    mask = np.zeros(segment.documents, dtype=bool)
    mask[list(part.deleted)] = True
    return segment, mask
