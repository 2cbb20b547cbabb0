"""Small clients that put a streamed answer together again, one for each shape."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

Texts = dict[Any, str]


def frames(raw: bytes) -> list[tuple[str | None, str]]:
    """Name and data of each event; what is left of one without an end is an error."""
    told: list[tuple[str | None, str]] = []
    name, data = None, list[str]()
    lines = raw.decode().split("\n")
    assert lines.pop() == ""
    for line in lines:
        if not line:
            if data:
                told.append((name, "\n".join(data)))
            name, data = None, []
        elif line.startswith("data: "):
            data.append(line.removeprefix("data: "))
        elif line.startswith("event: "):
            name = line.removeprefix("event: ")
        else:
            assert line == ":"
    assert not data
    return told


@dataclass
class Told:
    """What a client knows at the end: texts by place, why each part ended, and usage."""

    texts: Texts = field(default_factory=dict)
    reasons: dict[int, str] = field(default_factory=dict)
    usage: Any = None
    ended: bool = False


def chat(raw: bytes) -> Told:
    """OpenAI's chat completions, and legacy completions."""
    told, texts = Told(), defaultdict[Any, str](str)
    for _, data in frames(raw):
        assert not told.ended
        if data == "[DONE]":
            told.ended = True
            continue
        body = json.loads(data)
        told.usage = body.get("usage") or told.usage
        for choice in body["choices"]:
            number = choice["index"]
            assert number not in told.reasons
            texts[number, "text"] += choice.get("text", "")
            delta = choice.get("delta") or {}
            for key in ("content", "refusal", "reasoning_content"):
                for name, text in _spoken(key, delta.get(key)):
                    texts[number, name] += text
            if legacy := delta.get("function_call"):
                texts[number, "legacy"] += legacy["arguments"]
            for call in delta.get("tool_calls") or ():
                kind, said = ("custom", "input") if "custom" in call else ("function", "arguments")
                texts[number, kind, call["index"]] += call[kind][said]
            if choice["finish_reason"]:
                told.reasons[number] = choice["finish_reason"]
    told.texts = {place: text for place, text in texts.items() if text}
    return told


def _spoken(key: str, value: Any) -> list[tuple[str, str]]:
    """A text, or the texts of parts; those of thoughts are others."""
    if not isinstance(value, list):
        return [(key, value or "")]
    told = []
    for part in value:
        assert part["type"] in ("text", "thinking")
        inner = part["thinking"] if part["type"] == "thinking" else [part]
        name = key if part["type"] == "text" else "thinking"
        told += [(name, one["text"]) for one in inner]
    return told


def listed(raw: bytes) -> dict[str, list[Any]]:
    """What the first choice of a chat completion tells in lists."""
    told: dict[str, list[Any]] = defaultdict(list)
    for _, data in frames(raw):
        if data != "[DONE]":
            (choice,) = json.loads(data)["choices"]
            for key in ("annotations", "reasoning_details", "tool_calls"):
                told[key] += choice["delta"].get(key) or []
    return told


def messages(raw: bytes) -> Told:
    """Anthropic's messages; blocks must open and close in order."""
    told, texts = Told(), defaultdict[Any, str](str)
    opened: dict[int, str] = {}
    count = 0
    for name, data in frames(raw):
        assert not told.ended
        body = json.loads(data)
        assert name == body["type"]
        if name == "content_block_start":
            assert body["index"] == count
            assert body["index"] not in opened
            count += 1
            opened[body["index"]] = body["content_block"]["type"]
        elif name == "content_block_delta":
            kind, delta = opened[body["index"]], body["delta"]
            for key in ("text", "partial_json", "thinking", "signature"):
                if key in delta:
                    texts[body["index"], kind, key] += delta[key]
        elif name == "content_block_stop":
            del opened[body["index"]]
        elif name == "message_delta":
            told.reasons[0] = body["delta"]["stop_reason"]
            told.usage = body["usage"]
        elif name == "message_stop":
            assert not opened
            told.ended = True
    told.texts = {place: text for place, text in texts.items() if text}
    return told


def cited(raw: bytes) -> list[list[Any]]:
    """What each block of Anthropic's messages cites; all of it comes while the block is open."""
    told: list[list[Any]] = []
    opened = -1
    for _, data in frames(raw):
        body = json.loads(data)
        if body["type"] == "content_block_start":
            opened = body["index"]
            told.append([])
        elif body["type"] == "content_block_stop":
            opened = -1
        elif body["type"] == "content_block_delta" and body["delta"]["type"] == "citations_delta":
            assert body["index"] == opened
            told[opened].append(body["delta"]["citation"])
    return told


def annotated(raw: bytes) -> list[list[Any]]:
    """What each item of OpenAI's Responses cites, the same in every event that tells it."""
    told: dict[int, list[Any]] = defaultdict(list)
    for _, data in frames(raw):
        body = json.loads(data)
        if body["type"] == "response.output_text.annotation.added":
            told[body["output_index"]].append(body["annotation"])
        elif body["type"] == "response.content_part.done":
            assert told[body["output_index"]] == body["part"]["annotations"]
        elif body["type"] == "response.output_item.done":
            assert told[body["output_index"]] == body["item"]["content"][0]["annotations"]
        elif body["type"] == "response.completed":
            for index, item in enumerate(body["response"]["output"]):
                assert told[index] == item["content"][0]["annotations"]
    return [told[index] for index in sorted(told)]


_PLACES = ("content_index", "summary_index", "command_index")
_NAMES = {
    "output_text": "text",
    "refusal": "refusal",
    "reasoning_text": "text",
    "reasoning_summary_text": "text",
    "code_interpreter_call_code": "code",
    "function_call_arguments": "arguments",
    "mcp_call_arguments": "arguments",
    "custom_tool_call_input": "input",
    "shell_call_command": "command",
    "audio.transcript": None,
}
_PRINTED = ("stdout", "stderr")


def responses(raw: bytes) -> Told:
    """OpenAI's Responses; a text's pieces must be what each later event says of it."""
    told, texts = Told(), defaultdict[Any, str](str)
    places: dict[str, int] = {}
    for number, (name, data) in enumerate(frames(raw)):
        assert not told.ended
        body = json.loads(data)
        assert (name, number) == (body["type"], body["sequence_number"])
        _, _, rest = body["type"].partition(".")
        kind, _, stage = rest.rpartition(".")
        _piece(kind, stage, body, texts)
        if rest == "content_part.done":
            part = body["part"]
            said = part.get("text", part.get("refusal"))
            assert texts[body["output_index"], part["type"], body["content_index"]] == said
        elif rest == "output_item.added":
            places[body["item"]["id"]] = body["output_index"]
        elif rest == "output_item.done":
            _same(body["output_index"], body["item"], texts)
        elif rest in ("completed", "incomplete", "failed"):
            response = body["response"]
            for item in response["output"]:
                _same(places[item["id"]], item, texts)
            details = response.get("incomplete_details") or {"reason": "stop"}
            told.reasons[0], told.usage, told.ended = details["reason"], response["usage"], True
    told.texts = {place: text for place, text in texts.items() if text}
    return told


def _piece(kind: str, stage: str, body: dict[str, Any], texts: Texts) -> None:
    index = body.get("output_index")
    place = next((body[name] for name in _PLACES if name in body), 0)
    if kind in _NAMES and stage == "delta":
        texts[index, kind, place] += body["delta"]
    elif kind in _NAMES and stage == "done":
        if field := _NAMES[kind]:
            assert texts[index, kind, place] == body[field]
    elif kind == "shell_call_output_content" and stage == "delta":
        for stream, piece in body["delta"].items():
            texts[index, stream, place] += piece
    elif kind == "shell_call_output_content":
        _printed(index, place, body["output"], texts)


_ITEMS = {
    "function_call": ("function_call_arguments", "arguments"),
    "mcp_call": ("mcp_call_arguments", "arguments"),
    "custom_tool_call": ("custom_tool_call_input", "input"),
    "code_interpreter_call": ("code_interpreter_call_code", "code"),
}


def _same(index: int, item: dict[str, Any], texts: Texts) -> None:
    if item["type"] in _ITEMS:
        kind, said = _ITEMS[item["type"]]
        assert texts[index, kind, 0] == item[said]
    if item["type"] == "shell_call":
        for place, command in enumerate(item["action"]["commands"]):
            assert texts[index, "shell_call_command", place] == command
    if item["type"] == "shell_call_output":
        for place, output in enumerate(item["output"]):
            _printed(index, place, [output], texts)
    for place, part in enumerate(item.get("content", ())):
        assert texts[index, part["type"], place] == part.get("text", part.get("refusal"))
    for place, part in enumerate(item.get("summary", ())):
        assert texts[index, "reasoning_summary_text", place] == part["text"]


def _printed(index: int | None, place: int, outputs: list[dict[str, Any]], texts: Texts) -> None:
    for stream in _PRINTED:
        said = "".join(output[stream] for output in outputs)
        assert texts[index, stream, place] == said
