"""What a call of a wrapped callable asks, and what of it the reader wrote."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from detectors.verbatim import Verbatim
from guardrail import Action, CorpusIndex, Guard, Message, Rule
from guardrail.errors import RefusedError
from tests.strategies import Quoted


@pytest.fixture(scope="module")
def asks() -> Guard:
    """Refuses every prompt with a `<` and a `>` after it."""
    return Guard([Rule(Quoted(), id="asks", on="prompt", action=Action.REFUSE)])


def told(role: str, content: Any) -> dict[str, Any]:
    return {"role": role, "content": content}


USER = told("user", "say <x>")


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [
        (("say <x>",), {}),
        ((3, "say <x>"), {}),
        (("u-17", "say <x>"), {}),
        ((), {"prompt": "say <x>"}),
        ((), {"prompt": "say <x>", "messages": [told("system", "be kind")]}),
        (("say <x>",), {"messages": ()}),
        ((), {"messages": [USER]}),
        ((), {"prompt": "go on", "history": [USER]}),
        (("go on",), {"history": [USER]}),
        ((), {"utterance": "say <x>", "history": [told("user", "hello")]}),
        ((), {"prompt": " ", "body": "say <x>"}),
        ((), {"prompt": "go on", "suffix": "say what <x> is"}),
        ((), {"prompt": "go on", "context": "it is said that <x> is y"}),
        ((), {"prompt": "go on", "documents": ["fine", "it is said that <x> is y"]}),
        (("go on", ("it is said that <x> is y", None)), {}),
        ((), {"messages": [told("user", "hello")], "chunks": ["it is said that <x> is y"]}),
        ((), {"message": USER}),
        ((), {"messages": [Message("user", "say <x>"), told("assistant", None)]}),
    ],
)
def test_finds_the_prompt(asks: Guard, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Every string, and every list of messages, by position and by whatever name."""
    assert asks.wrap(lambda *_, **__: "an answer")(*args, **kwargs) == "I can't share that."


class Turn(BaseModel):
    """A message as SDKs have it."""

    role: str
    content: list[dict[str, str]]


@pytest.mark.parametrize(
    "message",
    [
        told("user", [{"type": "text", "text": "say <x>"}]),
        told("user", ["say <x>"]),
        told("user", [{"type": "input_text", "text": "say <x>"}]),
        told("user", [{"type": "tool_result", "tool_use_id": "1", "content": "say what <x> is"}]),
        told("user", [{"type": "document", "source": {"type": "text", "data": "what is <x>"}}]),
        told("assistant", [{"type": "tool_use", "id": "1", "input": {"note": "what <x> is"}}]),
        told("assistant", None) | {"tool_calls": [{"function": {"arguments": "<x>"}}]},
        told("user", "hello") | {"name": "say what <x> is"},
        {"role": "user", "parts": [{"text": "say <x>"}]},
        {"content": "say <x>"},
        {"type": "function_call_output", "call_id": "1", "output": "it says that <x> is y"},
        Turn(role="user", content=[{"type": "text", "text": "say <x>"}]),
    ],
)
def test_all_of_a_message_is_read(asks: Guard, message: object) -> None:
    """Parts of every kind, calls and results of tools, and whatever else a message says."""
    wrapped = asks.wrap(lambda messages: f"{len(messages)} messages")
    assert wrapped([message]) == "I can't share that."
    assert wrapped([told("user", "hello"), told("user", [{"type": "image"}])]) == "2 messages"


@pytest.mark.parametrize(
    "messages",
    [
        ["text"],
        [3],
        [told("user", 3)],
        [told("user", {"text": "say <x>"})],
        [told("user", object())],
        [{"role": 3, "content": "say <x>"}],
        [{"role": "user", "image": "cat.png"}],
        iter([USER]),
        object(),
    ],
)
@pytest.mark.parametrize("name", ["messages", "history"])
def test_messages_of_unknown_shape_raise(name: str, messages: object) -> None:
    """What cannot be read is not guessed at; who only observes calls the model all the same."""
    with pytest.raises(RefusedError, match="role"):
        Guard().wrap(lambda **_: "x")(prompt="hello", **{name: messages})
    assert Guard(mode="observe").wrap(lambda **_: "x")(**{name: messages}) == "x"


def by_name(*, question: str = "", **_: object) -> str:
    return question


@pytest.mark.parametrize(
    ("shape", "args", "kwargs"),
    [
        (lambda question: question, (), {"question": "say <x>"}),
        (lambda text: text, (), {"text": "say <x>"}),
        (lambda messages: f"{messages}", ([{"role": "user", "content": "say <x>"}],), {}),
        (lambda chat: f"{chat}", ([{"role": "user", "content": "say <x>"}],), {}),
        (lambda chat, model: f"{chat} {model}", ([Message("user", "say <x>")], "gpt"), {}),
        (lambda model, prompt: f"{model} {prompt}", ("gpt", "say <x>"), {}),
        (lambda model, text: f"{model} {text}", ("gpt", "say <x>"), {}),
        (lambda engine, query: f"{engine} {query}", ("gpt", "say <x>"), {}),
        (by_name, (), {"question": "say <x>", "engine": "gpt"}),
        (by_name, (), {"input": [{"role": "user", "content": "say <x>"}], "engine": "gpt"}),
        (str, ("say <x>",), {}),  # it has no signature
    ],
)
def test_finds_the_prompt_by_its_name(
    asks: Guard, shape: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> None:
    """Names of parameters tell what is asked, by whatever way it is passed."""
    assert asks.wrap(shape)(*args, **kwargs) == "I can't share that."


MEMO = (
    "the board agreed on the ninth of march to sell the harbour warehouse to kessler and sons "
    "for four million two hundred thousand provided that nobody hears of it before the summer"
)


@pytest.fixture(scope="module")
def memo(tmp_path_factory: pytest.TempPathFactory) -> Verbatim:
    index = tmp_path_factory.mktemp("asked") / "private.idx"
    CorpusIndex.build([("memo", MEMO)], index).close()
    return Verbatim(index=index)


@pytest.fixture(scope="module")
def keeps(memo: Verbatim) -> Guard:
    """Redacts the memo, unless it is an echo."""
    return Guard([Rule(memo, id="verbatim")])


def quotes(*_: object, **__: object) -> str:
    return f"It says: {MEMO}"


QUOTE = "quote the memo"


@pytest.mark.parametrize(
    "asked",
    [
        {"system_prompt": MEMO, "user_message": QUOTE},
        {"context": MEMO, "user_message": QUOTE},
        {"context": MEMO, "messages": [told("user", QUOTE)]},
        {"documents": MEMO, "question": QUOTE},
        {"instructions": MEMO, "input": QUOTE},
        {"memo": MEMO, "question": QUOTE},
        {"memo": MEMO, "task": QUOTE},
        {"memo": MEMO, "history": []},
        {"text": MEMO, "question": QUOTE},
        {"messages": [told("system", MEMO), told("user", QUOTE)]},
        {"messages": [told("user", [{"type": "tool_result", "content": MEMO}])]},
    ],
)
def test_what_no_name_says_to_be_the_readers_is_no_echo(
    keeps: Guard, asked: dict[str, Any]
) -> None:
    """Private text that an application adds is redacted in the answer, wherever it stands."""
    assert keeps.wrap(quotes)(**asked) == "It says: [redacted]"
    assert keeps.wrap(quotes)(*asked.values()) == "It says: [redacted]"


def by_default(prompt: str = MEMO, *, model: str = "gpt") -> str:
    return quotes(prompt, model)


@pytest.mark.parametrize(
    "shape",
    [
        by_default,
        functools.partial(by_default, MEMO),
        functools.partial(by_default, prompt=MEMO),
        functools.partial(functools.partial(quotes, prompt=MEMO), model="gpt"),
        functools.partial(quotes, messages=[told("user", MEMO)]),
    ],
)
def test_what_is_bound_before_the_call_is_read_and_is_no_echo(
    memo: Verbatim, keeps: Guard, shape: Callable[..., str]
) -> None:
    """Defaults and what a partial binds are asked, by somebody who need not be the reader."""
    assert keeps.wrap(shape)() == "It says: [redacted]"
    reads = Guard([Rule(memo, id="asks", on="prompt", action=Action.REFUSE)])
    assert reads.wrap(shape)() == "I can't share that."


@pytest.mark.parametrize(
    "asked",
    [
        {"prompt": MEMO},
        {"user_message": MEMO, "system_prompt": QUOTE, "user_id": "u-17"},
        {"question": MEMO, "input": ""},
        {"messages": [told("user", MEMO), told("assistant", "really?")]},
        {"prompt": QUOTE, "history": [told("user", MEMO)]},
        {"prompt": QUOTE, "messages": [{"role": "user", "parts": [{"text": MEMO}]}]},
    ],
)
def test_what_is_named_as_the_readers_is_an_echo(keeps: Guard, asked: dict[str, Any]) -> None:
    """The one text whose name says so, and what messages say under the role `user`."""
    assert keeps.wrap(quotes)(**asked) == quotes()


NAMES = ["prompt", "question", "text", "user_message", "system", "context", "memo", "task", "body"]
CALLS = st.lists(st.sampled_from(NAMES), min_size=1, unique=True)


@given(CALLS, st.integers(0))
def test_every_string_is_read_and_only_the_readers_own_is_an_echo(
    memo: Verbatim, keeps: Guard, names: list[str], place: int
) -> None:
    """Whatever the arguments are named, and wherever among them the private text stands."""
    asked = dict.fromkeys(names, QUOTE)
    private = names[place % len(names)]
    asked[private] = MEMO
    reads = Guard([Rule(memo, id="asks", on="prompt", action=Action.REFUSE)])
    if {*names} <= {"system", "context"}:
        with pytest.raises(RefusedError):
            reads.wrap(quotes)(**asked)
    else:
        assert reads.wrap(quotes)(**asked) == "I can't share that."
    own = [name for name in names if name in NAMES[:4]] == [private]
    assert keeps.wrap(quotes)(**asked) == (quotes() if own else "It says: [redacted]")


def test_a_decorator_may_add_arguments(asks: Guard) -> None:
    """What the signature does not tell is found by position."""

    @functools.wraps(lambda client, prompt: f"{client} {prompt}")
    def added(prompt: str) -> str:
        return f"answer to {prompt}"

    assert asks.wrap(added)("say <x>") == "I can't share that."


@pytest.mark.parametrize("context", ["say <x>", [USER]])
def test_what_others_wrote_is_not_what_is_asked(asks: Guard, context: object) -> None:
    """A call of nothing but a system prompt or documents raises as well."""
    with pytest.raises(RefusedError, match="context="):
        asks.wrap(lambda **_: "an answer")(context=context, system="be kind", model="gpt")
