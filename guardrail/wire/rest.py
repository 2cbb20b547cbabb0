"""What a request says besides its messages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from typing import Any
from urllib.parse import unquote_plus

from guardrail.types import Message
from guardrail.wire.checks import Json
from guardrail.wire.leaves import besides

__all__ = ["around", "phrase", "phrases", "rest"]

# What an application defines, and how it wants its answers.
_TOOLS = frozenset(
    {"tools", "functions", "tool_choice", "function_call", "response_format", "text"}
    | {"output_config", "output_format", "mcp_servers"}
)
_BREAK = re.compile(r"\s")
_WORDS = re.compile(r"(?<![^\W\d_])(?:[^\W\d_]++(?:[^\w/]|_)++){3}[^\W\d_]")
# Most keys and values are shorter than four words of a letter.
_SHORT = 7
# A longer one without a break is no text: an image, or something that is sealed.
_LONG = 1024


def around(body: Json, read: Set[str]) -> Iterator[Message]:
    """What stands beside the fields that were read: tools in a message of their own."""
    left = besides(body, read)
    tools = {key: left.pop(key) for key in _TOOLS & left.keys()}
    yield from rest("tools", tools)
    yield from rest("request", left)


def rest(role: str, value: Any) -> Iterator[Message]:
    """What a value says, if it says anything; no words of the reader's own."""
    if text := "\n".join(phrases(value)):
        yield Message(role, text, reader=False)


def phrases(value: Any) -> list[str]:
    """The strings and keys of a JSON value that are more than a word."""
    found: list[str] = []
    left = [value]
    while left:
        inner = left.pop()
        if isinstance(inner, str):
            if len(inner) >= _SHORT and _says(inner):
                found.append(inner)
        elif isinstance(inner, dict):
            for key, part in reversed(inner.items()):
                left += (part, key)
        elif isinstance(inner, list):
            left.extend(reversed(inner))
    return found


def phrase(path: str) -> str:
    """What a path says: all of it, or the parts in which four words stand in a row."""
    told = unquote_plus(path)
    if _BREAK.search(told):
        return told
    return "\n".join(part for part in told.split("/") if _WORDS.search(part))


def _says(text: str) -> bool:
    if " " in text or _BREAK.search(text):
        return True
    return len(text) <= _LONG and _WORDS.search(text) is not None
