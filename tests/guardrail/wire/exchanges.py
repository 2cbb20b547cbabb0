"""Whole exchanges: bytes in, bytes out, cut anyhow."""

from __future__ import annotations

import json
import random
import re
from typing import Any

from guardrail import Action, Detector, Guard, Rule
from guardrail.exchange import Answer, Exchange
from guardrail.surface import Surface
from tests.strategies import Following, Pattern, Quoted

SECRET = "zq" + "1234"
HALVES = (SECRET[:3], SECRET[3:])
REFUSAL = "I can't share that."
MARK = "[redacted]"

CHAT, LEGACY = "/v1/chat/completions", "/v1/completions"
RESPONSES, MESSAGES, OTHER = "/v1/responses", "/v1/messages", "/say"

JSON = (("content-type", "application/json"),)
SSE = (("content-type", "text/event-stream; charset=utf-8"),)
LINES = (("content-type", "application/x-ndjson"),)
TEXT = (("content-type", "text/plain"),)

ASKS: dict[str, Any] = {
    CHAT: {"model": "m", "messages": [{"role": "user", "content": "hello"}]},
    LEGACY: {"model": "m", "prompt": "hello"},
    RESPONSES: {"model": "m", "input": "hello"},
    MESSAGES: {"model": "m", "messages": [{"role": "user", "content": "hello"}]},
    OTHER: {"question": "hello"},
    "/v1/embeddings": {"model": "m", "input": "hello"},
}


_OURS = re.compile(rb'"(chatcmpl-|cmpl-|resp_|msg_|msg_01)[0-9A-Za-z]{20,}"')
_CREATED = re.compile(rb'"(created|created_at)":[0-9]+')


def masked(raw: bytes) -> bytes:
    """What is answered without ids that are made for a refusal, and the time of it."""
    return _CREATED.sub(rb'"\1":1', _OURS.sub(rb'"\1..."', raw))


def guard(action: Action = Action.REDACT, **settings: Any) -> Guard:
    """Finds one word, and what stands in angle brackets."""
    rules = (
        Rule(Pattern("zq[0-9]{4}", 6), id="word", action=action),
        Rule(Quoted(), id="quoted", action=action),
    )
    return Guard(rules, **settings)


def edits() -> Guard:
    """Finds what may go on from one text to the next, in three ways."""
    known: tuple[Detector, ...] = (Pattern("b[a-z]{1,3}", 4), Quoted(), Following())
    return Guard([Rule(one, id=f"rule{number}") for number, one in enumerate(known)])


def exchange(held: Guard, path: str, *, streams: bool = False, **settings: Any) -> Exchange:
    """An exchange that was admitted."""
    body = json.dumps(ASKS[path] | {"stream": streams}).encode()
    opened = Exchange(held, method="POST", path=path, headers=JSON, body=body, **settings)
    assert opened.admit() is None
    return opened


def fed(answer: Answer, raw: bytes, seed: int = 0) -> bytes:
    """What comes out while the bytes come in, cut by a seed; the end is the caller's."""
    chance, out, place = random.Random(seed), [], 0
    longest = chance.choice([1, 30, 500, 10_000])
    while place < len(raw) and not answer.done:
        size = chance.randint(1, longest)
        out.append(answer.feed(raw[place : place + size]))
        place += size
    return b"".join(out)


def streamed(held: Guard, path: str, raw: bytes, seed: int = 0, *, headers: Any = SSE) -> bytes:
    """All that goes out for a streamed answer."""
    answer = exchange(held, path, streams=True).answer(200, headers)
    assert not answer.whole
    out = fed(answer, raw, seed) + answer.close()
    answer.cancel()
    return out


def whole(
    held: Guard,
    path: str,
    body: Any,
    *,
    status: int = 200,
    headers: Any = JSON,
    surface: Surface | None = None,
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of an answer that is told at its end."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = exchange(held, path, surface=surface).answer(status, headers)
    out = fed(answer, raw, len(raw))
    if answer.whole or not answer.done:
        out += answer.close()
    return answer.status, dict(answer.headers), out
