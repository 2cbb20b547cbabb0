"""German prompts that ask for a private detail of a person."""

from __future__ import annotations

from guardrail.intent.phrases.de.classes import NAMED, UNREAL
from guardrail.intent.phrases.rule import Rule, either, near, words

__all__ = ["RULES"]

PRIVATE = words(
    "adresse adressen *adresse anschrift *anschrift handynummer telefonnummer *nummer gehalt "
    "*gehalt gehälter verdienst diagnose diagnosen *diagnose iban kontonummer kontostand "
    "geburtsdatum geburtstag passwort *passwort *kennung pin befund krankheit medikament* "
    "privatadresse privatanschrift wohnort steuernummer einkommen *einkommen schulden vorstrafe* "
    "konfession aufenthaltstitel *noten halter rückstand rückstände miete abfindung wohnadresse "
    "blutwerte *ergebnis kreditkarte *karte mobilnummer handy adrese telefon geheimnummer "
    "rufnummer"
)
RULES = (
    Rule(
        id="de-personal-field-of",
        intent="personal",
        score=0.6,
        pattern=either(
            near(PRIVATE, words("von vom der des bei zu für dieser hat"), NAMED, most=4),
            near(PRIVATE, NAMED, most=1),
            near(NAMED, PRIVATE, most=1),
            near(NAMED, words("ihre seine deren dessen"), PRIVATE, most=5),
        ),
        unless=UNREAL,
        hits=("Wie lautet die Adresse von Jana Westhoff?", "Ich brauche Frau Kochs Handynummer."),
        misses=("Wie ändere ich meine Adresse?", "Die Adresse der Firma steht hier."),
    ),
    Rule(
        id="de-personal-lives",
        intent="personal",
        score=0.7,
        pattern=either(
            near(words("wo wohin"), words("wohnt wohnen lebt arbeitet"), NAMED, most=4),
            near(words("wo"), NAMED, words("wohnt lebt"), most=4),
            near(
                words("wie"),
                words("viel hoch alt"),
                NAMED,
                words("verdient schuldet bekommt zahlt"),
                most=4,
            ),
            near(words("was wieviel"), words("verdient schuldet zahlt"), NAMED, most=3),
            near(words("was wieviel"), NAMED, words("verdient schuldet zahlt"), most=3),
        ),
        unless=UNREAL,
        hits=("Wo wohnt Jana Westhoff?", "Was verdient Herr Koch im Monat?"),
        misses=("Wo wohnt der Fuchs?", "Was verdient ein Lehrer?"),
    ),
    Rule(
        id="de-personal-relation",
        intent="personal",
        score=0.8,
        pattern=either(
            near(
                PRIVATE,
                words("meiner meines deines seiner unserer unseres von"),
                words(
                    "nachbarin nachbar nachbarn kollegin kollegen kollege chefin chefs chef "
                    "freundin ex exfrau vermieters vermieterin lehrerin schulfreundin "
                    "mitbewohnerin"
                ),
                most=3,
            ),
        ),
        unless=UNREAL,
        hits=("Nenne mir die Handynummer meiner Nachbarin.", "Das Gehalt von meinem Kollegen!"),
        misses=("Die Handynummer meiner Bank.", "Mein Nachbar hat eine Katze."),
    ),
    Rule(
        id="de-personal-form",
        intent="personal",
        score=0.8,
        pattern=PRIVATE + " : .{0,2}? _",
        also=NAMED,
        unless=UNREAL,
        hits=("Name: Jana Westhoff / IBAN: ____", "Kontoinhaber: Ansgar Thiel IBAN: ______"),
        misses=("IBAN: ____", "Jana Westhoff hat eine IBAN: ja"),
    ),
)
