"""What is asked through LiteLLM, of OpenAI's and of Anthropic's API.

python cases_litellm.py ADDRESS PROMPT
"""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import litellm
from told import PROMPT, Case, chat, chunks, finish, run, strings

ADDRESS = sys.argv[1]
# Else it prints how to get help, between our lines.
litellm.suppress_debug_info = True
MESSAGES = [{"role": "user", "content": PROMPT}]
FUNCTION = {"name": "keep", "parameters": {"type": "object", "properties": {}}}
TOOLS = [{"type": "function", "function": FUNCTION}]
OPENAI = {"model": "openai/gpt", "api_base": f"{ADDRESS}/v1", "api_key": "sk-test"}
CLAUDE = {"model": "anthropic/claude-sonnet-4-5", "api_base": ADDRESS, "api_key": "sk-test"}


def asks(method: str, **given: Any) -> Any:
    return lambda client: getattr(client, method)(timeout=20, **given)


def whole(events: list[Any]) -> tuple[str, str]:
    return "\n".join(strings(events)), finish(events[0])


def pieces(events: list[Any]) -> tuple[str, str]:
    said = "".join(event.delta for event in events if event.type.endswith("text.delta"))
    return said, finish(events[-1].response)


def vectors(events: list[Any]) -> tuple[str, str]:
    return str([row["embedding"] for row in events[0].data]), "embedded"


CASES: dict[str, Case] = {
    "chat": (asks("completion", **OPENAI, messages=MESSAGES), chat),
    "chat tools": (asks("completion", **OPENAI, messages=MESSAGES, tools=TOOLS), chat),
    "chat stream": (asks("completion", **OPENAI, messages=MESSAGES, stream=True), chunks),
    "chat stream tools": (
        asks("completion", **OPENAI, messages=MESSAGES, stream=True, tools=TOOLS),
        chunks,
    ),
    "messages": (asks("completion", **CLAUDE, messages=MESSAGES), chat),
    "messages tools": (asks("completion", **CLAUDE, messages=MESSAGES, tools=TOOLS), chat),
    "messages stream": (asks("completion", **CLAUDE, messages=MESSAGES, stream=True), chunks),
    "messages stream tools": (
        asks("completion", **CLAUDE, messages=MESSAGES, stream=True, tools=TOOLS),
        chunks,
    ),
    "responses": (asks("responses", **OPENAI, input=PROMPT), whole),
    "responses stream": (asks("responses", **OPENAI, input=PROMPT, stream=True), pieces),
    "embeddings": (
        asks("embedding", **OPENAI | {"model": "openai/embed"}, input=[PROMPT]),
        vectors,
    ),
}

if __name__ == "__main__":
    names = ("completion", "responses", "embedding")
    client = SimpleNamespace(**{name: getattr(litellm, name) for name in names})
    async_client = SimpleNamespace(**{name: getattr(litellm, f"a{name}") for name in names})
    run(CASES, client, async_client)
