"""What the fake upstream answers in the form of OpenAI's Responses, whole and in all its events."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from tests.sdk.passage import ARGUMENTS, PASSAGE, SAID, pieces

__all__ = ["events", "response"]

Json = dict[str, Any]

_DETAILS = {"input_tokens_details": {"cached_tokens": 0}} | {
    "output_tokens_details": {"reasoning_tokens": 0}
}
_USAGE = {"input_tokens": 5, "output_tokens": 7, "total_tokens": 12} | _DETAILS
_REST = {"parallel_tool_calls": True, "tool_choice": "auto", "error": None, "metadata": {}}
_NOTE = {"type": "url_citation", "url": "https://example.org/", "title": PASSAGE}
_ANNOTATION = _NOTE | {"start_index": 0, "end_index": 4}
_PRINTED = {"stdout": SAID, "stderr": SAID, "outcome": {"type": "exit", "exit_code": 0}}
_LISTED = {"name": "look", "description": SAID, "input_schema": {"type": "object"}}


def response(body: Json) -> Json:
    head = {"id": "resp_1", "object": "response", "created_at": 1_760_000_000}
    told = head | _REST | {"model": body["model"], "tools": body.get("tools") or []}
    state = {"status": "completed", "incomplete_details": None, "usage": _USAGE}
    return told | state | {"output": _output(body)}


def events(body: Json) -> Iterator[Json]:
    """Every event there is for each item; a model named `everything` says all kinds of items."""
    last = response(body)
    begun = last | {"status": "in_progress", "output": [], "usage": None}
    yield {"type": "response.created", "response": begun | {"status": "queued"}}
    if body["model"] == "everything":
        yield {"type": "response.queued", "response": begun | {"status": "queued"}}
    yield {"type": "response.in_progress", "response": begun}
    for index, item in enumerate(last["output"]):
        blank = item | {"status": "in_progress"}
        blank |= {key: type(item[key])() for key in _WRITTEN & item.keys()}
        blank |= {"action": {"commands": []}} if item["type"] == "shell_call" else {}
        yield {"type": "response.output_item.added", "output_index": index, "item": blank}
        at = {"output_index": index, "item_id": item["id"]}
        yield from _BETWEEN[item["type"]](item, at)
        yield {"type": "response.output_item.done", "output_index": index, "item": item}
    if body["model"] == "everything":
        yield {"type": "response.compaction.compacting", "output_index": 0, "item_id": "cmp_1"}
        for piece in pieces(SAID):
            yield {"type": "response.audio.transcript.delta", "delta": piece}
        yield {"type": "response.audio.transcript.done"}
    yield {"type": "response.completed", "response": last}


def _output(body: Json) -> list[Json]:
    items = [_message()]
    if body.get("tools"):
        items = [*items, _function(body["tools"][0]["name"])]
    if body["model"] == "everything":
        items = [*_everything(), *items]
    return items


def _message() -> Json:
    text = {"type": "output_text", "text": SAID, "annotations": [_ANNOTATION], "logprobs": []}
    parts = [text, {"type": "refusal", "refusal": SAID}]
    head = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed"}
    return head | {"content": parts}


def _function(name: str) -> Json:
    head = {"type": "function_call", "id": "fc_1", "call_id": "call_1", "status": "completed"}
    return head | {"name": name, "arguments": json.dumps(ARGUMENTS)}


def _everything() -> list[Json]:
    thought = [{"type": "summary_text", "text": SAID}]
    reasoning = {"summary": thought, "content": [{"type": "reasoning_text", "text": SAID}]}
    found = {"file_id": "file_1", "filename": "memo.txt", "score": 0.5, "text": SAID}
    search = {"action": {"type": "search", "query": SAID, "sources": []}}
    files = {"queries": [SAID], "results": [found | {"attributes": {}}]}
    code = {"code": f"print('{SAID}')", "outputs": [{"type": "logs", "logs": SAID}]}
    server = {"server_label": "files"}
    call = server | {"name": "look", "arguments": json.dumps(ARGUMENTS), "output": SAID}
    bodies: dict[str, Json] = {
        "reasoning": reasoning,
        "web_search_call": search,
        "file_search_call": files,
        "code_interpreter_call": code | {"container_id": "cntr_1"},
        "mcp_list_tools": server | {"tools": [_LISTED], "error": None},
        "mcp_call": call | {"error": None, "approval_request_id": None},
        "image_generation_call": {"result": "QUJDRA=="},
        "custom_tool_call": {"call_id": "call_2", "name": "write", "input": SAID},
        "shell_call": {"call_id": "call_3", "action": {"commands": [f"echo '{SAID}'"]}},
        "shell_call_output": {"call_id": "call_3", "output": [_PRINTED]},
    }
    return [
        {"type": kind, "id": f"{kind}_1", "status": "completed"} | body
        for kind, body in bodies.items()
    ]


# What of an item is empty when it begins.
_WRITTEN = frozenset(
    {"content", "summary", "arguments", "input", "code", "outputs", "results"} | {"output"}
)


def _said(kind: str, field: str, text: str, at: Json) -> Iterator[Json]:
    more: Json = {"logprobs": []} if kind == "response.output_text" else {}
    for piece in pieces(text):
        yield {"type": f"{kind}.delta", "delta": piece} | at | more
    yield {"type": f"{kind}.done", field: text} | at | more


def _states(*stages: str) -> Callable[[Json, Json], Iterator[Json]]:
    def told(item: Json, at: Json) -> Iterator[Json]:
        for stage in stages:
            yield {"type": f"response.{item['type']}.{stage}"} | at

    return told


def _messages(item: Json, at: Json) -> Iterator[Json]:
    for place, part in enumerate(item["content"]):
        here = at | {"content_index": place}
        field = "refusal" if part["type"] == "refusal" else "text"
        blank = part | {field: ""} | ({"annotations": []} if field == "text" else {})
        yield {"type": "response.content_part.added", "part": blank} | here
        yield from _said(f"response.{part['type']}", field, part[field], here)
        if field == "text":
            note = {"annotation": _ANNOTATION, "annotation_index": 0}
            yield {"type": "response.output_text.annotation.added"} | note | here
        yield {"type": "response.content_part.done", "part": part} | here


def _thoughts(item: Json, at: Json) -> Iterator[Json]:
    here, part = at | {"summary_index": 0}, item["summary"][0]
    yield {"type": "response.reasoning_summary_part.added", "part": part | {"text": ""}} | here
    yield from _said("response.reasoning_summary_text", "text", SAID, here)
    yield {"type": "response.reasoning_summary_part.done", "part": part} | here
    yield from _said("response.reasoning_text", "text", SAID, at | {"content_index": 0})


def _arguments(item: Json, at: Json) -> Iterator[Json]:
    yield from _said("response.function_call_arguments", "arguments", item["arguments"], at)


def _mcp(item: Json, at: Json) -> Iterator[Json]:
    yield {"type": "response.mcp_call.in_progress"} | at
    yield from _said("response.mcp_call_arguments", "arguments", item["arguments"], at)
    yield {"type": "response.mcp_call.completed"} | at


def _input(item: Json, at: Json) -> Iterator[Json]:
    yield from _said("response.custom_tool_call_input", "input", item["input"], at)


def _code(item: Json, at: Json) -> Iterator[Json]:
    yield {"type": "response.code_interpreter_call.in_progress"} | at
    yield from _said("response.code_interpreter_call_code", "code", item["code"], at)
    yield {"type": "response.code_interpreter_call.interpreting"} | at
    yield {"type": "response.code_interpreter_call.completed"} | at


def _shell(item: Json, at: Json) -> Iterator[Json]:
    here = {"output_index": at["output_index"], "command_index": 0}
    yield {"type": "response.shell_call_command.added", "command": ""} | here
    yield from _said("response.shell_call_command", "command", item["action"]["commands"][0], here)


def _prints(item: Json, at: Json) -> Iterator[Json]:
    kind, here = "response.shell_call_output_content", at | {"command_index": 0}
    for piece in pieces(SAID):
        yield {"type": f"{kind}.delta", "delta": {"stdout": piece}} | here
    for piece in pieces(SAID):
        yield {"type": f"{kind}.delta", "delta": {"stderr": piece}} | here
    yield {"type": f"{kind}.done", "output": item["output"]} | here


def _image(item: Json, at: Json) -> Iterator[Json]:
    yield from _states("in_progress", "generating")(item, at)
    partial = {"partial_image_b64": "QUJDRA==", "partial_image_index": 0, "size": "1x1"}
    yield {"type": "response.image_generation_call.partial_image"} | partial | at
    yield {"type": "response.image_generation_call.completed"} | at


_BETWEEN: dict[str, Callable[[Json, Json], Iterator[Json]]] = {
    "message": _messages,
    "function_call": _arguments,
    "reasoning": _thoughts,
    "web_search_call": _states("in_progress", "searching", "completed"),
    "file_search_call": _states("in_progress", "searching", "completed"),
    "code_interpreter_call": _code,
    "mcp_list_tools": _states("in_progress", "completed"),
    "mcp_call": _mcp,
    "image_generation_call": _image,
    "custom_tool_call": _input,
    "shell_call": _shell,
    "shell_call_output": _prints,
}
