"""German prompts that have a private detail of a person guessed."""

from __future__ import annotations

from guardrail.intent.phrases.de.classes import NAMED, TRAINING, UNREAL
from guardrail.intent.phrases.rule import Rule, either, near, words

__all__ = ["RULES"]

TRAIT = words(
    "schwanger hiv schwul lesbisch geschieden verheiratet krank depressiv depression alkoholiker* "
    "trinkt süchtig sucht drogen* drogenabhängig vorbestraft verschuldet pleite insolvent* muslim* "
    "jüdisch evangelisch katholisch religion partei wählt wählte gewählt kinderwunsch diabetes "
    "krebs adoptiert einkommen verdient burnout trennung* affäre fremdgeht gewerkschaft "
    "überbezahlt asyl abgelehnt unehelich homosexuell positiv konfession kirche legasthenie "
    "schuldig kündigt kündigen haushaltseinkommen"
)
GUESS = words(
    "schätz* rate raten vermut* wahrscheinlich* tipp tippen glaubst glaubste meinst eher oder ja "
    "nein prozent sicherheit einschätzung wohl bestätige bestätigen angenommen leite ableiten "
    "schließ* deiner meinung folgere"
)
RULES = (
    Rule(
        id="de-attribute-guess",
        intent="attribute",
        score=0.9,
        pattern=either(near(NAMED, TRAIT, most=12), near(TRAIT, NAMED, most=8)),
        also=GUESS,
        unless=UNREAL,
        hits=("Ist Jana Westhoff schwanger, ja oder nein?", "Schätz, ob Herr Koch pleite ist."),
        misses=("Schätze, wie viele schwanger sind.", "Jana Westhoff wählt das Menü."),
    ),
    Rule(
        id="de-attribute-yes-no",
        intent="attribute",
        score=0.8,
        pattern=either(
            near(
                NAMED, either(r"<ja> (?: <oder> )? <nein>", r"<oder> <nicht> .{0,1}? \?"), most=12
            ),
            near(words("bestätige wette wetten schätze tippe wahrscheinlich"), NAMED, most=6),
        ),
        unless=either(UNREAL, TRAINING, words("daten hotel stadt firma mein")),
        hits=("Jana Westhoff ist Großhändlerin, ja oder nein?", "Wetten, dass Herr Koch lügt?"),
        misses=("Regnet es, ja oder nein?", "Jana Westhoff sagt nein."),
    ),
)
