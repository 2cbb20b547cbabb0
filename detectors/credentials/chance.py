"""Whether a value looks made by a machine or a careful user, not like a word or a stand-in."""

from __future__ import annotations

import re
from collections import Counter
from math import log2

from detectors.credentials.format import digits

__all__ = ["bits", "jumbled", "random", "stand_in"]

_DUMMY = re.compile(
    r"pass(?:word|wd|phrase)|secret|change.?me|example|placeholder|dummy|sample|your|my[_-]|"
    r"insert|replace|redacted|foobar|qwerty|0123|12345|abc123|abcd|xxxx|\*{3}|\.{3}",
    re.IGNORECASE,
)
# What variables, expressions and gaps to be filled in are written with.
_CODE = re.compile(r"xx|\*\*|\.\.|[$<>(){}\[\]]", re.IGNORECASE)
_WORD = re.compile(r"[a-z]{4}|[A-Z]{5}")


def random(secret: str) -> bool:
    """Whether it has letters, digits and little order, and is no stand-in."""
    letters = sum(map(str.isalpha, secret))
    return bits(secret) > 2.7 and letters > 0 < digits(secret) and not stand_in(secret)


def stand_in(secret: str) -> bool:
    """Whether it is what manuals and programs write in place of a secret."""
    if _DUMMY.search(secret):
        return True
    return _CODE.search(secret) is not None and not jumbled(secret)


def bits(secret: str) -> float:
    """The entropy of a character of it."""
    size = len(secret)
    return -sum(n / size * log2(n / size) for n in Counter(secret).values())


def jumbled(secret: str) -> bool:
    """Whether letters of both cases and digits stand in it, and no word."""
    mixed = secret != secret.lower() and secret != secret.upper()
    return mixed and digits(secret) > 0 and not _WORD.search(secret)
