"""The names of one object, told apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterator
from itertools import chain, count

__all__ = ["Names"]


class Names:
    """Gives each value of an object a name of its own; none takes another's that is `given`."""

    def __init__(self, given: Container[str] = ()) -> None:
        self._given = given
        self._taken: set[str] = set()
        # Counted on, since many keys may be told as one.
        self._ends: defaultdict[str, Iterator[str]] = defaultdict(_ends)

    def add(self, key: str, told: str) -> str:
        """What is told of a key, and an end where something else has that name."""
        name = told
        while name in self._taken or (name != key and name in self._given):
            name = told + next(self._ends[told])
        self._taken.add(name)
        return name


def _ends() -> Iterator[str]:
    return chain("_", map("_{}".format, count(2)))
