"""What a guard goes by, as its policy now is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from guardrail.disclosure import Disclosure
from guardrail.rule import Hold, Rule, Snapshot
from guardrail.session.identity import Identification
from guardrail.surface import Surface

if TYPE_CHECKING:
    # Only who has limits pays for importing them.
    from guardrail.rows import Rows
    from guardrail.session.access import Access
    from guardrail.session.budget import Budgets
    from guardrail.session.limits import Limits
    from guardrail.session.probing import Watch

__all__ = ["Settings"]


class Settings:
    """The rules of a guard and its settings; a policy that is loaded anew changes all at once."""

    _snapshot: Snapshot

    @property
    def rules(self) -> tuple[Rule, ...]:
        return self._snapshot.rules

    @property
    def refusal(self) -> str:
        return self._snapshot.refusal

    @property
    def redaction(self) -> str:
        return self._snapshot.redaction

    @property
    def hold(self) -> Hold:
        return self._snapshot.hold

    @property
    def max_chars(self) -> int:
        return self._snapshot.max_chars

    @property
    def observes(self) -> bool:
        """Whether everything is decided and nothing is changed."""
        return self._snapshot.observes

    @property
    def disclosure(self) -> Disclosure:
        return self._snapshot.disclosure

    @property
    def surface(self) -> Surface:
        return self._snapshot.surface

    @property
    def identification(self) -> Identification:
        return self._snapshot.identification

    @property
    def access(self) -> Access | None:
        return self._snapshot.access

    @property
    def limits(self) -> Limits | None:
        return self._snapshot.limits

    @property
    def budgets(self) -> Budgets | None:
        return self._snapshot.budgets

    @property
    def rows(self) -> Rows | None:
        return self._snapshot.rows

    @property
    def watch(self) -> Watch | None:
        return self._snapshot.watch
