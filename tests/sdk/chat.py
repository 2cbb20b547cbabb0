"""What the fake upstream answers in OpenAI's form: chat, legacy completions, embeddings."""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Iterator
from typing import Any

from tests.sdk.passage import ARGUMENTS, SAID, pieces

__all__ = ["chat", "chunks", "completion", "completion_chunks", "embeddings"]

Json = dict[str, Any]

_USAGE = {"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12}
_VECTOR = (0.5, -0.5, 0.5, -0.5)
_CALLS = 2


def chat(body: Json) -> Json:
    choices = [
        {
            "index": index,
            "message": _message(body),
            "logprobs": _logprobs(SAID) if body.get("logprobs") else None,
            "finish_reason": _reason(body),
        }
        for index in range(body.get("n") or 1)
    ]
    return _head(body, "chat.completion") | {"choices": choices, "usage": _USAGE}


def chunks(body: Json) -> Iterator[Json]:
    """The events of a streamed answer; those of several choices by turns."""
    counts = bool((body.get("stream_options") or {}).get("include_usage"))
    head = _head(body, "chat.completion.chunk") | ({"usage": None} if counts else {})
    number = range(body.get("n") or 1)
    for delta in _deltas(body):
        logprobs = None
        if body.get("logprobs") and delta.get("content"):
            logprobs = _logprobs(delta["content"])
        for index in number:
            choice = {"index": index, "delta": delta, "logprobs": logprobs, "finish_reason": None}
            yield head | {"choices": [choice]}
    for index in number:
        last = {"index": index, "delta": {}, "logprobs": None, "finish_reason": _reason(body)}
        yield head | {"choices": [last]}
    if counts:
        yield head | {"choices": [], "usage": _USAGE}


def completion(body: Json) -> Json:
    choice = {"index": 0, "text": SAID, "logprobs": None, "finish_reason": "stop"}
    return _head(body, "text_completion") | {"choices": [choice], "usage": _USAGE}


def completion_chunks(body: Json) -> Iterator[Json]:
    head = _head(body, "text_completion")
    for text in pieces(SAID):
        choice = {"index": 0, "text": text, "logprobs": None, "finish_reason": None}
        yield head | {"choices": [choice]}
    last = {"index": 0, "text": "", "logprobs": None, "finish_reason": "stop"}
    yield head | {"choices": [last]}


def embeddings(body: Json) -> Json:
    vector: object = list(_VECTOR)
    if body.get("encoding_format") == "base64":
        vector = base64.b64encode(struct.pack("<4f", *_VECTOR)).decode()
    given = body["input"]
    number = 1 if isinstance(given, str) else len(given)
    rows = [{"object": "embedding", "index": i, "embedding": vector} for i in range(number)]
    usage = {"prompt_tokens": 5, "total_tokens": 5}
    return {"object": "list", "data": rows, "model": body["model"], "usage": usage}


def _head(body: Json, kind: str) -> Json:
    named = {"id": "chatcmpl-1", "object": kind, "created": 1_760_000_000, "model": body["model"]}
    return named | {"service_tier": "default", "system_fingerprint": "fp_1"}


def _reason(body: Json) -> str:
    return "tool_calls" if body.get("tools") else "stop"


def _message(body: Json) -> Json:
    message: Json = {"role": "assistant", "content": SAID, "refusal": None, "annotations": []}
    if body.get("tools"):
        name, arguments = _name(body), json.dumps(ARGUMENTS)
        message["tool_calls"] = [
            {"id": f"call_{i}", "type": "function"}
            | {"function": {"name": name, "arguments": arguments}}
            for i in range(_CALLS)
        ]
    return message


def _deltas(body: Json) -> Iterator[Json]:
    yield {"role": "assistant", "content": "", "refusal": None}
    for text in pieces(SAID):
        yield {"content": text}
    if body.get("tools"):
        for i in range(_CALLS):
            head = {"index": i, "id": f"call_{i}", "type": "function"}
            yield {"tool_calls": [head | {"function": {"name": _name(body), "arguments": ""}}]}
            for text in pieces(json.dumps(ARGUMENTS)):
                yield {"tool_calls": [{"index": i, "function": {"arguments": text}}]}


def _name(body: Json) -> str:
    name: str = body["tools"][0]["function"]["name"]
    return name


def _logprobs(text: str) -> Json:
    tokens = [
        {"token": token, "logprob": -0.25, "bytes": list(token.encode()), "top_logprobs": []}
        for token in pieces(text)
    ]
    return {"content": tokens, "refusal": None}
