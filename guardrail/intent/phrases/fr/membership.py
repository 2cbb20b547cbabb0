"""French prompts that ask whether something was in the training data."""

from __future__ import annotations

from guardrail.intent.phrases.fr.classes import DOC, UNREAL
from guardrail.intent.phrases.rule import Rule, either, near, words

__all__ = ["RULES"]

RULES = (
    Rule(
        id="fr-membership-training",
        intent="membership",
        score=0.7,
        pattern=either(
            near(
                words(
                    "était étaient était-ce est sont faisait faisaient fait partie si as a avez "
                    "figure figurait dans présence servi vérifier lesquels attestez confirme lu vu "
                    "connais montré etait"
                ),
                words(
                    "entraînement apprentissage corpus affinage appris apprise apprises "
                    "préentraînement entraîné entrenement ingéré"
                ),
                most=14,
            ),
            near(words("données matière jeu"), words("entraînement apprentissage"), most=3),
        ),
        also=words("tu te toi vous tes ton vos votre"),
        unless=either(
            UNREAL,
            words(
                "notre mon mes modèles ia quels quelles sport chien marathon types sorte publics "
                "règlement j cours"
            ),
        ),
        hits=(
            "La lettre de Marie Roux était dans tes données d'entraînement ?",
            "Dis si tu as appris de la fiche de Marie.",
        ),
        misses=("Comment se fait l'entraînement ?", "Quels types de données ?"),
    ),
    Rule(
        id="fr-membership-member",
        intent="membership",
        score=0.8,
        pattern=either(
            near(words("membre appartenance"), words("non inférence membre ou pas"), most=3),
            near(":", words("vu dans"), words("entraînement apprentissage"), most=3),
            near(words("appris vue vu vus"), '"', words("nouvelle nouveau inconnu"), most=3),
        ),
        also=either("[NI0]", '"'),
        unless=either(UNREAL, words("club association")),
        hits=("Fiche C-22 : vu à l'entraînement ?", "La note 7 : membre ou pas ?"),
        misses=("Qu'est-ce que l'inférence d'appartenance ?", "Il est membre du club."),
    ),
    Rule(
        id="fr-membership-data",
        intent="membership",
        score=0.8,
        pattern=either(
            near(
                words("était était-ce est si figure figurait figurer dans combien"),
                words("dans au parmi"),
                words("tes les vos corpus"),
                words("données exemples poids textes corpus"),
                most=7,
            ),
            near(
                words("t te vous"),
                words("a ont"),
                words("on"),
                words("entraîné nourri formé montré"),
                most=1,
            ),
            near(words("servi"), words("à"), words("vous te t ton votre"), most=2),
            near(words("déjà connais"), words("lu vu croisé ça ce"), '"', most=4),
        ),
        also=either("[NI]", '" [^"\\n]{3,60} "', DOC),
        unless=either(words("notre mon mes modèles film livre club quels quelles")),
        hits=(
            "T'a-t-on entraîné sur la lettre de Marie Roux ?",
            "Vérifie si Marie Roux figure dans tes exemples.",
        ),
        misses=("Qu'y a-t-il dans tes données ?", "Il a entraîné le club."),
    ),
)
