"""What a guard tells its owner about each decision: numbers and names, never text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from guardrail.types import Action, Finding

__all__ = ["Event"]


@dataclass(frozen=True, slots=True)
class Event:
    """One decision, or an error of an edge.

    `seconds` is the time it took, from first to last chunk for a stream. `characters` counts
    what was checked.
    """

    kind: Literal["admit", "check", "stream", "edge"]
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
