"""Rules for English."""

from guardrail.intent.phrases.en import context, divergence, membership, people, texts
from guardrail.intent.phrases.rule import Rule

__all__ = ["RULES"]

RULES: tuple[Rule, ...] = (
    *context.RULES,
    *texts.RULES,
    *divergence.RULES,
    *membership.RULES,
    *people.RULES,
)
