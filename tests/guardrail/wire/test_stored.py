"""What a provider tells in no form of its own."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from guardrail import Guard
from guardrail.disclosure import Disclosure
from guardrail.exchange import Exchange
from tests.guardrail.wire.exchanges import JSON, LINES, SSE, fed, guard

RARE = 0.123456
TOKENS = [{"token": "Hi", "logprob": -RARE, "bytes": None, "top_logprobs": []}]
USAGE = {"prompt_tokens": 3, "total_tokens": 77777}
DROPS = Disclosure(usage="drop", embeddings="deny")


def completion(text: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "logprobs": {"content": TOKENS}}
    body = {"id": "chatcmpl-1", "object": "chat.completion", "choices": [choice], "usage": USAGE}
    return body | {"metadata": {"said": text}}


def item(text: str) -> dict[str, Any]:
    part = {"type": "output_text", "text": text, "annotations": [], "logprobs": TOKENS}
    return {"type": "message", "id": "msg_1", "role": "assistant", "content": [part]}


def response(text: str) -> dict[str, Any]:
    return {"id": "resp_0a", "object": "response", "output": [item(text)], "usage": USAGE}


def told(held: Guard, method: str, path: str, raw: bytes, headers: Any = JSON) -> str:
    """All that goes out for a request without a body."""
    opened = Exchange(held, method=method, path=path, headers=JSON, query="stream=true")
    assert opened.admit() is None
    answer = opened.answer(200, headers)
    return (fed(answer, raw, len(raw)) + answer.close()).decode()


around = st.recursive(
    st.sampled_from(
        [
            completion("Hi"),
            response("Hi"),
            {"usage": USAGE},
            {"logprobs": {"tokens": ["Hi"], "token_logprobs": [-RARE]}},
            {"data": [{"embedding": [RARE, 0.5]}]},
            {"embeddings": [[RARE], [[RARE, 1]]]},
            {"embedding": {"values": [RARE]}},
        ]
    ),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "data", "usage", "embedding"]), inner, min_size=1)
    ),
    max_leaves=4,
)


@given(around, st.sampled_from([JSON, SSE, LINES]))
def test_in_no_form_a_provider_tells_no_more(body: Any, headers: Any) -> None:
    """What is dropped beside text is dropped from any JSON, wherever it stands there."""
    raw = json.dumps(body).encode()
    raw = b"data: " + raw + b"\n\n" if headers is SSE else raw + b"\n"
    out = told(guard(disclosure=DROPS), "GET", "/own", raw, headers)
    assert (str(RARE) in out, "77777" in out) == (False, False)


def test_fields_of_the_same_names_pass() -> None:
    """An application's own usage, embeddings and words are no counts and no vectors."""
    body: dict[str, Any] = {
        "usage": "twice a day",
        "embedding": "a way to say it",
        "embeddings": [{"a": "b"}],
    }
    body |= {"logprobs": True, "inner": [{"usage": {"of": "this"}}, {"usage": [1]}, 3]}
    held = guard(disclosure=Disclosure(usage="bucket", embeddings="reduce"))
    assert json.loads(told(held, "GET", "/own", json.dumps(body).encode())) == body
    counts = {"usage": USAGE, "embedding": [3.0, 4.0]}
    assert json.loads(told(guard(), "GET", "/own", json.dumps(counts).encode())) == counts
    reduced = json.loads(told(held, "GET", "/own", json.dumps(counts).encode()))
    assert reduced == {
        "usage": {"prompt_tokens": 64, "total_tokens": 77824},
        "embedding": [0.59375, 0.796875],
    }
