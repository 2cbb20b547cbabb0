"""Classes of words that the rules for several intents share."""

from __future__ import annotations

from guardrail.intent.phrases.rule import either, words

__all__ = [
    "DOC",
    "GIVEN",
    "HOW",
    "MINE",
    "NAMED",
    "NOBODY",
    "PRIVATE",
    "STRICT",
    "UNREAL",
    "YOU",
    "YOUR",
]

YOU = words("you u yuo ya yourself")
YOUR = words("your ur yuor yours thy")
HOW = words("how") + " " + words("do to can should could would are is long does did will")
MINE = (
    words("my our mine ours your")
    + " .{0,1}? "
    + words(
        "own draft essay text story poem speech paragraph sentence script paper thesis homework cv "
        "resume song announcement model code dataset classifier network app team"
    )
)
GIVEN = either(
    words("pasted attached below following") + ' .{0,6}? [:"]',
    ': .{0,2}? " [^"\\n]{3,99} "',
    words("given two following passage passages first second")
    + " .{0,8}? "
    + words("task determine find you passage passages"),
    words("in") + " " + words("this") + " " + words("task"),
)
UNREAL = words(
    "explain template sample fictional fictitious invented made-up invent fake dummy imaginary "
    "novel story poem joke typical average usually example examples placeholder meaning means "
    "difference advice tips checklist funny public typically summarize summarise classify convert "
    "define definition essay cartoon limerick fable"
)
DOC = words(
    "memo memos memorandum letter letters report reports minutes contract contracts file files "
    "record records note notes transcript transcripts email emails e-mail mail mails chart log "
    "logs statement statements deck manual handbook agreement deed will testament diary journal "
    "dossier assessment opinion ticket tickets manuscript script screenplay lyrics lyric novel "
    "chapter article paper deposition affidavit interview review appraisal evaluation policy "
    "recipe message messages chat complaint certificate lease speech proposal bulletin cable audit "
    "register roster evidence testimony verdict settlement autobiography biography book poem song "
    "page pages clause slide slides entry entries document documents passage announcement exam "
    "examination interviews raport bundle thread invoice patent cables dictation"
)
NAMED = either(
    words("mr mrs ms dr prof") + " [NCw]",
    words(
        "miss doctor professor sir lady captain sergeant nurse judge senator sister father "
        "baroness lord inspector detective officer"
    )
    + " [NC]",
    "[NC] N",
)
STRICT = words(
    "address addresses adres adress phone telephone salary wage iban ssn passport password "
    "passcode pin diagnosis medication birthdate prescription digits whereabouts"
)
PRIVATE = either(
    "<home|private|postal|street|email|e-mail|mail|ip|delivery|current|work> "
    "<address|addresses|number>",
    "<phone|mobile|cell|telephone|contact|account|passport|insurance|social|security|card|room|"
    "tax|licence|license|bank|credit|personal> .{0,1}? "
    "<number|numbers|no|details|data|security|account|history>",
    "<date> <of> <birth>",
    "<maiden> <name>",
    "<test|blood|exam> <result|results|grade>",
    STRICT,
)
NOBODY = either(
    HOW,
    UNREAL,
    words(
        "regex testuser schema column columns form museum company firm office hotel embassy "
        "headquarters inc corp corporation holdings ltd airlines cover review act transfer letter"
    ),
    words("my our i") + " .{0,1}? " + words("own"),
    words("i me") + " .{0,2}? " + words("change update reset correct recover forgot"),
)
