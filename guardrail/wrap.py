"""Any callable that returns an answer, guarded."""

from __future__ import annotations

import functools
import inspect
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Callable,
    Generator,
    Iterator,
)
from contextlib import aclosing, closing
from typing import Any, ParamSpec, TypeVar, cast

from guardrail.asked import asking
from guardrail.errors import RefusedError
from guardrail.guard import Guard
from guardrail.pace import Pace
from guardrail.types import Admission, Context

__all__ = ["wrap"]

P = ParamSpec("P")
T = TypeVar("T")
Function = Callable[..., Any]
Asked = Callable[..., Context]


def wrap(
    guard: Guard, fn: Callable[P, T], *, context: Callable[..., Context] | None = None
) -> Callable[P, T]:
    """The same callable, admitted before and checked after; four shapes, and iterators returned.

    Strings and messages among the arguments are what is asked, by their names: what is named
    `prompt`, `question`, `query`, `message`, `input`, `text`, or `user_` and one of these, is the
    reader's own where it is the only one; what is named `system`, `instructions`, `context`,
    `documents` or the like is not; and where no name says so, each string may be asked, and none is
    an echo. `context` (called with the same arguments) says it otherwise. A call that is not
    admitted is not made: in place of its answer stands the refusal, or for who is throttled or
    challenged what they are to do (`guard.admit` tells these apart). `RefusedError` is raised
    for messages that cannot be read, for a call in which nothing is found, where there are rules on
    prompts, and for an answer that is neither a string nor an iterator of strings. Where disclosure
    has a `timing`, answers are returned at its steps, and of iterators the first piece and the end;
    exceptions are raised at once.
    """
    if isinstance(fn, classmethod | staticmethod) or not callable(fn):
        kind = type(fn).__name__
        raise TypeError(
            f"a {kind} cannot be wrapped; wrap the function, below its other decorators"
        )
    shape: Callable[..., Callable[..., Any]] = _call
    if _is(inspect.isasyncgenfunction, fn):
        shape = _async_generator
    elif _is(inspect.iscoroutinefunction, fn):
        shape = _coroutine
    elif _is(inspect.isgeneratorfunction, fn):
        shape = _generator
    safe = shape(guard, fn, _asked(guard, fn) if context is None else context)
    return cast(Callable[P, T], functools.wraps(fn)(safe))


def _is(shape: Callable[[object], bool], fn: Function) -> bool:
    return shape(fn) or shape(type(fn).__call__)


def _asked(guard: Guard, fn: Function) -> Asked:
    asked = asking(fn)

    def told(*args: Any, **kwargs: Any) -> Context:
        try:
            context = asked(*args, **kwargs)
        except RefusedError:
            if not guard.observes:
                raise
            return Context()
        silent = (args or kwargs) and not context.turns and not guard.observes
        if silent and any(rule.on == "prompt" for rule in guard.rules):
            raise RefusedError(
                "no prompt among the arguments of the wrapped callable; "
                "pass `context=` to `wrap` to say what is asked"
            )
        return context

    return told


def _call(guard: Guard, fn: Function, asked: Asked) -> Function:
    def safe(*args: Any, **kwargs: Any) -> Any:
        pace = guard.pace()
        admission = guard.admit(asked(*args, **kwargs))
        if guard.stops(admission):
            text = admission.verdict.text
        else:
            answer = fn(*args, **kwargs)
            pace.mark()
            if not isinstance(answer, str):
                return _streamed(guard, answer, admission, pace)
            text = guard.check(answer, admission).text
        pace.rest()
        return text

    return safe


def _coroutine(guard: Guard, fn: Function, asked: Asked) -> Function:
    async def safe(*args: Any, **kwargs: Any) -> Any:
        pace = guard.pace()
        admission = await guard.aadmit(asked(*args, **kwargs))
        if guard.stops(admission):
            text = admission.verdict.text
        else:
            answer = await fn(*args, **kwargs)
            pace.mark()
            if not isinstance(answer, str):
                return _streamed(guard, answer, admission, pace)
            text = (await guard.acheck(answer, admission)).text
        await pace.arest()
        return text

    return safe


def _generator(guard: Guard, fn: Function, asked: Asked) -> Function:
    def safe(*args: Any, **kwargs: Any) -> Iterator[str]:
        pace = guard.pace()
        admission = guard.admit(asked(*args, **kwargs))
        answer = () if guard.stops(admission) else fn(*args, **kwargs)
        yield from _paced(guard.stream(answer, admission), pace)

    return safe


def _async_generator(guard: Guard, fn: Function, asked: Asked) -> Function:
    async def safe(*args: Any, **kwargs: Any) -> AsyncIterator[str]:
        pace = guard.pace()
        admission = await guard.aadmit(asked(*args, **kwargs))
        answer = _silence() if guard.stops(admission) else fn(*args, **kwargs)
        async with aclosing(_apaced(guard.astream(answer, admission), pace)) as pieces:
            async for piece in pieces:
                yield piece

    return safe


def _paced(pieces: Generator[str, None, None], pace: Pace) -> Generator[str, None, None]:
    with closing(pieces):
        for first in pieces:
            pace.rest()
            yield first
            yield from pieces
        pace.rest()


async def _apaced(pieces: AsyncGenerator[str, None], pace: Pace) -> AsyncGenerator[str, None]:
    begun = False
    async with aclosing(pieces):
        async for piece in pieces:
            if not begun:
                await pace.arest()
            begun = True
            yield piece
        await pace.arest()


def _begun(source: Iterator[str], pieces: Generator[str, None, None]) -> Generator[str, None, None]:
    """Safe pieces of what is open already: to close them closes it, though none was taken."""

    def told() -> Generator[str, None, None]:
        try:
            yield ""
            yield from pieces
        finally:
            if callable(close := getattr(source, "close", None)):
                close()

    begun = told()
    next(begun)
    return begun


class _AsyncPieces(AsyncIterator[str]):
    """The same for what is awaited, which nobody can begin before; no attribute leads to it."""

    __slots__ = ("_pieces", "_source")

    def __init__(self, source: object, pieces: AsyncGenerator[str, None]) -> None:
        self._source, self._pieces = source, pieces

    async def __anext__(self) -> str:
        return await anext(self._pieces)

    async def aclose(self) -> None:
        await self._pieces.aclose()
        if callable(close := getattr(self._source, "aclose", None)):
            await close()


async def _silence() -> AsyncIterator[str]:
    nothing: tuple[str, ...] = ()
    for piece in nothing:
        yield piece


def _streamed(guard: Guard, answer: object, admission: Admission, pace: Pace) -> object:
    if isinstance(answer, AsyncIterable):
        return _AsyncPieces(answer, _apaced(guard.astream(answer, admission), pace))
    if isinstance(answer, Iterator):
        return _begun(answer, _paced(guard.stream(answer, admission), pace))
    kind = type(answer).__name__
    raise RefusedError(f"the wrapped callable returned {kind}; a guard checks text only")
