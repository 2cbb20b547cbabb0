"""The chunks of OpenAI's chat completions and legacy completions, choice by choice."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from guardrail.wire.asides import Asides
from guardrail.wire.checks import Asked, Checks, Delta, Json, Pair, StopError, WireError
from guardrail.wire.choices import ChatChoice, TextChoice
from guardrail.wire.ids import fresh
from guardrail.wire.joined import string_after
from guardrail.wire.leaves import besides, dump, load_object, safe

__all__ = [
    "APART",
    "MOST_CHOICES",
    "NO_USAGE",
    "OWN",
    "SAID",
    "Chunks",
    "choices_of",
    "counts",
    "error",
    "expected",
    "head",
]

MOST_CHOICES = 128
NO_USAGE = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
_ID = 29
_DONE: Pair = (None, "[DONE]")
SAID = frozenset({"message", "delta", "text", "logprobs"})
APART = frozenset({"choices", "usage"})
# Random padding is told so that the sizes of packets tell nothing.
OWN = frozenset(
    {"id", "object", "created", "model", "service_tier", "system_fingerprint", "obfuscation", "p"}
    | {"index", "finish_reason"}
)
# Where Groq counts tokens, in the last chunk of a stream, beside its own id.
_GROQ = "x_groq"
# Azure's verdicts on what was said.
_FILTERS = frozenset({"content_filter_results", "content_filter_offsets"})


def error(status: int, kind: str, message: str) -> Json:
    """An error in OpenAI's form."""
    return {"error": {"message": message, "type": kind, "param": None, "code": str(status)}}


class Chunks:
    """A stream of chunks, choice by choice."""

    delta: Delta | None = string_after('"(?:content|reasoning_content|text)"')

    def __init__(
        self,
        asked: Asked,
        checks: Checks,
        name: str,
        kind: type[ChatChoice] | type[TextChoice],
    ) -> None:
        self.done = self.ended = False
        self._checks, self._kind = checks, kind
        self._choices: dict[int, ChatChoice | TextChoice] = {}
        self._asked, self._name = asked, name
        self._last: Json = {}
        self._asides = Asides(checks, OWN, changes=_FILTERS)
        self._refused = self._counted = False

    def event(self, _: str | None, data: str) -> Iterator[Pair]:
        if data.strip() == "[DONE]":
            self.ended = True
            yield from self._finished()
            return
        body = load_object(data)
        if "error" in body and "choices" not in body:
            self.ended = True
            self._cancel()
            yield None, dump(safe(body, self._checks)).decode()
            return
        counted = _counted(body)
        if counted is not None:
            body[_GROQ] = besides(body[_GROQ], {"usage"})
        envelope = self._asides.told("chunk", besides(body, APART))
        self._last = envelope
        said: list[Json] = []
        for choice in choices_of(body):
            said += self._choice(choice)
        if "usage" in body:
            envelope = envelope | {"usage": self._usage(body["usage"])}
            self._counted |= bool(body["usage"]) and not body["choices"]
        if counted is not None and isinstance(told := envelope.get(_GROQ), dict):
            envelope = envelope | {_GROQ: told | {"usage": self._usage(counted)}}
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
        """An answer that ends before its choices have broke off; some end without `[DONE]`."""
        whole = self._choices and all(state.done for state in self._choices.values())
        yield from self._finished() if whole else self.fail()

    def _finished(self) -> Iterator[Pair]:
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


def _counted(body: Json) -> Any:
    """The token counts that stand beside a provider's id."""
    beside = body.get(_GROQ)
    return beside.get("usage") if isinstance(beside, dict) else None


def head(asked: Asked, kind: str) -> Json:
    """What stands around choices that no upstream gave."""
    prefix = "cmpl-" if kind == "text_completion" else "chatcmpl-"
    named = {"id": fresh(prefix, _ID), "object": kind, "created": int(time.time())}
    return named | {"model": asked.model or ""}
