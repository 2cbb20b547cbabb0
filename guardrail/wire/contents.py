"""A content that is a list of parts, some of which say or think something."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from guardrail.wire.checks import Checks, Json, WireError
from guardrail.wire.leaves import besides
from guardrail.wire.texts import together

__all__ = ["SAID", "content_of", "pieces", "retold", "unsaid"]

SAID, THOUGHT = "content", "thinking"
# What parts call their texts; the texts of one name may be joined by who reads them.
_TEXTS = ("text", "thinking", "reasoning")


def unsaid(parts: Sequence[Any]) -> list[Any]:
    """Parts of a content, and then those of its thoughts, without their texts."""
    outer = [besides(part, {THOUGHT}) if _thinks(part) else part for part in parts]
    return [*map(_unsaid, (*outer, *_inner(parts)))]


def retold(parts: Sequence[Any], rest: Sequence[Any], checks: Checks) -> list[Any]:
    """The parts, safe to show: with their texts, read together, beside the `rest`, told already."""
    inner, count = [*_inner(parts)], len(parts)
    told = _retold(parts, rest[:count], checks)
    thoughts = iter(_retold(inner, rest[count:], checks))
    return [
        left | {THOUGHT: [*islice(thoughts, len(part[THOUGHT]))]} if _thinks(part) else left
        for part, left in zip(parts, told, strict=True)
    ]


def pieces(parts: Sequence[Any], checks: Checks) -> dict[str, str]:
    """What a piece of a content goes on to say, and to think."""
    told: dict[str, list[str]] = {}
    for kind, text in _pieces(parts, checks, SAID):
        told.setdefault(kind, []).append(text)
    return {kind: "".join(texts) for kind, texts in told.items()}


def content_of(told: Json) -> Json:
    """Pieces of texts, where those of thoughts stand in a list, before what is said."""
    if THOUGHT not in told:
        return told
    thought = {"type": THOUGHT, THOUGHT: [_text(told[THOUGHT])]}
    spoken = [_text(told[SAID])] if told.get(SAID) else []
    return besides(told, {THOUGHT}) | {SAID: [thought, *spoken]}


def _pieces(parts: Sequence[Any], checks: Checks, kind: str) -> Iterator[tuple[str, str]]:
    for part in parts:
        if not isinstance(part, dict):
            raise WireError("a part of a content is not an object")
        handled = {"type"}
        if _thinks(part):
            handled.add(THOUGHT)
            yield from _pieces(part[THOUGHT], checks, THOUGHT)
        elif isinstance(part.get("text"), str):
            handled.add("text")
            yield kind, part["text"]
        for key, value in besides(part, handled).items():
            if not (value is None or isinstance(value, bool)):
                checks.unknown(f"content.{key}")


def _retold(parts: Sequence[Any], rest: Sequence[Any], checks: Checks) -> list[Any]:
    texts = [_spoken(part) for part in parts]
    told = {
        key: iter(together([one[key] for one in texts if key in one], checks)) for key in _TEXTS
    }
    safe = [{key: next(told[key]) for key in one} for one in texts]
    return [
        one["text"] if isinstance(part, str) else left | one if one else left
        for part, left, one in zip(parts, rest, safe, strict=True)
    ]


def _spoken(part: Any) -> dict[str, str]:
    if isinstance(part, str):
        return {"text": part}
    named = part if isinstance(part, dict) else {}
    return {key: named[key] for key in _TEXTS if isinstance(named.get(key), str)}


def _unsaid(part: Any) -> Any:
    if isinstance(part, dict):
        return besides(part, _spoken(part).keys())
    return None if isinstance(part, str) else part


def _inner(parts: Sequence[Any]) -> Iterator[Any]:
    for part in parts:
        yield from part[THOUGHT] if _thinks(part) else ()


def _thinks(part: Any) -> bool:
    return isinstance(part, dict) and isinstance(part.get(THOUGHT), list)


def _text(text: str) -> Json:
    return {"type": "text", "text": text}
