"""A response of OpenAI's Responses and its items, whole."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from guardrail.wire.arguments import arguments
from guardrail.wire.checks import Asked, Checks, Json, WireError
from guardrail.wire.columns import Ends
from guardrail.wire.ids import HEX, fresh
from guardrail.wire.leaves import behind, besides, safe
from guardrail.wire.media import bare, filled
from guardrail.wire.strings import written
from guardrail.wire.texts import together
from guardrail.wire.words import unread

__all__ = [
    "FIELDS",
    "NAMED",
    "OWN",
    "PRINTED",
    "At",
    "Place",
    "Tell",
    "blank",
    "cited",
    "message",
    "message_id",
    "own_of",
    "refused",
    "told_item",
    "told_outputs",
    "told_part",
    "told_response",
]

OWN = frozenset(
    {"id", "object", "created_at", "completed_at", "status", "model", "type"}
    | {"previous_response_id", "service_tier", "role", "phase"}
    | {"call_id", "item_id", "approval_request_id", "encrypted_content", "obfuscation"}
    | {"output_index", "content_index", "summary_index", "sequence_number", "annotation_index"}
    | {"partial_image_b64", "partial_image_index", "response_id", "container_id"}
    | {"command_index"}
)
# Of an image the result is its bytes, and of anything else a text.
_IMAGE, _BYTES = "image_generation_call", OWN | {"result"}
_PARTED, _SAID, _CITED = ("content", "summary"), ("text", "refusal"), "annotations"
_FILTERED = {"status": "incomplete", "incomplete_details": {"reason": "content_filter"}}
_NO_USAGE = {
    "input_tokens": 0,
    "input_tokens_details": {"cached_tokens": 0},
    "output_tokens": 0,
    "output_tokens_details": {"reasoning_tokens": 0},
    "total_tokens": 0,
}
_ID = 48
_KINDS = {
    "reasoning_text": "response.reasoning_text",
    "summary_text": "response.reasoning_summary_text",
}
NAMED = "response.tool_name"
"""What the names of calls are called."""

FIELDS = {
    "code": "response.code_interpreter_call_code",
    "input": "response.custom_tool_call_input",
    "output": "response.tool_output",
    "name": NAMED,
}
"""What a stream calls the texts in fields of an item; the last two come in no pieces."""

PRINTED = ("stdout", "stderr")
"""What a shell prints its output to."""

Place = tuple[str, object, object]
"""A text of an item's parts: its kind, the place of the item, and that of the part."""

At = tuple[object, object]
"""Where a part stands: the place of its item, and its own."""


@dataclass(frozen=True, slots=True)
class Tell:
    """How a text is told, safe to show, the arguments of a call, and what a part cites."""

    text: Callable[[Place, str], str]
    argued: Callable[[At, str], str]
    cited: Callable[[At, list[Json]], list[Json]]


def told_response(body: Any, checks: Checks, tell: Tell | None = None) -> Json:
    """A response, safe to show; where nothing tells its texts, those of a kind are read as one."""
    if not isinstance(body, dict):
        raise WireError("a response is not an object")
    output = body.get("output", [])
    if not isinstance(output, list):
        raise WireError("the output of a response is not a list")
    told: Json = safe(besides(body, {"output", "usage"}), checks, OWN)
    tell = tell or _together(output, checks)
    told["output"] = [told_item(item, place, checks, tell) for place, item in enumerate(output)]
    if "usage" in body:
        told["usage"] = checks.disclosure.told_usage(body["usage"])
    return told


def own_of(item: Json) -> frozenset[str]:
    """The fields of an item that are the provider's own."""
    return _BYTES if item.get("type") == _IMAGE else OWN


def told_item(item: Any, index: int, checks: Checks, tell: Tell) -> Json:
    """An item, safe to show."""
    if not isinstance(item, dict):
        raise WireError("an item is not an object")
    kind = item.get("type")
    told: Json = {}
    for key, value in item.items():
        if key in _PARTED and isinstance(value, list):
            told[key] = [
                told_part(part, (index, place), checks, tell) for place, part in enumerate(value)
            ]
        elif (kind, key) == ("shell_call", "action"):
            told[key] = _action(value, checks)
        elif (kind, key) == ("shell_call_output", "output"):
            told[key] = told_outputs(value, checks)
        elif (kind, key) == ("code_interpreter_call", "outputs") and isinstance(value, list):
            told[key] = filled(safe(bare(value, "url"), checks), value, "url")
        elif key in FIELDS and isinstance(value, str):
            told[key] = tell.text((FIELDS[key], index, None), value)
        elif key == "arguments" and isinstance(value, str):
            told[key] = tell.argued((index, None), value)
        else:
            told |= safe({key: value}, checks, own_of(item))
    return told


def told_part(part: Any, at: At, checks: Checks, tell: Tell) -> Json:
    """A part of an item, safe to show."""
    if not isinstance(part, dict):
        raise WireError("a part is not an object")
    told: Json = {}
    for key, value in part.items():
        if key in _SAID and isinstance(value, str):
            told[key] = tell.text((_kind(part, key), *at), value)
        elif key == _CITED:
            told[key] = value and tell.cited(at, cited(value))
        elif key == "logprobs":
            told[key] = checks.disclosure.told_logprobs(value)
        else:
            told |= safe({key: value}, checks, OWN)
    return told


def cited(annotations: Any) -> list[Json]:
    """What a part cites."""
    if not isinstance(annotations, list) or not all(isinstance(one, dict) for one in annotations):
        raise WireError("annotations are no list of objects")
    return annotations


def told_outputs(outputs: Any, checks: Checks) -> list[Json]:
    """What commands of a shell printed, safe to show; all of a stream is read as one text."""
    if not isinstance(outputs, list) or not all(isinstance(one, dict) for one in outputs):
        raise WireError("the output of a shell is no list of objects")
    told: list[Json] = [safe(besides(one, {*PRINTED}), checks, OWN) for one in outputs]
    for stream in PRINTED:
        texts = checks.parts([written(one.get(stream)) for one in outputs])
        for one, text in zip(told, texts, strict=True):
            one[stream] = text
    return told


def message_id() -> str:
    """A new id for a message."""
    return fresh("msg_", _ID, HEX)


def message(texts: Sequence[str], identity: str) -> Json:
    """A message of the model's that ends as refused."""
    part: Json = {"type": "output_text", "annotations": [], "logprobs": []}
    head = {"type": "message", "id": identity, "role": "assistant", "status": "incomplete"}
    return head | {"content": [part | {"text": text} for text in texts]}


def refused(response: Json, output: list[Json], checks: Checks) -> Json:
    """A response that ends as refused, with the items that it has."""
    told = {key: value for key, value in response.items() if key in OWN and unread(key, value)}
    told["usage"] = checks.disclosure.told_usage(_NO_USAGE)
    rest = {"parallel_tool_calls": True, "tool_choice": "auto", "tools": [], "error": None}
    return told | rest | _FILTERED | {"output": output}


def blank(asked: Asked) -> Json:
    """A response in which nothing is said yet."""
    head = {"id": fresh("resp_", _ID, HEX), "object": "response", "created_at": int(time.time())}
    head["model"] = asked.model or ""
    rest = {"parallel_tool_calls": True, "tool_choice": "auto", "tools": [], "error": None}
    return head | rest | {"status": "in_progress", "output": [], "usage": None}


def _action(action: Any, checks: Checks) -> Json:
    """What a shell is to do; its commands are read as one text, a line each."""
    commands = action.get("commands") if isinstance(action, dict) else None
    if not isinstance(commands, list):
        raise WireError("a call of a shell without commands")
    lines = [part for command in commands for part in (written(command), "\n")]
    told: Json = safe(besides(action, {"commands"}), checks, OWN)
    return told | {"commands": list(checks.parts(lines)[::2])}


def _together(output: list[Any], checks: Checks) -> Tell:
    kinds: dict[str, dict[Place, str]] = {}
    for place, raw in _texts(output):
        kinds.setdefault(place[0], {})[place] = raw
    told: dict[Place, str] = {}
    for texts in kinds.values():
        told |= zip(texts, together([*texts.values()], checks), strict=True)
    every = [one for _, part in _parts(output) for one in cited(part.get(_CITED) or [])]
    cites = iter(behind(every, Ends(), checks))
    calls = iter(arguments([*_arguments(output)], Ends(checks.limit), checks))
    return Tell(
        text=lambda place, _: told[place],
        argued=lambda *_: next(calls),
        cited=lambda _, own: [*islice(cites, len(own))],
    )


def _arguments(output: list[Any]) -> Iterator[str]:
    for item in output:
        if isinstance(item, dict) and isinstance(raw := item.get("arguments"), str):
            yield raw


def _texts(output: list[Any]) -> Iterator[tuple[Place, str]]:
    for number, item in enumerate(output):
        for key, kind in FIELDS.items() if isinstance(item, dict) else ():
            if isinstance(raw := item.get(key), str):
                yield (kind, number, None), raw
    for (index, place), part in _parts(output):
        for key in _SAID:
            if isinstance(raw := part.get(key), str):
                yield (_kind(part, key), index, place), raw


def _parts(output: list[Any]) -> Iterator[tuple[At, Json]]:
    """The parts of all items, in order."""
    for index, item in enumerate(output):
        for field, parts in item.items() if isinstance(item, dict) else ():
            if field in _PARTED and isinstance(parts, list):
                for place, part in enumerate(parts):
                    if isinstance(part, dict):
                        yield (index, place), part


def _kind(part: Json, key: str) -> str:
    """What a stream calls such a text."""
    if key == "refusal":
        return "response.refusal"
    return _KINDS.get(str(part.get("type")), "response.output_text")
