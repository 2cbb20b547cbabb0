"""LangChain: a middleware that guards every call of an agent's model."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from typing import Any

from pydantic_core import from_json, to_json, to_jsonable_python

from guardrail.exchange import Exchange
from guardrail.guard import Guard
from guardrail.integrations import needing
from guardrail.surface import Surface
from guardrail.types import Admission, Context, Identity, Message
from guardrail.weight import beside, weight
from guardrail.wire.openai import turns

with needing(__name__, "pip install langchain"):
    from langchain.agents.middleware import (
        AgentMiddleware,
        ExtendedModelResponse,
        ModelRequest,
        ModelResponse,
    )
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessage, BaseMessage
    from langgraph.types import Command

__all__ = ["GuardMiddleware"]

Identify = Callable[[Any], Identity]
Fields = dict[str, Any]

_ROLES = {"human": "user", "ai": "assistant"}
_CALLS = ("tool_calls", "invalid_tool_calls")
_FIELDS = (*_CALLS, "additional_kwargs", "response_metadata")
# What of a message goes to a model, and what a structured response is made of.
_ASKED, _SAID = ("content", *_CALLS, "additional_kwargs", "name"), ("content", *_CALLS)
# What classes of models call the name of theirs.
_NAMES = ("model", "model_name", "model_id", "deployment_name")
# Calls once more, as JSON that nobody has parsed.
_REPEATED = frozenset({"tool_calls", "function_call"})
_USAGE = frozenset({"token_usage", "usage"})
# LangGraph shows no tokens of a model with this tag.
_UNSEEN = "nostream"
_TYPE = (("content-type", "application/json"),)


class GuardMiddleware(AgentMiddleware):  # type: ignore[misc, unused-ignore]
    """Admits what a model is asked, and makes its message safe before the agent goes on with it.

    For `create_agent(model, middleware=[..., GuardMiddleware(guard)])`: put last, it sees the
    request as the model does, and nothing else sees an answer before it. `identify` tells from a
    `ModelRequest` who will read the answer. Text, other content blocks, the arguments of tool
    calls and metadata are read; log-probabilities and usage are as the policy discloses them. A
    message that is refused says so, calls no tool, and ends for the reason `content_filter`; so
    does a structured response that holds something to redact.

    With `stream_mode="messages"` the message comes whole, once it is safe. Callbacks, traces and
    `astream_events` are the operator's: they see what the model said.
    """

    def __init__(self, guard: Guard, *, identify: Identify | None = None) -> None:
        super().__init__()
        self._guard, self._identify = guard, identify

    def wrap_model_call(
        self, request: ModelRequest, handler: Callable[[ModelRequest], ModelResponse]
    ) -> ModelResponse | ExtendedModelResponse:
        admission = self._guard.admit(self._context(request))
        if self._guard.stops(admission):
            return _refusal(admission.verdict.text)
        return self._safe(handler(_unseen(request)), admission)

    async def awrap_model_call(
        self, request: ModelRequest, handler: Callable[[ModelRequest], Awaitable[ModelResponse]]
    ) -> ModelResponse | ExtendedModelResponse:
        admission = await self._guard.aadmit(self._context(request))
        if self._guard.stops(admission):
            return _refusal(admission.verdict.text)
        response = await handler(_unseen(request))
        size = beside(turn.content for turn in admission.context.messages)
        size += weight(str(message.content) for message in response.result)
        return await self._guard.aside(size, self._safe, response, admission)

    def _context(self, request: ModelRequest) -> Context:
        system = request.system_message
        asked = request.messages if system is None else [system, *request.messages]
        messages = tuple(turn for message in asked for turn in self._turns(message))
        identity = Identity() if self._identify is None else self._identify(request)
        return Context(messages=messages, identity=identity, model=_model(request))

    def _turns(self, message: BaseMessage) -> Iterator[Message]:
        role = _ROLES.get(message.type, message.type)
        asked = {name: value for name in _ASKED if (value := getattr(message, name, None))}
        plain = to_jsonable_python(asked, fallback=str, bytes_mode="base64")
        for turn in turns([plain | {"role": role}]):
            yield replace(turn, echo=self._guard.surface.echoes(role, turn.reader))

    def _safe(
        self, response: ModelResponse, admission: Admission
    ) -> ModelResponse | ExtendedModelResponse:
        told = [self._message(message, admission) for message in response.result]
        messages = [message for message in told if message is not None]
        if len(messages) < len(told):
            return _refusal(self._guard.refusal)
        if all(new is old for new, old in zip(messages, response.result, strict=True)):
            return response
        structured = response.structured_response
        if structured is not None and [*map(_said, messages)] != [*map(_said, response.result)]:
            # It was made of what has just been redacted.
            return _refusal(self._guard.refusal)
        return ModelResponse(result=messages, structured_response=structured)

    def _message(self, message: BaseMessage, admission: Admission) -> BaseMessage | None:
        """The message if it is safe, or a safe copy of it; None where it is refused."""
        content = message.content
        blocks = [content] if isinstance(content, str) else content
        verdict, texts = self._guard.check_parts([_text(block) for block in blocks], admission)
        if self._guard.stopped(verdict):
            return None
        before = self._fields(message) | {"content": [_besides(block) for block in blocks]}
        fields = self._read(before, admission)
        if fields is None:
            return None
        told = [_whole(*pair) for pair in zip(fields["content"], texts, strict=True)]
        fields["content"] = told[0] if isinstance(content, str) else told
        changed = {name: new for name, new in fields.items() if new != getattr(message, name)}
        return message.model_copy(update=changed) if changed else message

    def _fields(self, message: BaseMessage) -> Fields:
        fields = {name: getattr(message, name) for name in _FIELDS if hasattr(message, name)}
        if self._guard.observes:
            return fields
        fields["additional_kwargs"] = {
            name: value
            for name, value in message.additional_kwargs.items()
            if name not in _REPEATED
        }
        told = self._guard.disclosure
        fields["response_metadata"] = metadata = dict(message.response_metadata)
        if "logprobs" in metadata:
            metadata["logprobs"] = told.told_logprobs(metadata["logprobs"])
        for name in _USAGE & metadata.keys():
            metadata[name] = told.told_usage(metadata[name])
        if getattr(message, "usage_metadata", None):
            fields["usage_metadata"] = told.told_usage(message.usage_metadata)
        return fields

    def _read(self, value: Fields, admission: Admission) -> Fields | None:
        """A value whose strings, numbers and keys are safe to show; None where it is refused."""
        exchange = Exchange(self._guard, method="POST", path="/", surface=Surface())
        exchange.admission = admission
        answer = exchange.answer(200, _TYPE)
        raw = to_json(value, fallback=str, inf_nan_mode="null")
        told = answer.feed(raw) + answer.close()
        if answer.status != 200:
            return None
        return value if from_json(told) == from_json(raw) else from_json(told)


def _refusal(text: str) -> ModelResponse | ExtendedModelResponse:
    message = AIMessage(text, response_metadata={"finish_reason": "content_filter"})
    # An agent that owes a structured response would ask its model again.
    end = Command(update={"jump_to": "end"})
    return ExtendedModelResponse(ModelResponse(result=[message]), end)


def _unseen(request: ModelRequest) -> ModelRequest:
    """The request to a model whose tokens LangGraph does not show as they come."""
    model = request.model
    if not isinstance(model, BaseChatModel):
        return request.override(model=model.with_config(tags=[_UNSEEN]))
    tags = [*(model.tags or ()), _UNSEEN]
    return request.override(model=model.model_copy(update={"tags": tags}))


def _model(request: ModelRequest) -> str | None:
    """The name of the model that is asked, by what the call or a binding says, or by its own."""
    model = request.model
    bound = getattr(model, "kwargs", None) or {}
    named = [given.get("model") for given in (request.model_settings, bound)]
    named += [getattr(model, name, None) for name in _NAMES]
    return next((name for name in named if isinstance(name, str)), None)


def _said(message: BaseMessage) -> list[Any]:
    return [getattr(message, name, None) for name in _SAID]


def _text(block: str | Fields) -> str:
    """The text of a content block; empty where it has none."""
    text = block if isinstance(block, str) else block.get("text")
    return text if isinstance(text, str) else ""


def _besides(block: str | Fields) -> Fields | None:
    if isinstance(block, str):
        return None
    return block | {"text": ""} if isinstance(block.get("text"), str) else block


def _whole(block: Fields | None, text: str) -> str | Fields:
    if block is None:
        return text
    return block | {"text": text} if isinstance(block.get("text"), str) else block
