"""OpenAI's chat completions, legacy completions and embeddings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from guardrail.types import Message
from guardrail.wire.checks import Asked, Channel, Checks, Json, Pair, StopError, WireError
from guardrail.wire.leaves import argument, dump, load, safe

__all__ = ["Chat", "Completions", "Embeddings", "error"]

_MOST = 128
_DONE: Pair = (None, "[DONE]")
_TEXTS = frozenset({"content", "refusal", "reasoning_content", "reasoning"})
_MESSAGE = _TEXTS | {"role", "tool_calls", "function_call"}
_SAID = frozenset({"message", "delta", "text"})
_CHOICE = _SAID | {"index", "finish_reason", "logprobs"}
_BODY = frozenset(
    {"id", "object", "created", "model", "choices", "usage", "service_tier", "system_fingerprint"}
    | {"obfuscation"}
)


def error(status: int, kind: str, message: str) -> Json:
    """An error in OpenAI's form."""
    return {"error": {"message": message, "type": kind, "param": None, "code": str(status)}}


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
        return Asked(messages, _name(body.get("model")), body.get("stream") is True)

    def whole(self, body: Json, checks: Checks) -> Json:
        choices = [_choice(choice, checks) for choice in _choices(body)]
        return _envelope(body, checks) | {"choices": choices}

    def events(self, asked: Asked, checks: Checks) -> _Events:
        return _Events(asked, checks, "chat.completion.chunk", _ChatChoice)

    def refused(self, asked: Asked, refusal: str) -> Json:
        message = {"role": "assistant", "content": refusal, "refusal": None}
        choice = {"index": 0, "message": message, "logprobs": None}
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
        return Asked(messages, _name(body.get("model")), body.get("stream") is True)

    def whole(self, body: Json, checks: Checks) -> Json:
        choices = []
        for choice in _choices(body):
            told = _around(choice, checks)
            try:
                told["text"] = checks.text(_text(choice.get("text")))
            except StopError:
                told |= {"text": checks.refusal, "finish_reason": "content_filter"}
            choices.append(told)
        return _envelope(body, checks) | {"choices": choices}

    def events(self, asked: Asked, checks: Checks) -> _Events:
        return _Events(asked, checks, "text_completion", _TextChoice)

    def refused(self, asked: Asked, refusal: str) -> Json:
        choice = {"index": 0, "text": refusal, "logprobs": None}
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
            except (TypeError, ValueError):
                raise WireError("an embedding that is neither numbers nor base64") from None
            told.append({"object": "embedding", "index": row.get("index"), "embedding": vector})
        usage = checks.disclosure.told_usage(body.get("usage"))
        return {"object": "list", "model": body.get("model"), "data": told, "usage": usage}

    def events(self, asked: Asked, checks: Checks) -> _Events:  # noqa: ARG002 - there are none
        raise WireError("embeddings do not stream")

    def refused(self, asked: Asked, refusal: str) -> Json:  # noqa: ARG002 - no field for a model
        return error(403, "content_filter", refusal)

    def error(self, status: int, kind: str, message: str) -> Json:
        return error(status, kind, message)


@dataclass(slots=True)
class _Call:
    """A tool call, held until its arguments are whole."""

    head: Json
    name: str = ""
    kind: str = "function"
    text: list[str] = field(default_factory=list)
    size: int = 0


class _ChatChoice:
    """The channels of one choice; `delta` gives what is safe to say now."""

    def __init__(self, checks: Checks) -> None:
        self.done = False
        self._checks = checks
        self._channels: dict[str, Channel] = {}
        self._calls: dict[int, _Call] = {}
        self._refusal: Json = {}

    def delta(self, choice: Json) -> Json:
        told: Json = {}
        delta = choice.get("delta")
        if delta is None:
            return told
        if not isinstance(delta, dict):
            raise WireError("a delta is not an object")
        for key, value in delta.items():
            if value is None or key == "role":
                told[key] = value
            elif key in _TEXTS:
                self._say(told, key, self._channel(key).feed(_text(value)))
            elif key == "tool_calls":
                self._hold(value)
            elif key == "function_call":
                self._hold([{"index": -1, "type": "function_call", "function": value}])
            else:
                self._checks.unknown(f"delta.{key}")
        return told

    def rest(self) -> Json:
        """What was held, once the choice has ended."""
        told: Json = {}
        for key, channel in self._channels.items():
            self._say(told, key, channel.close())
        calls = {number: self._told(call) for number, call in sorted(self._calls.items())}
        if legacy := calls.pop(-1, None):
            told["function_call"] = legacy["function"]
        if calls:
            told["tool_calls"] = [{"index": number} | call for number, call in calls.items()]
        self._calls = {}
        return told

    def refusal(self) -> Json:
        """What is said where the choice is refused, after what was safe to say."""
        return {"content": self._checks.refusal} | self._refusal

    def cancel(self) -> None:
        for channel in self._channels.values():
            channel.cancel()

    def said(self, told: Json) -> Json:
        return {"delta": told}

    def _say(self, told: Json, key: str, text: str) -> None:
        if self._channels[key].refused:
            # The text ends in the refusal.
            self._refusal = told | {key: text}
            raise StopError
        if text:
            told[key] = text

    def _channel(self, key: str) -> Channel:
        if key not in self._channels:
            self._channels[key] = self._checks.channel()
        return self._channels[key]

    def _hold(self, calls: Any) -> None:
        if not isinstance(calls, list):
            raise WireError("tool_calls is not a list")
        for part in calls:
            if not isinstance(part, dict) or not isinstance(part.get("index", 0), int):
                raise WireError("a tool call is not an object")
            call = self._calls.setdefault(part.get("index", 0), _Call({}))
            if len(self._calls) > _MOST:
                raise WireError("too many tool calls")
            for key in ("id", "type"):
                if isinstance(part.get(key), str):
                    call.head[key] = part[key]
            _gather(call, part, self._checks)

    def _told(self, call: _Call) -> Json:
        return _called(call.head, call.kind, call.name, "".join(call.text), self._checks)


class _TextChoice:
    """The one channel of a choice of legacy completions."""

    def __init__(self, checks: Checks) -> None:
        self.done = False
        self._refusal = checks.refusal
        self._channel = checks.channel()

    def delta(self, choice: Json) -> Json:
        return self._shown(self._channel.feed(_text(choice.get("text"))))

    def rest(self) -> Json:
        return self._shown(self._channel.close())

    def refusal(self) -> Json:
        return {"text": self._refusal}

    def cancel(self) -> None:
        self._channel.cancel()

    def said(self, told: Json) -> Json:
        return {"text": told.get("text", "")}

    def _shown(self, text: str) -> Json:
        if self._channel.refused:
            # The text ends in the refusal.
            self._refusal = text
            raise StopError
        return {"text": text} if text else {}


class _Events:
    """A stream of chunks, choice by choice."""

    def __init__(
        self,
        asked: Asked,
        checks: Checks,
        name: str,
        kind: type[_ChatChoice] | type[_TextChoice],
    ) -> None:
        self.done = False
        self._checks, self._kind = checks, kind
        self._choices: dict[int, _ChatChoice | _TextChoice] = {}
        self._last: Json = {"id": "refused", "object": name, "created": 0, "model": asked.model}

    def event(self, name: str | None, data: str) -> Iterator[Pair]:
        if data.strip() == "[DONE]":
            yield from self.close()
            return
        body = load(data)
        if not isinstance(body, dict):
            raise WireError("an event is not an object")
        if "error" in body:
            yield name, dump(safe(body, self._checks)).decode()
            return
        envelope = _envelope(body, self._checks)
        self._last = {key: value for key, value in envelope.items() if key != "usage"}
        said: list[Json] = []
        for choice in _choices(body):
            said += self._choice(choice)
        if not said and not envelope.get("usage") and body["choices"]:
            return
        # What was held goes out before the reason why the answer ended.
        for one in said[:-1]:
            yield name, _chunk(self._last, [one])
        yield name, _chunk(envelope, said[-1:])

    def close(self) -> Iterator[Pair]:
        for index, state in self._choices.items():
            if not state.done:
                state.done = True
                for choice in self._ended(index, state):
                    yield None, _chunk(self._last, [choice])
        self.done = True
        yield _DONE

    def refuse(self) -> Iterator[Pair]:
        if not self._choices:
            self._choices[0] = self._kind(self._checks)
        for index, state in self._choices.items():
            if not state.done:
                for choice in self._stopped(index, state):
                    yield None, _chunk(self._last, [choice])
        self.done = True
        yield _DONE

    def fail(self) -> Iterator[Pair]:
        for state in self._choices.values():
            state.cancel()
        self.done = True
        broken = error(502, "upstream_error", "the answer broke off")
        yield None, dump(broken).decode()

    def _choice(self, choice: Json) -> Iterator[Json]:
        index = choice.get("index", 0)
        if not isinstance(index, int):
            raise WireError("a choice without a number")
        if index not in self._choices:
            if len(self._choices) == _MOST:
                raise WireError("too many choices")
            self._choices[index] = self._kind(self._checks)
        state = self._choices[index]
        if state.done:
            return
        reason = choice.get("finish_reason")
        around = _around(choice, self._checks) | {"index": index, "finish_reason": None}
        try:
            told = state.delta(choice)
        except StopError:
            yield from self._stopped(index, state)
            return
        if told or (reason is None and around.get("logprobs")):
            yield around | state.said(told)
        if reason is not None:
            state.done = True
            last = list(self._ended(index, state))
            yield from last
            if not last or last[-1]["finish_reason"] is None:
                yield around | state.said({}) | {"finish_reason": reason}

    def _ended(self, index: int, state: _ChatChoice | _TextChoice) -> Iterator[Json]:
        try:
            told = state.rest()
        except StopError:
            yield from self._stopped(index, state)
            return
        if told:
            yield {"index": index} | state.said(told) | {"logprobs": None, "finish_reason": None}

    def _stopped(self, index: int, state: _ChatChoice | _TextChoice) -> Iterator[Json]:
        state.done = True
        state.cancel()
        around: Json = {"index": index, "logprobs": None}
        yield around | state.said(state.refusal()) | {"finish_reason": None}
        yield around | state.said({}) | {"finish_reason": "content_filter"}


def _choices(body: Json) -> list[Json]:
    choices = body.get("choices")
    if not isinstance(choices, list) or not all(isinstance(one, dict) for one in choices):
        raise WireError("an answer without choices")
    return choices


def _envelope(body: Json, checks: Checks) -> Json:
    """What stands around the choices; what is not known of it is read as text."""
    told = safe(body, checks, lambda key: key not in _BODY)
    if "usage" in told:
        told["usage"] = checks.disclosure.told_usage(told["usage"])
    return {key: value for key, value in told.items() if key != "choices"}


def _around(choice: Json, checks: Checks) -> Json:
    told = safe(choice, checks, lambda key: key not in _CHOICE)
    told = {key: value for key, value in told.items() if key not in _SAID}
    return told | {"logprobs": checks.disclosure.told_logprobs(choice.get("logprobs"))}


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
        if value is None or key == "role":
            told[key] = value
        elif key in _TEXTS and isinstance(value, str):
            told[key] = checks.text(value)
        elif key == "tool_calls":
            if not isinstance(value, list) or not all(isinstance(call, dict) for call in value):
                raise WireError("tool_calls is not a list")
            told[key] = [_gathered(call, checks) for call in value]
        elif key == "function_call":
            told[key] = _gathered({"type": "function_call", "function": value}, checks)["function"]
        elif key in _TEXTS or value != []:
            # Parts of a content, or annotations: nothing of them comes in pieces.
            told[key] = safe(value, checks)
        else:
            told[key] = value
    return told


def _gathered(part: Json, checks: Checks) -> Json:
    call = _Call({key: part[key] for key in ("id", "type") if isinstance(part.get(key), str)})
    _gather(call, part, checks)
    return _called(call.head, call.kind, call.name, "".join(call.text), checks)


def _gather(call: _Call, part: Json, checks: Checks) -> None:
    """Add a piece of a call: a function's arguments, or the input of a custom tool."""
    for key in part.keys() - {"index", "id", "type", "function", "custom"}:
        if part[key] is not None:
            checks.unknown(f"tool_calls.{key}")
    for kind, value in (("function", "arguments"), ("custom", "input")):
        inner = part.get(kind)
        if inner is None:
            continue
        if not isinstance(inner, dict):
            raise WireError("a tool call without its function")
        call.kind = kind
        call.name += _text(inner.get("name"))
        text = _text(inner.get(value))
        call.text.append(text)
        call.size += len(text)
        if call.size > checks.limit:
            raise WireError("the arguments of a tool call are too large")
        for key in inner.keys() - {"name", value}:
            checks.unknown(f"{kind}.{key}")


def _called(head: Json, kind: str, name: str, text: str, checks: Checks) -> Json:
    named = checks.text(name) if name else name
    if kind == "custom":
        return head | {"custom": {"name": named, "input": checks.text(text)}}
    return head | {"function": {"name": named, "arguments": argument(text, checks)}}


def _answer(asked: Asked, kind: str, choice: Json) -> Json:
    usage = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
    return {
        "id": "refused",
        "object": kind,
        "created": 0,
        "model": asked.model or "",
        "choices": [choice | {"finish_reason": "content_filter"}],
        "usage": usage,
    }


def _chunk(envelope: Json, choices: Iterable[Json]) -> str:
    return dump(envelope | {"choices": list(choices)}).decode()


def _text(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise WireError("a text is not a string")
    return value


def _name(model: Any) -> str | None:
    return model if isinstance(model, str) else None
