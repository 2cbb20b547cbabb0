"""How much of documents and records may leave, over many answers and many who ask: leak budgets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

from guardrail.choice import apart, one_of, some
from guardrail.errors import PolicyError
from guardrail.session.coverage import Cover, Under, part
from guardrail.session.history import History
from guardrail.session.naming import By, checked
from guardrail.session.period import period_of
from guardrail.surface import matches
from guardrail.types import Action, Context, Source, Unit

__all__ = ["Budget", "Budgets"]

Beyond = Literal["redact", "refuse"]

_SHARE = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """A `[[limits.budget]]` of a policy: how much of what is protected may leave.

    It is a `share` of each document's words (0.05 by default), or a number of `fields` of each
    record, or of `words` of all documents together, in some `classes` (`*` stands for anything).
    What was given counts once, whoever reads it again. It is forgotten once nothing more of the
    document or record was given for a time, `per`; of the `words` so many may leave in each such
    time, which begins with the first. A field that several records have counts for the first of
    them, and words that several documents have for each. `by` says who share a budget: `everyone`
    by default, so that many identities get no more than one. What goes beyond is redacted, or
    refuses the answer. While the store does not answer each process has its part. Raises
    `PolicyError`.
    """

    # How a policy file is read; no part of what is told.
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    id: str = "budget"
    share: float | None = None
    fields: int | None = None
    words: int | None = None
    per: str = "day"
    by: tuple[By, ...] = ("everyone",)
    classes: tuple[str, ...] = ("*",)
    action: Beyond = "redact"

    def __post_init__(self) -> None:
        if [self.share, self.fields, self.words].count(None) < 2:
            raise PolicyError(f"budget {self.id!r}: give one of share, fields and words")
        what, most = self.counted
        if what == "share" and not 0 <= most <= 1:
            raise PolicyError(f"budget {self.id!r}: share must lie between 0 and 1")
        if most < 0:
            raise PolicyError(f"budget {self.id!r}: {what} must be at least 0")
        checked(f"budget {self.id!r}", self.by)
        some(f"budget {self.id!r}: classes", self.classes)
        one_of(f"budget {self.id!r}: action", self.action, get_args(Beyond))
        period_of(f"budget {self.id!r}", self.per)

    @property
    def counted(self) -> tuple[Literal["share", "fields", "words"], float]:
        """What is counted, and how much of it may leave."""
        if self.fields is not None:
            return "fields", self.fields
        if self.words is not None:
            return "words", self.words
        return "share", _SHARE if self.share is None else self.share

    @property
    def unit(self) -> Unit:
        return "words" if self.fields is None else "fields"

    @property
    def period(self) -> int:
        """In microseconds."""
        return period_of(f"budget {self.id!r}", self.per)

    def holds(self, source: Source) -> bool:
        """Whether it is on such a document or record."""
        return source.unit == self.unit and matches(source.sensitivity, self.classes)


class Budgets:
    """Budgets, and what has been taken from them."""

    def __init__(self, rules: Iterable[Budget], history: History) -> None:
        self.rules, self.history = tuple(rules), history
        apart("budgets", (rule.id for rule in self.rules))
        self.actions: Mapping[str, Action] = {
            rule.id: Action[rule.action.upper()] for rule in self.rules
        }
        # Of several that a passage goes beyond the first is named.
        self._strictest = sorted(self.rules, key=lambda rule: self.actions[rule.id], reverse=True)

    def take(
        self, context: Context, sources: Sequence[Source]
    ) -> tuple[Sequence[str | None], bool]:
        """Of passages to be shown, from left to right, the budget that one goes beyond, if any.

        And whether the store has answered. A passage without a place in its document fits in none.
        """
        told: list[str | None] = []
        covers: dict[int, tuple[Cover, list[Budget]]] = {}
        for number, source in enumerate(sources):
            rules = [rule for rule in self._strictest if rule.holds(source)]
            placed = 0 <= source.place <= source.size - source.reach
            told.append(None if placed or not rules else rules[0].id)
            if rules and placed:
                covers[number] = self._cover(rules, source, context), rules
        if not covers:
            return told, True
        given, answered = self.history.cover([cover for cover, _ in covers.values()])
        for (number, (_, rules)), beyond in zip(covers.items(), given, strict=True):
            told[number] = rules[beyond - 1].id if beyond else None
        return told, answered

    def _cover(self, rules: Sequence[Budget], source: Source, context: Context) -> Cover:
        first, last, unit = part(source.place, source.reach, source.size)
        under = (self._under(rule, source, unit, context) for rule in rules)
        return Cover(tuple(under), first, last, unit)

    def _under(self, rule: Budget, source: Source, unit: int, context: Context) -> Under:
        whose, name = self.history.names.whose, f"budget {rule.id}"
        key = whose(name, rule.by, context, source.index, source.document)
        what, most = rule.counted
        if what == "words":
            return Under(key, int(most), rule.period, whose(name, rule.by, context))
        bits = most if what == "fields" else int(most * source.size) // unit
        return Under(key, int(bits), rule.period)
