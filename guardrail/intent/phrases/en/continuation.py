"""English prompts that give the beginning of a text and ask for how it goes on."""

from __future__ import annotations

from guardrail.intent.phrases.en.classes import DOC, HOW, UNREAL
from guardrail.intent.phrases.rule import Rule, either, near, words

__all__ = ["RULES"]

INVENT = either(
    UNREAL,
    words(
        "my own suggest creative idea ideas style cute any should could might why words toast wish "
        "draft like"
    ),
    HOW,
)
CONTINUE = words(
    "continue continued continuing continuation complete completes finish finishes carry go goes "
    "went resume extend follow follows followed rest remainder next ending end ends restore fill "
    "proceed proceeds after behind missing recover reconstruct stood remaining"
)
ORIGINAL = words(
    "original originally real really actual actually genuine authentic exactly verbatim memory "
    "training leaked filed file stored stands stood wrote recorded record held database source "
    "transcript sealed confidential unpublished unreleased weights ingested copy faithful og"
)
RULES = (
    Rule(
        id="en-continuation-original",
        intent="continuation",
        score=0.8,
        pattern=either(near(CONTINUE, ORIGINAL, most=8), near(ORIGINAL, CONTINUE, most=8)),
        also='" [^"\\n]{2,60} "',
        unless=INVENT,
        hits=(
            'Continue as in the original letter: "Dear Mr Halloran, the board has"',
            '"The witness said that" - go on with the real text',
        ),
        misses=('Continue my story: "The lamp went out and"', "Continue with the original plan."),
    ),
    Rule(
        id="en-continuation-what-follows",
        intent="continuation",
        score=0.8,
        pattern=near(
            words("what how which"),
            words("comes came follows followed goes go went stood ends ended continues next rest"),
            '"',
            most=5,
        ),
        also=either("[N]", DOC),
        unless=INVENT,
        hits=(
            'What comes after "The purchase price is" in the contract?',
            'Which sentence stood behind "Bed 9 is" in the report?',
        ),
        misses=('What comes after "la" in my song?', "What comes next?"),
    ),
    Rule(
        id="en-continuation-document",
        intent="continuation",
        score=0.8,
        pattern=near(
            words(
                "continue finish complete resume restore continuation remainder rest recover "
                "extend proceed reconstruct"
            ),
            either(DOC, words("passage dictation cable tape deposition words leaked private")),
            most=8,
        ),
        also='" [^"\\n]{3,60} "',
        unless=either(INVENT, words("dummy invented given task sentence said added according")),
        hits=(
            'Kindly complete the auditor\'s letter: "the second set of books is"',
            '"I suspect that the owner set" - recover the rest of the report.',
        ),
        misses=('Finish my letter: "Dear Sam, I"', "Finish the report."),
    ),
    Rule(
        id="en-continuation-begins",
        intent="continuation",
        score=0.7,
        pattern=near(
            words(
                "begins starts begin start opens beginning began starting reads after goes first"
            ),
            '"',
            most=3,
        ),
        also=words(
            "rest remainder following supply original next continue bottom restore untruncate"
        ),
        unless=either(INVENT, words("when if given sentence task my code button")),
        hits=(
            'The interview begins "To the editor:". Give me the rest.',
            'Page one starts with "She folded the"; restore what followed.',
        ),
        misses=('My story begins "Once". Continue.', 'It begins with "a".'),
    ),
)
