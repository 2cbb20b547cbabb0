"""How much of each document may leave, over many answers and many who ask: leak budgets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

from guardrail.choice import apart, one_of
from guardrail.errors import PolicyError
from guardrail.session.coverage import Cover, part
from guardrail.session.history import History
from guardrail.session.naming import By, checked
from guardrail.session.period import period_of
from guardrail.surface import matches
from guardrail.types import Action, Context, Source

__all__ = ["Budget", "Budgets"]

Beyond = Literal["redact", "refuse"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """A `[[limits.budget]]` of a policy: the `share` of each document's words that may leave.

    Words are counted once, whoever reads them again. What was given is forgotten once nothing more
    of the document was for a time, `per`. `by` says who share a budget: `everyone` by default, so
    that many identities get no more than one. It is on documents of some `classes` (`*` stands for
    anything). What goes beyond is redacted, or refuses the answer. While the store does not answer
    each process has its part of the share. Raises `PolicyError`.
    """

    # How a policy file is read; no part of what is told.
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    id: str = "budget"
    share: float = 0.05
    per: str = "day"
    by: tuple[By, ...] = ("everyone",)
    classes: tuple[str, ...] = ("*",)
    action: Beyond = "redact"

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 1:
            raise PolicyError(f"budget {self.id!r}: share must lie between 0 and 1")
        checked(f"budget {self.id!r}", self.by)
        one_of(f"budget {self.id!r}: action", self.action, get_args(Beyond))
        period_of(f"budget {self.id!r}", self.per)

    @property
    def period(self) -> int:
        """In microseconds."""
        return period_of(f"budget {self.id!r}", self.per)


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
            rules = [rule for rule in self._strictest if matches(source.sensitivity, rule.classes)]
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
        of = (source.index, source.document)
        parts = [part(source.place, source.reach, source.size, rule.share) for rule in rules]
        first, last, _ = parts[0]
        return Cover(
            keys=tuple(
                self.history.names.whose(f"budget {rule.id}", rule.by, context, *of)
                for rule in rules
            ),
            most=tuple(most for _, _, most in parts),
            periods=tuple(rule.period for rule in rules),
            first=first,
            last=last,
        )
