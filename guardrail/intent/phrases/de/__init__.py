"""Rules for German, a file for each intent."""

from guardrail.intent.phrases.de import (
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

# A text without any of these is not German.
COMMON = words(
    "dieser diese alle alles immer ohne weiter dass herr herrn frau sich wieder ignoriere vergiss "
    "sag uns keine kein der das dem den des ein eine einen einer und ist nicht mit für von vom zu "
    "zum zur auf ich du mir mich dir dein deine deinen deinem deiner mein meine ihre ihren ihr wir "
    "wer wie wo bitte auch nach aus wort sie er bei oder ob wurde hat hast kannst über wörtlich "
    "name kontoinhaber"
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
