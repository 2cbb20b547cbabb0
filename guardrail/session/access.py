"""Which models one may ask, and which documents one may read: by grants, and by class."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from guardrail.choice import some
from guardrail.errors import PolicyError
from guardrail.surface import matches
from guardrail.types import Identity, Source

__all__ = ["Access", "Grant"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """An `[[access.rule]]` of a policy: who has one of `grants` may ask `models`, read `classes`.

    Without `grants`, which may not be empty, it is for everyone; `*` stands for anything. A class
    is one of documents and records, as their index has it. Raises `PolicyError`.
    """

    # How a policy file is read; no part of what is told.
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    grants: tuple[str, ...] | None = None
    models: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.models and not self.classes:
            raise PolicyError("access: a rule allows nothing; give models or classes")
        if self.grants is not None:
            some("access: grants", self.grants)

    def holds(self, identity: Identity) -> bool:
        return self.grants is None or not identity.grants.isdisjoint(self.grants)


class Access:
    """What is allowed; all else is not."""

    def __init__(self, rules: Iterable[Grant]) -> None:
        self.rules = tuple(rules)

    def asks(self, identity: Identity, model: str | None) -> bool:
        """Whether they may ask a model."""
        return any(matches(model or "", rule.models) for rule in self.rules if rule.holds(identity))

    def reads(self, identity: Identity, source: Source) -> bool:
        """Whether they may read what something was found in."""
        return any(
            matches(source.sensitivity, rule.classes) for rule in self.rules if rule.holds(identity)
        )
