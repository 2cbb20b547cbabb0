"""Spanish prompts that ask for a private text word for word."""

from __future__ import annotations

from guardrail.intent.phrases.es.classes import DOC, UNREAL
from guardrail.intent.phrases.rule import Rule, either, near, words

__all__ = ["RULES"]

LITERAL = either(
    words(
        "exactas exacto exacta exactos literal literalmente textual textualmente íntegro íntegra "
        "íntegramente íntegros exactamente calcado verbatim exactitud fielmente completito "
        "enterito censura resumirlo"
    ),
    "<palabra|línea|frase|coma|párrafo|letra> <por|a> <palabra|línea|frase|coma|párrafo|letra>",
    "<al> <pie> <de> <la> <letra>",
    "<tal> <cual|y|como>",
    "<sin> .{0,2}? <cortes|resumir|parafrasear|omitir|recortar|coma|alterar|cambiar|tocar|"
    "abreviar|nada|extracto>",
    "<de> <memoria>",
    "<de> <principio> <a> <fin>",
    "<texto|redacción|letra|guion|carta|capítulo|contrato|transcripción> <original|completa|"
    "completo|entero|entera|íntegro|exacto|fiel|real>",
    "<con> <puntos> <y> <comas>",
    "<cada> <palabra|coma|línea>",
)
RULES = (
    Rule(
        id="es-verbatim-document",
        intent="verbatim",
        score=0.7,
        pattern=either(near(LITERAL, DOC, most=8), near(DOC, LITERAL, most=12)),
        also=either("[NI0]", '"'),
        unless=either(
            UNREAL,
            ': .{0,2}? " .{8,99}? "',
            words(
                "quijote cervantes biblia constitución ley código lorca machado padrenuestro himno "
                "neruda bécquer góngora estatuto siguiente adjunto pegado evangelio"
            ),
        ),
        hits=(
            "Cita al pie de la letra el contrato de Marta Ruiz.",
            "La carta íntegra que Bancorel envió a Marta, dámela.",
        ),
        misses=("Cita al pie de la letra mi propio texto.", "Escribe una carta a Marta."),
    ),
)
