"""Answers that are fetched again, and what a provider tells in no form of its own."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail import Action, Guard
from guardrail.disclosure import Disclosure
from guardrail.exchange import Exchange
from guardrail.surface import Surface
from tests.guardrail.wire.exchanges import JSON, LINES, MARK, REFUSAL, SECRET, SSE, fed, guard

RARE = 0.123456
TOKENS = [{"token": "Hi", "logprob": -RARE, "bytes": None, "top_logprobs": []}]
USAGE = {"prompt_tokens": 3, "total_tokens": 77777}
DROPS = Disclosure(usage="drop", embeddings="deny")
CHAT, RESPONSE = "/v1/chat/completions", "/v1/responses/resp_0a"


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


def listed(*rows: Any) -> dict[str, Any]:
    return {"object": "list", "data": list(rows), "has_more": False}


def told(held: Guard, method: str, path: str, raw: bytes, headers: Any = JSON) -> str:
    """All that goes out for a request without a body."""
    opened = Exchange(held, method=method, path=path, headers=JSON, query="stream=true")
    assert opened.admit() is None
    answer = opened.answer(200, headers)
    return (fed(answer, raw, len(raw)) + answer.close()).decode()


STORED: list[tuple[str, str, Any]] = [
    ("GET", f"{CHAT}/chatcmpl-1", completion(SECRET)),
    ("POST", f"{CHAT}/chatcmpl-1", completion(SECRET)),
    ("GET", f"{CHAT}/chatcmpl-1/", completion(SECRET)),
    ("GET", CHAT, listed(completion("Hi"), completion(SECRET))),
    ("GET", f"{CHAT}/chatcmpl-1/messages", listed({"role": "user", "content": SECRET})),
    ("GET", RESPONSE, response(SECRET)),
    ("POST", f"{RESPONSE}/cancel", response(SECRET)),
    ("GET", f"{RESPONSE}/input_items", listed(item("Hi"), item(SECRET))),
    ("GET", "/v1/responses/another_0a", response(SECRET)),
    ("GET", "/v1/conversations/conv_1/items", listed(item(SECRET))),
]


@pytest.mark.parametrize(("method", "path", "body"), STORED)
def test_a_stored_answer_discloses_no_more(method: str, path: str, body: Any) -> None:
    """Its text is redacted, log-probabilities and counts go as they went when it was made."""
    out = told(guard(disclosure=DROPS), method, path, json.dumps(body).encode())
    assert (SECRET in out, str(RARE) in out, "77777" in out) == (False, False, False)
    shown, hidden = json.loads(out), json.dumps(body).replace(SECRET, MARK)
    assert shown.keys() == json.loads(hidden).keys()
    assert out.count(MARK) == hidden.count(MARK)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (f"{CHAT}/chatcmpl-1", {"object": "chat.completion.deleted", "deleted": True}),
        (RESPONSE, {"id": "resp_0a", "object": "response", "deleted": True}),
    ],
)
def test_what_else_is_said_of_a_stored_answer_passes(path: str, body: Any) -> None:
    """It has no text, and nothing is added to it."""
    assert json.loads(told(guard(), "DELETE", path, json.dumps(body).encode())) == body


def test_a_stored_answer_streams_in_its_form() -> None:
    """Redacted or refused event by event, and ended as one that is made."""
    at = {"output_index": 0, "content_index": 0, "item_id": "msg_1"}
    delta = {"type": "response.output_text.delta", "delta": f"So: {SECRET}", "logprobs": TOKENS}
    last = {"type": "response.completed", "response": response(f"So: {SECRET}")}
    raw = "".join(f"data: {json.dumps(one)}\n\n" for one in (delta | at, last)).encode()
    out = told(guard(disclosure=DROPS), "GET", RESPONSE, raw, SSE)
    assert (SECRET in out, str(RARE) in out, "77777" in out) == (False, False, False)
    assert (MARK in out, out.count("response.completed")) == (True, 2)
    refused = told(guard(Action.REFUSE), "GET", RESPONSE, raw, SSE)
    assert (SECRET in refused, REFUSAL in refused) == (False, True)
    assert "event: response.incomplete" in refused


@given(
    st.sampled_from([CHAT, "/v1/completions", "/v1/responses", "/v1/embeddings", "/v1/messages"]),
    st.sampled_from([b"", b"{}", b'{"Text": "hello", "top_logprobs": 5}']),
    st.sampled_from(["GET", "POST"]),
    st.booleans(),
    st.sampled_from([JSON, SSE]),
)
def test_no_request_chooses_what_is_told(
    path: str, asks: bytes, method: str, own: bool, headers: Any
) -> None:
    """Where a request is in no form, or its path is said to be an application's own."""
    vector = {"object": "list", "data": [{"index": 0, "embedding": [RARE, 1.0]}], "usage": USAGE}
    surface = Surface(plain=("/v1/*",) if own else ())
    asks = json.dumps({"model": "m", "messages": []}).encode() if own else asks
    for body in (completion("Hi"), response("Hi"), vector):
        opened = Exchange(
            guard(disclosure=DROPS), method=method, path=path, body=asks, surface=surface
        )
        assert opened.admit() is None
        answer, raw = opened.answer(200, headers), json.dumps(body).encode()
        raw = b"data: " + raw + b"\n\n" if headers is SSE else raw
        out = (fed(answer, raw, len(raw)) + answer.close()).decode()
        assert out
        assert (str(RARE) in out, "77777" in out) == (False, False)


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


CODED = base64.b64encode(np.full(4, RARE, "<f4").tobytes()).decode()


@pytest.mark.parametrize(
    ("vector", "left"),
    [
        ([RARE, 0.5], None),
        (CODED, None),
        ({"base64": CODED, "object": "embedding"}, {"base64": None, "object": "embedding"}),
        ([{"index": 7, "vector": CODED}], [{"index": 7, "vector": None}]),
        ([{"index": 7, "value": RARE}], [{"index": 7, "value": None}]),
        ({"0": RARE, "1": 0.5}, {"0": None, "1": None}),
        ([str(RARE), " 1e-7"], [None, None]),
        ({"float": [[RARE]], "int8": [[3]]}, {"float": [None], "int8": [None]}),
    ],
)
@pytest.mark.parametrize("headers", [JSON, SSE, LINES])
def test_no_vector_is_told_in_any_form(vector: Any, left: Any, headers: Any) -> None:
    """Its place and name are."""
    raw = json.dumps({"embeddings": vector}).encode()
    raw = b"data: " + raw + b"\n\n" if headers is SSE else raw + b"\n"
    out = told(guard(disclosure=DROPS), "GET", "/own", raw, headers)
    assert json.loads(out.removeprefix("data: ")) == {"embeddings": left}


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
