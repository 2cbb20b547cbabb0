"""Rules for Chinese."""

from guardrail.intent.phrases.rule import Rule
from guardrail.intent.phrases.zh import context, divergence, membership, people, texts

__all__ = ["RULES"]

RULES: tuple[Rule, ...] = (
    *context.RULES,
    *texts.RULES,
    *divergence.RULES,
    *membership.RULES,
    *people.RULES,
)
