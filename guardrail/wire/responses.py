"""OpenAI's Responses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from guardrail.types import Message
from guardrail.wire.checks import Asked, Checks, Json, WireError
from guardrail.wire.items import blank, message, message_id, own_of, refused, told_response
from guardrail.wire.leaves import besides, dump
from guardrail.wire.media import legible
from guardrail.wire.openai import error, leftover, words
from guardrail.wire.response_events import Events
from guardrail.wire.rest import around
from guardrail.wire.words import unread

__all__ = ["Responses"]

# Items of an input that the model said.
_SAID = ("function_call", "custom_tool_call", "reasoning")


class Responses:
    """`POST /v1/responses`.

    Audio cannot be read, and counts as a part that no codec knows; its transcript is a text.
    """

    names = frozenset({"model", "input", "instructions", "prompt", "previous_response_id"})

    def asked(self, body: Json) -> Asked:
        turns = (*_turns(body), *around(body, {"instructions", "input"}))
        model = body.get("model")
        name = model if isinstance(model, str) else None
        return Asked(turns, name, body.get("stream") is True)

    def tells(self, body: Json) -> bool:
        return "output" in body or str(body.get("type")).startswith("response.")

    def whole(self, body: Json, checks: Checks) -> Json:
        return told_response(body, checks)

    def events(self, asked: Asked, checks: Checks) -> Events:
        return Events(asked, checks)

    def refused(self, asked: Asked, checks: Checks) -> Json:
        return refused(blank(asked), [message([checks.refusal], message_id())], checks)

    def error(self, status: int, kind: str, message: str) -> Json:
        return error(status, kind, message)


def _turns(body: Json) -> Iterator[Message]:
    for role, given in (("system", body.get("instructions")), ("user", body.get("input"))):
        if isinstance(given, str):
            yield Message(role, given)
        elif isinstance(given, dict):
            yield from _given(given)
        for item in given if isinstance(given, list) else []:
            yield from _given(item)


def _given(item: Any) -> Iterator[Message]:
    if not isinstance(item, dict):
        raise WireError("an input item is not an object")
    role = item.get("role")
    if isinstance(role, str):
        yield Message(role, words(item.get("content")))
        yield from leftover(role, item)
    else:
        own = {key for key in own_of(item) & item.keys() if unread(key, item[key])}
        by = "assistant" if item.get("type") in _SAID else "tool"
        yield Message(by, dump(legible(besides(item, own))).decode(), reader=False)
