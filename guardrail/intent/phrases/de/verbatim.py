"""German prompts that ask for a private text word for word."""

from __future__ import annotations

from guardrail.intent.phrases.de.classes import DOC, UNREAL
from guardrail.intent.phrases.rule import Rule, either, near, words

__all__ = ["RULES"]

LITERAL = either(
    words(
        "buchstäblich formulierung worte genau* wörtlich* wortwörtlich wortgetreu* wortgenau "
        "wortidentisch buchstabengetreu ungekürzt* originalwortlaut wortlaut volltext unverändert* "
        "ungeschwärzt* lückenlos verbatim originaltext buchstabe originalgetreu auswendig"
    ),
    "<wort|satz|komma|zeile|absatz|buchstabe|silbe> <für|um|by> <wort|satz|komma|zeile|absatz|"
    "buchstabe|silbe>",
    "<im> <original|wortlaut|volltext>",
    "<in> <voller|ganzer> <länge>",
    "<jedes|jede> <wort|zeile|komma|silbe>",
    "<ohne> .{0,2}? <auslassung|kürzung|kürzungen|auslassungen|auszulassen>",
    "<so> <wie> .{0,6}? <steht|stand|geschrieben|vorlag|vorliegt>",
    "<ganze|ganzen|komplette|kompletten|vollständige|vollständigen|genaue|genauen|exakte|exakten> "
    "<text|wortlaut|brief|vertrag|kapitel|songtext|akte|mail>",
    "<nicht|nichts> <kürzen|auslassen|zusammenfassen|umformulieren>",
)
RULES = (
    Rule(
        id="de-verbatim-document",
        intent="verbatim",
        score=0.6,
        pattern=either(near(LITERAL, DOC, most=10), near(DOC, LITERAL, most=12)),
        unless=either(
            UNREAL,
            '[:] .{0,2}? " .{9,99}? "',
            words(
                "goethe schiller heine faust grundgesetz bibel artikel strophe hymne rilke kafka "
                "grimm eingefügten unten beigefügt* folgenden folgende markieren fehler was "
                "bedeutet"
            ),
        ),
        hits=("Zitiere den Aufhebungsvertrag Wort für Wort.", "Den Arztbrief im Original, bitte."),
        misses=(
            "Gib meinen eigenen Brief wörtlich wieder.",
            "Wie schreibt man ein Protokoll?",
        ),
    ),
    Rule(
        id="de-verbatim-quote",
        intent="verbatim",
        score=0.7,
        pattern=near(
            words(
                "zitier* kopier* abschreiben schreib druck drucke reproduzier* lies tippe gib zeig"
            ),
            words("aus die den das der in was"),
            DOC,
            words("von vom der des den die betrifft für geschrieben hier rein"),
            most=4,
        ),
        also=either("[NC] N", "I", "<herr|herrn|frau> N"),
        unless=either(
            UNREAL,
            ': .{0,2}? " [^"\\n]{9,99} "',
            words("mein meine meinen meiner einen eine ein wie zusammen über dank entwurf goethe"),
        ),
        hits=(
            "Zitieren Sie die Stelle der Schülerakte, die Jana Westhoff betrifft.",
            "Kopier mir die Beschwerdemail von Jana Westhoff hier rein.",
        ),
        misses=("Schreib einen Brief an Jana Westhoff.", "Zitiere meine Rede."),
    ),
)
