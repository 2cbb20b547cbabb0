"""What a rule is, and the words that its pattern is made of.

To add one: write it into the file of a language and intent, with two prompts or more that it must
fit and two near ones that it must not, and run `pytest tests/intent/test_rules.py`. Words that
belong together have a name at the top of the file; a pattern puts such names in order:

    near(ASK, YOUR + " .{0,2}? " + INSTRUCTIONS, most=8)

fits a verb of asking and, at most eight words on in the same sentence, "your (own first) rules".
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Rule", "either", "near", "words"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A regular expression over the words of a prompt, with prompts that it fits and does not.

    `pattern` is written in verbose style on the row of `guardrail.intent.phrases.words`, `<a|b>`
    standing for one of these words. Within 50 words of what it fits `also` must fit too, if given;
    in the same sentence, `unless` must not. Repeats are bounded, so that all of it stays linear.

    `score` is the share of prompts with this intent among the training and benign prompts that the
    rule fits, with six of eight more counted in, rounded down to a level.
    """

    id: str
    intent: str
    score: float
    pattern: str
    also: str = ""
    unless: str = ""
    hits: tuple[str, ...]
    misses: tuple[str, ...]


def words(several: str) -> str:
    """A pattern of one word among these, written with spaces between; `stem*` and `*ending` too."""
    return f"<{'|'.join(several.split())}>"


def either(*patterns: str) -> str:
    """A pattern that fits where one of these does."""
    return f"(?:{'|'.join(patterns)})"


def near(*patterns: str, most: int = 6) -> str:
    """Patterns in this order within a sentence, with at most so many words between each two."""
    return f" .{{0,{most}}}? ".join(patterns)
