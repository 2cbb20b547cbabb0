"""Anthropic's messages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from guardrail.types import Message
from guardrail.wire.blocks import FIXED, blank, text_block, told_blocks, told_message
from guardrail.wire.checks import Asked, Checks, Json, WireError
from guardrail.wire.leaves import besides, dump
from guardrail.wire.media import legible
from guardrail.wire.message_events import Events
from guardrail.wire.rest import around, rest
from guardrail.wire.strings import string
from guardrail.wire.words import unread

__all__ = ["Messages"]

_EVENTS = frozenset(
    {"message_start", "content_block_start", "content_block_delta", "content_block_stop"}
    | {"message_delta", "message_stop"}
)


class Messages:
    """`POST /v1/messages`."""

    names = frozenset({"model", "messages", "system"})

    def asked(self, body: Json) -> Asked:
        turns = list(_turns("system", body.get("system") or ""))
        messages = body.get("messages")
        if not isinstance(messages, list):
            raise WireError("messages is not a list")
        for message in messages:
            if not isinstance(message, dict) or not isinstance(message.get("role"), str):
                raise WireError("a message without a role")
            turns += _turns(message["role"], message.get("content"))
            turns += rest(message["role"], besides(message, {"role", "content"}))
        turns += around(body, {"system", "messages"})
        model = body.get("model")
        name = model if isinstance(model, str) else None
        return Asked(tuple(turns), name, body.get("stream") is True)

    def tells(self, body: Json) -> bool:
        kind = body.get("type")
        return kind in _EVENTS or (kind == "message" and isinstance(body.get("content"), list))

    def whole(self, body: Json, checks: Checks) -> Json:
        told = told_message(body, checks)
        content = body.get("content")
        if not isinstance(content, list):
            raise WireError("an answer without content")
        return told | {"content": list(told_blocks(content, checks))}

    def events(self, asked: Asked, checks: Checks) -> Events:
        return Events(asked, checks)

    def refused(self, asked: Asked, checks: Checks) -> Json:
        return blank(asked) | {"content": [text_block(checks.refusal)], "stop_reason": "refusal"}

    def error(self, status: int, kind: str, message: str) -> Json:  # noqa: ARG002 - in the head
        return {"type": "error", "error": {"type": kind, "message": message}}


def _turns(role: str, content: Any) -> Iterator[Message]:
    if isinstance(content, str):
        if content:
            yield Message(role, content)
        return
    for block in content if isinstance(content, list) else [content or {}]:
        if not isinstance(block, dict):
            raise WireError("a block is not an object")
        kind = block.get("type")
        if kind == "text":
            yield Message(role, string(block.get("text")))
            yield from rest(role, besides(block, {"text"}))
        elif kind in (None, "image", "thinking", "redacted_thinking"):
            yield from rest(role, block)
        else:
            own = {key for key in FIXED & block.keys() if unread(key, block[key])}
            by = role if kind == "tool_use" else "tool"
            yield Message(by, dump(legible(besides(block, own))).decode(), reader=False)
