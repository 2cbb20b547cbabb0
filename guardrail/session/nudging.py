"""Rows that are asked for again and again with little changed: an attribute is being guessed.

Who knows all of a person's row but one attribute asks for each value that it may have, and sees
which one is answered as the person was (Fredrikson et al. 2015). A search for the row that scores
best looks the same. So rows are remembered as digests of their bins, and a new one is compared
with those that are nearly the same.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, islice
from typing import ClassVar, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from guardrail.choice import apart, one_of
from guardrail.errors import PolicyError
from guardrail.session.gcra import Take
from guardrail.session.history import History
from guardrail.session.limits import Limit
from guardrail.session.naming import By, checked
from guardrail.session.period import period_of
from guardrail.session.ring import Note, Seen
from guardrail.session.schema import Schema
from guardrail.types import Action, Context

__all__ = ["Nudge", "Nudging", "Watched"]

Stop = Literal["throttle", "challenge", "refuse"]
Codes = NDArray[np.uint16]

_FEWEST = 3
_JITTERED = 3
# Rows under a key, and rows in one step.
_KEPT = 64
_STEP = 16
_MARK = 8
_MICRO = 1_000_000
_SHARED = frozenset({"everyone", "model"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Nudge:
    """A `[[tabular.nudging]]` of a policy: when rows that are nearly the same are a guess.

    Found is who asks with `values` different values of one attribute, or with all that the schema
    gives it (if these are three or more), or for `rows` different rows, while at most `others` of
    the other attributes are changed as well; or who asks more often for rows that are nearly the
    same as an earlier one than `changes` says, half of them at once. What was asked is forgotten
    once nothing like it was for a time, `per`. `by` says who is counted together; who is found is
    stopped for a time, `pause`, whatever they ask. Raises `PolicyError`.
    """

    # How a policy file is read; no part of what is told.
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    id: str = "nudging"
    values: int = 5
    rows: int = 8
    others: int = 2
    changes: str = "100/day"
    per: str = "7 days"
    pause: str = "hour"
    by: tuple[By, ...] = ("identity",)
    action: Stop = "throttle"

    def __post_init__(self) -> None:
        what = f"nudging {self.id!r}"
        if self.values < _FEWEST:
            raise PolicyError(f"{what}: values must be at least {_FEWEST}; a correction takes 2")
        if self.rows < _FEWEST:
            raise PolicyError(f"{what}: rows must be at least {_FEWEST}")
        if not 0 <= self.others <= _JITTERED:
            raise PolicyError(f"{what}: others must lie between 0 and {_JITTERED}")
        checked(what, self.by)
        one_of(f"{what}: action", self.action, get_args(Stop))
        period_of(what, self.per)
        period_of(what, self.pause)
        _ = self.rate

    @property
    def rate(self) -> tuple[int, int, int]:
        """The interval, the burst and the debt of the changes."""
        return Limit(id=f"{self.id}: changes", queries=self.changes).rate


@dataclass(frozen=True, slots=True)
class Watched:
    """What the rules say of rows.

    `broken` are the rules by which somebody is stopped, `wait` the seconds until they are not.
    `out`: the store did not answer.
    """

    broken: tuple[str, ...] = ()
    wait: float = 0.0
    out: bool = False


class Nudging:
    """Rules on nudging, and what is remembered of the rows that were asked for.

    Raises `PolicyError`.
    """

    def __init__(self, rules: Iterable[Nudge], schema: Schema, history: History) -> None:
        self.rules, self.schema, self.history = tuple(rules), schema, history
        apart("rules on nudging", (rule.id for rule in self.rules))
        self.actions: Mapping[str, Action] = {
            rule.id: Action[rule.action.upper()] for rule in self.rules
        }
        self._plans = [_plan(rule, schema) for rule in self.rules]

    def see(self, rows: Sequence[tuple[str, ...]], context: Context) -> Watched:
        """Remember rows that somebody asks for, as the schema bins them."""
        # One step holds up whoever else asks the store.
        parts = [rows[first : first + _STEP] for first in range(0, len(rows), _STEP)]
        told = [(plan, *self._see(plan, part, context)) for plan in self._plans for part in parts]
        return Watched(
            tuple(sorted({plan.rule.id for plan, wait, _ in told if wait})),
            max((wait for _, wait, _ in told), default=0) / _MICRO,
            not all(answered for _, _, answered in told),
        )

    def reset(self, context: Context) -> None:
        """Let them go on as if they had asked for nothing yet; raises `StoreError`."""
        self._reset(self._plans, context)

    def lift(self, context: Context) -> None:
        """Let them go on after a challenge; raises `StoreError`."""
        self._reset([plan for plan in self._plans if plan.rule.action == "challenge"], context)

    def _reset(self, plans: Sequence[_Plan], context: Context) -> None:
        store = self.history.store
        store.note([self._marks(plan, context)[1] for plan in plans])
        alone = [plan for plan in plans if not _SHARED.issuperset(plan.rule.by)]
        store.forget([self._changes(plan, context) for plan in alone])

    def _see(
        self, plan: _Plan, rows: Sequence[tuple[str, ...]], context: Context
    ) -> tuple[int, bool]:
        """For how many microseconds somebody is stopped, and whether the store has answered."""
        shut, lifted = self._marks(plan, context)
        coded = [self._codes(row) for row in rows]
        pairs = zip(rows, coded, strict=True)
        notes = [note for row, codes in pairs for note in self._notes(plan, row, codes, context)]
        (told, *rings), answered = self.history.note([shut._replace(entry=b""), *notes])
        oldest = math.inf
        for age, entry in told:
            if entry == shut.entry and age < plan.pause:
                # Who goes on asking is not stopped for longer.
                return plan.pause - age, answered
            if entry == lifted.entry:
                oldest = age
        found = iter([self._read(*one, oldest) for one in zip(notes, rings, strict=True)])
        near = [np.concatenate(list(islice(found, len(plan.shared)))) for _ in rows]
        close = [plan.close(*one) for one in zip(coded, near, strict=True)]
        changes = sum(len(one) > 0 for one in close)
        wait, counted = self._take(plan, changes, context) if changes else (0, True)
        if not wait and not any(map(plan.breaks, coded, close)):
            return 0, answered and counted
        self.history.note([shut])
        return plan.pause, answered and counted

    def _marks(self, plan: _Plan, context: Context) -> tuple[Note, Note]:
        """That they are stopped, or were let go on: they alone, whoever they are counted with."""
        names = self.history.names
        gate = names.whose(f"nudging pause {plan.rule.id}", ("identity",), context)
        marks = names.veil(gate, 2 * _MARK)
        kept = max(plan.pause, plan.period)
        return Note(gate, marks[:_MARK], 1, kept), Note(gate, marks[_MARK:], 1, kept)

    def _changes(self, plan: _Plan, context: Context) -> bytes:
        return self.history.names.whose(f"nudging changes {plan.rule.id}", plan.rule.by, context)

    def _take(self, plan: _Plan, changes: int, context: Context) -> tuple[int, bool]:
        """Count rows that are nearly the same as earlier ones."""
        key = self._changes(plan, context)
        interval, burst, _ = plan.rule.rate
        (wait,), answered = self.history.take(
            [Take(key, interval=interval, burst=burst, cost=changes)]
        )
        return wait, answered

    def _codes(self, row: tuple[str, ...]) -> Codes:
        """A number for each bin; what differs is one time in 65,536 not told apart."""
        name, form = self.history.names.key, self.schema.form
        pairs = zip(self.schema.counted, row, strict=True)
        told = b"".join(name("bin", form, one.name, place)[:2] for one, place in pairs)
        return np.frombuffer(told, np.uint16)

    def _notes(
        self, plan: _Plan, row: tuple[str, ...], codes: Codes, context: Context
    ) -> list[Note]:
        name, by = f"nudging {plan.rule.id}", plan.rule.by
        keys = (
            self.history.names.whose(
                name, by, context, self.schema.form, str(number), *(row[place] for place in places)
            )
            for number, places in enumerate(plan.shared)
        )
        return [Note(key, (codes ^ self._veil(key)).tobytes(), _KEPT, plan.period) for key in keys]

    def _read(self, note: Note, ring: Seen, oldest: float) -> Codes:
        """The rows under a key, none older; what somebody else has put there is unlike any."""
        size = len(note.entry)
        raw = b"".join(entry for age, entry in ring if len(entry) == size and age <= oldest)
        rows = np.frombuffer(raw, np.uint16).reshape(-1, size // 2)
        return rows ^ self._veil(note.key) if raw else rows

    def _veil(self, key: bytes) -> Codes:
        size = 2 * len(self.schema.counted)
        return np.frombuffer(self.history.names.veil(key, size), np.uint16)


@dataclass(frozen=True, slots=True)
class _Plan:
    """A rule, the places that make its keys, and with how many values each place breaks it.

    Its times are in microseconds.
    """

    rule: Nudge
    shared: tuple[tuple[int, ...], ...]
    limits: tuple[int, ...]
    period: int
    pause: int

    def close(self, own: Codes, near: Codes) -> Codes:
        """The different rows that are nearly the same as one, and not the same."""
        if not len(near):
            return near
        rows = np.unique(near, axis=0)
        count = (rows != own).sum(axis=1)
        return np.asarray(rows[(count > 0) & (count <= self.rule.others + 1)], np.uint16)

    def breaks(self, own: Codes, close: Codes) -> bool:
        if len(close) + 1 < _FEWEST:
            return False
        if len(close) + 1 >= self.rule.rows:
            return True
        # Whether a row is the same but for this place and so many others.
        changed = close != own
        alike = changed.sum(axis=1)[:, None] - changed <= self.rule.others
        return any(
            len({own[place], *close[alike[:, place], place]}) >= limit
            for place, limit in enumerate(self.limits)
        )


def _plan(rule: Nudge, schema: Schema) -> _Plan:
    """Places go in turn to so many parts that two of them are the same in rows that are alike."""
    size, parts = len(schema.counted), rule.others + 3
    if size < rule.others + 2:
        needed = f"{rule.others + 2} attributes that are not ignored"
        raise PolicyError(f"nudging {rule.id!r}: with {rule.others} others it needs {needed}")
    shared = [
        tuple(place for place in range(size) if place % parts in pair)
        for pair in combinations(range(parts), 2)
    ]
    limits = [
        min(rule.values, max(one.bins, _FEWEST)) if one.bins else rule.values
        for one in schema.counted
    ]
    what = f"nudging {rule.id!r}"
    times = period_of(what, rule.per), period_of(what, rule.pause)
    return _Plan(rule, tuple(shared), tuple(limits), *times)
