"""Strings of rows, and texts that are joined, made safe in every way that they are read."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from guardrail import Action, Guard
from guardrail.redact import merge, redact
from tests.guardrail.wire.exchanges import MARK

__all__ = ["safe_behind", "safe_below", "safe_rows", "safe_together"]

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


def safe_together(held: Guard, texts: Sequence[str]) -> list[str]:
    """Each text of a whole answer, redacted where either reading of all of them says so."""
    told, place = [], 0
    for breaks, text in enumerate(texts):
        spans = _inside(text, _spans(held, "".join(texts)), place)
        spans += _inside(text, _spans(held, "\n".join(texts)), place + breaks)
        told.append(redact(text, spans, MARK))
        place += len(text)
    return told


def safe_behind(held: Guard, texts: Sequence[str]) -> list[str]:
    """Each text of a stream, redacted where it is, alone or behind those before it."""
    told = []
    said: list[str] = []
    differ = False
    for text in texts:
        spans = list(_spans(held, text))
        if said and text:
            differ |= said[-1][-1].isalnum() and text[0].isalnum()
            for gap in ("", "\n") if differ else ("",):
                before = gap.join([*said, ""])
                spans += _inside(text, _spans(held, before + text), len(before))
        said += [text] if text else []
        told.append(redact(text, spans, MARK))
    return told


def safe_below(held: Guard, texts: Sequence[str]) -> list[str]:
    """Each text of one field, read alone, as a line below those before it, and as going on.

    It goes on where a word may be cut. One that two readings alter in two ways is redacted whole.
    """
    told = []
    for number, text in enumerate(texts):
        shown = _behind(held, "", text)
        befores = ["".join(f"{one}\n" for one in texts[:number])]
        said = [one for one in texts[: number + 1] if one]
        if any(one[-1].isalpha() and other[0].isalpha() for one, other in pairwise(said)):
            befores.append("".join(texts[:number]))
        for reading in (_behind(held, before, text) for before in befores):
            if reading != text:
                shown = reading if shown in (reading, text) else MARK
        told.append(shown)
    return told


def _behind(held: Guard, before: str, text: str) -> str:
    return redact(text, _inside(text, _spans(held, before + text), len(before)), MARK)


def _inside(text: str, spans: Spans, place: int) -> list[tuple[int, int]]:
    return [
        (max(start - place, 0), min(end - place, len(text)))
        for start, end in spans
        if start - place < len(text) and end > place
    ]


def _over(spans: Spans, place: int) -> int:
    """Where the span over a place begins, or far behind it."""
    return next((start for start, end in spans if start <= place < end), 1 << 30)


def _spans(held: Guard, text: str) -> Spans:
    actions = {rule.id: rule.action for rule in held.rules}
    found = held.check(text).findings
    return merge((one.start, one.end) for one in found if actions[one.rule] is Action.REDACT)
