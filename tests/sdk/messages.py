"""What the fake upstream answers in Anthropic's form, whole and in events."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.sdk.passage import ARGUMENTS, PASSAGE, SAID, pieces

__all__ = ["events", "message"]

Json = dict[str, Any]

_USAGE = {"input_tokens": 5, "output_tokens": 7}
_PLAIN = "A thought that may be seen."
_CITED = {"type": "char_location", "cited_text": PASSAGE, "document_index": 0} | {
    "document_title": "memo",
    "start_char_index": 0,
    "end_char_index": 4,
    "file_id": None,
}
_FOUND = {"type": "web_search_result", "url": "https://example.org/", "title": PASSAGE} | {
    "encrypted_content": "c2VhbGVk",
    "page_age": None,
}


def message(body: Json) -> Json:
    reason = "tool_use" if body.get("tools") else "end_turn"
    return _head(body) | {"content": _content(body), "stop_reason": reason, "usage": _USAGE}


def events(body: Json) -> Iterator[Json]:
    """A model named `everything` also thinks, searches and cites."""
    whole = message(body)
    begun = whole | {"content": [], "stop_reason": None}
    yield {"type": "message_start", "message": begun}
    yield {"type": "ping"}
    for index, block in enumerate(whole["content"]):
        start, deltas = _written(block)
        yield {"type": "content_block_start", "index": index, "content_block": start}
        for delta in deltas:
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    delta = {"stop_reason": whole["stop_reason"], "stop_sequence": None}
    yield {"type": "message_delta", "delta": delta, "usage": {"output_tokens": 7}}
    yield {"type": "message_stop"}


def _head(body: Json) -> Json:
    head = {"id": "msg_1", "type": "message", "role": "assistant", "model": body["model"]}
    return head | {"stop_sequence": None}


def _content(body: Json) -> list[Json]:
    text: Json = {"type": "text", "text": SAID, "citations": None}
    blocks = [text]
    if body["model"] == "everything":
        query = {"name": "web_search", "input": {"query": SAID}}
        blocks = [
            {"type": "thinking", "thinking": _PLAIN, "signature": "c2lnbmVk"},
            {"type": "thinking", "thinking": SAID, "signature": "c2lnbmVk"},
            {"type": "redacted_thinking", "data": "c2VhbGVk"},
            {"type": "server_tool_use", "id": "srvtoolu_1"} | query,
            {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": [_FOUND]},
            text | {"citations": [_CITED]},
        ]
    if body.get("tools"):
        name = body["tools"][0]["name"]
        blocks.append({"type": "tool_use", "id": "toolu_1", "name": name, "input": ARGUMENTS})
    return blocks


def _written(block: Json) -> tuple[Json, list[Json]]:
    """How a block starts, and what comes after."""
    kind = block["type"]
    if kind == "text":
        cited = block["citations"] or []
        deltas = [{"type": "text_delta", "text": text} for text in pieces(block["text"])]
        deltas += [{"type": "citations_delta", "citation": citation} for citation in cited]
        return block | {"text": "", "citations": [] if cited else None}, deltas
    if kind == "thinking":
        deltas = [{"type": "thinking_delta", "thinking": t} for t in pieces(block["thinking"])]
        deltas.append({"type": "signature_delta", "signature": block["signature"]})
        return block | {"thinking": "", "signature": ""}, deltas
    if "input" in block:
        parts = pieces(json.dumps(block["input"]))
        deltas = [{"type": "input_json_delta", "partial_json": part} for part in parts]
        return block | {"input": {}}, deltas
    return block, []
