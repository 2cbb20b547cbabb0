"""Classes of words that several topics share: who is asked, and what asks for nothing private."""

from __future__ import annotations

from guardrail.intent.phrases.rule import either, words

__all__ = ["GENERAL", "GIVEN", "HOW", "MINE", "PUBLIC", "UNREAL", "YOU", "YOUR"]

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
PUBLIC = words(
    "poe shakespeare dickens austen whitman dickinson blake lincoln bible constitution amendment "
    "declaration gettysburg preamble gdpr hamlet macbeth odyssey iliad tyger stanza sonnet hymn "
    "anthem prayer grimm homer melville moby pride paradise keats wordsworth raven psalm genesis "
    "beowulf chaucer milton middlemarch oath act"
)
GENERAL = either(
    HOW,
    words(
        "explain meaning example kinds types sort article generally general typical advice best "
        "tips tool software study course courses gym runner plan dog teach paper"
    ),
    words("my our own") + " .{0,1}? " + words("model classifier network training dataset data set"),
    words("what which") + " .{0,1}? " + words("data kind kinds sources texts books languages"),
)
