"""What an upstream streams, in each provider's form, for texts that are cut anyhow."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator
from typing import Any

from tests.strategies import cut

Event = dict[str, Any]


def sse(events: Iterable[Event | str], *, named: bool = False, end: str = "\n") -> bytes:
    """Events as bytes."""
    out = []
    for event in events:
        if named and isinstance(event, dict):
            out.append(f"event: {event['type']}{end}")
        data = event if isinstance(event, str) else json.dumps(event)
        out += [f"data: {line}{end}" for line in data.split("\n")]
        out.append(end)
    return "".join(out).encode()


def mixed(streams: list[list[Event]], seed: int) -> list[Event]:
    """Several streams as one, each in its own order."""
    chance, rest = random.Random(seed), [iter(stream) for stream in streams]
    out = []
    while rest:
        stream = chance.choice(rest)
        if (event := next(stream, None)) is None:
            rest.remove(stream)
        else:
            out.append(event)
    return out


def chat(choices: list[dict[str, str]], seed: int) -> bytes:
    """Chat completions: of each choice some texts, by the name of their field."""
    return sse([*_chunks(choices, seed), _chunk() | {"usage": {"total_tokens": 70}}, "[DONE]"])


def _chunk(*choices: Event) -> Event:
    head = {"id": "c-1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return head | {"choices": list(choices), "usage": None}


def _chunks(choices: list[dict[str, str]], seed: int) -> Iterator[Event]:
    streams = []
    for index, texts in enumerate(choices):
        deltas = [[_delta(key, piece) for piece in cut(text, seed)] for key, text in texts.items()]
        said = [{"role": "assistant", "content": ""}, *mixed(deltas, seed)]
        stream: list[Event] = [{"index": index, "delta": delta} for delta in said]
        streams.append([*stream, {"index": index, "delta": {}, "finish_reason": "stop"}])
    yield from map(_chunk, mixed(streams, seed))


def _delta(key: str, piece: str) -> Event:
    if key == "function_call":
        return {key: {"arguments": piece}}
    if key.startswith(("function", "custom")):
        kind, number = key[:-1], int(key[-1])
        said = "arguments" if kind == "function" else "input"
        return {"tool_calls": [{"index": number, kind: {said: piece}}]}
    return {key: piece}


def listing(cites: str, thoughts: list[str], seed: int) -> tuple[Event, bytes]:
    """A chat message that cites and thinks, whole and in pieces."""
    whole = [
        {"type": "reasoning.text", "text": text, "signature": "c2ln", "index": index}
        for index, text in enumerate(thoughts)
    ]
    details = [
        [one | {"text": piece, "signature": None} for piece in cut(text, seed)]
        + [{"type": "reasoning.text", "signature": "c2ln", "index": one["index"]}]
        for one, text in zip(whole, thoughts, strict=True)
    ]
    streams = [
        [{"annotations": [one]} for one in cited(cites, seed)],
        [{"reasoning_details": [one]} for one in mixed(details, seed)],
    ]
    message = {"annotations": cited(cites, seed), "reasoning_details": whole}
    choices = [{"index": 0, "delta": delta} for delta in mixed(streams, seed)]
    last = {"index": 0, "delta": {}, "finish_reason": "stop"}
    return message, sse([*map(_chunk, [*choices, last]), "[DONE]"])


def completions(texts: list[str], seed: int) -> bytes:
    """Legacy completions: a text for each choice."""
    streams: list[list[Event]] = [
        [
            *({"index": index, "text": piece, "logprobs": None} for piece in cut(text, seed)),
            {"index": index, "text": "", "finish_reason": "stop"},
        ]
        for index, text in enumerate(texts)
    ]
    return sse([*map(_chunk, mixed(streams, seed)), "[DONE]"])


def cited(text: str, seed: int) -> list[Event]:
    """The pieces of a text as what another one cites, each between a title that is the same."""
    head = {"title": "t", "file_id": None}
    return [{"type": "quote"} | head | {"cited_text": piece} for piece in cut(text, seed)]


def quoting(blocks: list[str], seed: int) -> bytes:
    """Messages of Anthropic: blocks of text that cite it, piece by piece."""
    events: list[Event] = [{"type": "message_start", "message": _HEAD}]
    for index, text in enumerate(blocks):
        at = {"type": "content_block_delta", "index": index}
        said = [{"type": "text_delta", "text": piece} for piece in cut(text, seed)]
        cites = [{"type": "citations_delta", "citation": one} for one in cited(text, seed)]
        start = {"type": "content_block_start", "content_block": {"type": "text", "text": ""}}
        events.append(start | {"index": index})
        events += [at | {"delta": delta} for delta in mixed([said, cites], seed)]
        events.append({"type": "content_block_stop", "index": index})
    return sse([*events, {"type": "message_stop"}], named=True)


def annotated(items: list[str], seed: int) -> bytes:
    """Responses: messages that cite a text, piece by piece, and then whole."""
    events: list[Event] = []
    done: list[Event] = []
    for index, text in enumerate(items):
        item = annotating(index, text, seed)
        (part,) = item["content"]
        at = _at(index) | {"content_index": 0}
        events += [
            {"type": "response.output_text.annotation.added", "annotation": one} | at
            for one in part["annotations"]
        ]
        events.append({"type": "response.content_part.done", "part": part} | at)
        events.append({"type": "response.output_item.done", "item": item} | _at(index))
        done.append(item)
    return sse([*events, {"type": "response.completed", "response": _response(done)}], named=True)


def annotating(index: int, text: str, seed: int) -> Event:
    """A message that cites a text."""
    part = {"type": "output_text", "text": "", "annotations": cited(text, seed)}
    return {"type": "message", "id": f"item_{index}", "content": [part]}


def messages(blocks: list[tuple[str, str]], seed: int) -> bytes:
    """Messages of Anthropic: blocks of a type and a text."""
    events: list[Event] = [{"type": "message_start", "message": _HEAD}]
    for index, (kind, text) in enumerate(blocks):
        name, key = _DELTAS[kind]
        start = {"type": "content_block_start", "index": index, "content_block": _START[kind]}
        pieces = [{"type": name, key: piece} for piece in cut(text, seed)]
        if kind == "thinking":
            pieces.append({"type": "signature_delta", "signature": "c2ln"})
        deltas = [{"type": "content_block_delta", "index": index, "delta": one} for one in pieces]
        events += [start, {"type": "ping"}, *deltas, {"type": "content_block_stop", "index": index}]
    reason = {"stop_reason": "end_turn", "stop_sequence": None}
    events.append({"type": "message_delta", "delta": reason, "usage": {"output_tokens": 70}})
    return sse([*events, {"type": "message_stop"}], named=True)


_HEAD: Event = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "m",
    "content": [],
    "usage": {"input_tokens": 9, "output_tokens": 70},
}
_DELTAS = {
    "text": ("text_delta", "text"),
    "thinking": ("thinking_delta", "thinking"),
    "tool_use": ("input_json_delta", "partial_json"),
}
_START: dict[str, Event] = {
    "text": {"type": "text", "text": ""},
    "thinking": {"type": "thinking", "thinking": "", "signature": ""},
    "tool_use": {"type": "tool_use", "id": "toolu_1", "name": "look", "input": {}},
}


def responses(items: list[tuple[str, str]], seed: int) -> bytes:
    """Responses: items of a kind and a text, each told in pieces and then whole."""
    done: list[Event] = []
    events: list[Event] = [{"type": "response.created", "response": _response([])}]
    for index, (kind, text) in enumerate(items):
        item, opening, closing = _item(kind, text, index)
        events.append({"type": "response.output_item.added", "item": opening} | _at(index))
        events += [event | _at(index) for event in _texts(kind, text, seed)]
        events += [event | _at(index) for event in closing]
        events.append({"type": "response.output_item.done", "item": item} | _at(index))
        done.append(item)
    events.append({"type": "response.completed", "response": _response(done)})
    numbered = [event | {"sequence_number": number} for number, event in enumerate(events)]
    return sse(numbered, named=True)


def _at(index: int) -> Event:
    return {"output_index": index, "item_id": f"item_{index}"}


def _response(output: list[Event]) -> Event:
    head = {"id": "resp_1", "object": "response", "created_at": 1, "model": "m"}
    usage = {"total_tokens": 70} if output else None
    return head | {"status": "completed", "output": output, "usage": usage, "metadata": {}}


def _texts(kind: str, text: str, seed: int) -> list[Event]:
    if kind == "shell_call_output":
        return _prints(text, seed)
    name, said, place = _TEXTS[kind]
    at = {} if place is None else {place: 0}
    pieces = [{"type": f"response.{name}.delta", "delta": piece} | at for piece in cut(text, seed)]
    if kind == "shell_call":
        pieces.insert(0, {"type": f"response.{name}.added", said: ""} | at)
    last = {} if kind == "transcript" else {said: text}
    return [*pieces, {"type": f"response.{name}.done"} | last | at]


def _prints(text: str, seed: int) -> list[Event]:
    """The same text on both streams of a shell, by turns."""
    deltas: list[list[Event]] = [
        [{"delta": {stream: piece}} for piece in cut(text, seed)] for stream in ("stdout", "stderr")
    ]
    name = "response.shell_call_output_content"
    pieces = [{"type": f"{name}.delta", "command_index": 0} | one for one in mixed(deltas, seed)]
    return [*pieces, {"type": f"{name}.done", "command_index": 0, "output": [_output(text)]}]


def _output(text: str) -> Event:
    return {"stdout": text, "stderr": text, "outcome": {"type": "exit", "exit_code": 0}}


def _item(kind: str, text: str, index: int) -> tuple[Event, Event, list[Event]]:
    """An item, how it begins, and what comes before its end."""
    head: Event = {"id": f"item_{index}", "status": "completed"}
    if kind == "transcript":
        return head | {"type": "message"}, head | {"type": "message"}, []
    if kind == "shell_call":
        head |= {"type": kind, "call_id": "call_1"}
        return head | {"action": {"commands": [text]}}, head | {"action": {"commands": []}}, []
    if kind == "shell_call_output":
        head |= {"type": kind, "call_id": "call_1"}
        return head | {"output": [_output(text)]}, head | {"output": []}, []
    name, said, place = _TEXTS[kind]
    if place == "content_index":
        owner = "reasoning" if kind == "reasoning_text" else "message"
        part = {"type": name, said: text}
        closing = [{"type": "response.content_part.done", "content_index": 0, "part": part}]
        head |= {"type": owner, "role": "assistant"}
        return head | {"content": [part]}, head | {"content": []}, closing
    if place == "summary_index":
        part = {"type": "summary_text", "text": text}
        closing = [
            {"type": "response.reasoning_summary_part.done", "summary_index": 0, "part": part}
        ]
        head |= {"type": "reasoning"}
        return head | {"summary": [part]}, head | {"summary": []}, closing
    head |= {"type": kind, "name": "look", "call_id": "call_1"}
    return head | {said: text}, head | {said: ""}, []


_TEXTS: dict[str, tuple[str, str, str | None]] = {
    "output_text": ("output_text", "text", "content_index"),
    "refusal": ("refusal", "refusal", "content_index"),
    "reasoning_text": ("reasoning_text", "text", "content_index"),
    "summary": ("reasoning_summary_text", "text", "summary_index"),
    "function_call": ("function_call_arguments", "arguments", None),
    "mcp_call": ("mcp_call_arguments", "arguments", None),
    "custom_tool_call": ("custom_tool_call_input", "input", None),
    "code_interpreter_call": ("code_interpreter_call_code", "code", None),
    "shell_call": ("shell_call_command", "command", "command_index"),
    "transcript": ("audio.transcript", "transcript", None),
}
