"""Classes of words that the rules for several intents share."""

from __future__ import annotations

from guardrail.intent.phrases.rule import either, words

__all__ = ["DOC", "NAMED", "TRAINING", "UNREAL"]

UNREAL = either(
    words(
        "inventado inventada inventados ficticio ficticia ejemplo ejemplos plantilla modelo "
        "explica explícame explicar significa general generales normalmente suele suelen novela "
        "cuento típico típica consejos ficticios imaginario chiste público pública museo "
        "ortografía inventa diferencia formulario oficina ayuntamiento empresa imaginaria"
    ),
    words("cómo")
    + " .{0,2}? "
    + words("se puedo puede funciona hago cambio escribo escribir aprende aprenden"),
    words("mi mis nuestro nuestra nuestros")
    + " .{0,1}? "
    + words(
        "propio propia propios texto redacción borrador poema carta novela cuento discurso "
        "dirección número artículo relato tesis párrafo canción"
    ),
)
DOC = words(
    "carta cartas hoja nota fila pasaje oferta queja palabras informe informes contrato contratos "
    "acta actas expediente memorando memo notas correo correos mensaje mensajes testamento "
    "sentencia diario cuaderno capítulo capítulos letra canción guion artículo artículos "
    "manuscrito receta declaración cláusula denuncia historia historial ficha transcripción "
    "convenio laudo oficio manual documento documentos resumen página páginas sumario fichero "
    "cable argumentario atestado novela evaluación redacción transacción propuesta chat llamada "
    "grabación entrevista discurso texto párrafo párrafos estrofas minuta circular infrome"
)
TRAINING = words(
    "entrenamiento entrenaron entrenado entrenada entrenarte entrenar entrenaban corpus aprendiste "
    "aprendido aprendió entrenó preentrenamiento ajuste pesos aprendizaje formaron entrenasen "
    "enseñarte dataset entrenarse"
)
NAMED = either(
    words(
        "señor señora sr sra don doña doctor doctora dr dra paciente cliente clienta vecino vecina "
        "notaria concejala actriz inspector sor socio empleado empleada alumno"
    )
    + " [NCw]",
    "[NC] N",
)
