"""What a row of the credential tables says, and sample material for its hits and misses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

__all__ = [
    *("ASSIGNED", "BETWEEN", "GOES_ON", "LETTER", "PLAIN", "REACH"),
    *("Format", "cased", "digits", "hexed", "mixed", "upper"),
]

REACH = 64
"""A secret counts if it begins at most so many characters after its anchor does."""

_UNPROVEN = 0.8

LETTER = r"[!-~\xa1-\u052f]"
"""What words are made of: printable ASCII, and Latin, Greek and Cyrillic letters."""

_SPACE = r"[ \t\xa0\u2000-\u200b\u202f\u3000]"
_TAG = r"</?[A-Za-z]{1,6}>"

BETWEEN = (
    rf"""["'`*)\\]{{0,4}}(?:{_TAG}){{0,2}}{_SPACE}{{0,16}}"""
    rf"""(?::=|=>|[:=>：]|\b(?:is|was)(?:[ \t]|:)|value=|\|(?!\|)|(?<=</t[dh]><t[dh]>))"""
    rf"""[*]{{0,2}}(?:{_TAG}){{0,2}}{_SPACE}{{0,16}}(?:{_TAG}){{0,2}}[*]{{0,2}}"""
)
"""What may stand between a name and its value: `": `, `=`, `:** `, `:</b> `, ` | `, ` is `."""

ASSIGNED = BETWEEN + r"""(?:[bru]?\\{0,3}["'`]{1,3})?"""

PLAIN = r"[!#-&*+/-9=@-Z^_a-z|~\xa1-\u052f-]"
_INNER = rf"(?:(?!</?[A-Za-z]{{1,8}}[ />])[(),.:;<>?\[\\\]{{}}]){{1,8}}+(?={PLAIN})"
GOES_ON = rf"""(?:{PLAIN}|["'`](?=[A-Za-z0-9\xa1-\u052f])|{_INNER})"""
"""A character of a value without quotes: quotes, brackets and stops only in the midst of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One kind of credential: literal anchors, and regexes for what stands before and after.

    The secret is the last group of `before + anchor + tail`, or all of it, and what `rest` finds
    behind that. It lies inside one word; only a key block may span several. `check` sees the
    secret without the rest. A hit is the secret alone, or a text with the secret between « and »;
    a miss comes with its reason. `proof` is a checksum: what has a wrong one scores 0.8 at most.
    """

    kind: str
    anchors: tuple[str, ...]
    tail: str
    before: str = ""
    rest: str = r"(?:[A-Za-z0-9-]|\\?_)*+"
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
