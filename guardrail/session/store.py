"""Where an identity's history is kept: in this process, in a file, or in a server."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import NamedTuple, Protocol, TypeAlias, TypeVar

from guardrail.flow import driven
from guardrail.session.coverage import Cover
from guardrail.session.gcra import Take
from guardrail.session.ring import Note, Seen

__all__ = ["Ask", "Flow", "Store", "Told"]

T = TypeVar("T")

Told: TypeAlias = tuple[Sequence[int], Sequence[Seen]]
"""The answers to takes, and what was seen of notes."""


class Ask(NamedTuple):
    """One step that is asked of a store."""

    store: Store
    takes: Sequence[Take]
    notes: Sequence[Note]

    def now(self) -> Told:
        """What the store says, which may take its time."""
        return self.store.ask(self.takes, self.notes)


Flow: TypeAlias = Generator[Ask, Told, T]
"""What asks a store on its way to something."""


class Store(Protocol):
    """Keeps a moment, bits or a ring for each key; a call is one step that nothing comes between.

    Whatever keeps it from answering is a `StoreError`, after which it is not known whether the
    step was made: it must not be tried again.
    """

    blocks: bool
    """Whether somebody may be blocked in it; of this process's memory, who blocks them says so."""

    @property
    def waits(self) -> bool:
        """Whether it reads or writes outside of this process's memory."""
        ...

    def take(self, takes: Sequence[Take]) -> Sequence[int]:
        """Microseconds until each can be taken; if all can be now (0), all are, or else none."""
        return self.ask(takes, ())[0]

    def charge(self, takes: Sequence[Take]) -> None:
        """Take each, whether it is there or not."""
        ...

    def ahead(self, takes: Sequence[Take]) -> Sequence[int]:
        """Microseconds until all that was taken of each has come back; nothing is changed."""
        ...

    def forget(self, keys: Sequence[bytes]) -> None:
        """Let it be as if nothing had ever been kept under them."""
        ...

    def cover(self, covers: Sequence[Cover]) -> Sequence[int]:
        """Give parts of documents away, from left to right, each if it fits under all its keys.

        0 for one that did, or else the number of the first key, from 1, under which it does not.
        """
        ...

    def note(self, notes: Sequence[Note]) -> Sequence[Seen]:
        """What was noted under each key before, the newest first; and note more."""
        return self.ask((), notes)[1]

    def ask(self, takes: Sequence[Take], notes: Sequence[Note]) -> Told:
        """As `take` and `note`, in one step; nothing is noted where not all can be taken."""
        ...

    async def adrive(self, flow: Flow[T]) -> T:
        """What a flow that asks this store comes to; the event loop is not held up."""
        if not self.waits:
            return driven(flow, Ask.now)
        import asyncio

        return await asyncio.to_thread(driven, flow, Ask.now)

    def close(self) -> None: ...
