"""LiteLLM in-process: a guardrail for its proxy, and for `acompletion(guardrails=[...])`."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, AsyncIterable, Iterator
from dataclasses import replace
from typing import Any, ClassVar, Literal, final

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json, to_json

from guardrail.errors import PolicyError
from guardrail.exchange import Exchange
from guardrail.guard import Guard
from guardrail.integrations import needing
from guardrail.types import Admission, Context, Identity
from guardrail.wire.frames import Frames

with needing(__name__, "pip install litellm"):
    from litellm.exceptions import GuardrailRaisedException, ModifyResponseException
    from litellm.integrations.custom_guardrail import CustomGuardrail
    from litellm.types.guardrails import GuardrailEventHooks
    from litellm.types.llms.openai import GenericEvent

__all__ = ["LeakGuardrail"]

Json = dict[str, Any]

# Where LiteLLM answers a refused request itself, whole and streamed.
_OWN = ("/chat/completions", "/responses")
# What LiteLLM puts beside the fields of a request, and sends on to no model.
_ADDED = frozenset(
    {"metadata", "litellm_metadata", "proxy_server_request", "secret_fields"}
    | {"headers", "api_key", "litellm_call_id"}
)
_PLAIN = (str, bytes, int, float, list, dict)
_HOOKS = [GuardrailEventHooks.pre_call, GuardrailEventHooks.post_call]
_WHOLE = (("content-type", "application/json"),)
_EVENTS = (("content-type", "text/event-stream"),)


@final
class LeakGuardrail(CustomGuardrail):  # type: ignore[misc, unused-ignore]
    """Admits requests before the call, and makes answers safe after it, whole or streamed.

    Takes a `guard`, or the path of a `policy`; the rest is LiteLLM's. In its configuration:

        guardrails:
          - guardrail_name: leakrail
            litellm_params:
              guardrail: guardrail.integrations.litellm.LeakGuardrail
              mode: [pre_call, post_call]
              default_on: true
              policy: policy.toml

    Requests and answers are read in the form of the route that was asked, as at the HTTP proxy, and
    refused in that form: where it is no provider's that is known there (Gemini's, what is passed
    through), all of a request's JSON is read. Of a stream, parts that no codec knows are left out.
    To a refused request LiteLLM answers itself (`ModifyResponseException`), or where it has no such
    answer there is an error (`GuardrailRaisedException`). The reader is the key's user, or else the
    key. An answer is checked by itself: what `admit` settles for it is not kept.

    Outside its proxy LiteLLM calls a guardrail for `acompletion(guardrails=["leakrail"])` only,
    and not if that streams; neither for `completion` nor by `default_on`. Set `api_base` to our
    HTTP proxy there. LiteLLM looks for hooks in the class itself, so that one derived from it
    would guard nothing.
    """

    # Else LiteLLM would call `apply_guardrail` alone, which sees neither reasoning nor
    # log-probabilities, and would stream what was redacted.
    use_native_lifecycle_hooks: ClassVar[bool] = True

    def __init__(
        self,
        guard: Guard | None = None,
        *,
        policy: str | os.PathLike[str] | None = None,
        **options: Any,
    ) -> None:
        if guard is None and policy is not None:
            guard = Guard.from_policy(policy)
        elif guard is None or policy is not None:
            raise PolicyError("LeakGuardrail takes a guard, or the path of a policy")
        self._guard = guard
        options = {"guardrail_name": "leakrail", "supported_event_hooks": _HOOKS} | options
        super().__init__(**options)

    async def async_pre_call_hook(
        self,
        user_api_key_dict: Any,
        cache: Any,  # noqa: ARG002 - LiteLLM passes it by name
        data: Json,
        call_type: str,  # noqa: ARG002
    ) -> Json:
        if not self.should_run_guardrail(data=data, event_type=GuardrailEventHooks.pre_call):
            return data
        exchange = self._exchange(data, user_api_key_dict)
        status = await self._admitted(exchange)
        if status == 200 and self._path(user_api_key_dict).endswith(_OWN):
            model, name = str(data.get("model", "")), self.guardrail_name
            raise ModifyResponseException(self._guard.refusal, model, data, name)
        if status is not None:
            raise self._raised(status, exchange.admission)
        return data

    async def async_post_call_success_hook(
        self, data: Json, user_api_key_dict: Any, response: Any
    ) -> Any:
        if not self.should_run_guardrail(data=data, event_type=GuardrailEventHooks.post_call):
            return response
        exchange, body = self._exchange(data, user_api_key_dict), _plain(response)
        if not isinstance(body, dict):
            self._guard.fail(exchange.context, "an answer that is no JSON")
            if self._guard.observes:
                return response
            raise self._raised(400)
        told = await self._whole(exchange, body)
        if self._guard.observes or told == body:
            return response
        if isinstance(response, dict):
            return told
        safe = type(response)(**told)
        safe._hidden_params = getattr(response, "_hidden_params", {})
        return safe

    async def async_post_call_streaming_iterator_hook(
        self, user_api_key_dict: Any, response: AsyncIterable[Any], request_data: Json
    ) -> AsyncGenerator[Any, None]:
        exchange = self._exchange(request_data, user_api_key_dict, streams=True)
        answer = exchange.answer(200, _EVENTS)
        items, weight = _Items(), exchange.weight
        try:
            async for item in response:
                raw = items.raw(item)
                weight += len(raw)
                safe = await self._guard.aside(exchange.weight + len(raw), answer.feed, raw)
                for told in (item,) if self._guard.observes else items.told(safe):
                    yield told
                if answer.stopped:
                    return
            safe = await self._guard.aside(self._guard.max_chars, answer.close)
            for told in items.told(safe):
                yield told
        finally:
            try:
                await self._guard.gone(weight, answer)
            finally:
                if callable(close := getattr(response, "aclose", None)):
                    await close()

    async def apply_guardrail(
        self,
        inputs: Json,
        request_data: Json,
        input_type: Literal["request", "response"],
        logging_obj: Any = None,  # noqa: ARG002 - LiteLLM passes it by name
    ) -> Json:
        """What LiteLLM's `/guardrails/apply_guardrail` asks."""
        texts, calls = inputs.get("texts") or [], inputs.get("tool_calls") or []
        if input_type == "request":
            turns = [{"role": "user", "content": text} for text in texts]
            asked = request_data | {"messages": inputs.get("structured_messages") or turns}
            exchange = self._exchange(asked, None)
            status = await self._admitted(exchange)
            if status is not None:
                raise self._raised(status, exchange.admission)
            return inputs
        said = [{"content": text} for text in texts]
        if calls:
            said.append({"tool_calls": [_plain(call) for call in calls]})
        choices = [
            {"index": i, "message": {"role": "assistant"} | one} for i, one in enumerate(said)
        ]
        told = await self._whole(self._exchange(request_data, None), {"choices": choices})
        if any(choice.get("finish_reason") == "content_filter" for choice in told["choices"]):
            raise self._raised(400)
        messages = [choice["message"] for choice in told["choices"]]
        safe = inputs | {"texts": [message["content"] for message in messages[: len(texts)]]}
        return safe | {"tool_calls": messages[-1]["tool_calls"]} if calls else safe

    def _exchange(self, data: Json, key: Any, *, streams: bool = False) -> Exchange:
        asked = {
            name: value
            for name, value in data.items()
            if name not in _ADDED and isinstance(value, _PLAIN)
        }
        user = getattr(key, "user_id", None) or getattr(key, "token", None)
        return Exchange(
            self._guard,
            method="POST",
            path=self._path(key),
            headers=(("x-request-id", str(data.get("litellm_call_id", ""))),),
            body=_dump({"model": ""} | asked | {"stream": streams}),
            identity=Identity(str(user)) if user else None,
            surface=replace(self._guard.surface, strict=False, fields=None),
        )

    def _path(self, key: Any) -> str:
        """The route that was asked; outside the proxy there is none."""
        path: str = getattr(key, "request_route", None) or _OWN[0]
        if not path.isprintable():
            # LiteLLM takes one that ends in a newline for the same, and no codec here would.
            self._guard.fail(Context(), "a path that cannot be printed")
            if not self._guard.observes:
                raise self._raised(400)
        return path

    async def _admitted(self, exchange: Exchange) -> int | None:
        """None where the request may go on, or the status of what is answered in its place."""
        reply = await exchange.aadmit()
        return None if reply is None else reply.status

    async def _whole(self, exchange: Exchange, body: Any) -> Any:
        answer, raw = exchange.answer(200, _WHOLE), _dump(body)

        def check() -> bytes:
            return answer.feed(raw) + answer.close()

        told = await self._guard.aside(exchange.weight + len(raw), check)
        if answer.status != 200:
            raise self._raised(400)
        return from_json(told)

    def _raised(self, status: int, admission: Admission | None = None) -> Exception:
        """LiteLLM's exception; a refusal that would have been an answer is a bad request."""
        told = "" if admission is None else admission.verdict.text
        raised: Exception = GuardrailRaisedException(
            self.guardrail_name,
            told or self._guard.refusal,
            should_wrap_with_default_message=False,
            status_code=400 if status == 200 else status,
            blocked_content=True,
        )
        return raised


class _Items:
    """The items of a stream as server-sent events, and safe events as items of the same kind."""

    def __init__(self) -> None:
        self._frames = Frames()
        self._bytes = False
        self._kinds: dict[str | None, Any] = {}
        self._other: Any = GenericEvent

    def raw(self, item: Any) -> bytes:
        if isinstance(item, bytes | str):
            self._bytes = True
            return item.encode() if isinstance(item, str) else item
        body = _plain(item)
        if isinstance(item, dict):
            self._other = dict
        self._kinds[body.get("type")] = type(item)
        return b"data: " + _dump(body) + b"\n\n"

    def told(self, raw: bytes) -> Iterator[Any]:
        if self._bytes:
            if raw:
                yield raw
            return
        for frame in self._frames.feed(raw):
            if frame.data is not None and frame.data != "[DONE]":
                yield self._item(from_json(frame.data))

    def _item(self, body: Json) -> Any:
        kind = self._kinds.get(body.get("type"), self._other)
        try:
            return kind(**body)
        except ValidationError:
            return self._other(**body)


def _plain(value: Any) -> Any:
    return value.model_dump(exclude_none=True) if isinstance(value, BaseModel) else value


def _dump(value: Any) -> bytes:
    return to_json(value, fallback=str, inf_nan_mode="null")
