"""What is asked through LangChain, of OpenAI's and of Anthropic's API.

python cases_langchain.py ADDRESS PROMPT
"""

from __future__ import annotations

import sys
from functools import reduce
from operator import add
from types import SimpleNamespace
from typing import Any

from langchain_anthropic import ChatAnthropic
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from told import PROMPT, Case, run, strings

ADDRESS = sys.argv[1]
FUNCTION = {"name": "keep", "parameters": {"type": "object", "properties": {}}}
TOOLS = [{"type": "function", "function": FUNCTION | {"description": "Keep a note."}}]
OPENAI = {"model": "gpt", "base_url": f"{ADDRESS}/v1", "api_key": "sk-test", "timeout": 20}
CLAUDE = {"model": "claude", "base_url": ADDRESS, "api_key": "sk-test", "timeout": 20}
MODELS = {
    "chat": ChatOpenAI(**OPENAI, use_responses_api=False),
    "responses": ChatOpenAI(**OPENAI, use_responses_api=True),
    "messages": ChatAnthropic(**CLAUDE, max_tokens=100),
}
VECTORS = OpenAIEmbeddings(
    model="embed", base_url=f"{ADDRESS}/v1", api_key="sk-test", check_embedding_ctx_length=False
)


def asks(model: Any, method: str) -> Any:
    return lambda client: getattr(client, method)(model)


def answer(events: list[Any]) -> tuple[str, str]:
    """The message, or its chunks put together."""
    message = reduce(add, events)
    told = message.response_metadata
    reason = told.get("finish_reason") or told.get("stop_reason") or told.get("status")
    if details := told.get("incomplete_details"):
        reason = f"{reason} {details['reason']}"
    parts = [message.content, message.tool_calls]
    return "\n".join(strings(parts)), str(reason)


def vectors(events: list[Any]) -> tuple[str, str]:
    return str(events[0]), "embedded"


CASES: dict[str, Case] = {"embeddings": (lambda client: client.embed(VECTORS), vectors)}
for name, model in MODELS.items():
    CASES |= {
        name: (asks(model, "invoke"), answer),
        f"{name} tools": (asks(model.bind_tools(TOOLS), "invoke"), answer),
        f"{name} stream": (asks(model, "stream"), answer),
        f"{name} stream tools": (asks(model.bind_tools(TOOLS), "stream"), answer),
    }

if __name__ == "__main__":
    client = SimpleNamespace(
        invoke=lambda model: model.invoke(PROMPT),
        stream=lambda model: model.stream(PROMPT),
        embed=lambda model: model.embed_documents([PROMPT]),
    )
    async_client = SimpleNamespace(
        invoke=lambda model: model.ainvoke(PROMPT),
        stream=lambda model: model.astream(PROMPT),
        embed=lambda model: model.aembed_documents([PROMPT]),
    )
    run(CASES, client, async_client)
