"""Audio and images in an answer, which go out unread."""

from __future__ import annotations

import re
from typing import Any

from guardrail.wire.leaves import besides

__all__ = ["bare", "filled", "sealed"]

# A shorter word may be a credential.
_SEALED = re.compile(
    r"(?:data:(?:audio|image|video)/[\w.+-]{1,64};base64,)?[A-Za-z0-9+/]{128,}={0,2}", re.ASCII
)


def sealed(raw: Any) -> bool:
    """Whether it is audio or an image: one word of base64."""
    return isinstance(raw, str) and _SEALED.fullmatch(raw) is not None


def bare(rows: list[Any], field: str) -> list[Any]:
    """Rows without what is sealed in a field of theirs."""
    return [besides(row, {field}) if _seals(row, field) else row for row in rows]


def filled(told: list[Any], rows: list[Any], field: str) -> list[Any]:
    """What is told of bare rows, with what is sealed in those that were given."""
    return [
        one | {field: row[field]} if _seals(row, field) else one
        for one, row in zip(told, rows, strict=True)
    ]


def _seals(row: Any, field: str) -> bool:
    return isinstance(row, dict) and sealed(row.get(field))
