"""The fields of an index that stand in a text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guardrail.plain import unmarked
from guardrail.records import dates, mail, money
from guardrail.records.dumps import blanked, unfinished
from guardrail.records.forms import DIGITS
from guardrail.records.index import Field, RecordIndex
from guardrail.text import Text

__all__ = ["Hit", "Reading"]

# An address, the character before it, and some emphasis that may be no markup in other text.
_BEHIND = mail.BEFORE + 4
_BLOCK = 1 << 12
_FAR = 1 << 40
_MOST_DIGITS, _MOST_CUT = 20, 5
_INITIALS = 3
_READERS: dict[str, Callable[[str], Iterable[tuple[int, int, str]]]] = {
    "email": mail.addresses,
    "date": dates.dates,
    "money": money.amounts,
}
_NUMBER = re.compile(r"(?<!\d)\d")
_LAST_WORD = re.compile(r"\w*+\Z")

Stretch = tuple[NDArray[np.intp], NDArray[np.intp]]
Spot = tuple[int, int, int, Field]


@dataclass(frozen=True, slots=True)
class Hit:
    """A field in the text: characters `[start, end)`, words `[first, last)`.

    Of its letters there are so many that count, or none where its value is read from the text.
    """

    start: int
    end: int
    first: int
    last: int
    letters: int
    field: Field


class Reading:
    """A text read with an index: the fields in it, and how far more text cannot change them.

    It is read as it is, and, where that differs, without what stands between values in a dump.
    """

    def __init__(self, index: RecordIndex, text: Text) -> None:
        self._written = [_Written(index, text)]
        self.words = self._written[0].words
        values = blanked(text.raw)
        self._end = unfinished(values)
        if values != text.raw:
            self._written.append(_Written(index, Text(values)))

    def hits(self) -> list[Hit]:
        """Every field, in order; the longer of two that begin together comes first."""
        spots = {spot for written in self._written for spot in written.fields()}
        return sorted(
            (self._hit(*spot) for spot in spots),
            key=lambda hit: (hit.start, -hit.end, hit.field.column, hit.field.low),
        )

    @property
    def open(self) -> int:
        """Where a field may begin that more text completes or changes."""
        first, last, whole = self._written[0], self._written[-1], len(self._written[0].raw)
        place = first.open(whole)
        if first is last and self._end == whole:
            return place
        return min(place, last.open(self._end))

    def _hit(self, start: int, end: int, letters: int, field: Field) -> Hit:
        first, last = np.searchsorted(self.words, (start, end)).tolist()
        return Hit(start, end, first, last, letters, field)

    def behind(self, place: int) -> int:
        """The last place from which on what begins behind another is read alike."""
        plain = self._written[0].plain
        return plain.place(max(plain.before(place) - _BEHIND, 0))


class _Written:
    """One way to read a text."""

    def __init__(self, index: RecordIndex, text: Text) -> None:
        self._index, self.raw = index, text.raw
        self.letters = index.hashes.letters(text.folded)
        self.words = self.letters.places.take(self.letters.starts)
        # Words of one letter.
        self._alone = (self.letters.ends - self.letters.starts == 1).nonzero()[0]
        self.plain = unmarked(text.raw)
        self._of_letters = bool(index.kinds & {"id", "name", "phone", "text"})

    def fields(self) -> Iterator[Spot]:
        """Every field, where it stands, and how many letters it is known by."""
        yield from self._spelled()
        yield from self._read()

    def open(self, end: int) -> int:
        """Where a field may begin that other text than there is behind the end completes."""
        index, stop = self._index, self.plain.before(end)
        place = stop
        if "email" in index.kinds:
            place = mail.open_at(self.plain.text[:stop])
        if index.kinds & {"date", "money"}:
            place = min(place, self._open_number(stop))
        place = min(self.plain.place(place), end)
        return min(place, self._open_word(end)) if self._of_letters else place

    def _spelled(self) -> Iterator[Spot]:
        """Fields of letters in a row."""
        letters, index = self.letters, self._index
        if not self._of_letters or not len(letters.starts):
            return
        # Which letters, their polynomials, and the type that alone may be written so.
        told: list[tuple[Stretch, NDArray[np.uint64], NDArray[np.intp], str]] = []
        for starts, ends in self._stretches():
            told.append(((starts, ends), letters.polynomials(starts, ends), ends - starts, ""))
        for starts, ends in self._spelt():
            told.append(((starts, ends), letters.polynomials(starts, ends), ends - starts, ""))
        if "phone" in index.kinds and letters.digits.any():
            starts, ends = self._numbers()
            told.append(((starts, ends), letters.polynomials(starts, ends), ends - starts, "phone"))
        if "name" in index.kinds:
            for first, second in self._initialled():
                sizes = first[1] - first[0] + second[1] - second[0]
                whole = first[0], second[1]
                told.append((whole, letters.spliced(first, second), sizes, "name"))
        sizes = np.concatenate([sizes for _, _, sizes, _ in told])
        hashes = index.hashes.sealed(np.concatenate([one for _, one, _, _ in told]), sizes)
        bounds = np.cumsum([len(sizes) for _, _, sizes, _ in told])
        for row, found in index.fields(hashes):
            part = int(np.searchsorted(bounds, row, side="right"))
            (starts, ends), _, sizes, only = told[part]
            if not only or index.types[found.column] == only:
                place = row - int(bounds[part]) + len(sizes)
                start, last = int(starts[place]), int(ends[place]) - 1
                begin, end = int(letters.places[start]), int(letters.ends_at[last])
                yield begin, end, int(sizes[place]), found

    def _read(self) -> Iterator[Spot]:
        """Fields whose normal form is read from the text."""
        index = self._index
        spans: list[tuple[int, int]] = []
        values: list[int] = []
        for kind, read in _READERS.items():
            if kind in index.kinds:
                for start, end, form in read(self.plain.text):
                    spans.append((start, end))
                    values.append(index.hashes.value(kind, form))
        if values:
            for row, found in index.fields(np.array(values, dtype=np.uint64)):
                yield *self.plain.span(*spans[row]), 0, found

    def _stretches(self) -> Iterator[Stretch]:
        """Words in a row whose letters are as many as some field has."""
        index, starts = self._index, self.letters.starts
        most, longest = index.most_words, index.longest
        ends = np.append(self.letters.ends, np.full(most - 1, _FAR))
        window = np.arange(most)
        for first in range(0, len(starts), _BLOCK):
            begins = starts[first : first + _BLOCK]
            stops = ends.take(np.arange(first, first + len(begins))[:, None] + window)
            sizes = np.minimum(stops - begins[:, None], longest + 1)
            fits = index.fits.take(sizes)
            begin = begins.take(fits.nonzero()[0])
            yield begin, begin + sizes[fits]

    def _spelt(self) -> Iterator[Stretch]:
        """Letters one by one, as many as some long id has."""
        if not self._index.spelt or len(self._alone) < self._index.spelt[0]:
            return
        for size in self._index.spelt:
            ends = self._alone[size - 1 :]
            begins = self._alone[: len(ends)]
            begin = self.letters.starts.take(begins[ends - begins == size - 1])
            yield begin, begin + size

    def _numbers(self) -> Stretch:
        """Digits in a row, with zeros and country code left out."""
        letters = self.letters
        starts, ends, digits = letters.starts, letters.ends, letters.digits
        rows, more = digits.nonzero()[0], 0
        firsts, lasts = [rows[:0]], [rows[:0]]
        while len(rows) and more < self._index.most_words:
            long = ends[rows + more] - starts[rows] > DIGITS
            firsts.append(rows[long])
            lasts.append(ends[rows[long] + more])
            more += 1
            rows = rows[rows + more < len(starts)]
            rows = rows[digits[rows + more]]
            rows = rows[ends[rows + more] - starts[rows] <= _MOST_DIGITS]
        first, last = np.concatenate(firsts), np.concatenate(lasts)
        cuts = np.arange(1, _MOST_CUT + 1)
        begins = starts[first][:, None] + cuts
        # Only of the first word something is cut off: the next begin numbers of their own.
        able = (cuts < (ends - starts)[first][:, None]) & (last[:, None] - begins >= DIGITS)
        rows, columns = able.nonzero()
        return begins[rows, columns], last[rows]

    def _initialled(self) -> Iterator[tuple[Stretch, Stretch]]:
        """A word and up to three more, with a letter by itself between them."""
        starts, ends, single = self.letters.starts, self.letters.ends, self._alone
        for after in range(1, _INITIALS + 1):
            middle = single[(single > 0) & (single < len(starts) - after)]
            before = middle - 1
            yield (starts[before], ends[before]), (starts[middle + 1], ends[middle + after])

    def _open_word(self, end: int) -> int:
        """The first word before the end that may go on to be a field."""
        letters, index = self.letters, self._index
        known, words = int(letters.places.searchsorted(end)), int(self.words.searchsorted(end))
        # A name is written with a letter more by itself, a number with more in front.
        spare = _MOST_CUT if "phone" in index.kinds else 1
        floor = known - index.longest - spare
        begin = words - max(index.most_words, 1 + _INITIALS) - 1
        if index.spelt:
            begin = min(begin, max(self._row(words), words - index.spelt[-1] - 1))
        first = max(int(letters.starts.searchsorted(floor)), begin, 0)
        return int(self.words[first]) if first < words else end

    def _row(self, words: int) -> int:
        """The first of the words of one letter that end a text of so many words."""
        row = self._alone[: int(self._alone.searchsorted(words))]
        breaks = (row != np.arange(words - len(row), words)).nonzero()[0]
        return words - len(row) + (int(breaks[-1]) + 1 if len(breaks) else 0)

    def _open_number(self, stop: int) -> int:
        """The first number or month that stands within a date's reach of the end."""
        tail = max(stop - dates.LONGEST, 0)
        patterns = (_NUMBER, dates.WORDS, _LAST_WORD)
        found = (pattern.search(self.plain.text, tail, stop) for pattern in patterns)
        return min(match.start() for match in found if match is not None)
