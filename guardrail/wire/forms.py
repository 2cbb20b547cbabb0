"""Which form requests to a path, and their answers, have."""

from __future__ import annotations

import re

from guardrail.wire.anthropic import Messages
from guardrail.wire.checks import Shape
from guardrail.wire.either import Either
from guardrail.wire.images import Images
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
_IMAGES = ("/images/generations", "/images/edits", "/images/variations")
# Anthropic's models on Vertex; who has tokens counted gets no message.
_VERTEX = re.compile(
    r"/publishers/anthropic/models/(?!count-tokens(?::|%3A))[^/]+(?::|%3A)(?:streamR|r)awPredict\Z",
    re.IGNORECASE,
)
# What is fetched by its id.
_STORED: tuple[tuple[re.Pattern[str], type[Shape]], ...] = (
    (re.compile(r"/chat/completions/[^/]+\Z"), Chat),
    (re.compile(r"/responses/resp_[^/]+(?:/cancel)?\Z"), Responses),
)


def shape_of(path: str, fields: frozenset[str] | None = None) -> Shape:
    """The form that requests to a path and their answers have."""
    ending = path.rstrip("/")
    for suffix, form in _FORMS:
        if ending.endswith(suffix):
            return form()
    if _VERTEX.search(ending):
        return Messages()
    for stored, form in _STORED:
        if stored.search(ending):
            return Either(form())
    return Images(fields) if ending.endswith(_IMAGES) else Plain(fields)
