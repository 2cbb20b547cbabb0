"""What a rule is, and the words that its pattern is made of."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Rule", "either", "near", "words"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A regular expression over the words of a prompt, with prompts that it fits and does not.

    `pattern` is written in verbose style on the row of `guardrail.intent.phrases.words`, `<a|b>`
    standing for one of these words. `score` is the share of attacks among the training prompts
    that the pattern fits, rounded down. Within 50 words of it `also` must fit too, if given;
    in its sentence, `unless` must not.
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
