"""Personal data: numbers and addresses by pattern, checksum and context; names by a model."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from detectors.personal.address import addresses
from detectors.personal.cued import birthdays, cards, phones
from detectors.personal.names import KINDS, Names
from detectors.personal.numbers import GENERAL, NATIONAL, Numbers
from detectors.personal.people import People
from detectors.personal.sentences import cue, earliest, ended, sentences, signed
from guardrail.errors import PolicyError
from guardrail.plain import plain
from guardrail.text import Text
from guardrail.types import Context, Finding

__all__ = ["Pii"]

_OWN = {"phone": phones, "credit_card": cards, "address": addresses, "birthday": birthdays}
_OWN_SCORE = 0.6
_USUAL_NAMES = ("person", "location")
_DIGIT = re.compile(r"\d")
# Between groups of four digits, two of them in one line: a column of numbers has them one by one.
_BROKEN = re.compile(r"(?<=\d{4}[ -]\d{4})\n(?=\d{4}(?!\d))|(?<=\d{4})\n(?=\d{4}[ -]\d{4})")


class Pii:
    """Finds `entities` in each sentence by pattern, checksum and words of context.

    Dashes, spaces, digits and full-width signs may be any of Unicode; what nobody sees vanishes.
    They are email, phone, credit_card, iban, ip_address, crypto, mac_address, address, birthday,
    and the national numbers of `language` and `languages` (en: us_ssn, uk_nhs ...; es: es_nif ...);
    where there are none for a language, name the entities. With a `model` (an installed spaCy
    model, or its folder) person and location too, and where they are named organization and
    nationality. A word that presidio knows as context raises a score by 0.35. `regions` are those
    whose phone numbers need neither a country code nor a word beside them. What a pattern of
    `allow` matches whole, in any case, is not found. With `people`, a records index, a person
    counts only where the name stands in its records.
    """

    step: ClassVar[int] = 64

    def __init__(
        self,
        *,
        entities: tuple[str, ...] | None = None,
        language: str = "en",
        languages: tuple[str, ...] = (),
        model: str | None = None,
        min_score: float = 0.4,
        regions: tuple[str, ...] = ("US", "GB"),
        allow: tuple[str, ...] = (),
        people: Path | None = None,
        key_file: Path | None = None,
        key_env: str | None = None,
    ) -> None:
        patterns = (*GENERAL, *_national(language, languages), "address", "birthday")
        wanted = (*patterns, *(_USUAL_NAMES if model else ())) if entities is None else entities
        known = (*patterns, *(KINDS if model else ()))
        for name in wanted:
            if name not in known:
                raise PolicyError(f"no entity {name!r}; known: {', '.join(sorted(known))}")
        if not wanted:
            raise PolicyError("entities is empty: nothing would be found")
        if not 0 <= min_score <= 1:
            raise PolicyError("min_score must lie between 0 and 1")
        if people and "person" not in wanted:
            raise PolicyError("people needs a model, and person among the entities")
        self._min_score = min_score
        self._allow = _compiled(allow)
        others = ("address", "birthday", *KINDS)
        numbers = [name for name in wanted if name not in others]
        self._numbers = Numbers.load(numbers, language, regions)
        self._own = [(name, find) for name, find in _OWN.items() if name in wanted]
        named = [name for name in wanted if name in KINDS]
        self._names = Names.load(model, named) if model and named else None
        self._people = People.open(people, key_file, key_env) if people else None

    def close(self) -> None:
        """Let go of the records index."""
        if self._people:
            self._people.index.close()

    def find(self, text: Text) -> Iterable[Finding]:
        return self.among(sentences(text.raw), 0)

    def settled(self, text: Text) -> int:
        *done, last = sentences(text.raw)
        return sum(map(len, done)) + self.open_at(last)

    def scanner(self, context: Context) -> _Scanner:  # noqa: ARG002 - the same for all
        """Looks at each sentence of one answer once."""
        return _Scanner(self)

    def among(self, several: Sequence[str], start: int) -> Iterator[Finding]:
        """The findings in sentences that follow each other from `start` on."""
        names = self._names.find(several) if self._names else ([] for _ in several)
        for raw, named in zip(several, names, strict=True):
            for one in self._settle(raw, named):
                yield replace(
                    one, start=one.start + start, end=one.end + start, kind=f"pii.{one.kind}"
                )
            start += len(raw)

    @property
    def reads_all(self) -> bool:
        """Whether a finding may begin anywhere in a sentence, with no cue."""
        return self._names is not None

    def open_at(self, raw: str) -> int:
        """Where a finding may begin in a sentence that is not finished."""
        return 0 if self.reads_all else earliest(raw, cue(raw, 0))

    def _settle(self, raw: str, named: Sequence[Finding]) -> Iterator[Finding]:
        """Of what overlaps, patterns before names, and the longer before what lies in it."""
        found = _outermost(one for one in self._patterns(raw) if one.score >= self._min_score)
        free = (
            name
            for name in named
            if name.score >= self._min_score
            and self._counts(raw, name)
            and not any(name.start < one.end and one.start < name.end for one in found)
        )
        for one in _outermost([*found, *free]):
            if not any(pattern.fullmatch(raw, one.start, one.end) for pattern in self._allow):
                yield one

    def _counts(self, raw: str, name: Finding) -> bool:
        if self._people is None or name.kind != "person":
            return True
        return self._people.know(raw[name.start : name.end])

    def _patterns(self, raw: str) -> Iterator[Finding]:
        if not signed(raw):
            return
        first, read = earliest(raw, cue(raw, 0)), plain(raw)
        # A number may be broken into two lines.
        for text in {read.text, _BROKEN.sub(" ", read.text)}:
            for one in self._read(text):
                start, end = read.span(one.start, one.end)
                if start >= first:
                    yield replace(one, start=start, end=end)

    def _read(self, text: str) -> Iterator[Finding]:
        """What patterns find in plain characters."""
        digits = len(_DIGIT.findall(text))
        yield from self._numbers.find(text, digits)
        for kind, find in self._own if digits else ():
            for start, end in find(text):
                yield Finding(start, end, kind, _OWN_SCORE)


class _Scanner:
    """Keeps the unfinished sentence of one answer, and looks at it every few characters.

    `open` says that a finding may begin in it where it is held already.
    """

    __slots__ = ("_begin", "_open", "_pii", "_seen", "_tail", "settled")

    def __init__(self, pii: Pii) -> None:
        self.settled = 0
        self._pii = pii
        self._tail, self._begin, self._seen = "", 0, 0
        self._open = pii.reads_all

    def feed(self, chunk: str) -> Iterable[Finding]:
        self._tail = tail = self._tail + chunk
        found: Iterable[Finding] = ()
        if ended(tail, self._seen):
            found = self._ended()
        if not self._open:
            place = cue(self._tail, self._seen)
            self._open = place is not None
            self.settled = self._begin + earliest(self._tail, place)
        # Its last character may turn out to end a sentence.
        self._seen = max(len(self._tail) - 1, 0)
        return found

    def close(self) -> Iterable[Finding]:
        return list(self._pii.among(sentences(self._tail), self._begin))

    def _ended(self) -> Iterable[Finding]:
        """The findings in sentences that are finished now."""
        *done, last = sentences(self._tail, self._seen)
        found: Iterable[Finding] = ()
        if self._open or signed(self._tail, self._seen):
            found = list(self._pii.among(done, self._begin))
        if done:
            self._begin += len(self._tail) - len(last)
            self._tail = last
            self._open, self._seen = self._pii.reads_all, 0
            self.settled = self._begin
        return found


def _national(language: str, languages: tuple[str, ...]) -> list[str]:
    several = dict.fromkeys((language, *languages))
    for one in several:
        if one not in NATIONAL:
            known = ", ".join(sorted(NATIONAL))
            raise PolicyError(f"no national numbers of language {one!r}; known: {known}")
    return [name for one in several for name in NATIONAL[one]]


def _compiled(allow: tuple[str, ...]) -> list[re.Pattern[str]]:
    try:
        return [re.compile(one, re.IGNORECASE) for one in allow]
    except re.error as error:
        raise PolicyError(f"allow: {error.pattern!r} is no pattern: {error.msg}") from None


def _outermost(findings: Iterable[Finding]) -> list[Finding]:
    """Those that lie in no other; of two at one place the more certain."""
    kept: list[Finding] = []
    for finding in sorted(findings, key=lambda one: (one.start, -one.end, -one.score, one.kind)):
        if not kept or finding.end > kept[-1].end:
            kept.append(finding)
    return kept
