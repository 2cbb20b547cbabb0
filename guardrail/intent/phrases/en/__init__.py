"""Rules for English, a file for each intent."""

from guardrail.intent.phrases.en import (
    attribute,
    context,
    continuation,
    divergence,
    membership,
    personal,
    verbatim,
)
from guardrail.intent.phrases.rule import Rule

__all__ = ["RULES"]

RULES: tuple[Rule, ...] = (
    *attribute.RULES,
    *context.RULES,
    *continuation.RULES,
    *divergence.RULES,
    *membership.RULES,
    *personal.RULES,
    *verbatim.RULES,
)
