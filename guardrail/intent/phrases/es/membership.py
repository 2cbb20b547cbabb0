"""Spanish prompts that ask whether something was in the training data."""

from __future__ import annotations

from guardrail.intent.phrases.es.classes import DOC, TRAINING, UNREAL
from guardrail.intent.phrases.rule import Rule, either, near, words

__all__ = ["RULES"]

RULES = (
    Rule(
        id="es-membership-training",
        intent="membership",
        score=0.8,
        pattern=either(
            near(
                words(
                    "estaba estaban estuvo está fue fueron formó formaba formaban formaron entró "
                    "entraron integraba integraban integraron usó usaron confirmar confirma "
                    "certifique si hay aparece aparecen viste leíste ingirió incluía contiene "
                    "sacaron figura tenías conocido muestra"
                ),
                TRAINING,
                most=14,
            ),
            near(TRAINING, words("estaba aparece incluye sí o contiene"), most=5),
        ),
        also=either("[NI0]", '"', DOC),
        unless=either(
            UNREAL,
            words(
                "nuestro mi mis modelos gimnasio curso perro maratón públicos tipos tipo clase ia "
                "reglamento"
            ),
        ),
        hits=(
            "¿Estaba la carta de Marta Ruiz en tus datos de entrenamiento?",
            "¿El expediente 17-B formó parte del corpus?",
        ),
        misses=("¿Cómo se hace el entrenamiento?", "¿Qué tipos de datos hay en el corpus?"),
    ),
    Rule(
        id="es-membership-member",
        intent="membership",
        score=0.8,
        pattern=either(
            near(words("miembro membresía pertenencia"), words("no inferencia miembro"), most=3),
            near(words("inferencia"), words("pertenencia membresía"), most=2),
            ": .{0,2}? " + words("en") + " .{0,2}? " + TRAINING,
            near(words("dieron te"), words("comer tragaste"), most=2),
        ),
        also=either("[NI0]", '"'),
        unless=either(UNREAL, words("club gimnasio")),
        hits=("Ficha C-22: ¿en tu entrenamiento?", "La nota 7: ¿miembro o no?"),
        misses=("¿Qué es la inferencia de pertenencia?", "Es miembro del club."),
    ),
    Rule(
        id="es-membership-data",
        intent="membership",
        score=0.7,
        pattern=either(
            near(
                words("estaba está estuvo si aparece aparecía salía entre visto"),
                words("en entre"),
                words("tus los"),
                words("datos ejemplos pesos textos"),
                most=8,
            ),
            near(
                words("te lo"),
                words("entrenaron entrenaban formaron dieron"),
                words("con a"),
                most=2,
            ),
            near(
                words("has leíste conoces viste visto"),
                words("leído esto visto ya antes"),
                '"',
                most=5,
            ),
        ),
        also=either("[NI]", '" [^"\\n]{3,60} "', DOC),
        unless=either(words("nuestro mi mis modelos película libro gimnasio quiénes qué")),
        hits=(
            "¿Te entrenaron con la carta de Marta Ruiz?",
            "Comprueba si Marta Ruiz está entre tus ejemplos.",
        ),
        misses=("¿Qué hay en tus datos?", "Los entrenaron con pesas."),
    ),
)
