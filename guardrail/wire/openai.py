"""OpenAI's chat completions, legacy completions and embeddings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from guardrail.types import Message
from guardrail.wire.calls import told_calls, whole_call
from guardrail.wire.checks import Asked, Checks, Json, StopError, WireError
from guardrail.wire.choices import TEXTS, ChatChoice, TextChoice
from guardrail.wire.chunks import (
    APART,
    MOST_CHOICES,
    NO_USAGE,
    OWN,
    SAID,
    Chunks,
    choices_of,
    counts,
    error,
    expected,
    head,
)
from guardrail.wire.contents import retold, unsaid
from guardrail.wire.leaves import besides, dump, safe
from guardrail.wire.media import encoded
from guardrail.wire.rest import around, rest
from guardrail.wire.strings import written

__all__ = ["Chat", "Completions", "Embeddings", "error"]

Read = Callable[[Json, Checks], Json]

_READ = frozenset({"role", "content", "tool_calls"})
# Parts in which somebody writes; the text of others (`text-plain`) is that of a file.
_WORDS = (None, "text", "input_text", "output_text")
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
        yield from leftover(role, message)


def leftover(role: str, message: Json) -> Iterator[Message]:
    """What a message says besides its words and the calls of its tools."""
    content = message.get("content")
    listed = content if isinstance(content, list) else []
    parts = [part for part in listed if isinstance(part, dict)]
    if quoted := _joined(part for part in parts if part.get("type") not in _WORDS):
        yield Message(role, quoted, reader=False)
    left = [
        besides(part, {"text"} if isinstance(part.get("text"), str) else set()) for part in parts
    ]
    yield from rest(role, [left, besides(message, _READ)])


def words(content: Any) -> str:
    """The text of a content: a string, or the texts of its parts, unless they are files."""
    if isinstance(content, str):
        return content
    if content is None:
        return ""
    if not isinstance(content, list):
        raise WireError("a content is neither text nor a list")
    return _joined(
        part for part in content if not isinstance(part, dict) or part.get("type") in _WORDS
    )


def _joined(parts: Iterable[Any]) -> str:
    texts = (part.get("text") if isinstance(part, dict) else part for part in parts)
    return "\n".join(text for text in texts if isinstance(text, str))


class Chat:
    """`POST /v1/chat/completions`."""

    names = frozenset({"model", "messages"})

    def asked(self, body: Json) -> Asked:
        messages = (*turns(body.get("messages")), *around(body, {"messages"}))
        stream = body.get("stream") is True
        return Asked(messages, _name(body.get("model")), stream, expected(body), counts(body))

    def tells(self, body: Json) -> bool:
        return "choices" in body

    def whole(self, body: Json, checks: Checks) -> Json:
        return _whole(body, checks, _said, _refused_message(checks))

    def events(self, asked: Asked, checks: Checks) -> Chunks:
        return Chunks(asked, checks, "chat.completion.chunk", ChatChoice)

    def refused(self, asked: Asked, checks: Checks) -> Json:
        return _refused(asked, checks, "chat.completion", _refused_message(checks))

    def error(self, status: int, kind: str, message: str) -> Json:
        return error(status, kind, message)


class Completions:
    """`POST /v1/completions`."""

    names = frozenset({"model", "prompt"})

    def asked(self, body: Json) -> Asked:
        prompt = body.get("prompt")
        prompts = prompt if isinstance(prompt, list) else [prompt]
        messages = tuple(Message("user", text) for text in prompts if isinstance(text, str))
        if len(messages) < len(prompts):
            raise WireError("prompt is no text; token numbers cannot be read")
        messages += tuple(around(body, {"prompt"}))
        count = min(expected(body) * max(len(prompts), 1), MOST_CHOICES)
        stream = body.get("stream") is True
        return Asked(messages, _name(body.get("model")), stream, count, counts(body))

    def tells(self, body: Json) -> bool:
        return "choices" in body

    def whole(self, body: Json, checks: Checks) -> Json:
        return _whole(body, checks, _written, _refused_text(checks))

    def events(self, asked: Asked, checks: Checks) -> Chunks:
        return Chunks(asked, checks, "text_completion", TextChoice)

    def refused(self, asked: Asked, checks: Checks) -> Json:
        return _refused(asked, checks, "text_completion", _refused_text(checks))

    def error(self, status: int, kind: str, message: str) -> Json:
        return error(status, kind, message)


class Embeddings:
    """`POST /v1/embeddings`; there is nothing to stream."""

    names = frozenset({"model", "input"})

    def asked(self, body: Json) -> Asked:
        given = body.get("input")
        texts = given if isinstance(given, list) else [given]
        messages = [Message("user", text) for text in texts if isinstance(text, str)]
        others = [one for one in texts if not isinstance(one, str)]
        told = (*messages, *around(body | {"input": others}, set()))
        return Asked(told, _name(body.get("model")))

    def tells(self, body: Json) -> bool:  # noqa: ARG002 - vectors are known by name in any JSON
        return False

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

    def refused(self, asked: Asked, checks: Checks) -> Json:  # noqa: ARG002 - no field for a model
        return error(403, "content_filter", checks.refusal)

    def error(self, status: int, kind: str, message: str) -> Json:
        return error(status, kind, message)


def _whole(body: Json, checks: Checks, read: Read, refused: Json) -> Json:
    """An answer choice by choice; what is not known of it is read as text."""
    told: Json = safe(besides(body, APART), checks, OWN)
    choices, stopped = [], 0
    for choice in choices_of(body):
        around = _around(choice, checks)
        try:
            choices.append(around | read(choice, checks))
        except StopError:
            choices.append({"index": around.get("index")} | refused)
            stopped += 1
    if stopped and stopped == len(choices):
        raise StopError
    if "usage" in body:
        usage = NO_USAGE if stopped and body["usage"] else body["usage"]
        told["usage"] = checks.disclosure.told_usage(usage)
    return told | {"choices": choices}


def _around(choice: Json, checks: Checks) -> Json:
    told: Json = safe(besides(choice, SAID), checks, OWN)
    told["logprobs"] = checks.disclosure.told_logprobs(choice.get("logprobs"))
    return told


def _said(choice: Json, checks: Checks) -> Json:
    message = choice.get("message")
    if not isinstance(message, dict):
        raise WireError("a choice without a message")
    return {"message": _message(message, checks)}


def _written(choice: Json, checks: Checks) -> Json:
    return {"text": checks.text(written(choice.get("text")))}


def _message(message: Json, checks: Checks) -> Json:
    told: Json = {}
    for key, value in message.items():
        if not value and key in _MESSAGE:
            # Every answer names what it does not have; nothing is read for that.
            told[key] = value
        elif key in TEXTS and isinstance(value, str):
            told[key] = checks.text(value)
        elif key == "content" and isinstance(value, list):
            told[key] = retold(value, safe(unsaid(value), checks), checks)
        elif key == "tool_calls":
            if not isinstance(value, list) or not all(isinstance(call, dict) for call in value):
                raise WireError("tool_calls is not a list")
            told[key] = told_calls((whole_call(call, checks) for call in value), checks)
        elif key == "function_call":
            (call,) = told_calls([whole_call({"function": value}, checks)], checks)
            told[key] = call["function"]
        elif key == "audio" and isinstance(value, dict):
            told[key] = _audio(value, checks)
        elif key == "images" and isinstance(value, list):
            told[key] = _images(value, checks)
        else:
            # Annotations, and what else nobody knows: nothing of it comes in pieces.
            told |= safe({key: value}, checks, {"role"})
    return told


def _audio(audio: Json, checks: Checks) -> Json:
    data = audio.get("data")
    read = besides(audio, {"data"}) if encoded(data) else audio
    told: Json = safe(read, checks)
    return told if read is audio else told | {"data": data}


def _images(images: list[Any], checks: Checks) -> list[Any]:
    inner = [one.get("image_url") if isinstance(one, dict) else None for one in images]
    urls = [one.get("url") if isinstance(one, dict) else None for one in inner]
    read = [
        one | {"image_url": besides(one["image_url"], {"url"})} if encoded(url) else one
        for one, url in zip(images, urls, strict=True)
    ]
    return [
        one | {"image_url": one.get("image_url", {}) | {"url": url}} if encoded(url) else one
        for one, url in zip(safe(read, checks), urls, strict=True)
    ]


def _refused(asked: Asked, checks: Checks, kind: str, choice: Json) -> Json:
    choices = [{"index": index} | choice for index in range(asked.choices)]
    usage = checks.disclosure.told_usage(NO_USAGE)
    return head(asked, kind) | {"choices": choices, "usage": usage}


def _refused_message(checks: Checks) -> Json:
    message = {"role": "assistant", "content": checks.refusal, "refusal": None}
    return {"message": message, "logprobs": None, "finish_reason": "content_filter"}


def _refused_text(checks: Checks) -> Json:
    return {"text": checks.refusal, "logprobs": None, "finish_reason": "content_filter"}


def _name(model: Any) -> str | None:
    return model if isinstance(model, str) else None
