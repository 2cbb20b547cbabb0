"""The rules of each language."""

from guardrail.intent.phrases import de, en, es, fr, zh
from guardrail.intent.phrases.rule import Rule

__all__ = ["RULES"]

RULES: tuple[Rule, ...] = (*en.RULES, *de.RULES, *es.RULES, *fr.RULES, *zh.RULES)
