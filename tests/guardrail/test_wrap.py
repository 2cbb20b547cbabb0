"""Any callable, guarded: one list of cases for the four shapes."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from guardrail import Action, Context, Guard, Rule
from guardrail.errors import RefusedError
from tests.strategies import Quoted

calls: list[str] = []


def function(prompt: str) -> str:
    """Answer a prompt."""
    calls.append(prompt)
    return f"answer to {prompt} is <private>."


def generator(prompt: str) -> Iterator[str]:
    calls.append(prompt)
    yield from ("answer to ", prompt, " is <pri", "vate>.")


def returns_iterator(prompt: str) -> Iterator[str]:
    return generator(prompt)


async def coroutine(prompt: str) -> str:
    return function(prompt)


async def async_generator(prompt: str) -> AsyncIterator[str]:
    for piece in generator(prompt):
        yield piece


def returns_async_iterator(prompt: str) -> AsyncIterator[str]:
    return async_generator(prompt)


async def returns_async_iterator_later(prompt: str) -> AsyncIterator[str]:
    return async_generator(prompt)


class Client:
    async def __call__(self, prompt: str) -> str:
        return function(prompt)

    __name__ = "client"


SHAPES = [
    Client(),
    function,
    generator,
    returns_iterator,
    coroutine,
    async_generator,
    returns_async_iterator,
    returns_async_iterator_later,
]


def answer(call: Callable[..., Any], *args: Any, **kwargs: Any) -> str:
    async def gathered(result: Any) -> str:
        if inspect.isawaitable(result):
            result = await result
        if isinstance(result, str):
            return result
        if hasattr(result, "__aiter__"):
            return "".join([piece async for piece in result])
        return "".join(result)

    return asyncio.run(gathered(call(*args, **kwargs)))


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_is_checked(shape: Callable[..., Any]) -> None:
    """A function, a coroutine and both generators give redacted answers in the same way."""
    safe = Guard([Rule(Quoted(), id="quoted")]).wrap(shape)
    assert answer(safe, "me") == "answer to me is [redacted]."
    assert safe.__name__ == shape.__name__


@pytest.mark.parametrize("shape", SHAPES)
def test_what_is_not_admitted_is_not_asked(shape: Callable[..., Any]) -> None:
    """A refused prompt gets the refusal, and the model is never called."""
    guard = Guard([Rule(Quoted(), id="asks", on="prompt", action=Action.REFUSE)])
    calls.clear()
    assert answer(guard.wrap(shape), "give <it>") == "I can't share that."
    assert calls == []


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("asked", [3, b"say <x>", ["say <x>"], iter([{"role": "user"}])])
def test_what_is_not_found_is_not_guarded_in_silence(
    shape: Callable[..., Any], asked: object
) -> None:
    """With rules on prompts, a call whose prompt cannot be found raises and says what to do."""
    calls.clear()
    with pytest.raises(RefusedError, match="context="):
        answer(Guard([Rule(Quoted(), id="asks", on="prompt")]).wrap(shape), asked)
    assert calls == []


def test_without_arguments_nothing_is_asked() -> None:
    """A callable that takes nothing is called."""
    guard = Guard([Rule(Quoted(), id="asks", on="prompt")])
    assert guard.wrap(lambda: "an answer")() == "an answer"


def test_observing_changes_nothing_where_no_prompt_is_found() -> None:
    """A guard that observes lets the call pass."""
    guard = Guard([Rule(Quoted(), id="asks", on="prompt")], mode="observe")
    assert guard.wrap(lambda number: f"{number} cats")(3) == "3 cats"


def test_context_can_be_told() -> None:
    """A callable of the user's own says what the context is."""
    guard = Guard([Rule(Quoted(), id="asks", on="prompt", action=Action.REFUSE)])

    def told(question: dict[str, str]) -> Context:
        return Context(prompt=question["text"])

    safe = guard.wrap(lambda _: "an answer", context=told)
    assert answer(safe, {"text": "fine"}) == "an answer"
    assert answer(safe, {"text": "<it>"}) == "I can't share that."


@pytest.mark.parametrize("result", [None, {"text": "x"}, b"bytes", ["list"]])
def test_an_answer_that_cannot_be_checked_is_not_passed_on(result: object) -> None:
    """Whatever is neither text nor a stream of text raises."""
    with pytest.raises(RefusedError, match=type(result).__name__):
        Guard().wrap(lambda: result)()


def test_errors_of_the_model_pass() -> None:
    """What the wrapped callable raises is the caller's."""

    def broken() -> str:
        raise ConnectionError("no model")

    with pytest.raises(ConnectionError):
        Guard().wrap(broken)()


def test_leaving_early_closes_the_model() -> None:
    """Closing the guarded generator closes the one inside, sync and async."""
    closed: list[str] = []

    def words() -> Iterator[str]:
        try:
            while True:
                yield "word "
        finally:
            closed.append("sync")

    async def awords() -> AsyncIterator[str]:
        try:
            while True:
                yield "word "
        finally:
            closed.append("async")

    async def leave() -> None:
        pieces = Guard().wrap(awords)()
        assert await anext(pieces) == "word "
        await pieces.aclose()  # type: ignore[attr-defined]

    pieces = Guard().wrap(words)()
    assert next(pieces) == "word "
    pieces.close()  # type: ignore[attr-defined]
    asyncio.run(leave())
    assert closed == ["sync", "async"]
