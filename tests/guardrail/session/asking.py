"""People who ask, guards that count them, and documents that they are after."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from guardrail import Action, Admission, Context, Guard, Identity, Rule, Verdict
from guardrail.session.history import History
from guardrail.session.limits import Limit, Limits
from guardrail.session.memory import MemoryStore
from tests.strategies import Pattern

HEAD = 'version = 1\nowner = "privacy@example.org"\n'
MARK = "[redacted]"


@dataclass
class Clock:
    """A clock that a test moves."""

    nanoseconds: int = 10**18

    def __call__(self) -> int:
        return self.nanoseconds

    def micro(self) -> int:
        return self.nanoseconds // 1000

    def move(self, micro: int) -> None:
        self.nanoseconds += micro * 1000


def limited(*rules: Limit, clock: Clock | None = None, **settings: Any) -> Guard:
    history = History(MemoryStore(clock=clock or Clock()), secret=b"k" * 32)
    rule = Rule(Pattern("zq[0-9]{4}", 6), id="leak")
    return Guard([rule], limits=Limits(rules, history), **settings)


def asks(guard: Guard, identity: Identity, model: str | None = None) -> Admission:
    return guard.admit(Context(prompt="hello", identity=identity, model=model))


def allowed(guard: Guard, identity: Identity, model: str | None = None, times: int = 20) -> int:
    return sum(asks(guard, identity, model).action is Action.ALLOW for _ in range(times))


def words(count: int, seed: int) -> list[str]:
    chance = random.Random(seed)
    return ["".join(chance.choices("abcdefghijklmnop", k=6)) for _ in range(count)]


LONG = words(2000, 1)
OTHER = words(400, 2)


def ask(guard: Guard, first: int, count: int, who: str = "alice", text: Any = LONG) -> Verdict:
    answer = f"Here it is: {' '.join(text[first : first + count])} and so on."
    return guard.check(answer, Context("hello", identity=Identity(who)))


def leaked(guard: Guard, size: int, people: int = 1, text: Any = LONG) -> int:
    """How many words come out, asked for in pieces that follow each other."""
    out = 0
    # A last piece that is shorter would not be found.
    for number, first in enumerate(range(0, len(text) - size + 1, size)):
        verdict = ask(guard, first, size, f"user-{number % people}", text)
        out += len(set(text) & set(verdict.text.split()))
    return out
