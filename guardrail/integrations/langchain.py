"""LangChain: a middleware that guards every call of an agent's model."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from pydantic_core import from_json, to_json, to_jsonable_python

from guardrail.checking import Checking
from guardrail.guard import Guard
from guardrail.integrations import needing
from guardrail.types import Admission, Context, Identity, Message
from guardrail.weight import beside, weight
from guardrail.wire.checks import StopError, WireError
from guardrail.wire.contents import retold, unsaid
from guardrail.wire.leaves import besides, safe
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
# What of a message goes to a model, and what a structured response is made of.
_ASKED, _SAID = ("content", *_CALLS, "additional_kwargs", "name"), ("content", *_CALLS)
# What a message has where LangChain or its agent wrote it, though it may stand for the reader's.
_MADE = "lc_source"
_APART = frozenset({"content", "type"})
_IDS = frozenset({"id", "tool_call_id"})
# What classes of models call the name of theirs.
_NAMES = ("model", "model_name", "model_id", "deployment_name")
# Calls once more, as JSON that nobody has parsed.
_REPEATED = frozenset({"tool_calls", "function_call"})
_USAGE = frozenset({"token_usage", "usage"})
# LangGraph shows no tokens of a model with this tag.
_UNSEEN = "nostream"


class GuardMiddleware(AgentMiddleware):  # type: ignore[misc, unused-ignore]
    """Admits what a model is asked, and makes its message safe before the agent goes on with it.

    For `create_agent(model, middleware=[..., GuardMiddleware(guard)])`: put last, it sees the
    request as the model does, and nothing else sees an answer before it. `identify` tells from a
    `ModelRequest` who will read the answer. Every field of a message is read, what its blocks say
    together; log-probabilities and usage are as the policy discloses them. A message that is
    refused says so, calls no tool, and ends for the reason `content_filter`; so does a structured
    response that holds something to redact. What LangChain has written in the reader's place, such
    as a summary, is no echo.

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
        made = _MADE in message.additional_kwargs
        for turn in turns([plain | {"role": role}]):
            reader = False if made else turn.reader
            yield replace(turn, echo=self._guard.surface.echoes(role, reader))

    def _safe(
        self, response: ModelResponse, admission: Admission
    ) -> ModelResponse | ExtendedModelResponse:
        checks = Checking(self._guard, admission, strict=False)
        try:
            told = self._told(response, checks)
        except StopError:
            told = _refusal(self._guard.refusal)
        except WireError as error:
            checks.failed(str(error))
            told = _refusal(self._guard.refusal)
        return response if self._guard.observes else told

    def _told(self, response: ModelResponse, checks: Checking) -> ModelResponse:
        """The response if it is safe, or a safe copy of it."""
        messages = [self._message(message, checks) for message in response.result]
        structured = response.structured_response
        if structured is not None:
            said = _plain(structured)
            # An object cannot be redacted, and was made of what may just have been.
            if safe(said, checks) != said or _said(messages) != _said(response.result):
                raise StopError
        if all(new is old for new, old in zip(messages, response.result, strict=True)):
            return response
        return ModelResponse(result=messages, structured_response=structured)

    def _message(self, message: BaseMessage, checks: Checking) -> BaseMessage:
        """The message if it is safe, or a safe copy of it."""
        content, fields = message.content, self._fields(message)
        parts = [content] if isinstance(content, str) else _plain(content)
        rest = unsaid(parts)
        plain = _plain(fields) | ({"content": rest} if any(rest) else {})
        told = _read(plain, checks)
        if not told.keys() <= plain.keys() or any(told.get(one) != plain.get(one) for one in _IDS):
            # A message has its fields by name, and others know it by its ids.
            raise StopError
        fields |= {name: told.get(name) for name in plain if told.get(name) != plain[name]}
        whole = retold(parts, told.get("content", rest), checks)
        if whole != parts:
            fields["content"] = whole[0] if isinstance(content, str) else whole
        changed = {name: new for name, new in fields.items() if new != getattr(message, name)}
        return message.model_copy(update=changed) if changed else message

    def _fields(self, message: BaseMessage) -> Fields:
        """What stands beside a content and says no more of it, as the policy discloses it."""
        told = self._guard.disclosure
        fields: Fields = besides(dict(message), _APART)
        fields["additional_kwargs"] = besides(message.additional_kwargs, _REPEATED)
        fields["response_metadata"] = metadata = dict(message.response_metadata)
        if "logprobs" in metadata:
            metadata["logprobs"] = told.told_logprobs(metadata["logprobs"])
        for name in _USAGE & metadata.keys():
            metadata[name] = told.told_usage(metadata[name])
        if fields.get("usage_metadata"):
            fields["usage_metadata"] = told.told_usage(fields["usage_metadata"])
        known = type(message).model_fields
        # Every message names what it does not have; nothing is read for that.
        return {
            name: value
            for name, value in fields.items()
            if value or getattr(message, name) or name not in known
        }


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


def _said(messages: Sequence[BaseMessage]) -> list[list[Any]]:
    return [[getattr(message, name, None) for name in _SAID] for message in messages]


def _plain(value: Any) -> Any:
    return from_json(to_json(value, fallback=str, inf_nan_mode="null"))


def _read(fields: Fields, checks: Checking) -> Fields:
    told = checks.disclosure
    read: Fields = told.told_scores(safe(told.told_aside(fields), checks))
    return read
