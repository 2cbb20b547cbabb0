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


class Open:
    """A stream that is open as soon as it is there, and notes who closes it."""

    def __init__(self) -> None:
        self.closed: list[str] = []
        self.told = iter(["word "])

    def close(self) -> None:
        self.closed.append("sync")

    async def aclose(self) -> None:
        self.closed.append("async")

    def __next__(self) -> str:
        return next(self.told)

    async def __anext__(self) -> str:
        try:
            return next(self.told)
        except StopIteration:
            raise StopAsyncIteration from None


class Sync(Open):
    def __iter__(self) -> Iterator[str]:
        return self


class Async(Open):
    def __aiter__(self) -> AsyncIterator[str]:
        return self


class Bare:
    """An iterator of the least kind."""

    def __aiter__(self) -> Bare:
        return self

    async def __anext__(self) -> str:
        raise StopAsyncIteration


async def closing(pieces: Any) -> None:
    if isinstance(pieces, AsyncIterator):
        await pieces.aclose()  # type: ignore[attr-defined]
    else:
        pieces.close()


@pytest.mark.parametrize(("kind", "how"), [(Sync, "sync"), (Async, "async")])
def test_what_is_open_is_closed_before_its_first_piece(kind: type[Open], how: str) -> None:
    """Closing what was never begun closes what the wrapped callable returned, for it was open."""
    opened: list[Open] = []

    def opens() -> Open:
        opened.append(kind())
        return opened[-1]

    safe = Guard().wrap(opens)
    asyncio.run(closing(safe()))
    assert answer(safe) == "word "
    assert opened[0].closed == [how]
    assert {*opened[1].closed} == {how}


@pytest.mark.parametrize("kind", [Sync, Async])
def test_nothing_of_a_returned_stream_leads_past_the_guard(kind: Callable[[], Any]) -> None:
    """Its attributes, which web frameworks turn to JSON, do not hold what was returned."""
    assert not hasattr(Guard().wrap(kind)(), "__dict__")


@pytest.mark.parametrize("shape", [lambda: iter("ab"), lambda: aiter(Bare())])
def test_what_has_no_close_is_left_alone(shape: Callable[[], Any]) -> None:
    """An iterator need not have one."""
    asyncio.run(closing(Guard().wrap(shape)()))


@pytest.mark.parametrize("kind", [classmethod, staticmethod, property, str])
def test_what_is_no_function_cannot_be_wrapped(kind: Callable[..., Any]) -> None:
    """Other decorators of methods go around the guard's, and a mistake is told at once."""
    with pytest.raises(TypeError, match="below its other decorators"):
        Guard().wrap(kind(function))


def test_methods_of_every_kind_are_guarded() -> None:
    """The guard's decorator stands below those of a class."""
    guard = Guard([Rule(Quoted(), id="quoted")])

    class Bot:
        @classmethod
        @guard.wrap
        def made(cls, prompt: str) -> str:
            return function(prompt)

        @staticmethod
        @guard.wrap
        def plain(prompt: str) -> str:
            return function(prompt)

        @guard.wrap
        def own(self, prompt: str) -> str:
            return function(prompt)

    for call in (Bot.made, Bot.plain, Bot().own):
        assert call("me") == "answer to me is [redacted]."
