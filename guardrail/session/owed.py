"""What the texts of an answer are charged to."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from guardrail.redact import merge
from guardrail.session.gcra import Take
from guardrail.types import Finding, Source, Verdict

__all__ = ["Owed"]

Places = defaultdict[tuple[str, str], set[int]]
"""Which words of a document were told."""

_BYTES = 4
_SOMEWHERE = (-1,)


class Owed:
    """Limits on tokens and on hits that the texts of one answer are charged to, one after another.

    A token is four bytes of what is shown, a hit a passage that an index has and that counts. Texts
    that are read in another way are charged to what is owed `again`: no tokens, and no passage of
    which words were told before. Nor is one a hit that was told in another way before.
    """

    def __init__(self, takes: Iterable[Take]) -> None:
        self._takes = tuple(takes)
        self._told, self._others = Places(set), Places(set)
        self._known: tuple[Places, ...] = (self._others,)

    def again(self) -> Owed:
        """What is owed for the same texts, read in another way."""
        again = Owed(take for take in self._takes if not take.cost)
        again._told, again._known = self._others, (self._told, self._others)
        return again

    def due(self, verdict: Verdict) -> list[Take]:
        """What one text is charged."""
        tokens = -(-len(verdict.text.encode("utf-8", "surrogatepass")) // _BYTES)
        hits = self._hits(verdict.findings)
        takes = [replace(take, cost=tokens if take.cost else hits) for take in self._takes]
        return [take for take in takes if take.cost]

    def _hits(self, findings: Iterable[Finding]) -> int:
        """How many passages there are, without those that are known."""
        found = [
            (one.start, one.end, one.source)
            for one in findings
            if one.on == "output" and one.source is not None and one.start < one.end
        ]
        spans = merge((start, end) for start, end, _ in found)
        starts = [start for start, _ in spans]
        known = {bisect_right(starts, start) for start, _, source in found if self._knows(source)}
        for _, _, source in found:
            self._told[source.index, source.document].update(_places(source))
        return len(spans) - len(known)

    def _knows(self, source: Source) -> bool:
        key, places = (source.index, source.document), _places(source)
        return not all(known[key].isdisjoint(places) for known in self._known)


def _places(source: Source) -> Iterable[int]:
    """The words of a document that a passage is from; where that is not known, one for all."""
    if source.place < 0:
        return _SOMEWHERE
    return range(source.place, source.place + source.reach) or _SOMEWHERE
