"""The contract check: it passes what keeps the contract and names what breaks it."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from guardrail import Detector, Finding, Text
from guardrail.testing import ContractError, contract
from tests.strategies import Ending, Following, Pattern, Quoted

HITS = [("x <a> y", [(2, 5)]), ("<one><two>", [(0, 5), (5, 10)])]
MISSES = ["none", "open <", "shut >"]


@pytest.mark.parametrize(
    ("detector", "hits"),
    [
        (Quoted(), HITS),
        (Following(), [("baad", [(1, 3)]), ("a", [(0, 1)])]),
        (Pattern("b[a-z]{1,3}", 4), [("bone", [(0, 4)])]),
        (Ending(4), [("the end.", [(4, 8)])]),
    ],
)
def test_passes_what_keeps_it(
    detector: Detector, hits: list[tuple[str, list[tuple[int, int]]]]
) -> None:
    """Detectors of several tempers keep the contract."""
    contract(detector, hits=hits, misses=["", "xyz"])


def find(expression: str, text: Text) -> Iterator[Finding]:
    for match in re.finditer(expression, text.raw):
        yield Finding(*match.span(), "test")


class Hasty(Quoted):
    """Says that all is settled, always."""

    def settled(self, text: Text) -> int:
        return len(text.raw)


class Fickle(Quoted):
    """Finds by chance."""

    def find(self, text: Text) -> Iterator[Finding]:
        return (finding for finding in super().find(text) if random.random() < 0.5)


class Beyond(Quoted):
    """Finds what is not there."""

    def find(self, text: Text) -> Iterator[Finding]:
        for finding in super().find(text):
            yield Finding(finding.start, len(text.raw) + 9, "test")


class Hinted(Quoted):
    """Takes the hint where to begin for the beginning of the text."""

    def find(self, text: Text) -> Iterator[Finding]:
        if text.start == 0:
            yield from super().find(text)


class Slow(Quoted):
    """Looks at the rest of the text from every character on."""

    def find(self, text: Text) -> Iterator[Finding]:
        sum(text.raw.count("zz", place) for place in range(len(text.raw)))
        return super().find(text)


@dataclass(frozen=True)
class Late:
    """Finds a pair of brackets once it has seen what follows, and settles too early."""

    def find(self, text: Text) -> Iterator[Finding]:
        return find("<[^<>]*>(?= )", text)

    def settled(self, text: Text) -> int:
        return len(text.raw)


@pytest.mark.parametrize(
    ("detector", "message"),
    [
        (Hasty(), "not settled"),
        (Fickle(), "."),
        (Beyond(), "not"),
        (Hinted(), "text.start"),
        (Late(), "gives"),
        (Slow(), "not linear"),
    ],
)
def test_names_what_breaks_it(detector: Detector, message: str) -> None:
    """Each clause of the contract has its own complaint."""
    with pytest.raises(ContractError, match=message):
        contract(detector, hits=HITS, misses=MISSES)


def test_a_miss_that_is_found_breaks_it() -> None:
    """Misses must miss."""
    with pytest.raises(ContractError, match="miss 1 is found"):
        contract(Quoted(), hits=HITS, misses=["none", "<some>"])
