"""Work that asks on its way, written once and driven with or without an event loop."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from typing import TypeVar

__all__ = ["adriven", "driven"]

A = TypeVar("A")
B = TypeVar("B")
T = TypeVar("T")


def driven(flow: Generator[A, B, T], answer: Callable[[A], B]) -> T:
    """What a flow comes to that is answered so; what goes wrong is thrown into it."""
    try:
        asked = next(flow)
        while True:
            try:
                told = answer(asked)
            except Exception as error:  # noqa: BLE001 - the flow has it
                asked = flow.throw(error)
            else:
                asked = flow.send(told)
    except StopIteration as done:
        value: T = done.value
        return value


async def adriven(flow: Generator[A, B, T], answer: Callable[[A], Awaitable[B]]) -> T:
    """As `driven`, where each answer is waited for."""
    try:
        asked = next(flow)
        while True:
            try:
                told = await answer(asked)
            except Exception as error:  # noqa: BLE001 - the flow has it
                asked = flow.throw(error)
            else:
                asked = flow.send(told)
    except StopIteration as done:
        value: T = done.value
        return value
