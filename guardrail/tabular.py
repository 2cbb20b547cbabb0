"""A model that scores rows, such as a classifier of scikit-learn, guarded."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from guardrail.errors import InputError, PolicyError, RefusedError
from guardrail.guard import Guard
from guardrail.rows import Rows
from guardrail.types import Admission, Context

__all__ = ["Scored", "Tabular"]

_MOST = 1000


@dataclass(frozen=True, slots=True)
class Scored:
    """The answers to rows, or none where the `admission` stops them."""

    admission: Admission
    answers: Any = field(default=None, repr=False)


class Tabular:
    """Tells labels or bands for rows, to those who may ask, and nothing new for nearly the same.

    The `model` has `predict_proba`, or is itself called with rows; it returns for each a number, or
    a number for each of the `classes`. Rows come as a numpy array, as a list, each a sequence or a
    mapping, or as one mapping. The model gets them in that form (a mapping in a list), and the
    answers come so: bands in the order of the classes, or a label. Each row counts as a query, all
    are let through or none, and at most 1,000 go at once, or the burst of a limit. A `name` tells
    models of one guard apart. Where the guard only observes, the model's answer is returned. Raises
    `PolicyError` where the guard has no rows.
    """

    def __init__(
        self, model: Any, *, guard: Guard, classes: Sequence[Any] = (), name: str = "model"
    ) -> None:
        self._model = getattr(model, "predict_proba", model)
        if not callable(self._model):
            raise PolicyError("a model of rows has predict_proba, or is called itself")
        self._guard, self._name = guard, name
        named = np.asarray(getattr(model, "classes_", classes))
        self._classes = tuple(named.tolist())
        _rows_of(guard)

    def predict_proba(self, rows: Any, given: Context | Admission | None = None) -> Any:
        """The answers to rows; raises `RefusedError` where they are stopped."""
        scored = self.score(rows, given)
        if self.stops(scored):
            raise RefusedError(scored.admission.verdict.text)
        return scored.answers

    def score(self, rows: Any, given: Context | Admission | None = None) -> Scored:
        """Answers to rows; a context is admitted, an admission counts for its `queries`.

        Raises `InputError` for rows that are not as the schema has them, or too many at once.
        """
        kept, table = _rows_of(self._guard), _table(rows)
        admission = self._admitted(given, len(table))
        if self._guard.stops(admission):
            return Scored(admission)
        context = admission.context
        binned = [kept.schema.binned(row) for row in table]
        observes = self._guard.observes
        told = {} if observes else kept.release.earlier(self._name, binned, context)
        fresh = [number for number in range(len(table)) if number not in told]
        new = [binned[number] for number in fresh]
        seen = self._guard.see(new, context)
        if self._guard.stops(seen):
            return Scored(seen)
        answer = self._model(_some(rows, fresh)) if fresh else []
        if observes:
            return Scored(admission, answer[0] if isinstance(rows, Mapping) else answer)
        answers = [kept.told(one) for one in _scores(answer, len(fresh))]
        given_now = kept.release.give(self._name, new, answers, context)
        told |= zip(fresh, given_now, strict=True)
        return Scored(admission, self._formed(rows, [told[number] for number in sorted(told)]))

    async def ascore(self, rows: Any, given: Context | Admission | None = None) -> Scored:
        """As `score`, in a thread: a model takes its time."""
        return await asyncio.to_thread(self.score, rows, given)

    def stops(self, scored: Scored) -> bool:
        """Whether rows are not answered."""
        return self._guard.stops(scored.admission)

    def _admitted(self, given: Context | Admission | None, rows: int) -> Admission:
        """The admission of all rows, or the one that stops them."""
        if not isinstance(given, Admission):
            context = Context() if given is None else given
            self._fits(context, rows)
            return self._guard.admit(replace(context, queries=max(rows, 1)))
        more = rows - given.context.queries
        if more < 1 or self._guard.stops(given):
            return given
        self._fits(given.context, rows)
        # What was asked with them was read already.
        context = replace(given.context, prompt=None, messages=(), queries=more)
        rest = self._guard.admit(context)
        if self._guard.stops(rest):
            # Who comes again is admitted again: it takes longer until there is room for all rows.
            rest = self._guard.admit(replace(context, queries=rows))
        return rest if self._guard.stops(rest) else given

    def _fits(self, context: Context, rows: int) -> None:
        limits = self._guard.limits
        most = None if limits is None or self._guard.observes else limits.most(context)
        if most is not None and rows > most:
            raise InputError(f"at most {most} rows go at once, not {rows}")

    def _formed(self, rows: Any, answers: list[Any]) -> Any:
        """Answers in the form that rows have; of a label the name of its class."""
        named = [
            self._classes[answer] if self._classes and isinstance(answer, int) else answer
            for answer in answers
        ]
        if isinstance(rows, Mapping):
            return named[0]
        return np.array(named) if isinstance(rows, np.ndarray) else named


def _rows_of(guard: Guard) -> Rows:
    if guard.rows is None:
        raise PolicyError("a guard of rows needs them: rows=Rows(...), or [tabular] in its policy")
    return guard.rows


def _table(rows: Any) -> Sequence[Any]:
    """The rows of each form, one after the other."""
    if isinstance(rows, Mapping):
        return [rows]
    if isinstance(rows, np.ndarray):
        if rows.ndim != 2:
            raise InputError("an array of rows must have two dimensions")
        rows = rows.tolist()
    if not isinstance(rows, list | tuple):
        raise InputError("rows must be an array of numpy, a list, or one mapping")
    if len(rows) > _MOST:
        raise InputError(f"at most {_MOST} rows go at once, not {len(rows)}")
    return rows


def _some(rows: Any, places: Sequence[int]) -> Any:
    """Rows to ask the model for."""
    if isinstance(rows, Mapping):
        return [rows]
    if isinstance(rows, np.ndarray):
        return rows[list(places)]
    return [rows[place] for place in places]


def _scores(answer: Any, rows: int) -> list[Any]:
    """What a model says of each row, a number or a list of them; raises `RefusedError`."""
    try:
        scores = np.asarray(answer, dtype=np.float64)
    except (TypeError, ValueError):
        raise RefusedError("the model did not answer with numbers") from None
    if scores.ndim not in (1, 2) or len(scores) != rows:
        raise RefusedError("the model must answer each row with a number, or a list of them")
    return list(scores.tolist())
