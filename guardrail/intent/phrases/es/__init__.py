"""Rules for Spanish, a file for each intent."""

from guardrail.intent.phrases.es import (
    attribute,
    context,
    continuation,
    divergence,
    membership,
    personal,
    verbatim,
)
from guardrail.intent.phrases.rule import Rule, words

__all__ = ["COMMON", "RULES"]

# A text without any of these is not Spanish.
COMMON = words(
    "señor señora don doña sí como más ignora repita el la los las del que un una y por para con "
    "su tu tus sus mi te se lo qué cuál dónde cómo cuánto está estaba es o sin di dime repite "
    "titular nombre al le nos"
)
RULES: tuple[Rule, ...] = (
    *attribute.RULES,
    *context.RULES,
    *continuation.RULES,
    *divergence.RULES,
    *membership.RULES,
    *personal.RULES,
    *verbatim.RULES,
)
