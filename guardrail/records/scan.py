"""The fields of an index that stand in a text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guardrail.records import dates, mail, money
from guardrail.records.forms import DIGITS
from guardrail.records.index import Field, RecordIndex
from guardrail.text import Text

__all__ = ["BEHIND", "Hit", "Reading"]

BEHIND = mail.BEFORE + 1
"""So many characters before a place suffice to read what begins behind it."""

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


@dataclass(frozen=True, slots=True)
class Hit:
    """A field in the text: characters `[start, end)`, words `[first, last)`."""

    start: int
    end: int
    first: int
    last: int
    field: Field


class Reading:
    """A text read with an index: the fields in it, and how far more text cannot change them."""

    def __init__(self, index: RecordIndex, text: Text) -> None:
        self._index, self._raw = index, text.raw
        self.letters = index.hashes.letters(text.folded)
        self.words = self.letters.places.take(self.letters.starts)
        self._of_letters = bool(index.kinds & {"id", "name", "phone", "text"})

    def hits(self) -> list[Hit]:
        """Every field, in order; the longer of two that begin together comes first."""
        found = [*self._spelled(), *self._read()]
        return sorted(found, key=lambda hit: (hit.start, -hit.end, hit.field.column, hit.field.low))

    @property
    def open(self) -> int:
        """Where a field may begin that more text completes or changes."""
        place = len(self._raw)
        if "email" in self._index.kinds:
            place = mail.open_at(self._raw)
        if self._index.kinds & {"date", "money"}:
            place = min(place, self._open_number())
        return min(place, self._open_word()) if self._of_letters else place

    def _spelled(self) -> Iterator[Hit]:
        """Fields of letters in a row."""
        letters, index = self.letters, self._index
        if not self._of_letters or not len(letters.starts):
            return
        # Which letters, their polynomials, and the type that alone may be written so.
        told: list[tuple[Stretch, NDArray[np.uint64], NDArray[np.intp], str]] = []
        for starts, ends in self._stretches():
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
                yield self._hit(int(letters.places[start]), int(letters.ends_at[last]), found)

    def _read(self) -> Iterator[Hit]:
        """Fields whose normal form is read from the text."""
        index = self._index
        spans: list[tuple[int, int]] = []
        values: list[int] = []
        for kind, read in _READERS.items():
            if kind in index.kinds:
                for start, end, form in read(self._raw):
                    spans.append((start, end))
                    values.append(index.hashes.value(kind, form))
        if values:
            for row, found in index.fields(np.array(values, dtype=np.uint64)):
                yield self._hit(*spans[row], found)

    def _hit(self, start: int, end: int, found: Field) -> Hit:
        first, last = np.searchsorted(self.words, (start, end)).tolist()
        return Hit(start, end, first, last, found)

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
        starts, ends = self.letters.starts, self.letters.ends
        single = (ends - starts == 1).nonzero()[0]
        for after in range(1, _INITIALS + 1):
            middle = single[(single > 0) & (single < len(starts) - after)]
            before = middle - 1
            yield (starts[before], ends[before]), (starts[middle + 1], ends[middle + after])

    def _open_word(self) -> int:
        """The first word that may go on to be a field."""
        letters, index = self.letters, self._index
        # A name is written with a letter more by itself, a number with more in front.
        spare = _MOST_CUT if "phone" in index.kinds else 1
        floor = len(letters.places) - index.longest - spare
        most = max(index.most_words, 1 + _INITIALS) + 1
        first = max(int(np.searchsorted(letters.starts, floor)), len(self.words) - most, 0)
        return int(self.words[first]) if first < len(self.words) else len(self._raw)

    def _open_number(self) -> int:
        """The first number or month that stands within a date's reach of the end."""
        tail = max(len(self._raw) - dates.LONGEST, 0)
        patterns = (_NUMBER, dates.WORDS, _LAST_WORD)
        found = (pattern.search(self._raw, tail) for pattern in patterns)
        return min(match.start() for match in found if match is not None)
