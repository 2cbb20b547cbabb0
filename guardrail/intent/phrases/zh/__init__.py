"""Rules for Chinese, a file for each intent."""

from guardrail.intent.phrases.rule import Rule
from guardrail.intent.phrases.zh import (
    attribute,
    context,
    continuation,
    divergence,
    membership,
    personal,
    verbatim,
)

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
