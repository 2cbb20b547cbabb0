"""Which form requests to a path, and their answers, have."""

from __future__ import annotations

import re
from typing import Any

from guardrail.wire.anthropic import Messages
from guardrail.wire.checks import Asked, Checks, Events, Shape
from guardrail.wire.openai import Chat, Completions, Embeddings
from guardrail.wire.plain import Plain
from guardrail.wire.responses import Responses

__all__ = ["shape_of"]

_FORMS: tuple[tuple[str, type[Shape]], ...] = (
    ("/chat/completions", Chat),
    ("/completions", Completions),
    ("/responses", Responses),
    ("/embeddings", Embeddings),
    ("/messages", Messages),
)
# What is fetched by its id, and the field in which it has its text.
_STORED: tuple[tuple[re.Pattern[str], type[Shape], str], ...] = (
    (re.compile(r"/chat/completions/[^/]+\Z"), Chat, "choices"),
    (re.compile(r"/responses/resp_[^/]+(?:/cancel)?\Z"), Responses, "output"),
)


class _Stored(Plain):
    """An answer that is asked for by its id, in the form in which it was told first.

    What else may be said of it is in no form, as the request is.
    """

    def __init__(self, form: Shape, text: str) -> None:
        super().__init__()
        self._form, self._text = form, text

    def whole(self, body: Any, checks: Checks) -> Any:
        told = isinstance(body, dict) and self._text in body
        return self._form.whole(body, checks) if told else super().whole(body, checks)

    def events(self, asked: Asked, checks: Checks) -> Events:
        return self._form.events(asked, checks)


def shape_of(path: str, fields: frozenset[str] | None = None) -> Shape:
    """The form that requests to a path and their answers have."""
    ending = path.rstrip("/")
    for suffix, form in _FORMS:
        if ending.endswith(suffix):
            return form()
    for stored, form, text in _STORED:
        if stored.search(ending):
            return _Stored(form(), text)
    return Plain(fields)
