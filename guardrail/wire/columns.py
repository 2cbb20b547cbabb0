"""Columns of a JSON value: texts that stand below each other, read as lines and as going on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from guardrail.wire.checks import Checks, WireError

__all__ = ["Column", "Ends", "Spot", "in_pieces", "reread"]

Spot = tuple[int, str]
"""The number of the spot that an object stands at, and one of its keys: as short however deep."""

Column = Spot | tuple[Spot, int]
"""Where all texts of a column stand; of cells, the place in their rows as well."""

# No JSON that is read is as deep.
_DEEP = 200
# How much of the end of a column is read before what it goes on with; how many go on.
_BEFORE, _MOST = 1_000, 64


@dataclass(frozen=True, slots=True)
class End:
    """How the texts of a column ended, as lines and as if they went on, and if that differs."""

    lines: str = field(repr=False)
    pieces: str = field(repr=False)
    cut: bool

    def readings(self, texts: Sequence[str], checks: Checks) -> Iterator[Sequence[str]]:
        """What is told of those that follow, in each way to read them."""
        yield checks.lines(_behind(self.lines, texts))[-len(texts) :]
        pieces = _behind(self.pieces, texts)
        if self.cut or in_pieces(pieces):
            yield checks.pieces(pieces)[-len(texts) :]

    def then(self, texts: Sequence[str]) -> End:
        """How it ends with those that follow."""
        lines, pieces = _behind(self.lines, texts), _behind(self.pieces, texts)
        cut = self.cut or in_pieces(pieces)
        return End(_end("\n".join(lines)), _end("".join(pieces)), cut)


_BEGIN = End("", "", cut=False)


class Ends:
    """How the columns of a list ended, which is read before what they go on with."""

    def __init__(self, most: int = _MOST) -> None:
        self.numbers: dict[Spot, int] = {}
        self._ends: dict[Column, End] = {}
        self._most = most

    def before(self, column: Column) -> End | None:
        return self._ends.get(column)

    def add(self, columns: Mapping[Column, Sequence[int]], parts: Sequence[str]) -> None:
        for column, places in columns.items():
            texts = [parts[place] for place in places]
            self._ends[column] = self._ends.get(column, _BEGIN).then(texts)
        if len(self._ends) > self._most or len(self.numbers) > _DEEP * self._most:
            raise WireError("too many fields of a list that goes on")


def reread(
    column: Sequence[int],
    parts: Sequence[str],
    told: list[str],
    checks: Checks,
    before: End | None = None,
) -> None:
    """Read a column as lines, and as if it went on where that makes other words.

    A text that two readings alter in two ways is redacted whole.
    """
    texts = [parts[place] for place in column]
    for reading in (before or _BEGIN).readings(texts, checks):
        for place, raw, text in zip(column, texts, reading, strict=True):
            if text != raw:
                told[place] = text if told[place] in (text, raw) else checks.redaction


def in_pieces(texts: Sequence[str]) -> bool:
    """Whether a word may be cut; unlike those of `Texts`, numbers of rows are each a number."""
    said = filter(None, texts)
    return any(one[-1].isalpha() and other[0].isalpha() for one, other in pairwise(said))


def _behind(before: str, texts: Sequence[str]) -> Sequence[str]:
    return [before, *texts] if before else texts


def _end(text: str) -> str:
    """The end of a text, without a word that is cut."""
    end = text[-_BEFORE:]
    return end if end == text else end.partition(" ")[2] or end
