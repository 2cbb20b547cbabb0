"""A message of Anthropic's and its content blocks, whole."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from guardrail.wire.checks import Asked, Checks, Json, WireError
from guardrail.wire.columns import Ends
from guardrail.wire.ids import fresh
from guardrail.wire.leaves import behind, besides, following, safe
from guardrail.wire.strings import string
from guardrail.wire.texts import together
from guardrail.wire.words import opaque

__all__ = [
    "CITED",
    "FIXED",
    "OWN",
    "blank",
    "citations",
    "signature",
    "text_block",
    "told_blocks",
    "told_message",
    "told_usage",
]

OWN = frozenset({"id", "type", "role", "model", "stop_reason"})
CITED = frozenset({"type", "encrypted_index"})
_SEALED = frozenset({"signature", "data", "encrypted_content", "encrypted_index"})
FIXED = _SEALED | {"type", "id", "tool_use_id"}
_APART = frozenset({"content", "usage"})
_NO_USAGE = {"input_tokens": 0, "output_tokens": 0}


def told_blocks(content: list[Any], checks: Checks) -> Iterator[Json]:
    """Whole blocks, safe to show, without the thoughts that would be altered."""
    if not all(isinstance(block, dict) for block in content):
        raise WireError("a block is not an object")
    thoughts = [string(block.get("thinking")) for block in content if _thinks(block)]
    kept = iter(together(thoughts, checks))
    others = _others([block for block in content if not _thinks(block)], checks)
    for block in content:
        if not _thinks(block):
            yield next(others)
        elif next(kept) == (thought := block["thinking"]):
            signed = {"signature": signature(block.get("signature") or "")}
            yield {"type": "thinking", "thinking": thought} | signed


def _others(blocks: list[Json], checks: Checks) -> Iterator[Json]:
    """Blocks that are no thoughts; what several say in the same field is read together."""
    spoken = iter(together([string(one["text"]) for one in blocks if "text" in one], checks))
    given = [block["input"] for block in blocks if "input" in block]
    inputs = iter(following(given, Ends(checks.limit), checks))
    cited = [citation for block in blocks for citation in citations(block)]
    cites = iter(behind(cited, Ends(), checks, CITED))
    rests = [besides(block, {"text", "input", "citations"}) for block in blocks]
    for block, told in zip(blocks, behind(rests, Ends(checks.limit), checks, FIXED), strict=True):
        if "text" in block:
            told["text"] = next(spoken)
        if "input" in block:
            told["input"] = next(inputs)
        if "citations" in block:
            count = len(citations(block))
            told["citations"] = None if block["citations"] is None else [*islice(cites, count)]
        yield told


def citations(block: Json) -> list[Json]:
    """What a block cites."""
    cited = block.get("citations") or []
    if not isinstance(cited, list) or not all(isinstance(one, dict) for one in cited):
        raise WireError("citations are no list of objects")
    return cited


def _thinks(block: Json) -> bool:
    return block.get("type") == "thinking"


def told_message(body: Json, checks: Checks) -> Json:
    """What stands around the content."""
    told: Json = safe(besides(body, _APART), checks, OWN)
    return told | {"usage": told_usage(body.get("usage"), checks)}


def told_usage(usage: Any, checks: Checks) -> Any:
    """Token counts; a message always has some."""
    told = checks.disclosure.told_usage(usage)
    return _NO_USAGE if told is None else told


def text_block(text: str) -> Json:
    """A block that says a text."""
    return {"type": "text", "text": text}


def blank(asked: Asked) -> Json:
    """A message in which nothing is said yet."""
    head = {"id": fresh("msg_01", 22), "type": "message", "role": "assistant"}
    head["model"] = asked.model or ""
    rest = {"stop_reason": None, "stop_sequence": None, "usage": _NO_USAGE}
    return head | {"content": []} | rest


def signature(value: Any) -> str:
    """The signature of a thought; raises `WireError`."""
    if not isinstance(value, str) or not opaque(value):
        raise WireError("a signature that is none")
    return value
