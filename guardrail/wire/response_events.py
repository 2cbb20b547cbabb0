"""A stream of OpenAI's Responses: a text comes in pieces, and again whole in three later events."""

from __future__ import annotations

from collections.abc import Iterator

from guardrail.wire.asides import Asides
from guardrail.wire.checks import Asked, Checks, Delta, Json, Pair, WireError
from guardrail.wire.items import (
    NAMED,
    OWN,
    PRINTED,
    At,
    Tell,
    blank,
    cited,
    message,
    message_id,
    refused,
    told_item,
    told_outputs,
    told_part,
    told_response,
)
from guardrail.wire.leaves import besides, dump, load_object, safe
from guardrail.wire.response_texts import MESSAGE, ResponseTexts, Text, place_of
from guardrail.wire.strings import string, written

__all__ = ["Events"]

# What a text is called in its last event, for each kind of text that comes in pieces.
_TEXTS = {
    MESSAGE: "text",
    "response.refusal": "refusal",
    "response.reasoning_summary_text": "text",
    "response.reasoning_text": "text",
    "response.code_interpreter_call_code": "code",
    "response.shell_call_command": "command",
    "response.audio.transcript": "transcript",
}
_COMMAND = "response.shell_call_command"
_PRINTED = "response.shell_call_output_content"
_CITING = "response.output_text.annotation"
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
        *("image_generation_call", "mcp_list_tools"),
        *("compaction", "audio"),
    )
)
_PARTS = ("response.content_part", "response.reasoning_summary_part")
_MOST = 1024


class Events:
    """A stream of events, numbered anew since some are left out."""

    # Each has a number, so that no two differ in one string alone.
    delta: Delta | None = None

    def __init__(self, asked: Asked, checks: Checks) -> None:
        self.done = self.ended = self._created = False
        self._checks = checks
        self._response = blank(asked)
        self._number = 0
        self._items: dict[int, Json] = {}
        self._begun: set[int] = set()
        self._asides = Asides(checks, OWN)
        self._told = ResponseTexts(checks)
        self._tell = Tell(self._told.again, self._told.argued, self._told.cited)
        # What parts cite, in events that are held.
        self._citing: dict[At, list[Json]] = {}
        self._size = 0

    def event(self, name: str | None, data: str) -> Iterator[Pair]:
        if data.strip() == "[DONE]":
            self.done = self.ended = True
            yield None, data
            return
        body = load_object(data)
        named = body.get("type", name)
        if not isinstance(named, str):
            raise WireError("an event without a type")
        body["type"] = named
        kind, _, stage = named.rpartition(".")
        if stage in ("delta", "done") and kind in _TEXTS:
            yield from (self._piece if stage == "delta" else self._ended)(kind, body)
        elif stage in ("delta", "done") and kind == _PRINTED:
            yield from (self._printing if stage == "delta" else self._printed)(body)
        elif stage == "added" and kind == _COMMAND:
            yield from self._command(body)
        elif stage == "added" and kind == _CITING:
            self._cite(body)
        elif stage in ("delta", "done") and kind in _HELD:
            if stage == "done":
                yield from self._argued(kind, body)
        else:
            yield from self._other(kind, stage, body)

    def _other(self, kind: str, stage: str, body: Json) -> Iterator[Pair]:
        """What is no text in pieces: whole responses and items, and how far something is."""
        named = body["type"]
        if kind == "response" and stage in _WHOLE:
            if stage in _LAST:
                yield from self._annotated(*self._citing)
            self._response = told_response(body.get("response"), self._checks, self._tell)
            self.done = self.ended = stage in _LAST
            self._created = True
            yield self._say({"type": named, "response": self._response})
        elif kind in ("response.output_item", *_PARTS) and stage in ("added", "done"):
            yield from (self._whole_part if kind in _PARTS else self._item)(stage, body)
        elif _state(kind, stage) and "delta" not in body:
            if named == "error":
                self.ended = True
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
        text = self._told.text(kind, body)
        logprobs = self._checks.disclosure.told_logprobs(body.get("logprobs"))
        text.event = self._around(kind, body, {"delta"})
        text.event |= {"logprobs": logprobs} if "logprobs" in body else {}
        yield from self._say_more(kind, text, text.feed(string(body.get("delta"))))

    def _ended(self, kind: str, body: Json) -> Iterator[Pair]:
        text, field = self._told.text(kind, body), _TEXTS[kind]
        around = self._around(kind, body, {field})
        rest = ""
        if not text.event:
            # It never came in pieces.
            text.event = around | {"type": f"{kind}.delta"}
            rest = text.feed(written(body.get(field)))
        yield from self._say_more(kind, text, rest + text.channel.close())
        if self.done:
            return
        if field in body:
            around[field] = "".join(text.shown)
        if "logprobs" in body:
            around["logprobs"] = self._checks.disclosure.told_logprobs(body["logprobs"])
        yield self._say(around)

    def _command(self, body: Json) -> Iterator[Pair]:
        """A command of a shell begins; what stands there already is its first piece."""
        around = self._around(_COMMAND, body, {"command"})
        yield self._say(around | {"command": ""})
        piece = {"type": f"{_COMMAND}.delta", "delta": written(body.get("command"))}
        yield from self._piece(_COMMAND, besides(body, {"command"}) | piece)

    def _printing(self, body: Json) -> Iterator[Pair]:
        """A piece of what a command printed: its two streams are texts of their own."""
        around, delta = self._around(_PRINTED, body, {"delta"}), body.get("delta")
        if not isinstance(delta, dict):
            raise WireError("what a shell printed is not an object")
        for key in delta.keys() - {*PRINTED}:
            self._checks.unknown(f"delta.{key}")
        for stream in PRINTED:
            text = self._told.text(_PRINTED, body, stream)
            text.event = around
            yield from self._say_more(_PRINTED, text, text.feed(written(delta.get(stream))))
            if self.done:
                return

    def _printed(self, body: Json) -> Iterator[Pair]:
        around = self._around(_PRINTED, body, {"output"})
        for stream in PRINTED:
            text = self._told.text(_PRINTED, body, stream)
            text.event = text.event or around | {"type": f"{_PRINTED}.delta"}
            yield from self._say_more(_PRINTED, text, text.channel.close())
            if self.done:
                return
        yield self._say(around | {"output": told_outputs(body.get("output"), self._checks)})

    def _say_more(self, kind: str, text: Text, safe: str) -> Iterator[Pair]:
        """Tell what is safe of a text, or end with it."""
        text.show(safe)
        if text.channel.refused:
            if kind != MESSAGE and (prefix := safe.removesuffix(self._checks.refusal)):
                yield self._say(text.delta(prefix))
            yield from self._stopped(kind, text)
        elif safe:
            yield self._say(text.delta(safe))

    def _argued(self, kind: str, body: Json) -> Iterator[Pair]:
        field, at = _HELD[kind], place_of(body)
        raw = string(body.get(field))
        if field == "arguments":
            told = self._told.argued(at, raw)
        else:
            told = self._told.again((kind, *at), raw)
        around = self._around(kind, body, {field})
        named = {"name": around.pop("name")} if "name" in around else {}
        yield self._say(around | {"type": f"{kind}.delta", "delta": told})
        yield self._say(around | named | {field: told})

    def _item(self, stage: str, body: Json) -> Iterator[Pair]:
        index = body.get("output_index")
        if not isinstance(index, int) or len(self._begun) > _MOST:
            raise WireError("an item without its place, or too many of them")
        if stage == "done":
            yield from self._annotated(*(at for at in self._citing if at[0] == index))
        item = told_item(body.get("item"), index, self._checks, self._tell)
        around = self._around("response.output_item", body, {"item"})
        self._begun.add(index)
        if stage == "done":
            self._items[index] = item
        yield self._say(around | {"item": item})

    def _whole_part(self, stage: str, body: Json) -> Iterator[Pair]:
        if stage == "done":
            yield from self._annotated(place_of(body))
        around = self._around("response.part", body, {"part"})
        part = told_part(body.get("part"), place_of(body), self._checks, self._tell)
        yield self._say(around | {"part": part})

    def _cite(self, body: Json) -> None:
        """Hold what a part cites until the part is whole."""
        cited([body.get("annotation")])
        self._citing.setdefault(place_of(body), []).append(body)
        self._size += len(dump(body))
        if self._size > self._checks.limit:
            raise WireError("what is cited is too large")

    def _annotated(self, *places: At) -> Iterator[Pair]:
        for at in places:
            events = self._citing.pop(at, [])
            told = self._told.cited(at, [event["annotation"] for event in events])
            for event, annotation in zip(events, told, strict=True):
                around = self._around(_CITING, event, {"annotation"})
                yield self._say(around | {"annotation": annotation})

    def _around(self, kind: str, body: Json, handled: set[str]) -> Json:
        """What stands beside a text, a part or an item; a name of one stands there by itself."""
        named = handled | {"logprobs", "name"}
        told = self._asides.told(kind, besides(body, named))
        if isinstance(name := body.get("name"), str):
            told["name"] = self._told.again((NAMED, *place_of(body)), name)
        return told

    def _stopped(self, kind: str, text: Text | None) -> Iterator[Pair]:
        """End as refused: a message that is being written ends in the refusal, or one is made."""
        self._cancel()
        said, place = self._checks.refusal, 0
        if not self._created:
            for begun in ("response.created", "response.in_progress"):
                yield self._say({"type": begun, "response": self._response})
        if text is not None and kind == MESSAGE:
            said = "".join(text.shown)
            event = text.event | {"delta": "".join(text.shown[-1:])}
            number = event.get("output_index")
            index = number if isinstance(number, int) else max(self._begun, default=0)
            number = event.get("content_index")
            place = number if isinstance(number, int) else 0
            identity = str(event.get("item_id") or message_id())
            yield self._say(event)
        else:
            index, identity = max(self._begun, default=-1) + 1, message_id()
            at: Json = {"output_index": index}
            opened = message([], identity) | {"status": "in_progress"}
            yield self._say({"type": "response.output_item.added", "item": opened} | at)
            at = {"output_index": index, "item_id": identity, "content_index": 0}
            part = {"type": "output_text", "text": "", "annotations": []}
            yield self._say({"type": "response.content_part.added", "part": part} | at)
            delta = {"type": "response.output_text.delta", "delta": said, "logprobs": []}
            yield self._say(delta | at)
        at = {"output_index": index, "item_id": identity, "content_index": place}
        told = message([*self._told.before(index, place), said], identity)
        whole = {"type": "response.output_text.done", "text": said, "logprobs": []}
        yield self._say(whole | at)
        part = told["content"][-1]
        yield self._say({"type": "response.content_part.done", "part": part} | at)
        self._items[index] = told
        item = {"type": "response.output_item.done", "item": told, "output_index": index}
        yield self._say(item)
        output = [one for _, one in sorted(self._items.items())]
        response = refused(self._response, output, self._checks)
        yield self._say({"type": "response.incomplete", "response": response})

    def _cancel(self) -> None:
        self._told.cancel()
        self.done = True

    def _say(self, body: Json) -> Pair:
        body["sequence_number"] = self._number
        self._number += 1
        return str(body["type"]), dump(body).decode()


def _state(kind: str, stage: str) -> bool:
    """Whether an event tells how far a tool is, or of an error."""
    return f"{kind}.{stage}".startswith(_STATES) or (not kind and stage in ("error", "keepalive"))
