"""Detectors of every temper, and ways to cut a text."""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from hypothesis import strategies as st

from guardrail import Action, Context, Detector, Finding, Guard, Rule, Text


@dataclass(frozen=True)
class Pattern:
    """Matches of an expression no longer than `longest`, never beginning inside a longer run."""

    expression: str
    longest: int
    discount: str = ""

    def find(self, text: Text) -> Iterator[Finding]:
        for match in re.finditer(self.expression, text.raw):
            yield Finding(*match.span(), "test", 0.9, discount=self.discount)

    def settled(self, text: Text) -> int:
        return max(len(text.raw) - self.longest, 0)


@dataclass(frozen=True)
class Quoted:
    """From `<` to the next `>`: an open bracket holds the text until it is closed or the end."""

    def find(self, text: Text) -> Iterator[Finding]:
        for match in re.finditer(r"<[^<>]*>", text.raw):
            yield Finding(*match.span(), "test")

    def settled(self, text: Text) -> int:
        opened = text.raw.rfind("<")
        return len(text.raw) if opened <= text.raw.rfind(">") else opened


@dataclass(frozen=True)
class Ending:
    """Needs the whole text: its last `size` characters."""

    size: int

    def find(self, text: Text) -> Iterator[Finding]:
        if len(text.raw) >= self.size:
            yield Finding(len(text.raw) - self.size, len(text.raw), "test")

    def settled(self, text: Text) -> int:  # noqa: ARG002 - what it has seen never suffices
        return 0


@dataclass(frozen=True)
class Where:
    """Finds nothing, and keeps whether it looked in the main thread."""

    main: set[bool] = field(default_factory=set)

    def find(self, text: Text) -> Iterable[Finding]:  # noqa: ARG002 - it matters where
        self.main.add(threading.current_thread() is threading.main_thread())
        return ()

    def settled(self, text: Text) -> int:
        return len(text.raw)

    def took(self) -> set[bool]:
        """What it has kept since it was asked last."""
        kept = {*self.main}
        self.main.clear()
        return kept


@dataclass(frozen=True)
class Following:
    """Runs of the letter `a`, found by a scanner of its own."""

    def find(self, text: Text) -> Iterator[Finding]:
        for match in re.finditer(r"a+", text.raw):
            yield Finding(*match.span(), "test")

    def settled(self, text: Text) -> int:
        return len(text.raw.rstrip("a"))

    def scanner(self, context: Context) -> _Following:  # noqa: ARG002 - the same for all
        return _Following()


class _Following:
    def __init__(self) -> None:
        self._open: int | None = None
        self._size = 0

    @property
    def settled(self) -> int:
        return self._size if self._open is None else self._open

    def feed(self, chunk: str) -> Iterable[Finding]:
        found = []
        for letter in chunk:
            if letter == "a":
                self._open = self._size if self._open is None else self._open
            elif self._open is not None:
                found.append(Finding(self._open, self._size, "test"))
                self._open = None
            self._size += 1
        return found

    def close(self) -> Iterable[Finding]:
        return () if self._open is None else (Finding(self._open, self._size, "test"),)


detectors: st.SearchStrategy[Detector] = st.sampled_from(
    [
        Pattern("b[a-z]{1,3}", 4),
        Pattern("(?<![0-9])[0-9]{2,5}(?![0-9])", 6),
        Pattern("cc", 2, discount="common"),
        Quoted(),
        Ending(3),
        Following(),
    ]
)


@st.composite
def rules(draw: st.DrawFn, actions: tuple[Action, ...]) -> tuple[Rule, ...]:
    chosen = draw(st.lists(detectors, min_size=1, max_size=4))
    return tuple(
        Rule(
            detector,
            id=f"rule{number}",
            action=draw(st.sampled_from(actions)),
            min_score=draw(st.sampled_from([0.0, 0.95])),
        )
        for number, detector in enumerate(chosen)
    )


texts = st.text(alphabet="aabbcc<>01 ", max_size=80)


@st.composite
def lined(draw: st.DrawFn) -> Guard:
    """Rules that find something in a line, or over the end of one."""
    known: list[Detector] = [Pattern("b[a-z]{1,3}", 4), Following()]
    known += [Pattern(r"c\s{0,3}c", 5), Pattern("0\n1", 3)]
    chosen = draw(st.lists(st.sampled_from(known), min_size=1, unique=True))
    return Guard([Rule(one, id=f"rule{number}") for number, one in enumerate(chosen)])


def cut(text: str, seed: int) -> list[str]:
    """The text in chunks of a random size each, some of them empty."""
    moments = random.Random(seed)
    longest = moments.choice([1, 3, 20, 100])
    chunks, place = [], 0
    while place < len(text):
        size = moments.randint(0, longest)
        chunks.append(text[place : place + size])
        place += size
    return chunks
