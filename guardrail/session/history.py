"""What is kept of those who ask, whatever becomes of the store."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from threading import Lock
from typing import TypeVar

from guardrail.errors import StoreError
from guardrail.flow import driven
from guardrail.session.coverage import Cover
from guardrail.session.gcra import Take
from guardrail.session.memory import MemoryStore
from guardrail.session.naming import Names
from guardrail.session.ring import Note, Seen
from guardrail.session.store import Ask, Flow, Store, Told

__all__ = ["History"]

A = TypeVar("A")
T = TypeVar("T")

_PAUSE = 1.0
_LONGEST = 30.0
_log = logging.getLogger("guardrail")


class History:
    """A store, the names in it, and in an outage a tighter one of this process: a circuit breaker.

    Names are digests with the `secret`, of at most 64 bytes. `place` tells one store from another:
    a guard that is loaded anew goes on where one of the same place was.

    After a failure the store is left alone for a second, and twice as long after each one that
    follows, 30 seconds at most; then one caller tries it. Meanwhile a limit is its `replicas`th
    part, and no burst is let through; who was charged starts anew, and who was seen blocked stays
    so. What nothing can stand in for is asked of the `store` itself.
    """

    def __init__(
        self, store: Store, *, secret: bytes, replicas: int = 1, place: object = None
    ) -> None:
        self.store, self.replicas, self._place = store, replicas, place
        self.names = Names(secret)
        self._local = MemoryStore()
        self._lock = Lock()
        self._pause = self._until = self._failed_at = 0.0
        self._remembers = False
        self.outages = 0

    @property
    def waits(self) -> bool:
        return self.store.waits

    @property
    def out(self) -> bool:
        """Whether the store did not answer when it was last asked."""
        return bool(self._pause)

    @property
    def again(self) -> float:
        """The seconds until a store that did not answer is asked again."""
        return max(self._until - time.monotonic(), 0.0)

    def take(self, takes: Sequence[Take]) -> tuple[Sequence[int], bool]:
        """As `Store.take`, and whether the store itself has answered."""
        waits, _, answered = driven(self.ask(takes, ()), Ask.now)
        return waits, answered

    def charge(self, takes: Sequence[Take]) -> None:
        if not self._told(self.store.charge, takes):
            self._local.charge([self._tighter(take) for take in takes])

    def cover(self, covers: Sequence[Cover]) -> tuple[Sequence[int], bool]:
        """As `Store.cover`, and whether the store itself has answered."""
        for given in self._told(self.store.cover, covers):
            return given, True
        return self._local.cover([self._part(one) for one in covers]), False

    def note(self, notes: Sequence[Note]) -> tuple[Sequence[Seen], bool]:
        """As `Store.note`, and whether the store itself has answered."""
        _, seen, answered = driven(self.ask((), notes), Ask.now)
        return seen, answered

    def ask(
        self, takes: Sequence[Take], notes: Sequence[Note]
    ) -> Flow[tuple[Sequence[int], Sequence[Seen], bool]]:
        """As `Store.ask`, and whether the store itself has answered."""
        trying: Flow[list[Told]] = self._trying(Ask(self.store, takes, notes))
        for waits, seen in (yield from trying):
            return waits, seen, True
        waits, seen = self._local.ask([self._tighter(take) for take in takes], notes)
        return waits, seen, False

    def resume(self, before: History) -> bool:
        """Go on with what another has kept, if it is kept in the same place; whether it is."""
        if before._place != self._place:
            return False
        self.store.close()
        self.store, self._local, self.names = before.store, before._local, before.names
        return True

    def remember(self, gates: Sequence[Take]) -> None:
        """Keep in this process, for an outage, that somebody is blocked."""
        self._remembers = True
        self._local.forget([gate.key for gate in gates])
        self._local.charge(gates)

    def pardon(self, gates: Sequence[Take]) -> None:
        """Keep no longer that somebody is blocked, if that is kept."""
        if self._remembers and any(self._local.ahead(gates)):
            self._local.forget([gate.key for gate in gates])

    def close(self) -> None:
        self.store.close()

    def _part(self, cover: Cover) -> Cover:
        under = (one._replace(most=one.most // self.replicas) for one in cover.under)
        return replace(cover, under=tuple(under))

    def _tighter(self, take: Take) -> Take:
        if not take.burst:
            return take
        return replace(take, interval=take.interval * self.replicas, burst=1)

    def _told(self, step: Callable[[A], T], asked: A) -> list[T]:
        trying: Generator[A, T, list[T]] = self._trying(asked)
        return driven(trying, step)

    def _trying(self, asked: A) -> Generator[A, T, list[T]]:
        """What the store says, or nothing where it does not answer, or is left alone."""
        begun = self._begun()
        if not begun:
            return []
        try:
            told = yield asked
        except StoreError as error:
            self._failed(error, begun)
            return []
        self._answered()
        return [told]

    def _begun(self) -> float:
        """When a step begins, or 0 if the store is to be left alone."""
        now = time.monotonic()
        if not self._pause:
            return now
        with self._lock:
            if now < self._until:
                return 0.0
            # The others wait for what this one finds.
            self._until = now + self._pause
            return now

    def _failed(self, error: StoreError, begun: float) -> None:
        with self._lock:
            if begun <= self._failed_at:
                # One failure, seen by several at once.
                return
            self._failed_at = time.monotonic()
            if not self._pause:
                self.outages += 1
                _log.error("%s; this process limits by itself, and tighter", error)
            self._pause = min(2 * self._pause, _LONGEST) or _PAUSE
            self._until = self._failed_at + self._pause

    def _answered(self) -> None:
        if self._pause:
            with self._lock:
                self._pause = 0.0
            _log.warning("the store answers again")
