"""LiteLLM's generic guardrail API, at the proxy: calls of tools, messages and tools."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from detectors.intent import Intent
from guardrail import Action, Guard, Rule
from guardrail.proxy import create
from guardrail.surface import Surface
from tests.layers import ASK, phrases
from tests.readers import LEAK, PATIENCE, REFUSAL, STOP, guard
from tests.servers import served
from tests.strategies import Pattern

KEY = "the key of LiteLLM"
BLOCKED = {"action": "BLOCKED", "texts": None, "blocked_reason": REFUSAL}
NONE = {"action": "NONE", "texts": None, "blocked_reason": None}


class Door:
    """Asks one proxy."""

    def __init__(self, url: str) -> None:
        self._url = url

    def told(self, kind: str, **fields: Any) -> dict[str, Any]:
        response = httpx.post(
            f"{self._url}/beta/litellm_basic_guardrail_api",
            json={"input_type": kind, "request_data": {}, **fields},
            headers={"x-api-key": KEY},
            timeout=PATIENCE,
        )
        assert response.status_code == 200
        answer: dict[str, Any] = response.json()
        return answer


@pytest.fixture
def surface(monkeypatch: pytest.MonkeyPatch) -> Surface:
    monkeypatch.setenv("LITELLM_KEY", KEY)
    return Surface(litellm_key_env="LITELLM_KEY")


@pytest.fixture
def door(surface: Surface) -> Iterator[Door]:
    with served(create(guard(surface), [])) as url:
        yield Door(url)


@pytest.fixture
def run(surface: Surface) -> Iterator[Door]:
    """One that knows two words in a row."""
    made = Guard([Rule(Pattern(r"one\s+two", 9), id="run")], surface=surface)
    with served(create(made, [])) as url:
        yield Door(url)


def call(arguments: Any, *, name: str = "send", **fields: Any) -> dict[str, Any]:
    raw = arguments if isinstance(arguments, str) else json.dumps(arguments)
    function = {"name": name, "arguments": raw}
    return {"id": "call_1", "type": "function", "function": function, **fields}


@pytest.mark.parametrize(
    "calls",
    [
        [call({"body": f"it is {LEAK}."})],
        [call({"body": STOP})],
        [call({LEAK: 1})],
        [call(LEAK)],
        [call(f'{{"body": "it is {LEAK}')],
        [call('{"body": "' + "".join(f"\\u{ord(one):04x}" for one in LEAK))],
        [call(json.dumps({"body": LEAK}).replace("q", "\\u0071"))],
        [call(f'{{"a": "{LEAK}", "a": "fine"}}')],
        [call({"token_ids": [1, 2]})],
        [call({}, name=LEAK)],
        [call({}), call({"body": LEAK})],
        [call({}, caller={"said": LEAK})],
        [call({}) | {"id": f"it is {LEAK}"}],
        [{"id": "call_1", "type": "custom", "custom": {"name": "send", "input": LEAK}}],
        [{"function": {"name": "send", "arguments": {"body": LEAK}}}],
    ],
    ids=str,
)
def test_calls_that_are_not_safe_block_an_answer(door: Door, calls: list[Any]) -> None:
    """LiteLLM takes no calls back, so that none goes out where something would be redacted."""
    assert door.told("response", texts=["fine"], tool_calls=calls) == BLOCKED
    assert door.told("response", texts=None, tool_calls=calls) == BLOCKED


def test_calls_that_are_safe_change_nothing(door: Door) -> None:
    """Beside them texts are redacted as they are alone; ids of one word are the provider's."""
    calls = [call({"to": ["ann"], "body": "fine"}) | {"id": LEAK}, call(""), call("{}")]
    assert door.told("response", texts=["fine"], tool_calls=calls) == NONE
    assert door.told("response", tool_calls=calls) == NONE
    told = door.told("response", texts=["fine", LEAK], tool_calls=calls)
    assert (told["action"], told["texts"]) == ("GUARDRAIL_INTERVENED", ["fine", "[redacted]"])


@pytest.mark.parametrize(
    "calls",
    [
        [call({"rows": [{"word": "one", "at": 7}, {"word": "two", "at": 8}]})],
        [call({"word": "one"}), call({"word": "two"})],
        [call(["one", "two"])],
        [call([["one", 7], ["two", 8]])],
        [call({"as": json.dumps({"word": "one\ntwo"})})],
        [call({"word": "on"}), call({"word": "e two"})],
    ],
    ids=["rows", "calls", "list", "table", "nested", "pieces"],
)
def test_what_is_spread_over_calls_is_found(run: Door, calls: list[Any]) -> None:
    """The strings of one key are lines of a text, in one call and in several."""
    assert run.told("response", texts=[], tool_calls=calls) == BLOCKED


def test_who_observes_blocks_nothing(surface: Surface) -> None:
    """What cannot be read is noted, and goes on."""
    errors: list[str] = []
    made = guard(surface, mode="observe", on_event=lambda event: errors.extend(event.errors))
    with served(create(made, [])) as url:
        for calls in ([call({"body": LEAK})], [call('{"a": 1, "a": 2}')]):
            assert Door(url).told("response", texts=[], tool_calls=calls) == NONE
    assert errors == ["JSON that names a key twice"]


ASKS = "a forbidden thing"


@pytest.mark.parametrize(
    "asked",
    [
        {"structured_messages": [{"role": "user", "content": ASKS}]},
        {"structured_messages": [{"role": "user", "content": [{"type": "text", "text": ASKS}]}]},
        {"structured_messages": [{"role": "user", "content": "forbidden"}]},
        {"structured_messages": [{"content": ASKS}]},
        {"structured_messages": [{"role": "assistant", "tool_calls": [call({"body": ASKS})]}]},
        {"tool_calls": [call({"body": ASKS})]},
        {"tools": [{"type": "function", "function": {"name": "f", "description": ASKS}}]},
    ],
    ids=str,
)
def test_all_of_a_request_is_read(door: Door, asked: dict[str, Any]) -> None:
    """Messages and tools that say what no text does are read by rules on prompts."""
    assert door.told("request", texts=["fine"], **asked) == BLOCKED
    fine = json.loads(json.dumps(asked).replace("forbidden", "friendly"))
    assert door.told("request", texts=["fine"], **fine) == NONE


def test_a_text_is_read_once(surface: Surface) -> None:
    """What the texts say is read in the messages that they are of, and not again."""
    seen: list[int] = []
    made = guard(surface, on_event=lambda event: seen.append(event.characters))
    said = ["fine words here", "and there"]
    parts = [{"type": "text", "text": text} for text in said]
    messages = [{"role": "user", "content": parts}]
    with served(create(made, [])) as url:
        door = Door(url)
        assert door.told("request", texts=said, structured_messages=messages) == NONE
    assert seen == [len("\n".join(said))]


def test_what_messages_say_is_read_in_their_roles(surface: Surface) -> None:
    """Neither model nor operator asks for what LiteLLM hands over as texts; all others do."""
    judge = Intent(layers=(phrases(),))
    rule = Rule(judge, id="asks", on="prompt", action=Action.REFUSE)
    with served(create(Guard([rule], surface=surface), [])) as url:
        door = Door(url)

        def told(*roles: str, **asked: Any) -> Any:
            messages = [{"role": role, "content": ASK} for role in roles]
            messages.append({"role": "user", "content": "hello"})
            return door.told(
                "request", texts=[ASK, "hello"], structured_messages=messages, **asked
            )["action"]

        assert told("system", "assistant", "developer") == "NONE"
        assert told("system", tool_calls=[call({"body": ASK})]) == "NONE"
        assert told("system", "user") == told("tool") == told("custom") == told() == "BLOCKED"
        assert door.told("request", texts=[ASK]) == BLOCKED
