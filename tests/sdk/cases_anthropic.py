"""What is asked by Anthropic's own SDK.

    python cases_anthropic.py ADDRESS PROMPT [POLICY]

With a policy the guard is the SDK's transport.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import anthropic
import httpx2
from told import PROMPT, Case, guarded, run, strings

SCHEMA = {"type": "object", "properties": {"note": {"type": "string"}}}
TOOLS = [{"name": "keep", "description": "Keep a note.", "input_schema": SCHEMA}]
COMMON = {"max_tokens": 100, "messages": [{"role": "user", "content": PROMPT}]}
# Where a piece of a block keeps its text.
FIELDS = ("text", "thinking", "partial_json")


def asks(method: str, **given: Any) -> Any:
    return lambda client: getattr(client.messages, method)(**{"model": "claude"} | COMMON | given)


def whole(events: list[Any]) -> tuple[str, str]:
    return "\n".join(strings(events[0].content)), events[0].stop_reason


def pieces(events: list[Any]) -> tuple[str, str]:
    """Each block put together, its JSON read; the reason why the message ended."""
    blocks: dict[int, str] = {}
    kinds: dict[int, str] = {}
    reason = ""
    for event in events:
        if event.type == "content_block_start":
            kinds[event.index] = event.content_block.type
        elif event.type == "content_block_delta":
            said = next((text for name in FIELDS if (text := getattr(event.delta, name, ""))), "")
            blocks[event.index] = blocks.get(event.index, "") + said
        elif event.type == "message_delta":
            reason = event.delta.stop_reason
    for index, text in blocks.items():
        if kinds[index].endswith("tool_use") and text:
            blocks[index] = "\n".join(strings(json.loads(text)))
    return "\n".join(blocks.values()), reason


def helped(events: list[Any]) -> tuple[str, str]:
    """The events of the helper, and the message that it put together."""
    said = "".join(event.text for event in events if getattr(event, "type", "") == "text")
    text, reason = whole(events[-1:])
    return f"{said}\n{text}", reason


CASES: dict[str, Case] = {
    "messages": (asks("create"), whole),
    "messages tools": (asks("create", tools=TOOLS), whole),
    "messages all": (asks("create", model="everything"), whole),
    "messages stream": (asks("create", stream=True), pieces),
    "messages stream tools": (asks("create", stream=True, tools=TOOLS), pieces),
    "messages stream all": (asks("create", stream=True, model="everything"), pieces),
    "messages stream broken": (asks("create", stream=True, model="broken"), pieces),
    "messages helper": (asks("stream"), helped),
    "messages helper tools": (asks("stream", tools=TOOLS), helped),
    "messages helper all": (asks("stream", model="everything"), helped),
}


if __name__ == "__main__":
    common = {"base_url": sys.argv[1], "api_key": "sk-test", "timeout": 20}
    client = anthropic.Anthropic(**common, **guarded(httpx2.Client))
    async_client = anthropic.AsyncAnthropic(**common, **guarded(httpx2.AsyncClient))
    run(CASES, client, async_client)
