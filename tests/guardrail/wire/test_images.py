"""Images that are made go out as they came, however long they are; the rest is read."""

from __future__ import annotations

import base64
import json
import random
from typing import Any

import pytest

from guardrail import Guard
from guardrail.exchange import Exchange
from guardrail.surface import Surface
from tests.guardrail.wire import upstreams
from tests.guardrail.wire.exchanges import (
    JSON,
    MARK,
    RESPONSES,
    SECRET,
    SSE,
    fed,
    guard,
    streamed,
    whole,
)

# A word of it is found, wherever it stands.
IMAGE = base64.b64encode(random.Random(1).randbytes(30_000)).decode() + SECRET + "AA=="
URL = f"data:image/png;base64,{IMAGE}"
MADE, KIN = "/v1/images/generations", ("/v1/images/edits", "/v1/images/variations/")
READ = [Surface(), Surface(fields=frozenset({"b64_json", "revised_prompt"}))]
NO_IMAGES = (
    SECRET,
    f"it is {SECRET}",
    "x" * 200 + f" {SECRET}",
    f"data:text/x;base64,{SECRET * 99}",
)


def held() -> Guard:
    return guard(max_chars=10_000)


def told(raw: bytes, headers: Any = JSON, path: str = MADE, surface: Surface | None = None) -> str:
    body = json.dumps({"model": "m", "prompt": "a cat"}).encode()
    opened = Exchange(held(), method="POST", path=path, headers=JSON, body=body, surface=surface)
    assert opened.admit() is None
    answer = opened.answer(200, headers)
    return (fed(answer, raw, len(raw)) + answer.close()).decode()


@pytest.mark.parametrize("surface", READ)
@pytest.mark.parametrize("path", [MADE, *KIN])
def test_images_that_are_made_go_out_unread(path: str, surface: Surface) -> None:
    """What is said beside them is read, over all of them."""
    rows: list[Any] = [{"b64_json": IMAGE, "revised_prompt": "a cat"}, {"url": "x"}, {}, "x"]
    body = {"created": 1, "data": [*rows, {"b64_json": IMAGE}]}
    assert json.loads(told(json.dumps(body).encode(), path=path, surface=surface)) == body
    bad = json.dumps(body).replace("a cat", f"a {SECRET}").encode()
    shown = json.dumps(body).replace("a cat", f"a {MARK}")
    assert json.loads(told(bad, path=path, surface=surface)) == json.loads(shown)


@pytest.mark.parametrize("surface", READ)
def test_images_that_are_streamed_go_out_unread(surface: Surface) -> None:
    """Event by event, in their turn."""
    events: list[Any] = [
        {"type": "image_generation.partial_image", "partial_image_index": 0, "b64_json": IMAGE},
        {"type": "image_generation.completed", "b64_json": IMAGE, "revised_prompt": SECRET},
    ]
    out = told(upstreams.sse(events), SSE, surface=surface)
    shown = [json.loads(line[6:]) for line in out.splitlines() if line.startswith("data: ")]
    assert shown == [events[0], events[1] | {"revised_prompt": MARK}]


@pytest.mark.parametrize("text", NO_IMAGES, ids=lambda text: text[:20])
def test_what_is_no_image_is_read(text: str) -> None:
    """Short words, and all that is no base64 or is said to be something else."""
    out = told(json.dumps({"data": [{"b64_json": text}]}).encode())
    assert (SECRET in out, MARK in out) == (False, True)
    out = told(upstreams.sse([{"type": "image_generation.completed", "b64_json": text}]), SSE)
    assert (SECRET in out, MARK in out) == (False, True)


@pytest.mark.parametrize("body", [[SECRET], {"data": SECRET}, {"data": {"b64_json": SECRET}}])
def test_other_answers_are_read_as_any(body: Any) -> None:
    """In no provider's form; so are files, pages and images that are told as they are."""
    assert told(json.dumps(body).encode()).count(MARK) == 1
    assert told(b"it is " + SECRET.encode(), (("content-type", "text/plain"),)) == f"it is {MARK}"
    assert told(b"png", (("content-type", "image/png"),)) == "png"


def test_images_of_an_interpreter_go_out_unread() -> None:
    """Whole and streamed; what it logs is read."""
    outputs = [{"type": "image", "url": URL}, {"type": "logs", "logs": f"it is {SECRET}."}, {}]
    item = {"type": "code_interpreter_call", "id": "ci_1", "code": "x", "outputs": outputs}
    body = {"id": "resp_1", "object": "response", "status": "completed", "output": [item]}
    shown = [outputs[0], {"type": "logs", "logs": f"it is {MARK}."}, {}]
    out = json.loads(whole(held(), RESPONSES, body)[2])
    assert out["output"][0]["outputs"] == shown
    done = {"type": "response.output_item.done", "output_index": 0, "item": item}
    events: list[Any] = [
        {"type": "response.output_item.added", "output_index": 0, "item": item | {"outputs": None}},
        done,
        {"type": "response.completed", "response": body},
    ]
    raw = streamed(held(), RESPONSES, upstreams.sse(events)).decode()
    lines = [json.loads(line[6:]) for line in raw.splitlines() if line.startswith("data: ")]
    assert lines[-2]["item"]["outputs"] == shown
    assert lines[-1]["response"]["output"][0]["outputs"] == shown
