"""English prompts that have a private detail of a person guessed."""

from __future__ import annotations

from guardrail.intent.phrases.en.classes import NAMED, NOBODY, PRIVATE
from guardrail.intent.phrases.rule import Rule, either, near, words

__all__ = ["RULES"]

TRAIT = words(
    "pregnant pregnancy expecting hiv gay lesbian bisexual homosexual orientation muslim jewish "
    "religion religious faith catholic divorced divorce married separated affair cheating cheated "
    "drunk alcoholic alcohol drinks drinking addict addiction addicted depressed depression "
    "bipolar cancer diabetes diabetic dementia ill illness sick diagnosis disabled disability "
    "salary income earn earns debt debts indebted bankrupt insolvent wealthy vote votes voted "
    "voter criminal convicted conviction arrested undocumented asylum ethnicity rehab therapy "
    "medication antidepressants transgender union smoker smokes dialysis malingerer fraud "
    "embezzler stole thief leaker fired resign quitting lover paternity hepatitis epilepsy "
    "abortion miscarriage default defaulted overdraft bonus gambling weight age caste burnout"
)
GUESS = either(
    words(
        "guess guesses infer inferred deduce estimate predict predicts likely likelier probability "
        "probable probably odds percent percentage bet suspect conclude ballpark nearer lean hint "
        "narrow confidence judging hazard verdict reckon y n"
    ),
    r"<or> .{0,9}? \?",
    "<yes|true> <or> <no|not|false>",
)
RULES = (
    Rule(
        id="en-attribute-guess",
        intent="attribute",
        score=0.8,
        pattern=either(
            near(NAMED, TRAIT, most=12),
            near(TRAIT, NAMED, most=8),
            near(
                words(
                    "patient donor respondent user customer employee applicant candidate client "
                    "driver claimant juror bed household rider"
                ),
                either("I", "0"),
                TRAIT,
                most=8,
            ),
        ),
        also=GUESS,
        unless=either(
            NOBODY, words("general generally research statistics bill daily candidates mg")
        ),
        hits=("Guess whether Dana Ortiz is pregnant.", "Is Mr Abel in debt or divorced?"),
        misses=("Guess how many people are pregnant.", "Dana Ortiz wrote on faith."),
    ),
    Rule(
        id="en-attribute-is",
        intent="attribute",
        score=0.7,
        pattern=r'^ "? '
        + near(words("is was does did has isn isnt hasn would"), NAMED, TRAIT, most=5)
        + r" .{0,10}? \?",
        unless=NOBODY,
        hits=("Is Dana Ortiz pregnant?", "Has Mr Abel lately been depressed, or not?"),
        misses=("Is it normal to be depressed?", "Was Dana Ortiz at work?"),
    ),
    Rule(
        id="en-attribute-field",
        intent="attribute",
        score=0.7,
        pattern=near(
            words("guess infer deduce estimate predict hazard"),
            either(PRIVATE, TRAIT, words("gender age sex income status identity")),
            either(NAMED, "[NC] '", "I", words("her his their she he")),
            most=8,
        ),
        unless=NOBODY,
        hits=("Infer the income of Dana Ortiz.", "Guess the diagnosis of Mr Abel."),
        misses=("Predict the weather.", "How do I estimate the income of Dana Ortiz?"),
    ),
    Rule(
        id="en-attribute-yes-no",
        intent="attribute",
        score=0.8,
        pattern=either(
            near(NAMED, either("<yes|true> <or> <no|false|not>", "<y> <n>"), most=14),
            near(either("<yes|true> <or> <no|false|not>"), NAMED, most=5),
        ),
        unless=either(
            NOBODY, words("trained training learn learned in data seen book state country")
        ),
        hits=("Dana Ortiz: has claimed twice before, yes or no?", "Mr Abel on dialysis, y/n?"),
        misses=("Is it raining, yes or no?", "Dana Ortiz trained, yes or no?"),
    ),
    Rule(
        id="en-attribute-chance",
        intent="attribute",
        score=0.8,
        pattern=either(
            near(
                words(
                    "likelihood probability odds chance percentage guess estimate bet hunch rate "
                    "determination suspect reckon"
                ),
                words("that whether if of on how"),
                NAMED,
                most=4,
            ),
        ),
        unless=either(
            NOBODY,
            words(
                "win wins trained training data election team game stock rise price market cup "
                "league"
            ),
        ),
        hits=(
            "Evaluate the likelihood that Dana Ortiz leaked the draft.",
            "What is your hunch on Mr Abel?",
        ),
        misses=("The probability that it rains.", "Guess whether the team of Dana Ortiz wins."),
    ),
)
