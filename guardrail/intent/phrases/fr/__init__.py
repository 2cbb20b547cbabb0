"""Rules for French."""

from guardrail.intent.phrases.fr import context, divergence, membership, people, texts
from guardrail.intent.phrases.rule import Rule, words

__all__ = ["COMMON", "RULES"]

# A text without any of these is not French.
COMMON = words(
    "dis encore combien devine vu mme monsieur madame si ou l qu où affiche répète le la les des "
    "du un une est et que qui dans pour mon ma mes ta tes sa ses votre vos nous vous tu te toi moi "
    "il elle je ce cette ces au aux avec pas ne sans quel quelle comment titulaire nom en mot de"
)
RULES: tuple[Rule, ...] = (
    *context.RULES,
    *texts.RULES,
    *divergence.RULES,
    *membership.RULES,
    *people.RULES,
)
