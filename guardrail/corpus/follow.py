"""A search while the text is still being written, one word at a time.

A run is known when its first stored gram is complete. From then on each new word is compared by
its tag, so that what can still grow into a run, or out of one, is known at every word. The runs
themselves come from the same search as that of a whole text, over words that are final.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np

from guardrail.corpus.align import located
from guardrail.corpus.fingerprint import FINGERPRINT_BITS
from guardrail.corpus.lookup import probe
from guardrail.corpus.segment import LOCATED, Segment
from guardrail.corpus.snapshot import Snapshot
from guardrail.corpus.words import WORD_LIMIT, Words, hash_word, spell_single
from guardrail.text import SINGLE, ascii_codes, fold

__all__ = ["Follower", "Passage"]

_MASK = 2**64 - 1
_TAG_SHIFT = 4
_MAX_OPEN = 16
_TRIM = 512
_MAX_KNOWN = 1 << 14


@dataclass(frozen=True, slots=True)
class Passage:
    """Words that are final and may hold runs; no run crosses its ends."""

    words: Words
    letters: tuple[bytes, ...] = field(repr=False)

    def cut(self, first: int, last: int) -> Passage:
        """Words `[first, last)` of it."""
        words = self.words
        columns = (words.hashes[first:last], words.starts[first:last], words.ends[first:last])
        return Passage(Words(*columns), self.letters[first:last])


class _Diagonal:
    """A run that may still grow: its next word would be word `place` of a document."""

    __slots__ = ("first_tag", "key", "length", "place", "start", "tags", "uid")

    def __init__(self, segment: Segment, document: int, start: int, place: int, size: int) -> None:
        self.start, self.place = start, place + size
        self.length = int(segment.words[document])
        self.uid = int(segment.uid[document]) << 32
        self.first_tag = int(segment.tag0[document])
        self.tags = segment.tags
        self.key = (self.uid, place - start)

    def tag(self) -> int:
        byte = int(self.tags[self.first_tag + (self.place >> 1)])
        return byte >> _TAG_SHIFT if self.place & 1 else byte & 15


class Follower:
    """Splits an answer into words as it comes, and tells which of them are final.

    `settled` is the offset of the first word that may belong to a run not yet reported.
    """

    def __init__(self, snapshot: Snapshot, least: int, known: dict[bytes, int]) -> None:
        self._snapshot, self._least, self._known = snapshot, least, known
        self._gram = snapshot.manifest.gram
        self._located = snapshot.manifest.layout == LOCATED
        self._hold = snapshot.floor - 1
        self._base = snapshot.key.base
        self._leaving = pow(self._base, self._gram, 2**64)
        # The word being written: letters, where it starts, and where its last letter ended.
        self._letters, self._start, self._last = b"", 0, 0
        self._position = 0
        # Words from number `dropped` on; those before `cut` are done with.
        self._hashes: list[int] = []
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._spelt: list[bytes] = []
        self._dropped = self._count = self._cut = self.settled = 0
        self._polynomial = 0
        self._hits = 0
        self._blind = not self._located
        self._open: list[_Diagonal] = []
        self._spans: deque[tuple[int, int]] = deque()

    def held_from(self, nth: int) -> int:
        """The offset of the `nth` word of the first run that is open, or of the unfinished word."""
        first = min((diagonal.start for diagonal in self._open), default=self._count)
        if self._spans:
            first = min(first, self._spans[0][0])
        return self._offset(min(first + nth - 1, self._count))

    def feed(self, chunk: str) -> list[Passage]:
        """Passages that became final."""
        if chunk.isascii():
            self._plain(chunk.encode().translate(ascii_codes()).split(b"\0"))
        else:
            self._folded(chunk)
        self._position += len(chunk)
        passages = self._final(self._count - self._hold)
        self.settled = self._offset(self._cut)
        return passages

    def close(self) -> list[Passage]:
        """The rest: the text has ended."""
        self._finish(self._position)
        for diagonal in self._open:
            self._ended(diagonal, self._count)
        self._open = []
        if self._spans:
            start, end = self._spans.pop()
            self._spans.append((start, min(end, self._count)))
        return self._final(self._count)

    def _plain(self, pieces: list[bytes]) -> None:
        position = self._position
        for number, piece in enumerate(pieces):
            if number:
                self._finish(position)
                position += 1
            if not piece:
                continue
            if self._letters[:1] == b"\x03":
                self._finish(position)
            if not self._letters:
                self._start = position
            before = len(self._letters)
            self._letters += piece
            while len(self._letters) > WORD_LIMIT:
                position += WORD_LIMIT - before
                rest = self._letters[WORD_LIMIT:]
                self._letters, self._last = self._letters[:WORD_LIMIT], position
                self._finish(position)
                self._letters, self._start, piece, before = rest, position, rest, 0
            position += len(piece)
            self._last = position

    def _folded(self, chunk: str) -> None:
        folded = fold(chunk)
        places = range(len(folded.codes)) if folded.offsets is None else folded.offsets.tolist()
        for number, code in enumerate(folded.codes):
            position = self._position + places[number]
            letters = self._letters
            if code <= SINGLE or letters[:1] == b"\x03" or len(letters) == WORD_LIMIT:
                self._finish(position)
            if not code:
                continue
            if not self._letters:
                self._start = position
            if code == SINGLE and folded.points is not None:
                self._letters = spell_single(int(folded.points[number]))
            else:
                self._letters += bytes((code,))
            self._last = position + 1

    def _finish(self, position: int) -> None:
        """End the word being written, if there is one: the next code stands at `position`."""
        letters = self._letters
        if not letters:
            return
        self._letters = b""
        word = self._known.get(letters)
        if word is None:
            if len(self._known) >= _MAX_KNOWN:
                self._known.clear()
            word = self._known[letters] = hash_word(letters, self._snapshot.key)
        self._hashes.append(word)
        self._starts.append(self._start)
        self._ends.append(max(self._last, position))
        self._spelt.append(letters)
        self._count += 1
        if self._open:
            self._compare(word)
        self._look(word)

    def _compare(self, word: int) -> None:
        """Does each open run go on with this word?"""
        letters = word.to_bytes(8, "little")
        places = [(diagonal.uid | diagonal.place).to_bytes(8, "little") for diagonal in self._open]
        blocks = letters + letters.join(places)
        marks = self._snapshot.key.tags.encryptor.update(blocks)
        still = []
        for number, diagonal in enumerate(self._open):
            mark = marks[16 * number + 7] >> _TAG_SHIFT
            if diagonal.place < diagonal.length and diagonal.tag() == mark:
                diagonal.place += 1
                still.append(diagonal)
            else:
                self._ended(diagonal, self._count - 1)
        self._open = still

    def _ended(self, diagonal: _Diagonal, end: int) -> None:
        if end - diagonal.start >= self._least:
            self._span(diagonal.start, end)

    def _span(self, start: int, end: int) -> None:
        spans = self._spans
        while spans and spans[-1][1] > start:
            before = spans.pop()
            start, end = min(start, before[0]), max(end, before[1])
        spans.append((start, end))

    def _look(self, word: int) -> None:
        """Look up the gram that this word completes."""
        gram, hashes = self._gram, self._hashes
        polynomial = self._polynomial * self._base + word
        if self._count > gram:
            polynomial -= hashes[-1 - gram] * self._leaving
        self._polynomial = polynomial = polynomial & _MASK
        if self._count < gram:
            return
        block = self._snapshot.key.seeds.encryptor.update(polynomial.to_bytes(16, "little"))
        fingerprint = int.from_bytes(block[:8], "little") >> (64 - FINGERPRINT_BITS)
        self._hits <<= 1
        for part, (segment, _) in enumerate(self._snapshot.parts):
            if segment.holds(fingerprint):
                self._hit(part, fingerprint)
        self._hits &= (1 << gram + 1) - 1

    def _hit(self, part: int, fingerprint: int) -> None:
        segment, masked = self._snapshot.parts[part]
        hits = probe(segment, np.array([fingerprint], dtype=np.uint64))
        if not len(hits):
            return
        self._hits |= 1
        gram = self._gram
        if len(hits.crowded) and not self._blind:
            self._lose_sight()
        if self._blind:
            first = self._count - gram
            if self._located:
                self._span(max(first - gram + 1, 0), first + 2 * gram - 1)
            elif self._hits >> gram & 1:
                self._span(max(first - 2 * gram + 1, 0), first + 2 * gram - 1)
            return
        window = np.array(self._hashes[1 - 2 * gram :], dtype=np.uint64)
        query = hits.query + len(window) - gram
        begin = self._count - len(window)
        key = self._snapshot.key
        known = {diagonal.key for diagonal in self._open}
        for runs in located(window, segment, masked, key, part, query, hits.entry):
            for row in np.flatnonzero(runs.end == len(window)).tolist():
                start, size = int(runs.start[row]), int(runs.end[row] - runs.start[row])
                document, place = int(runs.document[row]), int(runs.place[row])
                diagonal = _Diagonal(segment, document, begin + start, place, size)
                if diagonal.key not in known:
                    self._open.append(diagonal)
        if len(self._open) > _MAX_OPEN:
            self._lose_sight()

    def _lose_sight(self) -> None:
        """Too many runs to follow: hold everything until no gram is hit for a while."""
        if self._open:
            first = min(diagonal.start for diagonal in self._open)
            self._open = []
            self._span(first, self._count + self._gram - 1)
        self._blind = True

    def _final(self, cut: int) -> list[Passage]:
        """Move on to word `cut`, or as far as no run is cut in two."""
        if self._open:
            cut = min(cut, *(diagonal.start for diagonal in self._open))
        if cut <= self._cut:
            return []
        passages = []
        spans, last = self._spans, 0
        if spans:
            while spans and spans[0][1] <= cut:
                last = spans.popleft()[1]
            if spans:
                cut = min(cut, spans[0][0])
            elif self._located:
                self._blind = False
            if last:
                passages.append(self._passage(self._cut, cut))
        self._cut = max(cut, self._cut)
        if self._cut - self._dropped > _TRIM:
            self._trim()
        return passages

    def _passage(self, first: int, last: int) -> Passage:
        rows = slice(first - self._dropped, last - self._dropped)
        words = Words(
            np.array(self._hashes[rows], dtype=np.uint64),
            np.array(self._starts[rows], dtype=np.int64),
            np.array(self._ends[rows], dtype=np.int64),
        )
        return Passage(words, tuple(self._spelt[rows]))

    def _trim(self) -> None:
        # The words of two grams before the next one are still needed.
        gone = max(min(self._cut, self._count - 2 * self._gram) - self._dropped, 0)
        for column in (self._hashes, self._starts, self._ends, self._spelt):
            del column[:gone]
        self._dropped += gone

    def _offset(self, word: int) -> int:
        if word < self._count:
            return self._starts[word - self._dropped]
        return self._start if self._letters else self._position
