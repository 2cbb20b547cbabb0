"""Exchanges: what is asked, whose words count, and what is answered instead."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from guardrail import Action, Admission, Context, Event, Guard, Identity, Rule
from guardrail.disclosure import Disclosure
from guardrail.exchange import Exchange, forwarded
from guardrail.session.access import Access, Grant
from guardrail.session.identity import Identification
from guardrail.surface import Surface
from tests.guardrail.wire.exchanges import (
    ASKS,
    CHAT,
    JSON,
    LEGACY,
    MESSAGES,
    OTHER,
    REFUSAL,
    RESPONSES,
    SECRET,
    guard,
)
from tests.readers import LATER, WHO
from tests.strategies import Pattern

EMBEDDINGS = "/v1/embeddings"
FILE = (("content-type", "application/octet-stream"),)
PATHS = (CHAT, LEGACY, RESPONSES, MESSAGES, EMBEDDINGS, OTHER)


def asked(path: str, body: Any, held: Guard | None = None, **settings: Any) -> Exchange:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    settings = {"headers": JSON} | settings
    return Exchange(held or guard(), method="POST", path=path, body=raw, **settings)


def test_chat_messages_of_every_role_are_turns() -> None:
    """Only what the user wrote is the reader's own; tools, calls and the system are not."""
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    told = asked(
        CHAT,
        {
            "model": "m",
            "messages": [
                {"role": "system", "content": "be kind"},
                {"role": "user", "content": [{"type": "text", "text": "one"}, {"type": "x"}]},
                {"role": "assistant", "content": None, "tool_calls": [call]},
                {"role": "tool", "content": "result"},
                {"role": "user", "content": "two"},
            ],
        },
    ).context
    assert [turn.role for turn in told.turns] == [
        "system",
        "user",
        "assistant",
        "assistant",
        "tool",
        "user",
    ]
    assert "arguments" in told.turns[3].content
    assert told.turns[4].content == "result"
    assert (told.supplied, told.model) == (("one", "two"), "m")


def test_results_of_tools_are_not_the_readers_own() -> None:
    """Anthropic's stand in messages of the user, those of Responses among the input."""
    told = asked(
        MESSAGES,
        {
            "system": [{"type": "text", "text": "be kind"}],
            "messages": [
                {
                    "role": "user",
                    "content": [
                        {"type": "tool_result", "tool_use_id": "t", "content": "private"},
                        {"type": "document", "source": {"type": "text", "data": "a file"}},
                        {"type": "text", "text": "mine"},
                        {"type": "image", "source": {"data": "aaaa"}},
                    ],
                },
                {"role": "assistant", "content": [{"type": "thinking", "thinking": "hm"}]},
                {"role": "assistant", "content": [{"type": "tool_use", "id": "t", "input": {}}]},
                {"role": "assistant", "content": "said"},
            ],
        },
    ).context
    assert told.supplied == ("mine",)
    assert [turn.role for turn in told.turns] == [
        *("system", "tool", "tool", "user"),
        *("assistant", "assistant"),
    ]
    assert "private" in told.turns[1].content
    told = asked(
        RESPONSES,
        {
            "instructions": "be kind",
            "input": [
                {"role": "user", "content": [{"type": "input_text", "text": "mine"}]},
                {"type": "function_call", "call_id": "c", "arguments": "{}"},
                {"type": "function_call_output", "call_id": "c", "output": "private"},
            ],
        },
    ).context
    assert told.supplied == ("mine",)
    assert [turn.role for turn in told.turns] == ["system", "user", "assistant", "tool"]
    assert "private" in told.turns[3].content


def test_other_shapes_are_read_too() -> None:
    """Prompts, inputs, forms, queries and text; not the bytes of a file."""
    assert asked(LEGACY, {"prompt": ["a", "b"]}).context.supplied == ("a", "b")
    assert asked(RESPONSES, {"input": "a"}).context.supplied == ("a",)
    assert asked(EMBEDDINGS, {"input": ["a", "b"]}).context.supplied == ("a", "b")
    assert asked(OTHER, {"prompt": ["a", {"text": "b"}], "n": 1}).context.supplied == ("a\nb",)
    assert asked(OTHER, b"{ no", query="q=a+b").context.supplied == ("q=a b", "{ no")
    form = (("content-type", "application/x-www-form-urlencoded"),)
    assert asked(OTHER, b"q=a%20b", headers=form).context.supplied == ("q=a b",)
    assert asked(OTHER, b"\xff\xfe\0", headers=FILE).context.supplied == ()
    assert asked(OTHER, b"").context.supplied == ()


def test_whose_words_count_is_a_setting() -> None:
    """What roles in `echo` wrote is the reader's own, results of tools never."""
    surface = Surface(echo=frozenset({"developer"}))
    body: Any = {
        "messages": [{"role": "developer", "content": "a"}, {"role": "user", "content": "b"}]
    }
    assert asked(CHAT, body, surface=surface).context.supplied == ("a",)
    body = {"messages": [{"role": "tool", "content": [{"type": "tool_result", "content": "x"}]}]}
    surface = Surface(echo=frozenset({"tool"}))
    told = asked(MESSAGES, body, surface=surface).context
    assert [turn.role for turn in told.turns] == ["tool"]
    assert told.supplied == ()


def test_a_context_names_who_asks() -> None:
    """Identity and the id of the request reach the guard."""
    alice = Identity("alice")
    told = asked(CHAT, ASKS[CHAT], headers=(("x-request-id", "r1"),), identity=alice).context
    assert (told.identity, told.request_id) == (alice, "r1")


UNREADABLE: list[tuple[str, Any]] = [
    (CHAT, b"{"),
    (CHAT, []),
    (CHAT, {"model": "m"}),
    (CHAT, {"Messages": []}),
    (CHAT, {"messages": ["x"]}),
    (CHAT, {"messages": [{"content": "x"}]}),
    (CHAT, {"messages": [{"role": "user", "content": 3}]}),
    (LEGACY, {"prompt": [1, 2]}),
    (RESPONSES, {"input": ["x"]}),
    (MESSAGES, {"messages": {}}),
    (MESSAGES, {"messages": [{"content": "x"}]}),
    (MESSAGES, {"messages": [{"role": "user", "content": ["x"]}]}),
    (MESSAGES, {"messages": [{"role": "user", "content": [{"type": "text"}]}]}),
    (CHAT, b'{"messages": ' + b"[" * 10_000 + b"]" * 10_000 + b"}"),
    (CHAT, b'{"messages": [], "model": "a", "model": "b"}'),
    (MESSAGES, b'{"messages": [{"role": "user", "content": "a", "content": "b"}]}'),
    (CHAT, {"messages": [], "model": "a", "Model": "b"}),
    (CHAT, {"me\u017f\u017fages": [], "messages": []}),
    (MESSAGES, {"messages": [], "System": "a", "SYSTEM": "b"}),
    (CHAT, b'{"messages": [], "n": ' + b"9" * 5_000 + b"}"),
]


@pytest.mark.parametrize(("path", "body"), UNREADABLE)
def test_a_request_that_cannot_be_read_is_a_bad_one(path: str, body: Any) -> None:
    """In the provider's form, and told as an error; who only observes lets it pass."""
    events: list[Event] = []
    reply = asked(path, body, guard(on_event=events.append)).admit()
    assert reply is not None
    assert (reply.status, [event.kind for event in events]) == (400, ["edge"])
    told = json.loads(reply.body)
    assert told["error"]["type"] == "invalid_request_error"
    assert (told.get("type") == "error") == (path == MESSAGES)
    assert (
        "(list the path in `plain` of [http] if it is an application's own)" in reply.body.decode()
    )
    assert asked(path, body, guard(mode="observe")).admit() is None


OWN = ["/chats/1/messages", "/survey/responses", "/texts/completions", "/papers/embeddings"]


@pytest.mark.parametrize("path", OWN)
@pytest.mark.parametrize("body", [b"", {}, {"text": "hello"}, {"a": {"messages": "hello"}}])
def test_a_path_may_end_as_a_providers_does(path: str, body: Any) -> None:
    """A request with none of the provider's fields is read as any other, and so is its answer."""
    opened = asked(path, body)
    assert opened.admit() is None
    assert [turn.content for turn in opened.context.turns] == (["hello"] if body else [])
    for said in ({"id": 5, "text": SECRET}, [{"text": SECRET}], "fine"):
        answer = opened.answer(200, JSON)
        told = answer.feed(json.dumps(said).encode()) + answer.close()
        assert json.loads(told) == json.loads(json.dumps(said).replace(SECRET, "[redacted]"))
    stopped = asked(path, {"text": "forbidden"}, stopping()).admit()
    assert stopped is not None
    assert (stopped.status, json.loads(stopped.body)) == (403, {"detail": REFUSAL})


@pytest.mark.parametrize("path", [*OWN, *PATHS[:-1], f"{CHAT}/chatcmpl-1", f"{RESPONSES}/resp_1"])
def test_at_a_path_of_a_providers_every_field_is_read(path: str) -> None:
    """`fields` are those of the paths that end otherwise, or are listed in `plain`."""
    surface = Surface(fields=frozenset({"answer"}))
    told = json.dumps({"answer": "fine", "text": SECRET}).encode()
    answer = asked(path, b"", surface=surface).answer(200, JSON)
    assert SECRET.encode() not in answer.feed(told) + answer.close()
    answer = asked(path, b"", surface=replace(surface, plain=("*",))).answer(200, JSON)
    assert SECRET.encode() in answer.feed(told) + answer.close()


def stopping() -> Guard:
    rule = Rule(Pattern("forbidden", 9), id="a", on="prompt", action=Action.REFUSE)
    return Guard([rule])


@pytest.mark.parametrize("path", OWN)
def test_a_policy_may_say_that_a_path_is_an_applications_own(path: str) -> None:
    """Then the provider's fields are any others; errors have no provider's form either."""
    surface = Surface(plain=("/chats/*", "/survey/*", "/texts/*", "/papers/*"))
    body = {"model": "m", "messages": "hello", "prompt": 3, "input": {"a": 1}}
    opened = asked(path, body, surface=surface)
    assert opened.admit() is None
    assert opened.context.model == "m"
    assert [turn.content for turn in opened.context.turns] == ["m\nhello"]
    assert json.loads(opened.unreachable().body) == {"detail": "the upstream does not answer"}


def test_keys_of_data_may_differ_in_case_alone() -> None:
    """Of schemas, arguments and metadata, and of an application's own objects."""
    names = {"id": {"type": "string"}, "ID": {"type": "string"}}
    tool = {"type": "function", "function": {"name": "f", "parameters": {"properties": names}}}
    assert (
        asked(CHAT, {"messages": [], "tools": [tool], "metadata": {"a": "b", "A": "c"}}).admit()
        is None
    )
    assert asked(OTHER, {"t": 3, "T": 4}).admit() is None


@pytest.mark.parametrize("field", ["model", "Model", "MODEL", "mOdel"])
@pytest.mark.parametrize("path", PATHS)
def test_a_model_in_another_case_is_not_told(path: str, field: str) -> None:
    """Some take it for the model and some do not: who may ask some alone may not ask so."""
    held = guard(access=Access([Grant(models=("chat-*",))]))
    body = {key: value for key, value in ASKS[path].items() if key != "model"}
    lone, beside = body | {field: "chat-1"}, body | {"model": "chat-1", field: "payroll-1"}
    assert (asked(path, lone, held).admit() is None) == (field == "model")
    assert asked(path, beside, held).admit() is not None


@pytest.mark.parametrize("path", PATHS)
def test_a_request_too_large_is_not_read(path: str) -> None:
    """The answer says so, in the provider's form."""
    reply = asked(path, b"x" * 101, surface=Surface(max_body=100)).admit()
    assert reply is not None
    assert reply.status == 413
    assert asked(path, ASKS[path], surface=Surface(max_body=100)).admit() is None


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("action", "status", "told"),
    [
        (Action.THROTTLE, 429, LATER),
        (Action.CHALLENGE, 401, WHO),
        (Action.REFUSE, None, REFUSAL),
    ],
)
def test_what_is_not_admitted_is_answered(
    path: str, action: Action, status: int | None, told: str
) -> None:
    """Throttled, challenged or refused, each in the provider's form; flagged goes on."""
    body = json.dumps(ASKS[path]).replace("hello", SECRET).encode()

    def held(action: Action) -> Guard:
        return Guard([Rule(Pattern("zq[0-9]{4}", 6), id="a", on="prompt", action=action)])

    reply = asked(path, body, held(action)).admit()
    assert reply is not None
    assert reply.status == (status or (403 if path in (OTHER, EMBEDDINGS) else 200))
    assert told in reply.body.decode()
    assert SECRET not in reply.body.decode()
    assert dict(reply.headers).get("x-should-retry") == (None if reply.status == 200 else "false")
    assert asked(path, body, held(Action.FLAG)).admit() is None


def test_embeddings_can_be_denied() -> None:
    """Before the upstream is asked; who only observes denies nothing."""
    denies = Disclosure(embeddings="deny")
    reply = asked(EMBEDDINGS, ASKS[EMBEDDINGS], guard(disclosure=denies)).admit()
    assert reply is not None
    assert reply.status == 403
    watching = guard(disclosure=denies, mode="observe")
    assert asked(EMBEDDINGS, ASKS[EMBEDDINGS], watching).admit() is None
    assert asked(CHAT, ASKS[CHAT], guard(disclosure=denies)).admit() is None


@pytest.mark.parametrize("path", PATHS)
def test_an_upstream_that_does_not_answer(path: str) -> None:
    """Is told in the provider's form."""
    reply = asked(path, ASKS[path]).unreachable()
    assert (reply.status, "upstream" in reply.body.decode()) == (502, True)


def test_forwarded_headers_ask_for_whole_answers() -> None:
    """Nothing asks for parts, for what was seen before, or for bytes that cannot be read."""
    told = forwarded([("Range", "bytes=0-"), ("If-None-Match", "x"), ("Accept-Encoding", "br")])
    assert told == (("accept-encoding", "identity"),)
    assert forwarded([("X", "y")])[0] == ("x", "y")


@pytest.mark.parametrize("challenge", ["Bearer", 'Captcha url="https://example.org/captcha"'])
def test_a_challenge_says_how_to_meet_it(challenge: str) -> None:
    """With a token, unless the policy asks for something else."""
    rules = [Rule(Pattern("hello", 5), id="a", on="prompt", action=Action.CHALLENGE)]
    guard = Guard(rules, identification=Identification(challenge=challenge))
    reply = asked(CHAT, ASKS[CHAT], guard).admit()
    assert reply is not None
    assert (reply.status, dict(reply.headers)["www-authenticate"]) == (401, challenge)


def test_a_reader_is_told_when_to_come_back() -> None:
    """Where the guard says so, in whole seconds."""

    class Patient(Guard):
        def admit(self, context: Context) -> Admission:
            return replace(super().admit(context), retry_after=1.2)

    rules = [Rule(Pattern("hello", 5), id="a", on="prompt", action=Action.THROTTLE)]
    reply = asked(CHAT, ASKS[CHAT], Patient(rules)).admit()
    assert reply is not None
    assert (reply.status, dict(reply.headers)["retry-after"]) == (429, "2")
    assert "www-authenticate" not in dict(reply.headers)
