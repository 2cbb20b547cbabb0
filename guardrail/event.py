"""What a guard tells its owner about each decision: numbers and names, never text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from guardrail.types import Action, Finding, Verdict

__all__ = ["Event", "matched"]


@dataclass(frozen=True, slots=True)
class Event:
    """One decision, an error of an edge, or an answer that has left an HTTP edge.

    `seconds` is the time it took, from first to last chunk for a stream. `characters` counts
    what was checked. `matched`: something of an index was found, counted or not. An `answer` has
    the strictest action of its decisions, the seconds from its request to its end, and its bytes.
    """

    kind: Literal["admit", "check", "stream", "edge", "answer"]
    action: Action
    findings: tuple[Finding, ...]
    discounted: tuple[Finding, ...]
    errors: tuple[str, ...]
    seconds: float
    characters: int
    mode: str
    owner: str
    subject: str
    model: str | None
    request_id: str | None
    matched: bool


def matched(verdict: Verdict) -> bool:
    """Whether something of an index was found."""
    found = (*verdict.findings, *verdict.discounted)
    return any(one.source is not None for one in found)
