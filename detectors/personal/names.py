"""Names of people and places by a spaCy model, corrected by what stands around them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from guardrail.errors import PolicyError
from guardrail.types import Finding

__all__ = ["KINDS", "Names"]

KINDS = {
    "person": ("PERSON", "PER"),
    "location": ("GPE", "LOC", "FAC", "LOCATION"),
    "organization": ("ORG", "ORGANIZATION"),
    "nationality": ("NORP",),
}
"""Kinds of names, each with the labels that models have for it."""

_KIND = {label: kind for kind, labels in KINDS.items() for label in labels}
_SCORE = 0.85  # as presidio's

# These tell no names, and would take half of the time.
_IDLE = ("tagger", "parser", "senter", "morphologizer", "attribute_ruler", "lemmatizer")

_LONGEST = 40
_WORD = re.compile(r"[^\W\d_]+")
_WORDS = re.compile(r"\W{0,3}[^\W\d_]+\W? [^\W\d_]")
_TITLE = r"\b(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof)\b\.?"
_TITLE_BEFORE = re.compile(rf"{_TITLE} \Z")
_INTRODUCED = re.compile(
    rf"(?:{_TITLE}|\b[Nn]ame(?:'s|’s| is|:)|\b[Cc]alls? me|\bnamed (?:him|her)) {{1,4}}"
    r"(?P<name>[^\W\d_a-z][\w'’-]+(?: [^\W\d_a-z](?:\.|[\w'’-]+)){0,2})"
)
_HOUSE_BEFORE = re.compile(r"\d ?\Z")
_HOUSE_BEHIND = re.compile(r",? \d")
_EDGE = " \t\n\r.,;:!?*_\"'`()[]{}<>#/|-"


@dataclass(frozen=True, slots=True)
class Names:
    """A model, and the kinds of names that are wanted of it."""

    model: Any
    kinds: frozenset[str]

    @classmethod
    def load(cls, model: str, kinds: Sequence[str]) -> Names:
        """Load an installed model or one in a folder; nothing is downloaded."""
        from spacy import load

        try:
            return cls(load(model, exclude=_IDLE), frozenset(kinds))
        except OSError:
            raise PolicyError(f"no spaCy model {model!r}; install it, or give its folder") from None

    def find(self, sentences: Sequence[str]) -> Iterator[list[Finding]]:
        """The names in each sentence; the model sees several at once."""
        asked = [raw if self._may_name(raw) else "" for raw in sentences]
        told = self.model.pipe(filter(None, asked))
        for raw in asked:
            yield list(self._named(raw, next(told).ents)) if raw else []

    def _may_name(self, raw: str) -> bool:
        """Whether a word that is no common one has a capital, or there are words and none has."""
        if raw == raw.lower() and _WORDS.match(raw):
            return True
        common = self.model.Defaults.stop_words
        return any(
            not word[0].islower() and word.lower() not in common and not _is_code(word)
            for word in _WORD.findall(raw)
        )

    def _named(self, raw: str, entities: Sequence[Any]) -> Iterator[Finding]:
        for entity in entities:
            start, end = _trimmed(raw, entity.start_char, entity.end_char)
            kind = _KIND.get(entity.label_)
            if kind == "location" and _TITLE_BEFORE.search(raw[max(start - 8, 0) : start]):
                kind = "person"
            elif kind == "person":
                kind = _checked(raw, start, end)
            if start < end and kind in self.kinds:
                yield Finding(start, end, kind, _SCORE)
        if "person" in self.kinds:
            for match in _INTRODUCED.finditer(raw):
                yield Finding(*match.span("name"), "person", _SCORE)


def _is_code(word: str) -> bool:
    return len(word) > _LONGEST and word.isascii()


def _trimmed(raw: str, start: int, end: int) -> tuple[int, int]:
    while start < end and raw[start] in _EDGE:
        start += 1
    while start < end and raw[end - 1] in _EDGE:
        end -= 1
    return start, end - 2 if raw.endswith(("'s", "’s"), start, end) else end


def _checked(raw: str, start: int, end: int) -> str | None:
    """What a person's name is: a street's beside a number; none with digits or no capital."""
    if _HOUSE_BEFORE.search(raw[max(start - 2, 0) : start]) or _HOUSE_BEHIND.match(raw, end):
        return "location"
    name = raw[start:end]
    if any(map(str.isdigit, name)) or (name.islower() and raw != raw.lower()):
        return None
    return "person"
