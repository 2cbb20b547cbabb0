"""A detector with its action, the settings that all rules share, and what they said of one text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import KW_ONLY, dataclass, field, replace
from typing import TYPE_CHECKING, Literal, get_args

from guardrail.choice import apart, one_of
from guardrail.disclosure import Disclosure
from guardrail.errors import PolicyError
from guardrail.session.identity import Identification
from guardrail.surface import Surface
from guardrail.types import (
    CARRIED,
    Action,
    Admission,
    Context,
    Detector,
    Direction,
    Finding,
    Verdict,
)

if TYPE_CHECKING:
    from guardrail.rows import Rows
    from guardrail.session.access import Access
    from guardrail.session.budget import Budgets
    from guardrail.session.history import History
    from guardrail.session.limits import Limits
    from guardrail.session.probing import Watch

__all__ = [
    "LONGEST",
    "PROBING",
    "Hold",
    "Mode",
    "OutsideTextError",
    "Rule",
    "Snapshot",
    "Tally",
]

LONGEST = 86_400
"""How many seconds a timeout may have: a day."""

PROBING = "probing"
"""The rule that signs what somebody's requests add up to."""

# Where no content is the reason, a reader is told what to do.
_INSTEAD = {
    Action.THROTTLE: "Too many requests; try again later.",
    Action.CHALLENGE: "Show who you are to go on.",
}

Mode = Literal["enforce", "observe"]
Hold = Literal["settled", "buffer"]


class OutsideTextError(Exception):
    """A detector reported a span that the text does not have."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A detector, where it looks, and what to do about what it finds.

    What a model is asked is never edited: on prompts, to redact is to flag. Findings that score
    below `min_score` are dropped. With a `timeout` in seconds, a day at most, the detector runs in
    a thread of its own, and one that is late has failed. What a rule on prompts finds, or a failure
    of it, lowers the `min_score` of all rules on the answer by the share `tighten`.
    """

    detector: Detector
    _: KW_ONLY
    id: str
    on: Direction = "output"
    action: Action = Action.REDACT
    min_score: float = 0.0
    timeout: float | None = None
    tighten: float = 0.0

    def __post_init__(self) -> None:
        if not self.id:
            raise PolicyError("a rule needs an id")
        one_of(f"rule {self.id!r}: on", self.on, get_args(Direction))
        if self.on != "prompt" and getattr(self.detector, "prompts_only", False):
            hint = 'its detector reads prompts alone; add on = "prompt"'
            raise PolicyError(f"rule {self.id!r}: {hint}")
        if not 0 <= self.min_score <= 1:
            raise PolicyError(f"rule {self.id!r}: min_score must lie between 0 and 1")
        if self.timeout is not None and not 0 < self.timeout <= LONGEST:
            raise PolicyError(
                f"rule {self.id!r}: timeout must be more than 0 seconds, and at most {LONGEST}"
            )
        if not 0 <= self.tighten <= 1:
            raise PolicyError(f"rule {self.id!r}: tighten must lie between 0 and 1")
        if self.tighten and self.on != "prompt":
            raise PolicyError(f"rule {self.id!r}: tighten is for rules on prompts")
        if self.on == "prompt" and self.action is Action.REDACT:
            object.__setattr__(self, "action", Action.FLAG)

    def accept(
        self, findings: Iterable[Finding], size: int, *, message: int | None = None
    ) -> tuple[Finding, ...]:
        """The findings that score enough, signed with this rule's id."""
        return tuple(
            replace(finding, rule=self.id, on=self.on, message=message)
            for finding in findings
            if not _inside(finding, size).score < self.min_score
        )


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Rules and settings that one answer sees from its beginning to its end.

    `on` has the rules of each direction; `timed` says whether one of them may take its time, and
    `waits` whether one of them or the store may.
    """

    rules: tuple[Rule, ...]
    refusal: str
    redaction: str
    on_error: Action
    mode: Mode
    hold: Hold
    max_chars: int
    max_messages: int
    disclosure: Disclosure
    surface: Surface
    identification: Identification
    access: Access | None
    limits: Limits | None
    budgets: Budgets | None
    rows: Rows | None
    watch: Watch | None
    on: dict[Direction, tuple[Rule, ...]] = field(init=False)
    timed: bool = field(init=False)
    waits: bool = field(init=False)

    def __post_init__(self) -> None:
        one_of("mode", self.mode, get_args(Mode))
        one_of("hold", self.hold, get_args(Hold))
        if self.on_error is Action.REDACT:
            raise PolicyError("on_error: an error has nothing to redact; take flag or refuse")
        for name, most in (("max_chars", self.max_chars), ("max_messages", self.max_messages)):
            if most < 1:
                raise PolicyError(f"{name} must be at least 1")
        if self.watch is not None and self.watch.suspends and self.limits is None:
            raise PolicyError("probing: to suspend takes limits, which know who is blocked")
        for on in get_args(Direction):
            apart(f"{on} rules", (rule.id for rule in self.rules if rule.on == on))
        by = {on: tuple(rule for rule in self.rules if rule.on == on) for on in get_args(Direction)}
        object.__setattr__(self, "on", by)
        timed = any(rule.timeout is not None for rule in self.rules)
        waits = timed or (self.history is not None and self.history.waits)
        object.__setattr__(self, "timed", timed)
        object.__setattr__(self, "waits", waits)

    @property
    def history(self) -> History | None:
        """What is kept of those who ask."""
        kept = (self.limits, self.budgets, self.rows, self.watch)
        return next((one.history for one in kept if one is not None), None)

    @property
    def observes(self) -> bool:
        return self.mode == "observe"

    def stops(self, action: Action) -> bool:
        """Whether nothing is answered under this action."""
        return action >= Action.THROTTLE and not self.observes

    def instead(self, action: Action) -> str:
        """What is said in place of an answer to a request under this action, if none is given."""
        return _INSTEAD.get(action, self.refusal) if self.stops(action) else ""

    def redacted(self, verdict: Verdict) -> list[tuple[int, int]]:
        """The spans of an answer that its verdict redacts."""
        edits = {rule.id for rule in self.on["output"] if rule.action is Action.REDACT}
        if self.budgets is not None:
            edits.update(self.budgets.actions)
        return [(one.start, one.end) for one in verdict.findings if one.rule in edits]

    def refuses(self, given: Context | Admission) -> bool:
        return isinstance(given, Admission) and self.stops(given.action)

    def tightened(self, given: Context | Admission) -> Snapshot:
        """The rules for an answer, as strict as its admission asks for."""
        if not isinstance(given, Admission) or not given.tighten:
            return self
        kept = 1 - given.tighten
        rules = (
            replace(rule, min_score=rule.min_score * kept) if rule.on == "output" else rule
            for rule in self.rules
        )
        return replace(self, rules=tuple(rules))


class Tally:
    """What the rules have said about one text so far."""

    __slots__ = ("discounted", "errors", "failed", "hits", "tighten")

    def __init__(self) -> None:
        self.failed = Action.ALLOW
        self.tighten = 0.0
        self.hits: list[tuple[Finding, Action]] = []
        self.discounted: list[Finding] = []
        self.errors: list[str] = []

    def add(self, finding: Finding, action: Action, tighten: float = 0.0) -> Action:
        """Count a finding, and what is to be done about it; what it asks for."""
        if finding.discount:
            self.discounted.append(finding)
            return Action.ALLOW
        self.hits.append((finding, action))
        self.tighten = max(self.tighten, tighten)
        return action

    def stop(self, kind: str, name: str, action: Action, reasons: tuple[str, ...] = ()) -> None:
        """Count a request that is stopped for who makes it, whatever it asks for."""
        self.hits.append((Finding(0, 0, kind, rule=name, on="prompt", reasons=reasons), action))

    def fail(self, name: str, reason: str, action: Action, tighten: float = 0.0) -> None:
        error = f"{name}: {reason}"
        if error not in self.errors:
            self.errors.append(error)
        self.failed = max(self.failed, action)
        self.tighten = max(self.tighten, tighten)

    def cut(self, stop: int) -> None:
        """Forget what starts after an offset."""
        self.hits = [hit for hit in self.hits if hit[0].start <= stop]
        self.discounted = [finding for finding in self.discounted if finding.start <= stop]

    @property
    def kinds(self) -> dict[int, frozenset[str]]:
        """What was found in each message of a prompt, taken by itself."""
        kinds: dict[int, set[str]] = {}
        for finding, _ in self.hits:
            if finding.message is not None and CARRIED not in finding.reasons:
                kinds.setdefault(finding.message, set()).add(finding.kind)
        return {message: frozenset(found) for message, found in kinds.items()}

    @property
    def action(self) -> Action:
        return max((self.failed, *(action for _, action in self.hits)))

    def spans(self) -> Iterable[tuple[int, int]]:
        """What is to be redacted."""
        return (
            (finding.start, finding.end) for finding, action in self.hits if action is Action.REDACT
        )

    def verdict(self, text: str) -> Verdict:
        return Verdict(
            self.action,
            text,
            tuple(sorted(finding for finding, _ in self.hits)),
            tuple(self.errors),
            tuple(sorted(self.discounted)),
        )


def _inside(finding: Finding, size: int) -> Finding:
    if not 0 <= finding.start <= finding.end <= size:
        raise OutsideTextError
    return finding
