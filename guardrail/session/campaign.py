"""Campaigns: several who are shown different passages of one document."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from struct import Struct

from guardrail.session.history import History
from guardrail.session.naming import By
from guardrail.session.ring import Note
from guardrail.types import Context, Source

__all__ = ["Campaigns"]

_NAME = "campaign"
# Who, from which word on, and how many words.
_PASSAGE = Struct("<8sII")
_PASSAGES, _DOCUMENTS = 64, 64
_KEPT = 86_400_000_000


class Campaigns:
    """Sees that `accounts` were shown different passages, together a `share` of a document.

    `by` says what an account is. The last 64 passages of a document are kept, until none was shown
    for a day.
    """

    def __init__(self, history: History, by: Sequence[By], accounts: int, share: float) -> None:
        self._history, self._by = history, by
        self._accounts, self._share = accounts, share

    def see(self, context: Context, sources: Sequence[Source]) -> tuple[bool, ...]:
        """Of passages that are shown, which belong to a campaign."""
        names = self._history.names
        who = names.whose(_NAME, self._by, context)[:8]
        shown: dict[tuple[str, str], tuple[Source, bytes]] = {}
        for source in sources[:_DOCUMENTS]:
            if source.place >= 0 and source.unit == "words":
                passage = _PASSAGE.pack(who, source.place, source.reach)
                shown[source.index, source.document] = source, passage
        if not shown:
            return (False,) * len(sources)
        notes = [
            Note(names.key(_NAME, *document), passage, _PASSAGES, _KEPT)
            for document, (_, passage) in shown.items()
        ]
        held, _ = self._history.note(notes)
        found = {
            document
            for (document, (source, passage)), before in zip(shown.items(), held, strict=True)
            if self._together({passage, *(entry for _, entry in before)}, source.size)
        }
        return tuple((source.index, source.document) in found for source in sources)

    def _together(self, passages: Iterable[bytes], size: int) -> bool:
        told = [_PASSAGE.unpack(passage) for passage in passages]
        accounts, places = {who for who, _, _ in told}, {place for _, place, _ in told}
        if min(len(accounts), len(places)) < self._accounts:
            return False
        words = last = 0
        for place, reach in sorted((place, reach) for _, place, reach in told):
            words += max(place + reach - max(place, last), 0)
            last = max(last, place + reach)
        return words >= self._share * size
