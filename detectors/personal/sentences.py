"""Where sentences end, and from where on in one a finding by pattern may begin."""

from __future__ import annotations

import re
from itertools import groupby
from operator import itemgetter

from detectors.personal.address import ENDINGS, LEADS
from detectors.personal.cued import MONTHS

__all__ = ["cue", "earliest", "ended", "sentences", "signed"]

# Sentences are looked at one by one; a long one is cut between two words of letters.
_SOFT, _HARD = 500, 1000
_LEAD = 24

# A line that ends with a colon names what is in the next one, and a number may go on there; a full
# stop after these short forms, or after one capital letter, ends no sentence. Alternatives begin
# with a letter of their own, so that `re` passes quickly over all others.
_SHORT = (
    r"(?<!\b[A-Z]\.)(?<!\b(?:Mr|Ms|Dr|St|Rd|ul)\.)(?<!\b(?:Mrs|Apt|Ave)\.)(?<!\b(?:Prof|Avda)\.)"
)
_SENTENCE = re.compile(rf"\n(?:(?<![:\d]\n)|(?<=\d\n)(?=\D))|!(?=\s)|\?(?=\s)|\.(?=\s){_SHORT}")
_ANYWHERE = re.compile(rf"{_SENTENCE.pattern}|\n|(?<=[^\W\d_]) (?=[^\W\d_])")

_SIGN = re.compile(r"[\d@＠﹫]")
# By their first letter, so that `re` tries few of them at a place; and those that begin with a
# capital by themselves, for which it passes over most of a text.
_BEGUN = sorted(
    [(word[0], rf"(?<!\w{word[0]}){word[1:]}") for word in (*LEADS, *MONTHS)]
    + [(ending[0], ending[1:]) for ending in ENDINGS]
)
_CAPITAL, _SMALL = (
    re.compile(
        "|".join(
            rf"{letter}(?:{'|'.join(rest for _, rest in several)})(?!\w)"
            for letter, several in groupby(_BEGUN, itemgetter(0))
            if letter.isupper() is capital
        )
    )
    for capital in (True, False)
)


def sentences(raw: str, seen: int = 0) -> list[str]:
    """All of the text; the ends but the last one do not change when text is appended.

    The first one does not end in what was `seen`.
    """
    made: list[str] = []
    start = 0
    while True:
        window = raw[start : start + _HARD]
        match = _SENTENCE.search(window, seen, _SOFT) or _ANYWHERE.search(window, _SOFT - 1)
        if match is None and len(window) < _HARD:
            return [*made, window]
        made.append(window if match is None else window[: match.end()])
        start, seen = start + len(made[-1]), 0


def ended(raw: str, seen: int) -> bool:
    """Whether a sentence may end behind what was seen of it."""
    return len(raw) > _SOFT or _SENTENCE.search(raw, seen) is not None


def signed(raw: str, seen: int = 0) -> bool:
    """Whether there is a digit or an `@` behind what was seen: without one no pattern matches."""
    return _SIGN.search(raw, seen) is not None


def cue(raw: str, seen: int) -> int | None:
    """Where the first digit, `@`, or word that leads an address or a date stands, not seen yet."""
    sign = _SIGN.search(raw, seen)
    limit = len(raw) if sign is None else sign.start()
    start = raw.rfind(" ", 0, seen) + 1
    if capital := _CAPITAL.search(raw, start, limit):
        limit = capital.start()
    if small := _SMALL.search(raw, start, limit):
        limit = small.start()
    return limit if limit < len(raw) else None


def earliest(raw: str, place: int | None) -> int:
    """Where a finding may begin whose cue stands at `place`, or behind all that there is yet.

    In the same word, or before it: signs that lead a phone number, two letters of an IBAN.
    """
    lead = place = raw.rfind(" ", 0, place) + 1
    while lead and place - lead < _LEAD and not raw[lead - 1].isalnum():
        lead -= 1
    if raw[max(lead - 2, 0) : lead].isalpha() and (lead < 3 or not raw[lead - 3].isalnum()):
        return max(lead - 2, 0)
    return lead
