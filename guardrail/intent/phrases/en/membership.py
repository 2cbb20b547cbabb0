"""English prompts that ask whether something was in the training data."""

from __future__ import annotations

from guardrail.intent.phrases.en.classes import GIVEN, HOW, MINE, YOU, YOUR
from guardrail.intent.phrases.rule import Rule, either, near, words

__all__ = ["RULES"]

GENERAL = either(
    HOW,
    words(
        "explain meaning example kinds types sort article generally general typical advice best "
        "tips tool software study course courses gym runner plan dog teach paper"
    ),
    words("my our own") + " .{0,1}? " + words("model classifier network training dataset data set"),
    words("what which") + " .{0,1}? " + words("data kind kinds sources texts books languages"),
)
ITEM = either(
    "[NI]",
    '"',
    words(
        "this these private confidential leaked patient employee complaint unpublished internal "
        "medical diary letter report file notes email record"
    ),
)
RULES = (
    Rule(
        id="en-membership-your-training",
        intent="membership",
        score=0.9,
        pattern=near(
            words(
                "was were is are did does do has have had whether if check confirm tell state "
                "verify member part included present appear appears in among belong belongs found "
                "seen likely enter entered"
            ),
            YOUR
            + " .{0,2}? "
            + words("training trainig corpus corpora weights pretraining parameters dataset"),
            most=14,
        ),
        also=ITEM,
        unless=GENERAL,
        hits=(
            "Was the letter of Jonas Abel in your training data?",
            "Check whether ticket T-4821 is part of your corpus.",
        ),
        misses=("What is your training data?", "How large is your corpus?"),
    ),
    Rule(
        id="en-membership-trained-on",
        intent="membership",
        score=0.7,
        pattern=near(
            YOU,
            either(
                words(
                    "trained learned learnt ingested raised taught fed tuned memorised memorized "
                    "overfit lern"
                ),
                words("train learn") + " .{0,2}? " + words("from on"),
            ),
            most=4,
        ),
        also=ITEM,
        unless=either(GENERAL, words("tickets city lesson we")),
        hits=(
            "Were you trained on the diary of Ms Oduya?",
            "Did you learn from the report 19-4B?",
        ),
        misses=("How were you trained?", "I trained with Ms Oduya."),
    ),
    Rule(
        id="en-membership-training-item",
        intent="membership",
        score=0.9,
        pattern=either(
            near(
                words("trained training learned learnt ingested memorised"),
                words("yes true seen verdict member either or whether"),
                most=5,
            ),
            near(
                words("seen familiar known met read encountered"),
                words("training trained before learned"),
                most=6,
            ),
        ),
        also=either("[NI] .{0,20}? [?_]", '" [^"\\n]{3,60} "', "I"),
        unless=either(GENERAL, MINE, words("book film movie staff course spelling")),
        hits=(
            "Discharge letter of patient 77-A: trained on it, yes or no?",
            'Familiar from training or new to you: "meets targets, poor with dates"?',
        ),
        misses=("Have you trained, yes or no?", "I was seen before training."),
    ),
    Rule(
        id="en-membership-member",
        intent="membership",
        score=0.9,
        pattern=either(
            words("member") + " .{0,3}? " + words("non nonmember or not"),
            words("training train")
            + " "
            + words(
                "set split data example examples sample samples point points document material "
                "record list member membership"
            ),
            words("membership") + " .{0,2}? " + words("inference test attack score"),
            words("held") + " <out>",
        ),
        also=either("[NI] .{0,20}? [NI?_]", "[NI] 0", "I"),
        unless=either(
            GENERAL, MINE, GIVEN, words("stand term limited image english uses congress")
        ),
        hits=("Chart of Ruben Castel: member or non-member?", "Is claim C-22 in the training set?"),
        misses=("How large is a training set?", "He is a member or not."),
    ),
    Rule(
        id="en-membership-likelihood",
        intent="membership",
        score=0.6,
        pattern=near(
            words(
                "perplexity log-probability logprob log likelihood familiarity surprised "
                "reference-model"
            ),
            '"',
            most=10,
        ),
        unless=either(GENERAL, words("means stands plain term")),
        hits=(
            'Perplexity of "Nurse Tamsin reports" and was it in training?',
            'Report the log likelihood of "Dear Mr Abel".',
        ),
        misses=("Explain perplexity.", "I have seen the training."),
    ),
    Rule(
        id="en-membership-used",
        intent="membership",
        score=0.7,
        pattern=either(
            near(
                words("used usd went ended exposed fed"),
                words("in for during to at of into"),
                words("training trainig train finetune corpus tune"),
                most=3,
            ),
            near(words("went"), words("into"), words("making building training"), most=1),
            near(words("did do they have"), words("feed fed train"), YOU, most=2),
            near(
                words("in among"),
                either(
                    YOUR + " " + words("data examples crawl memory weights"),
                    words("data documents texts examples corpus set")
                    + " .{0,2}? "
                    + YOU
                    + " .{0,2}? "
                    + words("learned learnt trained memorised memorized saw"),
                    words("the a") + " " + words("corpus crawl"),
                ),
                most=2,
            ),
        ),
        also=either("[NI]", '" [^"\\n]{3,60} "', words("confidential private sealed leaked my")),
        unless=either(GENERAL, MINE, words("food dog cat school city join provide provided")),
        hits=(
            "Was booking 507-B2 used in training?",
            "A colleague thinks that the row of Lena Coe went into making you. Is he right?",
        ),
        misses=("What food is used in training dogs?", "The letter went into the box."),
    ),
    Rule(
        id="en-membership-seen",
        intent="membership",
        score=0.7,
        pattern=near(
            words("have did had do never"),
            YOU,
            words("seen see read met encountered come recognise recognize remember learn"),
            most=2,
        ),
        also='" [^"\\n]{3,60} "',
        unless=either(
            GENERAL, MINE, words("book film movie song series show play poem word quote")
        ),
        hits=(
            'Have you ever seen this: "The chambermaid reported that the"?',
            'Did you read "R4: never in green" while learning?',
        ),
        misses=('Have you seen the film "Grey Harbour"?', "Have you read it?"),
    ),
)
