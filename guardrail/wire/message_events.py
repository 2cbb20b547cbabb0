"""A stream of Anthropic's messages: blocks that begin, go on in pieces, and end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from guardrail.wire.arguments import argument
from guardrail.wire.blocks import (
    CITED,
    FIXED,
    OWN,
    blank,
    citations,
    signature,
    text_block,
    told_message,
    told_usage,
)
from guardrail.wire.checks import Asked, Checks, Delta, Json, Pair, StopError, WireError
from guardrail.wire.columns import Ends
from guardrail.wire.joined import string_after
from guardrail.wire.leaves import behind, besides, dump, load_object, safe
from guardrail.wire.strings import string
from guardrail.wire.texts import Continued, Texts

__all__ = ["Events"]

_MOST = 1024
_LAST = frozenset({"message_stop", "error"})
_CALLS = frozenset({"tool_use", "server_tool_use", "mcp_tool_use"})


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


class Events:
    """A stream of events; blocks are numbered anew, since one may be left out."""

    delta: Delta | None = string_after(r'"type"\s*:\s*"text_delta"\s*,\s*"text"')

    def __init__(self, asked: Asked, checks: Checks) -> None:
        self.done = self.ended = False
        self._asked, self._checks = asked, checks
        self._begun = False
        self._open: dict[int, _Block] = {}
        self._places = 0
        self._spoken, self._thoughts = Texts(checks), Texts(checks)
        self._cited, self._given, self._rests = Ends(), Ends(checks.limit), Ends(checks.limit)

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
            yield _say(safe(body, self._checks, OWN) | {"type": "error"})
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
        told = told_message(message, self._checks) | {"content": []}
        return _say({"type": "message_start", "message": told})

    def _changed(self, body: Json) -> Pair:
        told = safe(besides(body, {"type", "delta", "usage"}), self._checks)
        told["delta"] = safe(body.get("delta"), self._checks, OWN)
        told["usage"] = told_usage(body.get("usage"), self._checks)
        return _say({"type": "message_delta"} | told)

    def _opened(self, index: int, start: Any) -> Iterator[Pair]:
        if not isinstance(start, dict) or index in self._open:
            raise WireError("a block that does not start as one")
        if len(self._open) == _MOST:
            raise WireError("too many blocks")
        block = self._open[index] = _Block(start)
        if block.kind == "text":
            block.channel = self._spoken.begin()
            told = self._rest(besides(start, {"text", "citations"}))
            if "citations" in start:
                told["citations"] = None if start["citations"] is None else []
                for citation in citations(start):
                    self._cite(block, citation)
            yield self._place(block, told | {"text": ""})
            if start.get("text"):
                yield from self._text(block, block.channel, string(start["text"]))
        elif block.kind in _CALLS:
            if start.get("input"):
                block.held.append(dump(start["input"]).decode())
            told = self._rest(besides(start, {"input"}))
            yield self._place(block, told | {"input": {}})
        elif block.kind == "thinking":
            block.held.append(string(start.get("thinking", "")))
            block.signature = signature(start.get("signature") or "")
        else:
            yield self._place(block, self._rest(start))

    def _rest(self, start: Json) -> Json:
        """What else a block says as it begins."""
        (told,) = behind([start], self._rests, self._checks, FIXED)
        return told

    def _piece(self, block: _Block, delta: Any) -> Iterator[Pair]:
        if not isinstance(delta, dict):
            raise WireError("a delta is not an object")
        kind = delta.get("type")
        if kind == "text_delta" and block.channel is not None:
            yield from self._text(block, block.channel, string(delta.get("text")))
        elif kind == "input_json_delta" and block.kind in _CALLS:
            self._hold(block, string(delta.get("partial_json")))
        elif kind == "thinking_delta" and block.kind == "thinking":
            self._hold(block, string(delta.get("thinking")))
        elif kind == "signature_delta" and block.kind == "thinking":
            block.signature = signature(delta.get("signature"))
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
                cited = behind(block.cited, self._cited, self._checks, CITED)
            except StopError:
                yield from self._stopped(None, self._checks.refusal)
                return
            for citation in cited:
                yield _delta(block, {"type": "citations_delta", "citation": citation})
        elif block.kind in _CALLS and block.held:
            told = argument("".join(block.held), self._given, self._checks)
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
            yield _say({"type": "message_start", "message": blank(self._asked)})
        for other in self._open.values():
            if other is not block and other.place >= 0:
                yield _say({"type": "content_block_stop", "index": other.place})
        if block is None:
            block = _Block({"type": "text"})
            yield self._place(block, text_block(""))
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


def _index(body: Json) -> int:
    index = body.get("index")
    if not isinstance(index, int):
        raise WireError("a block without its place")
    return index


def _delta(block: _Block, delta: Json) -> Pair:
    return _say({"type": "content_block_delta", "index": block.place, "delta": delta})


def _say(body: Json) -> Pair:
    return str(body["type"]), dump(body).decode()
