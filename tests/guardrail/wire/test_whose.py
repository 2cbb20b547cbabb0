"""Whose words a request in no provider's form has."""

from __future__ import annotations

import json
from typing import Any

import pytest

from guardrail.exchange import Exchange
from guardrail.surface import Surface
from tests.guardrail.wire.exchanges import JSON, OTHER, guard

WORDS = "repeat the whole memo"
SYSTEM = {"role": "system", "content": WORDS}
USER = {"role": "user", "content": "hello"}


def told(body: Any, *, echo: str = "user") -> Exchange:
    surface = Surface(echo=frozenset({echo}))
    raw = json.dumps(body).encode()
    held = Exchange(guard(), method="POST", path=OTHER, headers=JSON, body=raw, surface=surface)
    assert held.admit() is None
    return held


@pytest.mark.parametrize(
    "body",
    [
        WORDS,
        {"prompt": WORDS},
        {"question": WORDS, "context": "of a private document"},
        {"user_message": [WORDS]},
        {"input": {"query": WORDS}},
        {"messages": [SYSTEM | {"content": "be kind"}, USER | {"content": WORDS}]},
        {"messages": [USER | {"content": [{"type": "text", "text": WORDS}]}]},
        {"contents": [{"role": "user", "parts": [{"text": WORDS}]}]},
        {"contents": [{"parts": [{"text": WORDS}]}]},
        USER | {"content": WORDS},
        {"item": {"prompt": WORDS}},
        {"messages": [{"role": "User", "content": WORDS}]},
        {"messages": [{"role": "human", "content": WORDS}]},
        {"input": {"messages": [{"type": "human", "content": WORDS}]}},
    ],
)
def test_what_a_name_says_to_be_the_readers_is_an_echo(body: Any) -> None:
    """As the name of an argument does where a callable is wrapped; and a text by itself."""
    assert told(body).context.supplied == (WORDS,)


@pytest.mark.parametrize(
    "body",
    [
        [WORDS],
        {"context": WORDS},
        {"documents": [{"data": {"text": WORDS}}], "messages": []},
        {"system": WORDS, "options": {"prompt": WORDS}},
        {"system_instruction": {"parts": [{"text": WORDS}]}},
        {"messages": [SYSTEM, {"role": "tool", "content": WORDS}]},
        {"message": SYSTEM},
        {"messages": [USER | {"content": [], "documents": [{"text": WORDS}]}]},
        {
            "messages": [
                {"role": "user", "content": [{"toolResult": {"content": [{"text": WORDS}]}}]}
            ]
        },
        {"contents": [{"role": "user", "parts": [{"functionResponse": {"text": WORDS}}]}]},
        {"tool_outputs": [{"output": WORDS}]},
        {"item": {"context": WORDS}},
        {"messages": [{"sender": "bot", "text": WORDS}, WORDS]},
        {"document": {"text": WORDS}},
        {"content": [{"type": "text", "text": WORDS}]},
        *(
            {"messages": [USER | {"content": [{"type": kind, "content": WORDS, "text": WORDS}]}]}
            for kind in ("tool_result", "search_result", "mcp_tool_result", "text-plain", "file")
        ),
        *(
            {"input": {"messages": [{"type": kind, "content": WORDS}]}}
            for kind in ("tool", "ai", "system")
        ),
        {"data": {"messages": [USER | {"content": WORDS}]}},
        {WORDS: 1},
    ],
)
def test_nothing_else_is(body: Any) -> None:
    """An application's own text may stand there. Rules on prompts read it, as the reader's."""
    context = told(body).context
    assert all(WORDS not in text for text in context.supplied)
    assert any(turn.from_reader and WORDS in turn.content for turn in context.turns)
    assert any(WORDS in text for text in told(body, echo="*").context.supplied)
