"""Single words in fields of a provider's own: ids, names, kinds, and what is sealed."""

from __future__ import annotations

import re
from typing import Any

__all__ = ["opaque", "says_nothing", "unread"]

# An id, a model's name, a date, a signature: never more than one word.
_WORD = re.compile(r"[\w.:/+=~-]*", re.ASCII)
# Many words can be written as one; only what is sealed is as long.
_LONGEST = 128
# No key and no number to hide is as short. Kinds and states are named in a few words.
_SHORT, _NAMES = 9, 48
_KIND = re.compile(r"[a-z]++(?:[._-][a-z]++){0,6}")
_SEALED = frozenset(
    {"signature", "data", "encrypted_content", "encrypted_index"}
    | {"result", "partial_image_b64", "obfuscation"}
)


def opaque(value: Any) -> bool:
    """Whether a provider's own field may hold this: a number, or one word."""
    if isinstance(value, str):
        return _WORD.fullmatch(value) is not None
    return not isinstance(value, dict | list)


def unread(field: str, value: Any) -> bool:
    """Whether a provider's own field in a request is not read: it is opaque, sealed if long."""
    long = isinstance(value, str) and len(value) > _LONGEST
    return opaque(value) and (field in _SEALED or not long)


def says_nothing(field: str, word: str) -> bool:
    """Whether a word is sealed, or one that says nothing."""
    if field in _SEALED or len(word) <= _SHORT:
        return True
    if field == "model":
        return len(word) <= _LONGEST
    return len(word) <= _NAMES and _KIND.fullmatch(word) is not None
