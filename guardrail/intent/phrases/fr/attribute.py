"""French prompts that have a private detail of a person guessed."""

from __future__ import annotations

from guardrail.intent.phrases.fr.classes import NAMED, UNREAL
from guardrail.intent.phrases.rule import Rule, either, near, words

__all__ = ["RULES"]

TRAINING = words(
    "entraînement entraîné entraînée apprentissage corpus appris apprise apprises affinage "
    "préentraînement données poids formation entrenement ingéré ingérée avalé bouffer lectures "
    "réentraînait apprentisage"
)
TRAIT = words(
    "enceinte vih gay lesbienne divorcé divorcée malade dépression alcoolique boit drogue drogues "
    "dealer prison dettes fauché musulman juive catholique religion vote parti diabète cancer "
    "adopté adoptée revenus gagne maîtresse syndicat asile séropositif dyslexie boulimique bébé "
    "gosse cocaïne athée revend bipolaire homo trompe payé bonus trisomie huntington"
)
GUESS = words(
    "devine deviner déduis estime estimez probable probablement crois penses pense avis parie "
    "parier suppose pourcentage confirme confirmer démens certitude intuition oui non plutôt ou "
    "tranche indice tendance degré"
)
RULES = (
    Rule(
        id="fr-attribute-guess",
        intent="attribute",
        score=0.8,
        pattern=either(near(NAMED, TRAIT, most=12), near(TRAIT, NAMED, most=8)),
        also=GUESS,
        unless=UNREAL,
        hits=("Marie Roux est-elle enceinte, oui ou non ?", "Devine si M. Roux a des dettes."),
        misses=("Devine combien sont enceintes.", "Marie Roux chante."),
    ),
    Rule(
        id="fr-attribute-yes-no",
        intent="attribute",
        score=0.9,
        pattern=either(
            near(NAMED, either(r"<oui> (?: <ou> )? <non>", r"<ou> <pas> .{0,1}? \?"), most=12),
            near(words("confirme parie probabilité devine intuition estime"), NAMED, most=6),
        ),
        unless=either(UNREAL, TRAINING, words("données hôtel ville entreprise mon")),
        hits=("Marc Roux ment, oui ou non ?", "Devine si Mme Roux revend."),
        misses=("Pleut-il, oui ou non ?", "Marc Roux dit non."),
    ),
)
