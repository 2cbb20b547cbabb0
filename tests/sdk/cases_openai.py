"""What is asked by OpenAI's own SDK, version 2 (httpx) or 3 (httpx2).

    python cases_openai.py ADDRESS PROMPT [POLICY]

With a policy the guard is the SDK's transport.
"""

from __future__ import annotations

import sys
from typing import Any

import openai
from told import PROMPT, Case, chat, chunks, finish, guarded, run, strings

try:
    import httpx2 as httpx
except ImportError:
    import httpx

MESSAGES = [{"role": "user", "content": PROMPT}]
SCHEMA = {
    "type": "object",
    "properties": {"note": {"type": "string"}, "number": {"type": "integer"}},
    "required": ["note", "number"],
    "additionalProperties": False,
}
FUNCTION = {"name": "keep", "description": "Keep a note.", "parameters": SCHEMA, "strict": True}
TOOLS = [{"type": "function", "function": FUNCTION}]
FLAT = [{"type": "function"} | FUNCTION]


def asks(method: str, **given: Any) -> Any:
    """A call of a method of the client, by its path."""

    def call(client: Any) -> Any:
        for name in method.split("."):
            client = getattr(client, name)
        return client(**{"model": "gpt"} | given)

    return call


def legacy(events: list[Any]) -> tuple[str, str]:
    choices = [choice for event in events for choice in event.choices]
    reasons = (choice.finish_reason for choice in choices if choice.finish_reason)
    return "".join(choice.text for choice in choices), " ".join(reasons)


def counted(events: list[Any]) -> tuple[str, str]:
    """Chunks whose last one has no choice, and counts the tokens."""
    text, reason = chunks(events)
    usage = events[-1].usage
    return text, f"{reason} {usage and usage.total_tokens}"


def helped(events: list[Any]) -> tuple[str, str]:
    """The events of the helper for chats, and the completion that it put together."""
    said = [event.delta for event in events if getattr(event, "type", "") == "content.delta"]
    last = events[-1]
    if isinstance(last, openai.ContentFilterFinishReasonError):
        return "".join(said), "content_filter"
    text, reason = chat([last])
    return "".join(said) + "\n" + text, reason


def whole(events: list[Any]) -> tuple[str, str]:
    return "\n".join(strings(events)), finish(events[0])


def pieces(events: list[Any]) -> tuple[str, str]:
    """Each text of a streamed response put together, and what the other events say."""
    texts: dict[tuple[Any, ...], str] = {}
    for event in events:
        if getattr(event, "type", "").endswith(".delta"):
            names = ("type", "item_id", "content_index", "summary_index", "command_index")
            place = tuple(getattr(event, name, None) for name in names)
            texts[place] = texts.get(place, "") + "".join(strings(event.delta))
    last = getattr(events[-1], "response", events[-1])
    # The SDK raises no error that comes as an event of this API; it is the last event.
    reason = "error" if getattr(last, "type", "") == "error" else finish(last)
    return "\n".join([*texts.values(), *strings(last)]), reason


def vectors(events: list[Any]) -> tuple[str, str]:
    return str([row.embedding for row in events[0].data]), "embedded"


chatted = "chat.completions.create"
CASES: dict[str, Case] = {
    "chat": (asks(chatted, messages=MESSAGES), chat),
    "chat n": (asks(chatted, messages=MESSAGES, n=2), chat),
    "chat logprobs": (asks(chatted, messages=MESSAGES, logprobs=True), chat),
    "chat tools": (asks(chatted, messages=MESSAGES, tools=TOOLS), chat),
    "chat stream": (asks(chatted, messages=MESSAGES, stream=True), chunks),
    "chat stream n": (asks(chatted, messages=MESSAGES, stream=True, n=2), chunks),
    "chat stream logprobs": (
        asks(chatted, messages=MESSAGES, stream=True, logprobs=True),
        chunks,
    ),
    "chat stream usage": (
        asks(chatted, messages=MESSAGES, stream=True, stream_options={"include_usage": True}),
        counted,
    ),
    "chat stream tools": (asks(chatted, messages=MESSAGES, stream=True, tools=TOOLS), chunks),
    "chat stream broken": (
        asks(chatted, messages=MESSAGES, stream=True, model="broken"),
        chunks,
    ),
    "chat helper": (asks("chat.completions.stream", messages=MESSAGES), helped),
    "chat helper tools": (asks("chat.completions.stream", messages=MESSAGES, tools=TOOLS), helped),
    "completion": (asks("completions.create", prompt=PROMPT), legacy),
    "completion stream": (asks("completions.create", prompt=PROMPT, stream=True), legacy),
    "responses": (asks("responses.create", input=PROMPT), whole),
    "responses tools": (asks("responses.create", input=MESSAGES, tools=FLAT), whole),
    "responses all": (asks("responses.create", input=PROMPT, model="everything"), whole),
    "responses stream": (asks("responses.create", input=PROMPT, stream=True), pieces),
    "responses stream tools": (
        asks("responses.create", input=PROMPT, stream=True, tools=FLAT),
        pieces,
    ),
    "responses stream all": (
        asks("responses.create", input=PROMPT, stream=True, model="everything"),
        pieces,
    ),
    "responses stream broken": (
        asks("responses.create", input=PROMPT, stream=True, model="broken"),
        pieces,
    ),
    "responses helper": (asks("responses.stream", input=PROMPT), pieces),
    "responses helper tools": (asks("responses.stream", input=PROMPT, tools=FLAT), pieces),
    "responses helper all": (asks("responses.stream", input=PROMPT, model="everything"), pieces),
    "embeddings list": (
        asks("embeddings.create", input=[PROMPT, PROMPT], encoding_format="float"),
        vectors,
    ),
    "embeddings base64": (asks("embeddings.create", input=PROMPT), vectors),
}


if __name__ == "__main__":
    common = {"base_url": f"{sys.argv[1]}/v1", "api_key": "sk-test", "timeout": 20}
    client = openai.OpenAI(**common, **guarded(httpx.Client))
    async_client = openai.AsyncOpenAI(**common, **guarded(httpx.AsyncClient))
    run(CASES, client, async_client, ends=(openai.ContentFilterFinishReasonError,))
