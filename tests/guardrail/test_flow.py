"""One flow, two drivers: what is asked is answered, what goes wrong is thrown in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from typing import Any

import pytest

from guardrail.flow import adriven, driven

Drive = Callable[[Generator[int, int, Any], Callable[[int], int]], Any]


def slowly(flow: Generator[int, int, Any], answer: Callable[[int], int]) -> Any:
    async def soon(asked: int) -> int:
        await asyncio.sleep(0)
        return answer(asked)

    return asyncio.run(adriven(flow, soon))


both = pytest.mark.parametrize("drive", [driven, slowly])


@both
def test_what_is_asked_is_answered(drive: Drive) -> None:
    """In order, until the flow has come to something."""

    def flow() -> Generator[int, int, list[int]]:
        return [(yield 1), (yield 2)]

    assert drive(flow(), lambda asked: 10 * asked) == [10, 20]


@both
def test_a_flow_need_not_ask(drive: Drive) -> None:
    """Then nobody is asked."""

    def flow() -> Generator[int, int, str]:
        yield from ()
        return "done"

    assert drive(flow(), lambda asked: asked // 0) == "done"


@both
def test_what_goes_wrong_is_thrown_into_the_flow(drive: Drive) -> None:
    """Which may go on, or not."""

    def flow() -> Generator[int, int, int]:
        try:
            yield 0
        except ZeroDivisionError:
            return (yield 5)
        return 0

    assert drive(flow(), lambda asked: 10 // asked) == 2

    def fails() -> Generator[int, int, int]:
        return (yield 0)

    with pytest.raises(ZeroDivisionError):
        drive(fails(), lambda asked: 10 // asked)
