"""The rules of each language."""

from guardrail.intent.phrases import de, en, es, fr, zh
from guardrail.intent.phrases.rule import Rule

__all__ = ["COMMON", "RULES"]

RULES: tuple[Rule, ...] = (*en.RULES, *de.RULES, *es.RULES, *fr.RULES, *zh.RULES)
# The rules of these languages are tried on texts with one of the language's commonest words.
COMMON = {"de": de.COMMON, "es": es.COMMON, "fr": fr.COMMON}
