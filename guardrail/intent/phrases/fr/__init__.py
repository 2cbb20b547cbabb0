"""Rules for French, a file for each intent."""

from guardrail.intent.phrases.fr import (
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

# A text without any of these is not French.
COMMON = words(
    "dis encore combien devine vu mme monsieur madame si ou l qu où affiche répète le la les des "
    "du un une est et que qui dans pour mon ma mes ta tes sa ses votre vos nous vous tu te toi moi "
    "il elle je ce cette ces au aux avec pas ne sans quel quelle comment titulaire nom en mot de"
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
