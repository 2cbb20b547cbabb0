"""Fields of one record that stand together."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

import numpy as np
from numpy.typing import NDArray

from guardrail.records.index import RecordIndex
from guardrail.records.scan import Hit

__all__ = ["Near", "Together"]

_MOST_RECORDS = 256


class Near:
    """A field, and the record that it was found to disclose: one that is strong, from the first.

    Of the records that names nearby have, a bit each, `held` are those with the field, `named`
    those that it names.
    """

    __slots__ = ("held", "hit", "named", "record")

    def __init__(self, hit: Hit, record: int | None = None) -> None:
        self.hit, self.record = hit, record
        self.held = self.named = 0


@dataclass(frozen=True, slots=True)
class Together:
    """Fields stand together where `weak` of one record, or more, lie within `window` words.

    They are in different columns, side by side, and one of them is in a column of `names`.
    """

    index: RecordIndex
    weak: int
    window: int
    names: frozenset[int]

    def tell(self, fields: Sequence[Near], due: int) -> None:
        """Tell the records of fields in the stretches that begin at the first `due` of them.

        The fields are in order, up to the end of the last of these stretches at least.
        """
        columns = {one.hit.field.column for one in fields}
        if len(columns) < self.weak or columns.isdisjoint(self.names):
            return
        records = self._marked(fields)
        for place, first in enumerate(fields[:due]):
            end = first.hit.first + self.window
            stop = bisect_left(fields, end, lo=place, key=lambda one: one.hit.first)
            near = [one for one in fields[place:stop] if one.hit.last <= end]
            self._stretch(first, near, records)

    def _marked(self, fields: Sequence[Near]) -> NDArray[np.uint32]:
        """The records that the names among the fields have; the fields are marked with them."""
        index = self.index
        kinds = {one.hit.field for one in fields}
        bearers = {
            kind: index.records(kind, _MOST_RECORDS) for kind in kinds if kind.column in self.names
        }
        records = np.unique(np.concatenate([*bearers.values()]))
        held = {kind: _bits(index.having(kind, records)) for kind in kinds}
        named = {kind: _bits(np.isin(records, several)) for kind, several in bearers.items()}
        for one in fields:
            one.held, one.named = held[one.hit.field], named.get(one.hit.field, 0)
        return records

    def _stretch(self, first: Near, near: Sequence[Near], records: NDArray[np.uint32]) -> None:
        """Tell the fields in a stretch that stand together with its first."""
        untold = _untold(near)
        if not untold & first.held:
            return
        among = first.held & reduce(or_, (one.named for one in near))
        among = self._apart(near, among)
        for name in reversed(near):
            while rest := name.named & among & untold:
                bit = rest & -rest
                for one in near:
                    if one.record is None and one.held & bit:
                        one.record = int(records[bit.bit_length() - 1])
                untold = _untold(near)

    def _apart(self, near: Sequence[Near], among: int) -> int:
        """Which of the records have enough fields of different columns side by side."""
        reached = [among] + [0] * self.weak
        columns: dict[int, int] = {}
        taken: list[tuple[int, int]] = []
        for one in near:
            column = one.hit.field.column
            fresh = one.held & among & ~columns.get(column, 0)
            if not fresh:
                continue
            taken = [(end, bits) for end, bits in taken if end > one.hit.start]
            for _, bits in taken:
                fresh &= ~bits
            columns[column] = columns.get(column, 0) | fresh
            taken.append((one.hit.end, fresh))
            for count in reversed(range(self.weak)):
                reached[count + 1] |= reached[count] & fresh
        return reached[-1]


def _untold(near: Sequence[Near]) -> int:
    return reduce(or_, (one.held for one in near if one.record is None), 0)


def _bits(flags: NDArray[np.bool_]) -> int:
    return int.from_bytes(np.packbits(flags, bitorder="little").tobytes(), "little")
