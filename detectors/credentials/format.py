"""What a row of the credential tables says, and sample material for its hits and misses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["ASSIGNED", "REACH", "Format", "cased", "digits", "hexed", "mixed", "upper"]

REACH = 56
"""A secret begins at most so many characters after the anchor that gives it away."""

_UNPROVEN = 0.8

# What may stand between a name and its value: `"name": "`, `name=`, `**Name:** `, `name is `.
ASSIGNED = (
    r"""["'`*)]{0,4}[ \t]{0,3}(?::=|=>|[:=>]|\bis[ \t]|\bis:)"""
    r"""[*]{0,2}[ \t]{0,3}(?:[bru]?["'`*]{1,3})?"""
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One kind of credential: literal anchors, and regexes for what stands before and after.

    The secret is group 1 of `before + anchor + tail`, or all of it. It is made of printable
    ASCII without spaces; only a key block may span words. `check` sees the secret. A hit is the
    secret alone, or a text with the secret between « and »; a miss comes with its reason.
    `proof` is a checksum: what has a wrong one scores 0.8 at most.
    """

    kind: str
    anchors: tuple[str, ...]
    tail: str
    before: str = ""
    check: Callable[[str], bool] = bool
    proof: Callable[[str], bool] = bool
    score: float = 1.0
    hits: tuple[str, ...]
    misses: tuple[tuple[str, str], ...]

    def scored(self, secret: str) -> float:
        """How sure a secret of this form is."""
        return self.score if self.proof(secret) else min(self.score, _UNPROVEN)


def digits(secret: str) -> int:
    """How many of its characters are digits."""
    return sum(map(str.isdigit, secret))


def cased(*words: str) -> tuple[str, ...]:
    """Each word in lower case, in upper case and capitalised."""
    return tuple(form for word in words for form in (word, word.upper(), word.capitalize()))


def mixed(size: int) -> str:
    """Letters of both cases and digits that look random."""
    return _cycle("k7Qz2WmX9bVt4LpR8cNy3HsD6fGj5aTe1KuB", size)


def upper(size: int) -> str:
    """Capital letters and digits that look random."""
    return _cycle("K7QZ2WMX4BVTLPR5CNY3HSD6FGJA", size)


def hexed(size: int) -> str:
    """Hexadecimal digits that look random."""
    return _cycle("3f9a1c7e5b0d8264", size)


def _cycle(alphabet: str, size: int) -> str:
    return (alphabet * (size // len(alphabet) + 1))[:size]
