"""Ids in the providers' forms, for what no provider gave one."""

from __future__ import annotations

import secrets
import string

__all__ = ["HEX", "fresh"]

HEX = "0123456789abcdef"
_LETTERS = string.ascii_letters + string.digits


def fresh(prefix: str, size: int, letters: str = _LETTERS) -> str:
    """An id that nothing else has: a prefix and random letters."""
    return prefix + "".join(secrets.choice(letters) for _ in range(size))
