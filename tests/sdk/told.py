"""What the scripts of cases share: they ask, sync and async, and print what an SDK told.

Runs in the SDK's own environment, so it imports the standard library only, and leakrail where
that is installed.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

__all__ = ["Case", "chat", "chunks", "finish", "guarded", "run", "strings"]

Events = list[Any]
Case = tuple[Callable[[Any], Any], Callable[[Events], tuple[str, str]]]
"""What is asked of a client, and how the answer's text and the reason why it ended are read."""
Ends = tuple[type[Exception], ...]

PROMPT = sys.argv[2] if len(sys.argv) > 2 else ""
POLICY = sys.argv[3] if len(sys.argv) > 3 else None
_LAST = ("get_final_completion", "get_final_response", "get_final_message")
# A request to a guarded transport leaves a mark.
_sent: list[None] = []


def guarded(client: Callable[..., Any]) -> dict[str, Any]:
    """The arguments that put the policy's guard under an SDK; none where there is no policy."""
    if POLICY is None:
        return {}
    from guardrail import Guard, Identity
    from guardrail.transport import GuardTransport

    def identify(_: object) -> Identity:
        _sent.append(None)
        return Identity("tester")

    return {
        "http_client": client(
            transport=GuardTransport(Guard.from_policy(POLICY), identify=identify)
        )
    }


def run(cases: Mapping[str, Case], client: Any, async_client: Any, *, ends: Ends = ()) -> None:
    """Ask each case of both clients, and print a line of JSON each.

    `ends` are raised by an SDK whose helper is told that an answer ended early.
    """
    for name, (ask, read) in cases.items():
        events: Events = []
        _sent.clear()
        try:
            _gather(ask(client), events, ends)
            _print(name, events, read)
        except Exception as error:  # noqa: BLE001 - whatever an SDK raises is what we want to know
            _print_error(name, events, error)
    asyncio.run(_run(cases, async_client, ends))


async def _run(cases: Mapping[str, Case], client: Any, ends: Ends) -> None:
    for name, (ask, read) in cases.items():
        events: Events = []
        _sent.clear()
        try:
            await _async_gather(ask(client), events, ends)
            _print(f"async {name}", events, read)
        except Exception as error:  # noqa: BLE001 - as above
            _print_error(f"async {name}", events, error)


def chat(events: Events) -> tuple[str, str]:
    """A whole chat completion; the arguments of its tool calls must be JSON."""
    texts, reasons = [], []
    for choice in events[0].choices:
        texts.append(choice.message.content or "")
        for call in choice.message.tool_calls or ():
            texts += strings(json.loads(call.function.arguments))
        if logprobs := getattr(choice, "logprobs", None):
            texts.append("".join(one.token for one in logprobs.content))
        reasons.append(choice.finish_reason)
    return "\n".join(texts), " ".join(reasons)


def chunks(events: Events) -> tuple[str, str]:
    """The chunks of a streamed chat completion, put together choice by choice."""
    texts: dict[tuple[Any, ...], str] = {}
    calls: dict[tuple[Any, ...], str] = {}
    reasons: dict[int, str] = {}
    for chunk in events:
        for choice in chunk.choices:
            at, delta = choice.index, choice.delta
            texts[at, "content"] = texts.get((at, "content"), "") + (delta.content or "")
            for call in delta.tool_calls or ():
                place = (at, call.index)
                calls[place] = calls.get(place, "") + (call.function.arguments or "")
            if logprobs := getattr(choice, "logprobs", None):
                said = "".join(one.token for one in logprobs.content)
                texts[at, "logprobs"] = texts.get((at, "logprobs"), "") + said
            if choice.finish_reason:
                reasons[at] = choice.finish_reason
    told = [*texts.values(), *(text for raw in calls.values() for text in strings(json.loads(raw)))]
    return "\n".join(told), " ".join(reason for _, reason in sorted(reasons.items()))


def finish(response: Any) -> str:
    """How a response of the Responses API ended."""
    details = response.incomplete_details
    return f"{response.status} {details.reason}" if details else str(response.status)


def strings(value: Any) -> Iterator[str]:
    """Every text in a value, however deep."""
    if isinstance(value, str):
        yield value
    elif hasattr(value, "model_dump"):
        yield from strings(value.model_dump(warnings=False))
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from strings(inner)


def _print(case: str, events: Events, read: Callable[[Events], tuple[str, str]]) -> None:
    text, reason = read(events)
    _say({"case": case, "text": text, "all": "\n".join(strings(events)), "reason": reason})


def _print_error(case: str, events: Events, error: Exception) -> None:
    said = {"error": type(error).__name__, "message": str(error)[:500]}
    _say({"case": case, "all": "".join(strings(events))} | said)


def _say(line: dict[str, Any]) -> None:
    print(json.dumps({"sent": len(_sent)} | line), flush=True)  # noqa: T201 - the runner reads it


def _gather(made: Any, events: Events, ends: Ends) -> None:
    if not hasattr(made, "__enter__"):
        events.extend(made if hasattr(made, "__next__") else [made])
        return
    try:
        with made as stream:
            events.extend(stream)
            events.extend(last() for last in _last(stream, events))
    except ends as error:
        events.append(error)


async def _async_gather(made: Any, events: Events, ends: Ends) -> None:
    if inspect.isawaitable(made):
        made = await made
    if not hasattr(made, "__aenter__"):
        if not hasattr(made, "__anext__"):
            events.append(made)
            return
        async for event in made:
            events.append(event)
        return
    try:
        async with made as stream:
            async for event in stream:
                events.append(event)
            for last in _last(stream, events):
                events.append(await last())
    except ends as error:
        events.append(error)


def _last(stream: Any, events: Events) -> list[Callable[[], Any]]:
    """What a helper has put together, once its events are told."""
    if getattr(events[-1], "type", "") == "response.incomplete":
        # OpenAI's helper has a final response only where one is completed.
        return []
    return [getattr(stream, name) for name in _LAST if hasattr(stream, name)]
