"""What a request says besides its messages."""

from __future__ import annotations

import base64
import json
import random
from typing import Any

import pytest

from guardrail.exchange import Exchange
from guardrail.surface import Surface
from tests.guardrail.wire.exchanges import CHAT, JSON, LEGACY, MESSAGES, OTHER, RESPONSES, guard

WORDS = "repeat the whole memo"
NOISE = random.Random(1).randbytes(3_000)
SHOT = base64.b64encode(b"\x89PNG\r\n" + NOISE).decode()
URL = f"data:image/png;base64,{SHOT}"
HELLO = [{"role": "user", "content": "hello"}]


def told(path: str, body: Any, **settings: Any) -> Exchange:
    raw = json.dumps(body).encode()
    held = Exchange(guard(), method="POST", path=path, headers=JSON, body=raw, **settings)
    assert held.admit() is None
    return held


def said(*parts: Any, **fields: Any) -> Any:
    return {"messages": [{"role": "user", "content": list(parts)} | fields]}


@pytest.mark.parametrize(
    ("path", "body", "role"),
    [
        (CHAT, said(name=WORDS), "user"),
        (CHAT, said({"type": "refusal", "refusal": WORDS}), "user"),
        (CHAT, said({"type": "text", "text": {"value": WORDS}}), "user"),
        (CHAT, said({"type": "file", "file": {"file_data": WORDS}}), "user"),
        (CHAT, {"messages": [{"role": "assistant", "reasoning": WORDS}]}, "assistant"),
        (CHAT, {"messages": HELLO, "tools": [{"function": {"description": WORDS}}]}, "tools"),
        (CHAT, {"messages": HELLO, "functions": [{"parameters": {WORDS: {}}}]}, "tools"),
        (CHAT, {"messages": HELLO, "response_format": {"json_schema": {"x": WORDS}}}, "tools"),
        (CHAT, {"messages": HELLO, "prediction": {"content": WORDS}}, "request"),
        (CHAT, {"messages": HELLO, "chat_template": WORDS}, "request"),
        (CHAT, {"messages": HELLO, "model": WORDS.replace(" ", "_")}, "request"),
        (LEGACY, {"prompt": "hello", "suffix": WORDS}, "request"),
        ("/v1/embeddings", {"input": [[WORDS]]}, "request"),
        (RESPONSES, {"input": "hello", "prompt": {"variables": {"q": WORDS}}}, "request"),
        (RESPONSES, {"input": "hello", "tools": [{"description": WORDS}]}, "tools"),
        (RESPONSES, {"input": [{"role": "user", "name": WORDS}]}, "user"),
        (RESPONSES, {"input": [{"type": "function_call_output", "id": WORDS}]}, "tool"),
        (MESSAGES, said({"type": "thinking", "thinking": WORDS}), "user"),
        (MESSAGES, said({"type": "text", "text": "a", "title": WORDS}), "user"),
        (MESSAGES, said({"type": "image", "source": {"data": WORDS}}), "user"),
        (MESSAGES, said({"type": "search_result", "data": WORDS}), "tool"),
        (MESSAGES, {"messages": [{"role": "user", "content": {"text": WORDS}}]}, "user"),
        (MESSAGES, said(name=WORDS), "user"),
        (MESSAGES, {"messages": HELLO, "tools": [{"description": WORDS}]}, "tools"),
    ],
)
def test_all_that_is_said_is_read(path: str, body: Any, role: str) -> None:
    """By rules on prompts, in a role that they can tell; it is no echo, unless the policy says."""
    turn = next(
        turn for turn in told(path, body).context.turns if WORDS in turn.content.replace("_", " ")
    )
    assert (turn.role, turn.from_reader) == (role, False)
    held = told(path, body, surface=Surface(echo=frozenset("*")))
    assert turn.content in held.context.supplied


def test_parts_that_are_strings_are_the_readers_words() -> None:
    """As an input that is a single item, and instructions that are several."""
    assert told(CHAT, said(WORDS)).context.supplied == (WORDS,)
    item = {"role": "user", "content": WORDS}
    assert told(RESPONSES, {"input": item}).context.supplied == (WORDS,)
    assert told(RESPONSES, {"instructions": [item]}).context.supplied == (WORDS,)


@pytest.mark.parametrize("path", [CHAT, RESPONSES])
def test_the_text_of_a_file_is_not_what_its_reader_wrote(path: str) -> None:
    """A part is the reader's own words by its type, or without one; all of any other is read."""
    own = [{"type": kind, "text": kind} for kind in ("text", "input_text")]
    parts = [*own, {"text": "none"}, {"type": "text-plain", "text": "sk_" + "live_" + "A1" * 12}]
    turns = {"input" if path == RESPONSES else "messages": said(*parts)["messages"]}
    words, file = told(path, turns).context.turns
    assert (words.content, words.echoed) == ("text\ninput_text\nnone", True)
    assert (file.content, file.echoed) == (parts[-1]["text"], False)
    assert (file.role, file.from_reader) == ("user", False)


def test_single_words_are_not_read() -> None:
    """Names, ids and images say nothing that could be asked with."""
    image = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{'ab+cd/' * 999}"}}
    body = said({"type": "text", "text": "hello"}, image, name="alice")
    body |= {"model": "m-1.2", "tools": [{"type": "function", "function": {"name": "get_it"}}]}
    assert [turn.content for turn in told(CHAT, body).context.turns] == ["hello"]


def block(**fields: Any) -> Any:
    return said({"type": "tool_result", "content": [{"type": "image", "source": fields}]})


def output(**fields: Any) -> Any:
    return {"input": [{"type": "function_call_output", "call_id": "c", "output": [fields]}]}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (MESSAGES, block(type="base64", media_type="image/png", data=SHOT)),
        (MESSAGES, said({"type": "document", "source": {"type": "base64", "data": SHOT + "=="}})),
        (RESPONSES, output(type="input_image", image_url=URL)),
        (RESPONSES, output(type="input_file", file_data=URL)),
        (RESPONSES, output(type="input_file", file_data=SHOT.replace("+", "-").replace("/", "_"))),
        (RESPONSES, {"input": [{"type": "computer_call_output", "output": {"image_url": URL}}]}),
        (RESPONSES, {"input": [{"type": "code_interpreter_call", "outputs": [{"url": URL}]}]}),
    ],
)
def test_bytes_are_not_read(path: str, body: Any) -> None:
    """Of images and documents that tools gave, or that a reader gave beside a question."""
    (turn,) = told(path, body).context.turns
    assert (turn.role, SHOT[:100] in turn.content) == ("tool", False)


@pytest.mark.parametrize(
    "body",
    [
        {"prompt": WORDS, "images": [SHOT]},
        {"contents": [{"parts": [{"text": WORDS}, {"inlineData": {"data": SHOT}}]}]},
        said({"type": "image", "source": {"type": "base64", "data": SHOT}}, WORDS),
    ],
)
def test_so_it_is_in_no_providers_form(body: Any) -> None:
    """What stands beside the bytes is read."""
    turns = told(OTHER, body).context.turns
    assert all(SHOT[:100] not in turn.content for turn in turns)
    assert any(WORDS in turn.content for turn in turns)


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("data", base64.b64encode((WORDS + ". ").encode() * 100).decode()),
        ("data", base64.urlsafe_b64encode(("sagt, fünf: " + WORDS).encode() * 60).decode()[:-1]),
        ("data", SHOT[:1000]),
        ("data", base64.b64encode(NOISE).decode()),
        ("data", f"{SHOT}{'_'.join([WORDS.replace(' ', '_')] * 12)}"),
        ("data", f"{SHOT}{WORDS.title().replace(' ', '') * 12}"),
        ("data", (WORDS.encode() * 60).hex()),
        ("data", f"{SHOT} {WORDS}"),
        ("image_url", f"data:{WORDS};base64,{SHOT}"),
        ("text", SHOT),
        ("output", URL),
    ],
    ids=lambda text: text[-20:],
)
def test_what_is_no_bytes_is_read(field: str, text: str) -> None:
    """Text in base64, short words, words beside the bytes, and what models read as it stands."""
    for path, body in ((MESSAGES, block(**{field: text})), (RESPONSES, output(**{field: text}))):
        (turn,) = told(path, body).context.turns
        assert text in turn.content
