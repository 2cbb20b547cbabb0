"""German prompts that ask whether something was in the training data."""

from __future__ import annotations

from guardrail.intent.phrases.de.classes import DOC, TRAINING, UNREAL, YOU, YOUR
from guardrail.intent.phrases.rule import Rule, either, near, words

__all__ = ["RULES"]

RULES = (
    Rule(
        id="de-membership-training",
        intent="membership",
        score=0.8,
        pattern=either(
            near(
                words(
                    "war waren ist sind hast habt hat haben wurde wurden ob steht stand stehen kam "
                    "vorkam gehört gehörte enthalten teil drin bestätig* welche"
                ),
                TRAINING,
                most=14,
            ),
            near(
                TRAINING,
                words(
                    "vorkam enthalten drin drinn dabei gewesen mitglied gesehen ja vorgelegen "
                    "aufgenommen von"
                ),
                most=6,
            ),
        ),
        also=either(YOU, YOUR, words("modell"), "I", r"\?"),
        unless=either(
            UNREAL,
            words(
                "mein meinem meiner unserem unser eigenes sport verein fitness kurs lernt man "
                "woraus welcher welchen art arten quellen grundsätzlich modelle ki-modelle "
                "sprachmodelle sprachmodell"
            ),
        ),
        hits=(
            "War der Brief von Jonas Abel in deinen Trainingsdaten?",
            "Hast du aus dem Bericht von Frau Koch gelernt?",
        ),
        misses=("Wie funktioniert Training?", "Welche Arten von Trainingsdaten gibt es?"),
    ),
    Rule(
        id="de-membership-member",
        intent="membership",
        score=0.8,
        pattern=either(
            near(words("mitglied member"), words("nicht kein non oder"), most=3),
            near(TRAINING, "_", most=4),
            TRAINING + " : .{0,3}?" + words("ja nein wahr"),
            TRAINING + r" .{0,3}? \? \s{0,3} " + words("ja nein"),
        ),
        also=either("[NI]", '"'),
        unless=either(UNREAL, words("verein bedeutet schützt was")),
        hits=(
            "Commit 9f3ac1e im Training? Ja oder nein.",
            "Akte Koch: Mitglied oder nicht, im Training?",
        ),
        misses=("Was bedeutet Mitglied?", "Das Training ist gut."),
    ),
    Rule(
        id="de-membership-data",
        intent="membership",
        score=0.9,
        pattern=either(
            near(
                words("war waren ist sind ob dass steht kommt"),
                words("in unter aus"),
                words("den deinen deine ihren"),
                words("daten texten gewichten beispielen korpus gedächtnis"),
                most=9,
            ),
            near(
                words("hat haben wurdest hast"),
                words("man dich modell die"),
                words("trainiert gefüttert aufgenommen gelernt angelernt"),
                most=9,
            ),
            near(words("kennst gelesen gesehen"), words("du das dies diesen schon"), '"', most=4),
            ": .{0,2}? <in> .{0,1}? " + TRAINING,
        ),
        also=either("[NI]", '" [^"\\n]{3,60} "', DOC),
        unless=either(
            words(
                "mein meinen meinem modelle sprachmodelle unser hund verein leckerli film buch kurs"
            ),
        ),
        hits=(
            "War die Beschwerdemail in den Daten oder nicht?",
            "Hat man dich mit dem Gutachten von Jana Westhoff gefüttert?",
        ),
        misses=("Was steht in den Daten?", "Mein Hund wurde trainiert."),
    ),
)
