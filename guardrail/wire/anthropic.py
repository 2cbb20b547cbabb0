"""Anthropic's messages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from guardrail.types import Message
from guardrail.wire.checks import Asked, Checks, Delta, Json, Pair, StopError, WireError
from guardrail.wire.ids import fresh
from guardrail.wire.joined import string_after
from guardrail.wire.leaves import Path, argument, behind, besides, dump, load_object, safe
from guardrail.wire.rest import around, rest
from guardrail.wire.texts import Continued, Texts, together
from guardrail.wire.words import opaque, unread

__all__ = ["Messages"]

_OWN = frozenset({"id", "type", "role", "model", "stop_reason"})
_APART = frozenset({"content", "usage"})
_MOST = 1024
_LAST = frozenset({"message_stop", "error"})
_CALLS = frozenset({"tool_use", "server_tool_use", "mcp_tool_use"})
_CITED = frozenset({"type", "encrypted_index"})
_SEALED = frozenset({"signature", "data", "encrypted_content", "encrypted_index"})
_FIXED = _SEALED | {"type", "id", "tool_use_id"}
_NO_USAGE = {"input_tokens": 0, "output_tokens": 0}

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
        told = _message(body, checks)
        content = body.get("content")
        if not isinstance(content, list):
            raise WireError("an answer without content")
        return told | {"content": list(_blocks(content, checks))}

    def events(self, asked: Asked, checks: Checks) -> _Events:
        return _Events(asked, checks)

    def refused(self, asked: Asked, checks: Checks) -> Json:
        return _blank(asked) | {"content": [_text(checks.refusal)], "stop_reason": "refusal"}

    def error(self, status: int, kind: str, message: str) -> Json:  # noqa: ARG002 - in the head
        return {"type": "error", "error": {"type": kind, "message": message}}


@dataclass(slots=True)
class _Block:
    """A block that is being written: a channel for a text; what is held of others, and cited."""

    start: Json = field(repr=False)
    channel: Continued | None = None
    held: list[str] = field(default_factory=list, repr=False)
    cited: list[Json] = field(default_factory=list, repr=False)
    signature: str = ""
    size: int = 0
    place: int = -1

    @property
    def kind(self) -> object:
        return self.start.get("type")


class _Events:
    """A stream of events; blocks are numbered anew, since one may be left out."""

    delta: Delta | None = string_after(r'"type"\s*:\s*"text_delta"\s*,\s*"text"')

    def __init__(self, asked: Asked, checks: Checks) -> None:
        self.done = self.ended = False
        self._asked, self._checks = asked, checks
        self._begun = False
        self._open: dict[int, _Block] = {}
        self._places = 0
        self._spoken, self._thoughts = Texts(checks), Texts(checks)
        self._cited: dict[Path, str] = {}

    def event(self, name: str | None, data: str) -> Iterator[Pair]:
        body = load_object(data)
        kind = body.get("type", name)
        if not isinstance(kind, str):
            raise WireError("an event without a type")
        if kind == "content_block_start":
            yield from self._opened(_index(body), body.get("content_block"))
        elif kind == "content_block_delta":
            yield from self._piece(self._block(_index(body)), body.get("delta"))
        elif kind == "content_block_stop":
            yield from self._closed(_index(body))
        else:
            yield from self._around(kind, body)

    def _around(self, kind: str, body: Json) -> Iterator[Pair]:
        self.ended = kind in _LAST
        if kind == "message_start":
            yield self._started(body)
        elif kind == "message_delta":
            yield self._changed(body)
        elif kind == "message_stop":
            for index in tuple(self._open):
                yield from self._closed(index)
            if not self.done:
                self.done = True
                yield _say({"type": "message_stop"})
        elif kind == "ping":
            yield _say({"type": "ping"})
        elif kind == "error":
            self._cancel()
            yield _say(safe(body, self._checks, _OWN) | {"type": "error"})
        else:
            self._checks.unknown(kind)

    def close(self) -> Iterator[Pair]:
        """An answer that ends without its last event broke off."""
        yield from self.fail()

    def fail(self) -> Iterator[Pair]:
        self._cancel()
        broken = {"type": "api_error", "message": "the answer broke off"}
        yield _say({"type": "error", "error": broken})

    def refuse(self) -> Iterator[Pair]:
        yield from self._stopped(None, self._checks.refusal)

    def _started(self, body: Json) -> Pair:
        message = body.get("message")
        if not isinstance(message, dict) or message.get("content"):
            raise WireError("a message that does not start empty")
        self._begun = True
        told = _message(message, self._checks) | {"content": []}
        return _say({"type": "message_start", "message": told})

    def _changed(self, body: Json) -> Pair:
        told = safe(besides(body, {"type", "delta", "usage"}), self._checks)
        told["delta"] = safe(body.get("delta"), self._checks, _OWN)
        told["usage"] = _usage(body.get("usage"), self._checks)
        return _say({"type": "message_delta"} | told)

    def _opened(self, index: int, start: Any) -> Iterator[Pair]:
        if not isinstance(start, dict) or index in self._open:
            raise WireError("a block that does not start as one")
        if len(self._open) == _MOST:
            raise WireError("too many blocks")
        block = self._open[index] = _Block(start)
        if block.kind == "text":
            block.channel = self._spoken.begin()
            told = safe(besides(start, {"text", "citations"}), self._checks, _OWN)
            if "citations" in start:
                told["citations"] = None if start["citations"] is None else []
                for citation in _citations(start):
                    self._cite(block, citation)
            yield self._place(block, told | {"text": ""})
            if start.get("text"):
                yield from self._text(block, block.channel, _string(start["text"]))
        elif block.kind in _CALLS:
            if start.get("input"):
                block.held.append(dump(start["input"]).decode())
            told = safe(besides(start, {"input"}), self._checks, _FIXED)
            yield self._place(block, told | {"input": {}})
        elif block.kind == "thinking":
            block.held.append(_string(start.get("thinking", "")))
            block.signature = _signature(start.get("signature") or "")
        else:
            yield self._place(block, safe(start, self._checks, _FIXED))

    def _piece(self, block: _Block, delta: Any) -> Iterator[Pair]:
        if not isinstance(delta, dict):
            raise WireError("a delta is not an object")
        kind = delta.get("type")
        if kind == "text_delta" and block.channel is not None:
            yield from self._text(block, block.channel, _string(delta.get("text")))
        elif kind == "input_json_delta" and block.kind in _CALLS:
            self._hold(block, _string(delta.get("partial_json")))
        elif kind == "thinking_delta" and block.kind == "thinking":
            self._hold(block, _string(delta.get("thinking")))
        elif kind == "signature_delta" and block.kind == "thinking":
            block.signature = _signature(delta.get("signature"))
        elif kind == "citations_delta" and block.channel is not None:
            self._cite(block, delta.get("citation"))
        else:
            self._checks.unknown(f"{kind} in {block.kind}")

    def _closed(self, index: int) -> Iterator[Pair]:
        block = self._block(index)
        if block.channel is not None:
            if text := block.channel.close():
                if block.channel.refused:
                    yield from self._stopped(block, text)
                    return
                yield _delta(block, {"type": "text_delta", "text": text})
            try:
                cited = behind(block.cited, self._cited, self._checks, _CITED)
            except StopError:
                yield from self._stopped(None, self._checks.refusal)
                return
            for citation in cited:
                yield _delta(block, {"type": "citations_delta", "citation": citation})
        elif block.kind in _CALLS and block.held:
            told = argument("".join(block.held), self._checks)
            yield _delta(block, {"type": "input_json_delta", "partial_json": told})
        elif block.kind == "thinking":
            thought = "".join(block.held)
            if self._thoughts.told(thought) != thought:
                del self._open[index]
                return
            yield self._place(block, {"type": "thinking", "thinking": "", "signature": ""})
            yield _delta(block, {"type": "thinking_delta", "thinking": thought})
            if block.signature:
                signed = {"type": "signature_delta", "signature": block.signature}
                yield _delta(block, signed)
        del self._open[index]
        yield _say({"type": "content_block_stop", "index": block.place})

    def _text(self, block: _Block, channel: Continued, raw: str) -> Iterator[Pair]:
        text = channel.feed(raw)
        if channel.refused:
            yield from self._stopped(block, text)
        elif text:
            yield _delta(block, {"type": "text_delta", "text": text})

    def _stopped(self, block: _Block | None, text: str) -> Iterator[Pair]:
        """End as refused: the text that is being written ends in the refusal, or one is made."""
        self._cancel()
        if not self._begun:
            yield _say({"type": "message_start", "message": _blank(self._asked)})
        for other in self._open.values():
            if other is not block and other.place >= 0:
                yield _say({"type": "content_block_stop", "index": other.place})
        if block is None:
            block = _Block({"type": "text"})
            yield self._place(block, _text(""))
        yield _delta(block, {"type": "text_delta", "text": text})
        yield _say({"type": "content_block_stop", "index": block.place})
        reason = {"stop_reason": "refusal", "stop_sequence": None}
        yield _say({"type": "message_delta", "delta": reason, "usage": {"output_tokens": 0}})
        yield _say({"type": "message_stop"})

    def _hold(self, block: _Block, text: str) -> None:
        block.held.append(text)
        self._grow(block, len(text))

    def _cite(self, block: _Block, citation: Any) -> None:
        if not isinstance(citation, dict):
            raise WireError("a citation is not an object")
        block.cited.append(citation)
        self._grow(block, len(dump(citation)))

    def _grow(self, block: _Block, size: int) -> None:
        block.size += size
        if block.size > self._checks.limit:
            raise WireError("a block is too large")

    def _place(self, block: _Block, start: Json) -> Pair:
        block.place = self._places
        self._places += 1
        return _say({"type": "content_block_start", "index": block.place, "content_block": start})

    def _block(self, index: int) -> _Block:
        if index not in self._open:
            raise WireError("a piece of a block that never started")
        return self._open[index]

    def _cancel(self) -> None:
        for block in self._open.values():
            if block.channel is not None:
                block.channel.cancel()
        self.done = True


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
            yield Message(role, _string(block.get("text")))
            yield from rest(role, besides(block, {"text"}))
        elif kind in (None, "image", "thinking", "redacted_thinking"):
            yield from rest(role, block)
        else:
            own = {key for key in _FIXED & block.keys() if unread(key, block[key])}
            by = role if kind == "tool_use" else "tool"
            yield Message(by, dump(besides(block, own)).decode(), reader=False)


def _blocks(content: list[Any], checks: Checks) -> Iterator[Json]:
    """Whole blocks, safe to show, without the thoughts that would be altered."""
    if not all(isinstance(block, dict) for block in content):
        raise WireError("a block is not an object")
    thoughts = [_string(block.get("thinking")) for block in content if _thinks(block)]
    texts = [_string(block["text"]) for block in content if _speaks(block)]
    cited = [citation for block in content for citation in _citations(block)]
    kept, spoken = iter(together(thoughts, checks)), iter(together(texts, checks))
    cites = iter(behind(cited, {}, checks, _CITED))
    for block in content:
        if not _thinks(block):
            yield _block(block, spoken, cites, checks)
        elif next(kept) == (thought := block["thinking"]):
            signature = _signature(block.get("signature") or "")
            yield {"type": "thinking", "thinking": thought, "signature": signature}


def _block(block: Json, spoken: Iterator[str], cites: Iterator[Json], checks: Checks) -> Json:
    told: Json = safe(besides(block, {"text", "input", "citations"}), checks, _FIXED)
    if _speaks(block):
        told["text"] = next(spoken)
    if "input" in block:
        told["input"] = safe(block["input"], checks)
    if "citations" in block:
        count = len(_citations(block))
        told["citations"] = None if block["citations"] is None else [*islice(cites, count)]
    return told


def _citations(block: Json) -> list[Json]:
    """What a block cites; a thought cites nothing."""
    cited = (None if _thinks(block) else block.get("citations")) or []
    if not isinstance(cited, list) or not all(isinstance(one, dict) for one in cited):
        raise WireError("citations are no list of objects")
    return cited


def _thinks(block: Json) -> bool:
    return block.get("type") == "thinking"


def _speaks(block: Json) -> bool:
    return "text" in block and not _thinks(block)


def _message(body: Json, checks: Checks) -> Json:
    """What stands around the content."""
    told: Json = safe(besides(body, _APART), checks, _OWN)
    return told | {"usage": _usage(body.get("usage"), checks)}


def _usage(usage: Any, checks: Checks) -> Any:
    told = checks.disclosure.told_usage(usage)
    return _NO_USAGE if told is None else told


def _index(body: Json) -> int:
    index = body.get("index")
    if not isinstance(index, int):
        raise WireError("a block without its place")
    return index


def _delta(block: _Block, delta: Json) -> Pair:
    return _say({"type": "content_block_delta", "index": block.place, "delta": delta})


def _text(text: str) -> Json:
    return {"type": "text", "text": text}


def _blank(asked: Asked) -> Json:
    head = {"id": fresh("msg_01", 22), "type": "message", "role": "assistant"}
    head["model"] = asked.model or ""
    rest = {"stop_reason": None, "stop_sequence": None, "usage": _NO_USAGE}
    return head | {"content": []} | rest


def _say(body: Json) -> Pair:
    return str(body["type"]), dump(body).decode()


def _signature(value: Any) -> str:
    if not isinstance(value, str) or not opaque(value):
        raise WireError("a signature that is none")
    return value


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise WireError("a text is not a string")
    return value
