"""Strings of rows, made safe letter by letter: as one text, and as lines."""

from __future__ import annotations

from collections.abc import Sequence

from guardrail import Action, Guard
from guardrail.redact import merge
from tests.guardrail.wire.exchanges import MARK

__all__ = ["safe_rows"]

Spans = Sequence[tuple[int, int]]


def safe_rows(held: Guard, strings: Sequence[str]) -> list[str]:
    """Each string, redacted where either reading says so; what goes on has its mark once."""
    whole, lines = _spans(held, "".join(strings)), _spans(held, "\n".join(strings))
    told, place = [], 0
    for breaks, string in enumerate(strings):
        text, inside = "", False
        for number, letter in enumerate(string, start=place):
            one, other = _over(whole, number), _over(lines, number + breaks)
            begun = one < number or other < number + breaks - 1
            if min(one, other) > number + breaks:
                text += letter
                inside = False
                continue
            if not inside and not (number == place and begun):
                text += MARK
            inside = True
        told.append(text)
        place += len(string)
    return told


def _over(spans: Spans, place: int) -> int:
    """Where the span over a place begins, or far behind it."""
    return next((start for start, end in spans if start <= place < end), 1 << 30)


def _spans(held: Guard, text: str) -> Spans:
    actions = {rule.id: rule.action for rule in held.rules}
    found = held.check(text).findings
    return merge((one.start, one.end) for one in found if actions[one.rule] is Action.REDACT)
