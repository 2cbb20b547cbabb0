"""LiteLLM's generic guardrail API: what is asked, and what is told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from guardrail.guard import Guard
from guardrail.types import Context, Message
from guardrail.wire.arguments import argued
from guardrail.wire.checks import Json, WireError
from guardrail.wire.leaves import besides, readings
from guardrail.wire.rest import phrases, rest
from guardrail.wire.strings import strings
from guardrail.wire.words import unread

__all__ = ["Given", "Told", "said", "told"]

_HEAD = frozenset({"id", "type"})


class Given(BaseModel):
    """LiteLLM's generic guardrail request; what it says besides is not looked at."""

    model_config = ConfigDict(extra="ignore")

    input_type: Literal["request", "response"]
    texts: list[str] | None = None
    tool_calls: list[dict[str, Any]] | None = None
    structured_messages: list[dict[str, Any]] | None = None
    tools: list[dict[str, Any]] | None = None


class Told(BaseModel):
    """LiteLLM's generic guardrail answer."""

    action: Literal["NONE", "BLOCKED", "GUARDRAIL_INTERVENED"]
    texts: list[str] | None = None
    blocked_reason: str | None = None


def said(given: Given) -> Iterator[str]:
    """Every string that there is to read."""
    return strings([given.texts, given.tool_calls, given.structured_messages, given.tools])


def told(guard: Guard, given: Given) -> Told:
    """What a guard says of a request, or of an answer.

    LiteLLM takes no other calls of tools than those that it has sent: an answer is blocked where
    something of them is not safe to show.
    """
    return _asked(guard, given) if given.input_type == "request" else _answered(guard, given)


def _asked(guard: Guard, given: Given) -> Told:
    told = given.structured_messages or []
    known = {text for one in told for text in _words(one)}
    # Texts of which no message tells who wrote them.
    texts = [text for text in given.texts or () if text not in known]
    messages = (
        *rest("tools", given.tools),
        *rest("assistant", given.tool_calls),
        *(turn for one in told for turn in _turn(one)),
        *([Message("user", "\n".join(texts))] if texts else []),
    )
    # Who asks LiteLLM is not told here: to all of them together no limit applies.
    verdict = guard.check_prompt(Context(messages=messages))
    return _blocked(guard) if guard.stopped(verdict) else Told(action="NONE")


def _turn(message: Json) -> Iterator[Message]:
    """What a message says, in its own role."""
    role = message.get("role")
    if said := "\n".join(dict.fromkeys([*_words(message), *phrases(message)])):
        yield Message(role if isinstance(role, str) else "request", said)


def _words(message: Json) -> list[str]:
    content = message.get("content")
    parts = content if isinstance(content, list) else [{"text": content}]
    own = (part.get("text") for part in parts if isinstance(part, dict))
    return [text for text in own if isinstance(text, str)]


def _answered(guard: Guard, given: Given) -> Told:
    texts = given.texts or []
    try:
        calls = _called(given.tool_calls or [])
    except WireError as error:
        guard.fail(Context(), str(error))
        return Told(action="NONE") if guard.observes else _blocked(guard)
    verdict, parts = guard.check_parts([part for text in texts for part in (text, "\n")] + calls)
    if guard.stopped(verdict) or [*parts[2 * len(texts) :]] != calls:
        return _blocked(guard)
    safe = [*parts[: 2 * len(texts) : 2]]
    return Told(action="NONE") if safe == texts else Told(action="GUARDRAIL_INTERVENED", texts=safe)


def _called(calls: Sequence[Json]) -> list[str]:
    """What calls of tools say, to be read as one text; raises `WireError`."""
    heads: list[Json] = []
    raws: list[str] = []
    for call in calls:
        head = besides(call, {key for key in _HEAD & call.keys() if unread(key, call[key])})
        function = head.get("function")
        if isinstance(function, dict) and isinstance(raw := function.get("arguments"), str):
            head["function"] = besides(function, {"arguments"})
            raws.append(raw)
        heads.append(head)
    return [*readings(heads), *argued(raws)] if calls else []


def _blocked(guard: Guard) -> Told:
    return Told(action="BLOCKED", blocked_reason=guard.refusal)
