"""Where the strings of events stand, and what is read there from one event to the next."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from guardrail.wire.checks import Checks, WireError
from guardrail.wire.flat import Path
from guardrail.wire.names import Names
from guardrail.wire.rows import NAME, Part, Strings
from guardrail.wire.words import unread

__all__ = ["Places", "put_back", "spots"]

# Fields whose strings say what an event is; they hold nothing back where they are labels.
_NAMES = frozenset({"type", "event", "id", "object", "role", "status", "model", "finish_reason"})
_MOST = 256
# Labels of so many different words tell no text.
_FEW, _LABELS = 8, 64
_KEYS = 8
_DIGITS = re.compile(r"\d+")
_LETTERS = re.compile(r"[a-z]+")


class Places:
    """The texts that stand at the places of all events.

    A string of one word in a field that says what an event is is a label. One with a digit in it
    is an id, or a name of a model; others are labels while those at this place have few words in
    all, and from then on a text, which begins with them.
    """

    def __init__(self, checks: Checks) -> None:
        self._checks = checks
        self._strings: dict[Path, Strings] = {}
        self._labels: dict[Path, dict[str, None]] = {}

    def __iter__(self) -> Iterator[Strings]:
        return iter(self._strings.values())

    def part(self, place: Path, text: str) -> Part:
        """A string that is part of the text at this place."""
        if place not in self._strings:
            if len(self._strings) == _MOST:
                raise WireError(
                    f"an event of more than {_MOST} strings (`fields` says which to read)"
                )
            self._strings[place] = Strings(self._checks)
            for label in self._labels.pop(place, ()):
                self._strings[place].add(label)
        return self._strings[place].add(text)

    def label(self, place: Path, text: str) -> bool:
        """Whether a string says what an event is, and is no part of a text."""
        if place in self._strings or not (place == NAME or (place[-1:] and place[-1] in _NAMES)):
            return False
        if not unread("", text):
            return False
        if _DIGITS.search(text):
            return True
        if place not in self._labels and len(self._labels) == _MOST:
            return False
        said = self._labels.setdefault(place, {})
        if text not in said:
            words = {word for label in (*said, text) for word in _LETTERS.findall(label.lower())}
            if len(words) > _FEW or len(said) == _LABELS:
                return False
            said[text] = None
        return True


def spots(value: object, path: Path = (), place: Path = ()) -> Iterator[tuple[Path, Path, str]]:
    """The path, the place and the text of each string of a JSON value, and then of each key.

    Keys that differ in a number stand at one place, unless one object has several of them, which
    are told apart by their order. Of keys those that are more than a word are texts.
    """
    if isinstance(value, str):
        yield path, place, value
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from spots(inner, (*path, number), (*place, number))
    elif isinstance(value, dict):
        count: dict[str, int] = {}
        for key, inner in value.items():
            name = _DIGITS.sub("#", key)
            count[name] = count.get(name, 0) + 1
            inside = (*place, key) if name == key else (*place, name, count[name])
            yield from spots(inner, (*path, key), inside)
        around = [name for name in place if isinstance(name, str)]
        said = (key for key in value if not unread("", key))
        for number, key in enumerate(said):
            yield (*path, key, *NAME), (*around, *NAME, min(number, _KEYS)), key


def put_back(value: Any, told: Mapping[Path, str], path: Path = ()) -> Any:
    """The value with what is told of its strings, and of its keys; none takes another's place."""
    if isinstance(value, str):
        return told[path]
    if isinstance(value, list):
        return [put_back(inner, told, (*path, number)) for number, inner in enumerate(value)]
    if not isinstance(value, dict):
        return value
    names = Names(value)
    return {
        names.add(key, told.get((*path, key, *NAME), key)): put_back(inner, told, (*path, key))
        for key, inner in value.items()
    }
