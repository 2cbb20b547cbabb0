"""OpenAI's Responses: the same text comes in pieces, and again whole in three later events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from guardrail.types import Message
from guardrail.wire.asides import Asides
from guardrail.wire.checks import Asked, Channel, Checks, Json, Pair, StopError, WireError
from guardrail.wire.items import OWN, told_argument, told_item, told_part, told_response
from guardrail.wire.leaves import besides, dump, load_object, opaque, safe
from guardrail.wire.openai import error, words

__all__ = ["Responses"]

# What a text is called in its last event, for each kind of text that comes in pieces.
_TEXTS = {
    "response.output_text": "text",
    "response.refusal": "refusal",
    "response.reasoning_summary_text": "text",
    "response.reasoning_text": "text",
    "response.code_interpreter_call_code": "code",
}
_HELD = {
    "response.function_call_arguments": "arguments",
    "response.mcp_call_arguments": "arguments",
    "response.custom_tool_call_input": "input",
}
_WHOLE = frozenset(
    {"created", "queued", "in_progress", "completed", "failed", "incomplete", "cancelled"}
)
_LAST = frozenset({"completed", "failed", "incomplete", "cancelled"})
_STATES = tuple(
    f"response.{call}."
    for call in (
        *("web_search_call", "file_search_call", "code_interpreter_call", "mcp_call"),
        *("image_generation_call", "mcp_list_tools", "output_text.annotation"),
    )
)
_PARTS = ("response.content_part", "response.reasoning_summary_part")
_FILTERED = {"status": "incomplete", "incomplete_details": {"reason": "content_filter"}}
_PLACES = ("output_index", "item_id", "content_index", "summary_index")
_MOST = 1024


class Responses:
    """`POST /v1/responses`."""

    def asked(self, body: Json) -> Asked:
        turns = tuple(_turns(body))
        model = body.get("model")
        name = model if isinstance(model, str) else None
        return Asked(turns, name, body.get("stream") is True)

    def whole(self, body: Json, checks: Checks) -> Json:
        try:
            return told_response(body, checks)
        except StopError:
            return _refused(body, [_message(checks.refusal)], checks)

    def events(self, asked: Asked, checks: Checks) -> _Events:
        return _Events(asked, checks)

    def refused(self, asked: Asked, refusal: str) -> Json:
        return _blank(asked) | _FILTERED | {"output": [_message(refusal)]}

    def error(self, status: int, kind: str, message: str) -> Json:
        return error(status, kind, message)


class _Text:
    """A text in pieces: what of it was shown, and the event that it came with last."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.shown: list[str] = []
        self.event: Json = {}

    def show(self, text: str) -> str:
        if text:
            self.shown.append(text)
        return text


class _Events:
    """A stream of events, numbered anew since some are left out."""

    def __init__(self, asked: Asked, checks: Checks) -> None:
        self.done = self._created = False
        self._checks = checks
        self._response = _blank(asked)
        self._number = 0
        self._texts: dict[tuple[object, ...], _Text] = {}
        self._items: dict[int, Json] = {}
        self._begun: set[int] = set()
        self._asides = Asides(checks, OWN)

    def event(self, name: str | None, data: str) -> Iterator[Pair]:
        if data.strip() == "[DONE]":
            self.done = True
            yield None, data
            return
        body = load_object(data)
        named = body.get("type", name)
        if not isinstance(named, str):
            raise WireError("an event without a type")
        body["type"] = named
        kind, _, stage = named.rpartition(".")
        if kind in _TEXTS and stage in ("delta", "done"):
            yield from (self._piece if stage == "delta" else self._ended)(kind, body)
        elif kind in _HELD and stage in ("delta", "done"):
            if stage == "done":
                yield from self._argued(kind, body)
        elif kind == "response" and stage in _WHOLE:
            self._response = told_response(body.get("response"), self._checks)
            self.done, self._created = stage in _LAST, True
            yield self._say({"type": named, "response": self._response})
        elif kind in ("response.output_item", *_PARTS) and stage in ("added", "done"):
            yield from (self._whole_part if kind in _PARTS else self._item)(stage, body)
        elif _state(kind, stage) and "delta" not in body:
            if named == "error":
                self._cancel()
            yield self._say(safe(body, self._checks, OWN))
        else:
            self._checks.unknown(f"{kind}.{stage}")

    def close(self) -> Iterator[Pair]:
        """An answer that ends without its last event broke off."""
        yield from self.fail()

    def fail(self) -> Iterator[Pair]:
        self._cancel()
        broken = {"type": "error", "code": "upstream_error", "message": "the answer broke off"}
        yield self._say(broken | {"param": None})

    def refuse(self) -> Iterator[Pair]:
        yield from self._stopped("", None)

    def _piece(self, kind: str, body: Json) -> Iterator[Pair]:
        text = self._text(kind, body)
        logprobs = self._checks.disclosure.told_logprobs(body.get("logprobs"))
        text.event = self._around(kind, body, {"delta"})
        text.event |= {"logprobs": logprobs} if "logprobs" in body else {}
        shown = text.show(text.channel.feed(_string(body.get("delta"))))
        if text.channel.refused:
            yield from self._stopped(kind, text)
        elif shown:
            yield self._say(text.event | {"delta": shown})

    def _ended(self, kind: str, body: Json) -> Iterator[Pair]:
        text = self._text(kind, body)
        around = self._around(kind, body, {_TEXTS[kind]})
        if not text.event:
            # It never came in pieces.
            text.event = around | {"type": f"{kind}.delta"}
            rest = text.channel.feed(_string(body.get(_TEXTS[kind])))
            rest = text.show(rest + text.channel.close())
        else:
            rest = text.show(text.channel.close())
        if text.channel.refused:
            yield from self._stopped(kind, text)
            return
        if rest:
            yield self._say(text.event | {"delta": rest})
        around[_TEXTS[kind]] = "".join(text.shown)
        if "logprobs" in body:
            around["logprobs"] = self._checks.disclosure.told_logprobs(body["logprobs"])
        yield self._say(around)

    def _argued(self, kind: str, body: Json) -> Iterator[Pair]:
        field = _HELD[kind]
        raw = _string(body.get(field))
        told = told_argument(field, raw, self._checks)
        around = self._around(kind, body, {field})
        named = {"name": around.pop("name")} if "name" in around else {}
        yield self._say(around | {"type": f"{kind}.delta", "delta": told})
        yield self._say(around | named | {field: told})

    def _item(self, stage: str, body: Json) -> Iterator[Pair]:
        item = told_item(body.get("item"), self._checks)
        around = self._around("response.output_item", body, {"item"})
        index = body.get("output_index")
        if not isinstance(index, int) or len(self._begun) > _MOST:
            raise WireError("an item without its place, or too many of them")
        self._begun.add(index)
        if stage == "done":
            self._items[index] = item
        yield self._say(around | {"item": item})

    def _whole_part(self, _: str, body: Json) -> Iterator[Pair]:
        around = self._around("response.part", body, {"part"})
        yield self._say(around | {"part": told_part(body.get("part"), self._checks)})

    def _around(self, kind: str, body: Json, handled: set[str]) -> Json:
        """What stands beside a text, a part or an item; a name of one stands there by itself."""
        named = handled | {"logprobs", "name"}
        told = self._asides.told(kind, besides(body, named))
        if isinstance(name := body.get("name"), str):
            told["name"] = self._checks.text(name)
        return told

    def _text(self, kind: str, body: Json) -> _Text:
        key = (kind, *(str(body.get(name)) for name in _PLACES))
        if key not in self._texts:
            if len(self._texts) > _MOST:
                raise WireError("too many texts")
            self._texts[key] = _Text(self._checks.channel())
        return self._texts[key]

    def _stopped(self, kind: str, text: _Text | None) -> Iterator[Pair]:
        """End as refused: a message that is being written ends in the refusal, or one is made."""
        self._cancel()
        said, place = self._checks.refusal, 0
        if not self._created:
            yield self._say({"type": "response.created", "response": self._response})
        if text is not None and kind == "response.output_text":
            said = "".join(text.shown)
            event = text.event | {"delta": "".join(text.shown[-1:])}
            number = event.get("output_index")
            index = number if isinstance(number, int) else max(self._begun, default=0)
            number = event.get("content_index")
            place = number if isinstance(number, int) else 0
            identity = str(event.get("item_id") or "refused")
            yield self._say(event)
        else:
            index, identity = max(self._begun, default=-1) + 1, "refused"
            at: Json = {"output_index": index}
            blank = _message("", identity) | {"status": "in_progress", "content": []}
            yield self._say({"type": "response.output_item.added", "item": blank} | at)
            at = {"output_index": index, "item_id": identity, "content_index": 0}
            part = {"type": "output_text", "text": "", "annotations": []}
            yield self._say({"type": "response.content_part.added", "part": part} | at)
            delta = {"type": "response.output_text.delta", "delta": said, "logprobs": []}
            yield self._say(delta | at)
        at = {"output_index": index, "item_id": identity, "content_index": place}
        message = _message(said, identity)
        whole = {"type": "response.output_text.done", "text": said, "logprobs": []}
        yield self._say(whole | at)
        part = message["content"][0]
        yield self._say({"type": "response.content_part.done", "part": part} | at)
        self._items[index] = message
        item = {"type": "response.output_item.done", "item": message, "output_index": index}
        yield self._say(item)
        output = [one for _, one in sorted(self._items.items())]
        response = _refused(self._response, output, self._checks)
        yield self._say({"type": "response.incomplete", "response": response})

    def _cancel(self) -> None:
        for text in self._texts.values():
            text.channel.cancel()
        self.done = True

    def _say(self, body: Json) -> Pair:
        body["sequence_number"] = self._number
        self._number += 1
        return str(body["type"]), dump(body).decode()


def _turns(body: Json) -> Iterator[Message]:
    if isinstance(instructions := body.get("instructions"), str):
        yield Message("system", instructions)
    given = body.get("input")
    if isinstance(given, str):
        yield Message("user", given)
        return
    for item in given if isinstance(given, list) else []:
        if not isinstance(item, dict):
            raise WireError("an input item is not an object")
        role = item.get("role")
        if isinstance(role, str):
            yield Message(role, words(item.get("content")))
        else:
            told = {key: value for key, value in item.items() if key not in OWN}
            yield Message("tool", dump(told).decode(), reader=False)


def _state(kind: str, stage: str) -> bool:
    """Whether an event tells how far a tool is, or of an error."""
    return f"{kind}.{stage}".startswith(_STATES) or (not kind and stage in ("error", "keepalive"))


def _message(text: str, identity: str = "refused") -> Json:
    part = {"type": "output_text", "text": text, "annotations": [], "logprobs": []}
    head = {"type": "message", "id": identity, "role": "assistant", "status": "incomplete"}
    return head | {"content": [part]}


def _refused(response: Json, output: list[Json], checks: Checks) -> Json:
    told = {key: value for key, value in response.items() if key in OWN and opaque(value)}
    told["usage"] = checks.disclosure.told_usage(response.get("usage"))
    rest = {"parallel_tool_calls": True, "tool_choice": "auto", "tools": [], "error": None}
    return told | rest | _FILTERED | {"output": output}


def _blank(asked: Asked) -> Json:
    head = {"id": "refused", "object": "response", "created_at": 0, "model": asked.model or ""}
    rest = {"parallel_tool_calls": True, "tool_choice": "auto", "tools": [], "error": None}
    return head | rest | {"status": "in_progress", "output": [], "usage": None}


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise WireError("a text is not a string")
    return value
