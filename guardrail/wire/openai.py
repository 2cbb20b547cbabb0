"""OpenAI's chat completions, legacy completions and embeddings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from guardrail.types import Message
from guardrail.wire.calls import told_call, written
from guardrail.wire.checks import Asked, Checks, Json, StopError, WireError
from guardrail.wire.chunks import (
    APART,
    MOST_CHOICES,
    OWN,
    SAID,
    TEXTS,
    ChatChoice,
    Chunks,
    TextChoice,
    choices_of,
    error,
    expected,
)
from guardrail.wire.leaves import besides, dump, safe

__all__ = ["Chat", "Completions", "Embeddings", "error"]

_MESSAGE = TEXTS | {"tool_calls", "function_call", "annotations", "audio"}


def turns(messages: Any) -> Iterator[Message]:
    """Chat messages, their tool calls too; raises `WireError`."""
    if not isinstance(messages, list):
        raise WireError("messages is not a list")
    for message in messages:
        if not isinstance(message, dict):
            raise WireError("a message is not an object")
        role = message.get("role")
        if not isinstance(role, str):
            raise WireError("a message without a role")
        yield Message(role, words(message.get("content")))
        if calls := message.get("tool_calls"):
            yield Message(role, dump(calls).decode(), reader=False)


def words(content: Any) -> str:
    """The text of a content: a string, or the texts of its parts."""
    if isinstance(content, str):
        return content
    if content is None:
        return ""
    if not isinstance(content, list):
        raise WireError("a content is neither text nor a list")
    texts = (part.get("text") for part in content if isinstance(part, dict))
    return "\n".join(text for text in texts if isinstance(text, str))


class Chat:
    """`POST /v1/chat/completions`."""

    def asked(self, body: Json) -> Asked:
        messages = tuple(turns(body.get("messages")))
        stream = body.get("stream") is True
        return Asked(messages, _name(body.get("model")), stream, expected(body))

    def whole(self, body: Json, checks: Checks) -> Json:
        choices = [_choice(choice, checks) for choice in choices_of(body)]
        return _envelope(body, checks) | {"choices": choices}

    def events(self, asked: Asked, checks: Checks) -> Chunks:
        return Chunks(asked, checks, "chat.completion.chunk", ChatChoice)

    def refused(self, asked: Asked, refusal: str) -> Json:
        message = {"role": "assistant", "content": refusal, "refusal": None}
        choice = {"message": message, "logprobs": None}
        return _answer(asked, "chat.completion", choice)

    def error(self, status: int, kind: str, message: str) -> Json:
        return error(status, kind, message)


class Completions:
    """`POST /v1/completions`."""

    def asked(self, body: Json) -> Asked:
        prompt = body.get("prompt")
        prompts = prompt if isinstance(prompt, list) else [prompt]
        messages = tuple(Message("user", text) for text in prompts if isinstance(text, str))
        if len(messages) < len(prompts):
            raise WireError("prompt is no text; token numbers cannot be read")
        count = min(expected(body) * max(len(prompts), 1), MOST_CHOICES)
        return Asked(messages, _name(body.get("model")), body.get("stream") is True, count)

    def whole(self, body: Json, checks: Checks) -> Json:
        choices = []
        for choice in choices_of(body):
            told = _around(choice, checks)
            try:
                told["text"] = checks.text(written(choice.get("text")))
            except StopError:
                told |= {"text": checks.refusal, "finish_reason": "content_filter"}
            choices.append(told)
        return _envelope(body, checks) | {"choices": choices}

    def events(self, asked: Asked, checks: Checks) -> Chunks:
        return Chunks(asked, checks, "text_completion", TextChoice)

    def refused(self, asked: Asked, refusal: str) -> Json:
        choice = {"text": refusal, "logprobs": None}
        return _answer(asked, "text_completion", choice)

    def error(self, status: int, kind: str, message: str) -> Json:
        return error(status, kind, message)


class Embeddings:
    """`POST /v1/embeddings`; there is nothing to stream."""

    def asked(self, body: Json) -> Asked:
        given = body.get("input")
        texts = given if isinstance(given, list) else [given]
        messages = tuple(Message("user", text) for text in texts if isinstance(text, str))
        return Asked(messages, _name(body.get("model")))

    def whole(self, body: Json, checks: Checks) -> Json:
        rows = body.get("data")
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise WireError("an answer without embeddings")
        told = []
        for row in rows:
            try:
                vector = checks.disclosure.told_embedding(row.get("embedding"))
            except ValueError:
                raise WireError("an embedding that is neither numbers nor base64") from None
            place = safe({"index": row.get("index")}, checks, OWN)
            told.append({"object": "embedding", "embedding": vector} | place)
        usage = checks.disclosure.told_usage(body.get("usage"))
        model: Json = safe({"model": body.get("model")}, checks, OWN)
        return model | {"object": "list", "data": told, "usage": usage}

    def events(self, asked: Asked, checks: Checks) -> Chunks:  # noqa: ARG002 - there are none
        raise WireError("embeddings do not stream")

    def refused(self, asked: Asked, refusal: str) -> Json:  # noqa: ARG002 - no field for a model
        return error(403, "content_filter", refusal)

    def error(self, status: int, kind: str, message: str) -> Json:
        return error(status, kind, message)


def _envelope(body: Json, checks: Checks) -> Json:
    """What stands around the choices; what is not known of it is read as text."""
    told: Json = safe(besides(body, APART), checks, OWN)
    if "usage" in body:
        told["usage"] = checks.disclosure.told_usage(body["usage"])
    return told


def _around(choice: Json, checks: Checks) -> Json:
    told: Json = safe(besides(choice, SAID), checks, OWN)
    told["logprobs"] = checks.disclosure.told_logprobs(choice.get("logprobs"))
    return told


def _choice(choice: Json, checks: Checks) -> Json:
    told = _around(choice, checks)
    message = choice.get("message")
    if not isinstance(message, dict):
        raise WireError("a choice without a message")
    try:
        told["message"] = _message(message, checks)
    except StopError:
        told["message"] = {"role": "assistant", "content": checks.refusal, "refusal": None}
        told["finish_reason"] = "content_filter"
    return told


def _message(message: Json, checks: Checks) -> Json:
    told: Json = {}
    for key, value in message.items():
        if not value and key in _MESSAGE:
            # Every answer names what it does not have; nothing is read for that.
            told[key] = value
        elif key in TEXTS and isinstance(value, str):
            told[key] = checks.text(value)
        elif key == "tool_calls":
            if not isinstance(value, list) or not all(isinstance(call, dict) for call in value):
                raise WireError("tool_calls is not a list")
            told[key] = [told_call(call, checks) for call in value]
        elif key == "function_call":
            told[key] = told_call({"function": value}, checks)["function"]
        else:
            # Parts of a content, or annotations: nothing of them comes in pieces.
            told |= safe({key: value}, checks, {"role"})
    return told


def _answer(asked: Asked, kind: str, choice: Json) -> Json:
    usage = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
    ended = choice | {"finish_reason": "content_filter"}
    return {
        "id": "refused",
        "object": kind,
        "created": 0,
        "model": asked.model or "",
        "choices": [{"index": index} | ended for index in range(asked.choices)],
        "usage": usage,
    }


def _name(model: Any) -> str | None:
    return model if isinstance(model, str) else None
