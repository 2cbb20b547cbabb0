"""What LiteLLM's proxy and its SDK answer, with and without the guardrail.

    python integrations_litellm.py FOLDER ADDRESS

FOLDER holds the policies and the index that the runner made; at ADDRESS an upstream leaks.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import litellm
import yaml
from litellm.exceptions import GuardrailRaisedException, ModifyResponseException
from litellm.proxy import proxy_server
from passage import ARGUMENTS, SAID
from readme import block
from told import strings

from guardrail import Guard
from guardrail.errors import PolicyError
from guardrail.integrations.litellm import LeakGuardrail

FOLDER, ADDRESS = Path(sys.argv[1]), sys.argv[2]
KEY = "sk_" + "live_" + "A1" * 12
POLICIES = ("redact", "refuse", "prompt", "observe")
CONFIG = {
    "model_list": [
        {
            "model_name": "gpt",
            "litellm_params": {
                "model": "openai/gpt",
                "api_base": f"{ADDRESS}/v1",
                "api_key": "sk-test",
            },
        },
        {
            "model_name": "claude",
            "litellm_params": {
                "model": "anthropic/claude-sonnet-4-5",
                "api_base": ADDRESS,
                "api_key": "sk-test",
            },
        },
    ],
    "guardrails": [
        {
            "guardrail_name": name,
            "litellm_params": {
                "guardrail": "guardrail.integrations.litellm.LeakGuardrail",
                "mode": ["pre_call", "post_call"],
                "policy": str(FOLDER / f"{name}.toml"),
            },
        }
        for name in POLICIES
    ],
    "general_settings": {
        "pass_through_endpoints": [
            {
                "path": "/passed",
                "target": f"{ADDRESS}/v1/chat/completions",
                "guardrails": ["prompt"],
            }
        ]
    },
}
TURNS = [{"role": "user", "content": f"What is {KEY} for? Tell me what stands in the file."}]
FUNCTION = {"name": "keep", "parameters": {"type": "object", "properties": {}}}
TOOLS = [{"type": "function", "function": FUNCTION}]
CHAT = {"model": "gpt", "messages": TURNS}
CLAUDE = {"model": "claude", "messages": TURNS, "max_tokens": 100}
RESPONSES = {"model": "gpt", "input": TURNS[0]["content"]}
CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "chat": ("/v1/chat/completions", CHAT),
    "chat many": ("/v1/chat/completions", CHAT | {"n": 2, "logprobs": True}),
    "chat tools": ("/v1/chat/completions", CHAT | {"tools": TOOLS}),
    "chat claude": ("/v1/chat/completions", CLAUDE),
    "completion": ("/v1/completions", {"model": "gpt", "prompt": TURNS[0]["content"]}),
    "messages": ("/v1/messages", CLAUDE),
    "responses": ("/v1/responses", RESPONSES),
}
CASES |= {f"{name} stream": (path, body | {"stream": True}) for name, (path, body) in CASES.items()}
HELLO = {"role": "user", "content": "Hello there."}
GEMINI = {"contents": [{"role": "user", "parts": [{"text": TURNS[0]["content"]}]}]}
# Routes in no form that the guard knows, and fields that LiteLLM would send on.
OTHERS: dict[str, tuple[str, dict[str, Any]]] = {
    "gemini": ("/v1beta/models/gpt:generateContent", GEMINI),
    "gemini stream": ("/v1beta/models/gpt:streamGenerateContent", GEMINI),
    "passed": ("/passed", CHAT | {"messages": [HELLO]}),
    "passed key": ("/passed", CHAT | {"messages": [HELLO], "note": TURNS[0]["content"]}),
    "extra": (
        "/v1/chat/completions",
        CHAT | {"messages": [HELLO], "extra_body": {"messages": TURNS}},
    ),
    "newline": ("/v1/chat/completions%0A", CHAT),
}
_TEXTS = frozenset({"content", "text", "arguments", "partial_json", "delta", "thinking", "message"})
_TOKENS = frozenset({"token"})


def said(value: Any, keys: frozenset[str] = _TEXTS) -> Iterator[str]:
    """The texts of an answer, in order; the arguments of a whole tool call as they are read."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in keys and isinstance(inner, str):
                yield inner
            else:
                yield from said(inner, keys)
    elif isinstance(value, list):
        for inner in value:
            yield from said(inner, keys)


def events(text: str) -> list[Any]:
    if not text.lstrip().startswith(("data:", "event:")):
        return [json.loads(text)]
    lines = [line[5:].strip() for line in text.splitlines() if line.startswith("data:")]
    return [json.loads(line) for line in lines if line != "[DONE]"]


def reader() -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=proxy_server.app)
    return httpx.AsyncClient(transport=transport, base_url="http://proxy", timeout=30)


async def asked(client: httpx.AsyncClient, name: str, policy: str | None) -> dict[str, Any]:
    path, body = (CASES | OTHERS)[name]
    given = body | ({} if policy is None else {"guardrails": [policy]})
    answer = await client.post(path, json=given)
    told = events(answer.text)
    return {
        "status": answer.status_code,
        "text": "".join(said(told)),
        "tokens": " ".join(said(told, _TOKENS)),
        "reasons": sorted({reason for reason in _reasons(told) if reason}),
        "events": len(told),
    }


def _reasons(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in ("finish_reason", "stop_reason", "reason") and isinstance(inner, str):
                yield inner
            yield from _reasons(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _reasons(inner)


async def sdk(policy: str | None) -> dict[str, Any]:
    """`acompletion` without the proxy."""
    given = CONFIG["model_list"][0]["litellm_params"] | {"messages": TURNS}
    chosen = {} if policy is None else {"guardrails": [policy]}
    try:
        told = await litellm.acompletion(**given, **chosen)
    except (ModifyResponseException, GuardrailRaisedException) as error:
        return {"raised": type(error).__name__, "message": error.message}
    return {"text": told.choices[0].message.content, "reason": told.choices[0].finish_reason}


async def unseen() -> dict[str, Any]:
    """Where LiteLLM calls no guardrail, though one is chosen."""
    given = CONFIG["model_list"][0]["litellm_params"] | {"messages": TURNS}
    stream = await litellm.acompletion(**given, guardrails=["redact"], stream=True)
    pieces = [chunk.choices[0].delta.content or "" async for chunk in stream]
    whole = await asyncio.to_thread(litellm.completion, **given, guardrails=["redact"])
    return {"stream": "".join(pieces), "sync": whole.choices[0].message.content}


async def applied(policy: str, kind: Any = "response", **inputs: Any) -> dict[str, Any]:
    """What `/guardrails/apply_guardrail` asks of the class."""
    guardrail = LeakGuardrail(policy=FOLDER / f"{policy}.toml")
    try:
        told = await guardrail.apply_guardrail(
            inputs=inputs, request_data={}, input_type=kind, logging_obj=None
        )
    except (ModifyResponseException, GuardrailRaisedException) as error:
        return {"raised": type(error).__name__, "message": error.message}
    return {"text": " ".join(strings(told))}


HOOK = "async_post_call_streaming_iterator_hook"


async def early() -> dict[str, Any]:
    """A reader who leaves closes what comes from upstream."""
    closed = []

    async def source() -> AsyncIterator[Any]:
        try:
            while True:
                yield litellm.ModelResponseStream(
                    choices=[{"index": 0, "delta": {"content": "Hi. "}}]
                )
        finally:
            closed.append(True)

    guardrail = LeakGuardrail(Guard.from_policy(FOLDER / "redact.toml"))
    stream = getattr(guardrail, HOOK)(None, source(), {"messages": TURNS})
    await anext(stream)
    await stream.aclose()
    return {"closed": closed == [True]}


async def ended() -> dict[str, Any]:
    """What comes from upstream is read to its end, which LiteLLM waits for to count it."""
    read = []

    async def source() -> AsyncIterator[Any]:
        yield b'data: {"choices": [{"index": 0, "delta": {"content": "Hi."}}]}\n\ndata: [DONE]\n\n'
        read.append(True)

    guardrail = LeakGuardrail(Guard.from_policy(FOLDER / "redact.toml"))
    told = [one async for one in getattr(guardrail, HOOK)(None, source(), {"messages": TURNS})]
    return {"read": read == [True], "done": b"".join(told).endswith(b"data: [DONE]\n\n")}


async def fields(policy: str) -> dict[str, Any]:
    """What LiteLLM adds to a delta of its own is left out, and reasoning is read."""
    words = [f"{word} " for word in SAID.split()]
    deltas: list[dict[str, Any]] = [
        {
            "reasoning_content": word,
            "thinking_blocks": [{"type": "thinking", "thinking": word}],
            "provider_specific_fields": {"said": word},
        }
        for word in words
    ]

    async def source() -> AsyncIterator[Any]:
        for delta in deltas:
            yield litellm.ModelResponseStream(choices=[{"index": 0, "delta": delta}])
        last = {"index": 0, "delta": {}, "finish_reason": "stop"}
        yield litellm.ModelResponseStream(choices=[last])

    guardrail = LeakGuardrail(Guard.from_policy(FOLDER / f"{policy}.toml"))
    stream = getattr(guardrail, HOOK)(None, source(), {"messages": TURNS})
    told = [chunk.model_dump(exclude_none=True) async for chunk in stream]
    own = frozenset({"thinking", "said", "content"})
    return {
        "text": "".join(said(told, frozenset({"reasoning_content"}))),
        "own": "".join(said(told, own)),
        "reasons": sorted(set(_reasons(told))),
    }


async def binary() -> dict[str, Any]:
    """An answer that is no JSON cannot be read."""
    guardrail = LeakGuardrail(Guard.from_policy(FOLDER / "redact.toml"))
    try:
        await guardrail.async_post_call_success_hook({"messages": TURNS}, None, b"sound")
    except GuardrailRaisedException as error:
        return {"raised": type(error).__name__, "message": error.message}
    return {}


async def readme() -> dict[str, Any]:
    """The README's configuration of the proxy: nobody has to ask for the guardrail."""
    given = {"model_list": CONFIG["model_list"]} | yaml.safe_load(block("yaml", "LeakGuardrail"))
    (FOLDER / "policy.toml").write_text((FOLDER / "redact.toml").read_text())
    (FOLDER / "readme.yaml").write_text(json.dumps(given))
    await proxy_server.initialize(config=str(FOLDER / "readme.yaml"))
    async with reader() as client:
        return await asked(client, "chat", None)


def unmade() -> str:
    try:
        LeakGuardrail()
    except PolicyError as error:
        return str(error)
    return ""


def tell(case: str, told: dict[str, Any]) -> None:
    print(json.dumps({"case": case} | told), flush=True)  # noqa: T201 - read by the runner


async def main() -> None:
    (FOLDER / "litellm.yaml").write_text(json.dumps(CONFIG))
    await proxy_server.initialize(config=str(FOLDER / "litellm.yaml"))
    async with reader() as client:
        for policy in (None, *POLICIES):
            for name in CASES:
                tell(f"{policy} {name}", await asked(client, name, policy))
            tell(f"{policy} sdk", await sdk(policy))
        for policy in ("redact", "prompt", "observe"):
            for name in OTHERS:
                tell(f"{policy} {name}", await asked(client, name, policy))
    calls = [{"id": "1", "type": "function", "function": {"name": "keep"}}]
    calls[0]["function"]["arguments"] = json.dumps(ARGUMENTS)
    tell("apply", await applied("redact", texts=[SAID, "Fine."], tool_calls=calls))
    tell("apply refused", await applied("refuse", texts=["Fine.", SAID]))
    tell("apply prompt", await applied("prompt", "request", texts=[KEY]))
    tell("apply throttled", await applied("throttle", "request", texts=[KEY]))
    tell("apply fine", await applied("prompt", "request", texts=["Hello."]))
    tell("unseen", await unseen())
    tell("early", await early())
    tell("ended", await ended())
    tell("fields control", await fields("observe"))
    tell("fields", await fields("redact"))
    tell("binary", await binary())
    tell("unmade", {"message": unmade()})
    # From here on a guardrail is always on.
    tell("readme", await readme())


# The README's policy lies beside it.
os.chdir(FOLDER)
logging.disable(logging.CRITICAL)
litellm.suppress_debug_info = True
asyncio.run(main())
