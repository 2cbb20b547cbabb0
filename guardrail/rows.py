"""What is done about the rows that a tabular endpoint is asked for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from guardrail.disclosure import Disclosure, Scores
from guardrail.session.history import History
from guardrail.session.nudging import Nudge, Nudging
from guardrail.session.period import period_of
from guardrail.session.release import Release
from guardrail.session.schema import Schema

__all__ = ["Rows"]

_SCORE = "score"


class Rows:
    """A schema, rules on nudging, and what of the scores is told: a `label`, or `bands`.

    Who asks again for a row, or for one with the same bins, gets the earlier answer again, until
    nothing was kept under it for a time, `per`. Raises `PolicyError`.
    """

    def __init__(
        self,
        schema: Schema,
        history: History,
        *,
        nudging: Iterable[Nudge] = (Nudge(),),
        scores: Scores = "bands",
        per: str = "7 days",
    ) -> None:
        self.schema, self.history, self.scores = schema, history, scores
        self.nudging = Nudging(nudging, schema, history)
        self.release = Release(schema, history, period=period_of("tabular: per", per))
        self._disclosure = Disclosure(scores={_SCORE: scores})

    def told(self, scores: Any) -> Any:
        """What is told of the scores of one row, a number or a list of them."""
        return self._disclosure.told_scores({_SCORE: scores})[_SCORE]
