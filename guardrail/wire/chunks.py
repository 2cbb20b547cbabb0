"""The chunks of OpenAI's chat completions and legacy completions, choice by choice."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from guardrail.wire.asides import Asides
from guardrail.wire.calls import Call, written
from guardrail.wire.checks import Asked, Channel, Checks, Json, Pair, StopError, WireError
from guardrail.wire.ids import fresh
from guardrail.wire.leaves import besides, dump, load_object, safe

__all__ = [
    "APART",
    "MOST_CHOICES",
    "NO_USAGE",
    "OWN",
    "SAID",
    "TEXTS",
    "ChatChoice",
    "Chunks",
    "TextChoice",
    "choices_of",
    "counts",
    "error",
    "expected",
    "head",
]

MOST_CHOICES = _MOST_CALLS = 128
NO_USAGE = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
_ID = 29
_DONE: Pair = (None, "[DONE]")
TEXTS = frozenset({"content", "refusal", "reasoning_content", "reasoning"})
_DELTA = TEXTS | {"role", "tool_calls", "function_call"}
SAID = frozenset({"message", "delta", "text", "logprobs"})
APART = frozenset({"choices", "usage"})
# Random padding is told so that the sizes of packets tell nothing.
OWN = frozenset(
    {"id", "object", "created", "model", "service_tier", "system_fingerprint", "obfuscation", "p"}
    | {"index", "finish_reason"}
)
# Azure's verdicts on what was said.
_FILTERS = frozenset({"content_filter_results", "content_filter_offsets"})


def error(status: int, kind: str, message: str) -> Json:
    """An error in OpenAI's form."""
    return {"error": {"message": message, "type": kind, "param": None, "code": str(status)}}


class ChatChoice:
    """The channels of one choice; `delta` gives what is safe to say now."""

    def __init__(self, checks: Checks) -> None:
        self.done = False
        self._checks = checks
        self._channels: dict[str, Channel] = {}
        self._calls: dict[int, Call] = {}
        self._legacy: Call | None = None
        self._begun = False
        self._refusal: Json = {}

    def delta(self, choice: Json) -> Json:
        told: Json = {}
        delta = choice.get("delta")
        if delta is None:
            return told
        if not isinstance(delta, dict):
            raise WireError("a delta is not an object")
        for key, value in delta.items():
            if value in (None, [], {}):
                # Known or not, nothing is said.
                told |= {key: value} if key in _DELTA else {}
            elif key == "role":
                self._begun = True
                told |= safe({key: value}, self._checks, {"role"})
            elif key in TEXTS:
                self._say(told, key, self._channel(key).feed(written(value)))
            elif key == "tool_calls":
                self._hold(value)
            elif key == "function_call":
                self._legacy = self._legacy or Call()
                self._legacy.add({"function": value}, self._checks)
            else:
                self._checks.unknown(f"delta.{key}")
        return told

    def rest(self) -> Json:
        """What was held, once the choice has ended."""
        told: Json = {}
        for key, channel in self._channels.items():
            self._say(told, key, channel.close())
        try:
            calls = [
                {"index": number} | call.told(self._checks)
                for number, call in sorted(self._calls.items())
            ]
            legacy = None if self._legacy is None else self._legacy.told(self._checks)
        except StopError:
            self._refusal = told | {"content": told.get("content", "") + self._checks.refusal}
            raise
        if legacy is not None:
            told["function_call"] = legacy["function"]
        if calls:
            told["tool_calls"] = calls
        return told

    def refusal(self) -> Iterator[Json]:
        """What is said where the choice is refused, after what was safe to say."""
        if not self._begun:
            yield {"role": "assistant"}
        yield {"content": self._checks.refusal} | self._refusal

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
            call = self._calls.setdefault(part.get("index", 0), Call())
            if len(self._calls) > _MOST_CALLS:
                raise WireError("too many tool calls")
            call.add(part, self._checks)


class TextChoice:
    """The one channel of a choice of legacy completions."""

    def __init__(self, checks: Checks) -> None:
        self.done = False
        self._refusal = checks.refusal
        self._channel = checks.channel()

    def delta(self, choice: Json) -> Json:
        return self._shown(self._channel.feed(written(choice.get("text"))))

    def rest(self) -> Json:
        return self._shown(self._channel.close())

    def refusal(self) -> Iterator[Json]:
        yield {"text": self._refusal}

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


class Chunks:
    """A stream of chunks, choice by choice."""

    def __init__(
        self,
        asked: Asked,
        checks: Checks,
        name: str,
        kind: type[ChatChoice] | type[TextChoice],
    ) -> None:
        self.done = False
        self._checks, self._kind = checks, kind
        self._choices: dict[int, ChatChoice | TextChoice] = {}
        self._asked, self._name = asked, name
        self._last: Json = {}
        self._asides = Asides(checks, OWN, changes=_FILTERS)
        self._refused = self._counted = False

    def event(self, _: str | None, data: str) -> Iterator[Pair]:
        if data.strip() == "[DONE]":
            yield from self.close()
            return
        body = load_object(data)
        if "error" in body and "choices" not in body:
            self._cancel()
            yield None, dump(safe(body, self._checks)).decode()
            return
        envelope = self._asides.told("chunk", besides(body, APART))
        self._last = envelope
        said: list[Json] = []
        for choice in choices_of(body):
            said += self._choice(choice)
        if "usage" in body:
            envelope = envelope | {"usage": self._usage(body["usage"])}
            self._counted |= bool(body["usage"]) and not body["choices"]
        if not said and not envelope.get("usage") and body["choices"]:
            return
        # What was held goes out before the reason why the answer ended.
        for one in said[:-1]:
            yield self._say([one])
        yield None, dump(envelope | {"choices": said[-1:]}).decode()
        ended = sum(state.done for state in self._choices.values())
        if self._refused and ended >= self._asked.choices:
            # Nobody waits for what the upstream would still say.
            yield from self._end()

    def close(self) -> Iterator[Pair]:
        for index, state in self._choices.items():
            if not state.done:
                state.done = True
                for choice in self._ended(index, state):
                    yield self._say([choice])
        yield from self._end()

    def refuse(self) -> Iterator[Pair]:
        for index in range(self._asked.choices):
            if index not in self._choices:
                self._choices[index] = self._kind(self._checks)
        for index, state in self._choices.items():
            if not state.done:
                for choice in self._stopped(index, state):
                    yield self._say([choice])
        yield from self._end()

    def fail(self) -> Iterator[Pair]:
        self._cancel()
        broken = error(502, "upstream_error", "the answer broke off")
        yield None, dump(broken).decode()

    def _cancel(self) -> None:
        for state in self._choices.values():
            state.cancel()
        self.done = True

    def _choice(self, choice: Json) -> Iterator[Json]:
        index = choice.get("index", 0)
        if not isinstance(index, int):
            raise WireError("a choice without a number")
        if index not in self._choices:
            if len(self._choices) == MOST_CHOICES:
                raise WireError("too many choices")
            self._choices[index] = self._kind(self._checks)
        state = self._choices[index]
        if state.done:
            return
        around = self._asides.told(f"choices.{index}", besides(choice, SAID))
        reason = around.get("finish_reason")
        logprobs = self._checks.disclosure.told_logprobs(choice.get("logprobs"))
        around |= {"index": index, "finish_reason": None, "logprobs": logprobs}
        try:
            told = state.delta(choice)
        except StopError:
            yield from self._stopped(index, state)
            return
        if told or (reason is None and logprobs):
            yield around | state.said(told)
            around["logprobs"] = None
        if reason is not None:
            state.done = True
            last = list(self._ended(index, state))
            yield from last
            if not last or last[-1]["finish_reason"] is None:
                yield around | state.said({}) | {"finish_reason": reason}

    def _ended(self, index: int, state: ChatChoice | TextChoice) -> Iterator[Json]:
        try:
            told = state.rest()
        except StopError:
            yield from self._stopped(index, state)
            return
        if told:
            yield {"index": index} | state.said(told) | {"logprobs": None, "finish_reason": None}

    def _stopped(self, index: int, state: ChatChoice | TextChoice) -> Iterator[Json]:
        state.done = self._refused = True
        state.cancel()
        around: Json = {"index": index, "logprobs": None}
        for told in state.refusal():
            yield around | state.said(told) | {"finish_reason": None}
        yield around | state.said({}) | {"finish_reason": "content_filter"}

    def _end(self) -> Iterator[Pair]:
        self.done = True
        if self._refused and self._asked.counts and not self._counted:
            yield self._say([], self._usage(NO_USAGE))
        yield _DONE

    def _usage(self, usage: Any) -> Any:
        """Token counts; of a refusal none, since they could tell what was refused."""
        return self._checks.disclosure.told_usage(NO_USAGE if usage and self._refused else usage)

    def _say(self, choices: list[Json], usage: Any = None) -> Pair:
        """A chunk of our own, in the envelope of the last one that came."""
        self._last = self._last or head(self._asked, self._name)
        counts = {"usage": usage} if self._asked.counts else {}
        return None, dump(self._last | {"choices": choices} | counts).decode()


def expected(body: Json) -> int:
    """How many choices a request asks for."""
    count = body.get("n")
    return min(count, MOST_CHOICES) if isinstance(count, int) and count > 1 else 1


def choices_of(body: Json) -> list[Json]:
    choices = body.get("choices")
    if not isinstance(choices, list) or not all(isinstance(one, dict) for one in choices):
        raise WireError("an answer without choices")
    return choices


def counts(body: Json) -> bool:
    """Whether a request asks for a stream that ends in its usage."""
    options = body.get("stream_options")
    return isinstance(options, dict) and options.get("include_usage") is True


def head(asked: Asked, kind: str) -> Json:
    """What stands around choices that no upstream gave."""
    prefix = "cmpl-" if kind == "text_completion" else "chatcmpl-"
    named = {"id": fresh(prefix, _ID), "object": kind, "created": int(time.time())}
    return named | {"model": asked.model or ""}
