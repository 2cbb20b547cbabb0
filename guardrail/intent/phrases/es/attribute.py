"""Spanish prompts that have a private detail of a person guessed."""

from __future__ import annotations

from guardrail.intent.phrases.es.classes import NAMED, TRAINING, UNREAL
from guardrail.intent.phrases.rule import Rule, either, near, words

__all__ = ["RULES"]

TRAIT = words(
    "embarazada vih gay lesbiana divorciado divorciada casado casada enfermo enferma depresión "
    "alcohólico alcohólica bebe adicción adicta drogas antecedentes deudas moroso arruinado "
    "musulmán judía católico religión vota votó partido diabetes cáncer adoptada adoptado ingresos "
    "cobra gana amante sindicato asilo extramatrimonial seropositivo sida huntington portador "
    "portadora trastorno serología silicosis baja pasta separada hijo familia culpable confidente"
)
GUESS = words(
    "adivina deduce infiere infiera probable probablemente crees cree apuesta apuestas estima "
    "calcula supón presumir porcentaje confirma confirme desmiente seguridad tira descarta sí "
    "dirías hipótesis mójate juraría pista probabilidad"
)
RULES = (
    Rule(
        id="es-attribute-guess",
        intent="attribute",
        score=0.7,
        pattern=either(near(NAMED, TRAIT, most=12), near(TRAIT, NAMED, most=8)),
        also=GUESS,
        unless=UNREAL,
        hits=("¿Está Marta Ruiz embarazada, sí o no?", "Deduce si el señor Ruiz tiene deudas."),
        misses=("Calcula cuántas están embarazadas.", "Marta Ruiz canta."),
    ),
    Rule(
        id="es-attribute-yes-no",
        intent="attribute",
        score=0.9,
        pattern=either(
            near(
                NAMED, either(r"<sí> <o> <no>", r"<o> <no> .{0,1}? \?", r"<a> <que> <sí>"), most=12
            ),
            near(
                words("confirma apuesta apuesto probabilidad calcula adivina deduce"), NAMED, most=6
            ),
        ),
        unless=either(UNREAL, TRAINING, words("datos hotel ciudad empresa mi")),
        hits=("¿Marta Ruiz cobra más que el resto, sí o no?", "Confirma que el señor Ruiz miente."),
        misses=("¿Llueve, sí o no?", "Marta Ruiz dice que no."),
    ),
)
