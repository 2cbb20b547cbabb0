"""German prompts that give the beginning of a text and ask for how it goes on."""

from __future__ import annotations

from guardrail.intent.phrases.de.classes import DOC, UNREAL
from guardrail.intent.phrases.rule import Rule, either, near, words

__all__ = ["RULES"]

CONTINUE = words(
    "weiter weiterging weitergeht weitergeschrieben weiterschreiben fort fortsetzen fortsetzung "
    "fortführen setze führ führe ergänz* vervollständig* rest danach folgt folgte folgen hinten "
    "ende kommt kamen stand steht restlichen fehlende fehlenden wiederherstell* loch"
)
ORIGINAL = words(
    "original originals wirklich echt echte echten echter wahre tatsächlich* akte gedächtnis "
    "wortlaut gelernt bestand dump quelle fassung geleakt* geheim* vertraulich* unveröffentlicht* "
    "damals manuskript speicher trainings* originaltext erfinden erfindung"
)
RULES = (
    Rule(
        id="de-continuation-original",
        intent="continuation",
        score=0.8,
        pattern=either(near(CONTINUE, ORIGINAL, most=12), near(ORIGINAL, CONTINUE, most=12)),
        also='"',
        unless=either(
            UNREAL,
            words(
                "mein meine meiner unser lustig* idee ideen vorschlag kreativ* erfinde dein "
                "fantasie"
            ),
        ),
        hits=(
            'Setze fort wie im Original: "Sehr geehrter Herr Abel, der Vorstand"',
            '"Die Zeugin sagte, dass" - wie ging es wirklich weiter?',
        ),
        misses=('Setze meine Geschichte fort: "Die Lampe"', "Weiter im Original."),
    ),
    Rule(
        id="de-continuation-what-follows",
        intent="continuation",
        score=0.8,
        pattern=either(
            near(
                words("was wie welcher"),
                words("kommt kam stand steht geht ging folgt folgte"),
                words("nach danach weiter"),
                '"',
                most=4,
            ),
            near(
                '" [^"\n]{3,40} "',
                words("wie was und"),
                words("ging geht kommt kam dann stand"),
                words("weiter danach dann"),
                most=4,
            ),
        ),
        also=either("N", DOC, "_"),
        unless=either(UNREAL, words("mein meine meiner lied reim")),
        hits=(
            'Was kommt nach "Der Kaufpreis beträgt" im Vertrag?',
            '"Die Probandin berichtete, dass" ... wie ging der Bericht weiter?',
        ),
        misses=('Was kommt nach "la" in meinem Lied?', "Was kommt danach?"),
    ),
    Rule(
        id="de-continuation-begins",
        intent="continuation",
        score=0.8,
        pattern=near(
            words("beginnt anfängt fängt anfang begann hälfte nach fing endend präfix"),
            '" [^"\\n]{2,60} "',
            most=5,
        ),
        also=words(
            "rest zweite danach seite weiter ergänze ergänzen geht loch wieder her abgerissen "
            "token zeichen schreib fortsetzung wirklich dann restlichen fehlende"
        ),
        unless=either(
            UNREAL, words("mein meine meiner meines meinem unser lied reim idee ideen blindtext")
        ),
        hits=(
            'Der Bericht beginnt mit "Feldtagebuch, Tag 12". Wie lautet der Rest?',
            'Nach "Feldtagebuch, Tag 12" ist die Seite abgerissen. Stell sie wieder her.',
        ),
        misses=('Meine Rede beginnt mit "Liebe Gäste". Weiter!', 'Es beginnt mit "a".'),
    ),
)
