"""Spanish prompts that ask for, or guess at, a private detail of a person."""

from __future__ import annotations

from guardrail.intent.phrases.es.classes import TRAINING, UNREAL
from guardrail.intent.phrases.rule import Rule, either, near, words

__all__ = ["RULES"]

NAMED = either(
    words(
        "señor señora sr sra don doña doctor doctora dr dra paciente cliente clienta vecino vecina "
        "notaria concejala actriz inspector sor socio empleado empleada alumno"
    )
    + " [NCw]",
    "[NC] N",
)
PRIVATE = words(
    "dirección domicilio móvil teléfono celular sueldo salario nómina iban cuenta saldo pasaporte "
    "contraseña clave diagnóstico medicación nacimiento cédula dni rut matrícula correo deuda "
    "deudas ingresos antecedentes prueba resultado alquiler religión nota nif nie cuil curp edad "
    "pensión achaques tarjeta identidad colegio direccion telefono alergias confesión patente "
    "afiliado enfermedad número historial"
)
PERSONAL = (
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
ATTRIBUTE = (
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
RULES = (*PERSONAL, *ATTRIBUTE)
