"""Canaries: markers that were planted in private data and have no business in an answer."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import ClassVar

from detectors.markers import Begun, Letters, Markers
from guardrail.errors import PolicyError
from guardrail.text import Text
from guardrail.types import Context, Finding, Source
from guardrail.views import View, settled, unmarked, views

__all__ = ["Canary"]

_Reading = tuple[View, Letters, Sequence[Begun]]


class Canary:
    """Finds planted markers, given as a list or as a file of one a line.

    Case, spacing, punctuation and look-alike letters make no difference, nor do the disguises of
    `guardrail.views`, nor, of a marker as it is listed, base64, base32, hexadecimal, binary and
    decimal codes, however short: what counts are a marker's 8 to 256 letters and digits. Take
    random ones: a marker that people may write by themselves is found there too. The source of a
    finding has as its document the marker's place in the list, or its line in the file. One that
    the reader wrote is an `echo`. Markers are kept as keyed hashes alone.

    While an answer streams, up to 200 characters are held back, and more where a code may go on.
    """

    step: ClassVar[int] = 192

    def __init__(self, *, markers: tuple[str, ...] = (), file: Path | None = None) -> None:
        if markers and file is not None:
            raise PolicyError("markers and file are both given; keep one")
        self._name = "markers" if file is None else file.name
        try:
            self._markers = Markers(list(enumerate(markers, 1)) if file is None else _lines(file))
        except PolicyError as error:
            raise PolicyError(f"{self._name}: {error}") from None

    def find(self, text: Text) -> Iterable[Finding]:
        found = [
            (
                *view.span(int(letters.places[first]), int(letters.places[first + size - 1]) + 1),
                number,
            )
            for view, letters, begun in self._readings(text)
            for first, size, number in self._markers.find(letters, begun)
        ]
        if not found:
            return ()
        echoes = self._echoes(text.context)
        counted = [one for one in found if one[2] not in echoes]
        discounted = [one for one in found if one[2] in echoes]
        return (
            *self._findings(counted, ""),
            *self._findings(discounted, "echo"),
        )

    def settled(self, text: Text) -> int:
        final = settled(text.raw)
        places = [final]
        for view, letters, begun in self._readings(text):
            if not view.decoded and len(letters):
                # What may turn out to stand in a tag has no letters yet.
                count = bisect_left(letters.places, final, key=partial(_origin, view))
                first = self._markers.open(count, begun)
                places.append(_origin(view, int(letters.places[first])))
        return min(places)

    def _readings(self, text: Text) -> Sequence[_Reading]:
        if self not in text.notes:
            # Backwards they are looked for as they stand, so that what is found begins there.
            told = chain(views(text.raw), unmarked(text.raw))
            text.notes[self] = [self._reading(view) for view in told if not view.backwards]
        known: Sequence[_Reading] = text.notes[self]
        return known

    def _reading(self, view: View) -> _Reading:
        letters = Letters.of(view.raw)
        return view, letters, self._markers.begun(letters)

    def _echoes(self, context: Context) -> set[int]:
        return {
            number
            for supplied in context.supplied
            for _, letters, begun in self._readings(Text(supplied))
            for _, _, number in self._markers.find(letters, begun)
        }

    def _findings(self, found: Iterable[tuple[int, int, int]], discount: str) -> Iterator[Finding]:
        covered = 0
        for start, end, number in sorted(found, key=lambda one: (one[0], -one[1], one[2])):
            if end > covered:
                covered = end
                source = Source(self._name, str(number), "", 1)
                yield Finding(start, end, "canary", source=source, discount=discount)


def _origin(view: View, place: int) -> int:
    """Where a character of the view begins in the original."""
    return view.span(place, place + 1)[0]


def _lines(file: Path) -> list[tuple[int, str]]:
    try:
        text = file.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise PolicyError(f"{file} is not UTF-8") from None
    return [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
