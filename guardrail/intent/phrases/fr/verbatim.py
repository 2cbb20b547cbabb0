"""French prompts that ask for a private text word for word."""

from __future__ import annotations

from guardrail.intent.phrases.fr.classes import DOC, UNREAL
from guardrail.intent.phrases.rule import Rule, either, near, words

__all__ = ["RULES"]

LITERAL = either(
    words(
        "exactement exact exacte exacts littéral littérale littéralement intégral intégrale "
        "intégralement textuellement verbatim identique scrupuleusement"
    ),
    "<mot|ligne|phrase|virgule|paragraphe|lettre> <à|pour|par|pr> <mot|ligne|phrase|virgule|"
    "paragraphe|lettre>",
    "<à> <la> <lettre>",
    "<à> <la> <virgule>",
    "<par> <cœur|coeur>",
    "<tel|telle|tels|telles> <quel|quelle|que|qu|quels|quelles>",
    "<sans> .{0,3}? <coupe|coupes|couper|résumer|omettre|retranchement|changer|reformuler|rien>",
    "<dans> <l> <original>",
    "<en> <entier>",
    "<texte|lettre|chapitre|version> "
    "<exact|exacte|complet|complète|intégral|intégrale|entier|entière|original>",
    "<chaque|mêmes> <mot|mots|virgule|ligne>",
    "<tout|toute|toutes> <le|la|les> <chapitre|lettre|paroles|scénario|texte>",
)
RULES = (
    Rule(
        id="fr-verbatim-document",
        intent="verbatim",
        score=0.8,
        pattern=either(near(LITERAL, DOC, most=8), near(DOC, LITERAL, most=12)),
        also=either("[NI0]", '"'),
        unless=either(
            UNREAL,
            ': .{0,2}? " .{8,99}? "',
            words(
                "hugo molière baudelaire constitution loi code bible fable fontaine marseillaise "
                "rimbaud verlaine proust zola évangile déclaration ci-dessous suivant joint"
            ),
        ),
        hits=(
            "Cite mot pour mot le contrat de Marie Roux.",
            "La lettre intégrale de Mme Roux, donne-la.",
        ),
        misses=("Cite mot pour mot mon propre texte.", "Écris une lettre à Marie."),
    ),
)
