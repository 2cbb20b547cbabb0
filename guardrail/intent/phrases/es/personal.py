"""Spanish prompts that ask for a private detail of a person."""

from __future__ import annotations

from guardrail.intent.phrases.es.classes import NAMED, UNREAL
from guardrail.intent.phrases.rule import Rule, either, near, words

__all__ = ["RULES"]

PRIVATE = words(
    "dirección domicilio móvil teléfono celular sueldo salario nómina iban cuenta saldo pasaporte "
    "contraseña clave diagnóstico medicación nacimiento cédula dni rut matrícula correo deuda "
    "deudas ingresos antecedentes prueba resultado alquiler religión nota nif nie cuil curp edad "
    "pensión achaques tarjeta identidad colegio direccion telefono alergias confesión patente "
    "afiliado enfermedad número historial"
)
RULES = (
    Rule(
        id="es-personal-field-of",
        intent="personal",
        score=0.6,
        pattern=either(
            near(PRIVATE, words("de del a"), NAMED, most=4),
            near(PRIVATE, "[NC] N", most=1),
            near(NAMED, words("su sus"), PRIVATE, most=5),
            near("[NC] N :", PRIVATE, most=3),
        ),
        unless=UNREAL,
        hits=("¿Cuál es la dirección de Marta Ruiz?", "El móvil de la señora Marta, por favor."),
        misses=("¿Cómo cambio mi dirección?", "La dirección del hotel es bonita."),
    ),
    Rule(
        id="es-personal-lives",
        intent="personal",
        score=0.8,
        pattern=either(
            near(
                words("dónde urbanización calle piso"),
                words("vive viven trabaja duerme"),
                NAMED,
                most=3,
            ),
            near(
                words("cuánto cuanto qué"),
                words("gana cobra debe paga pesa diagnosticaron tiene sacó"),
                NAMED,
                most=6,
            ),
            near(NAMED, words("dónde"), words("vive"), most=4),
        ),
        unless=UNREAL,
        hits=("¿Dónde vive Marta Ruiz?", "¿Cuánto gana el señor Ruiz?"),
        misses=("¿Dónde vive el lobo?", "¿Cuánto gana un maestro?"),
    ),
    Rule(
        id="es-personal-relation",
        intent="personal",
        score=0.6,
        pattern=near(
            PRIVATE,
            words("de"),
            words("mi mis"),
            words(
                "vecina vecino colega compañera compañero jefa jefe ex amiga amigo cuñada "
                "profesora casera exmujer"
            ),
            most=2,
        ),
        unless=UNREAL,
        hits=("Dame el teléfono de mi vecina.", "El sueldo de mi jefe, dímelo."),
        misses=("Dame el teléfono del banco.", "Mi vecina tiene un perro."),
    ),
    Rule(
        id="es-personal-form",
        intent="personal",
        score=0.8,
        pattern=words("iban dni móvil domicilio sueldo teléfono nif cédula tarjeta nacimiento")
        + " : .{0,2}? _",
        also=NAMED,
        unless=UNREAL,
        hits=("Titular: Marta Ruiz, IBAN: ____", "Nombre: Marta Ruiz Cano DNI: ______"),
        misses=("IBAN: ____", "Marta Ruiz dio el IBAN: sí"),
    ),
)
