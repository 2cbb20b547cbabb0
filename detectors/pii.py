"""Personal data by presidio's recognisers: patterns and checksums, or a language model as well."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from guardrail.errors import PolicyError
from guardrail.text import Text
from guardrail.types import Context, Finding

if TYPE_CHECKING:
    from presidio_analyzer import EntityRecognizer, RecognizerResult

__all__ = ["Pii"]

_NAMES = {
    "email": "EMAIL_ADDRESS",
    "phone": "PHONE_NUMBER",
    "credit_card": "CREDIT_CARD",
    "iban": "IBAN_CODE",
    "ip_address": "IP_ADDRESS",
    "us_ssn": "US_SSN",
    "crypto": "CRYPTO",
    "mac_address": "MAC_ADDRESS",
}
_NER_NAMES = {"person": "PERSON", "location": "LOCATION"}
_KINDS = {entity: name for name, entity in (_NAMES | _NER_NAMES).items()}

# Sentences are looked at one by one; a long one is cut between two words of letters.
_SOFT, _HARD = 500, 1000
_SENTENCE = re.compile(r"\n|[.!?](?=\s)")
_ANYWHERE = re.compile(r"\n|[.!?](?=\s)|(?<=[^\W\d_]) (?=[^\W\d_])")
_CUE = re.compile(r"[\d@]")
_LEAD = 24
_STEP = 32
_BOOST, _LEAST_BOOSTED = 0.35, 0.4

# Presidio's pattern recognisers take what a model said, and do not look at it.
_NO_MODEL: Any = None

Analyse = Callable[[str], Iterable[Finding]]


class Pii:
    """Finds `entities` in each sentence by presidio's pattern recognisers, with no model.

    `entities` are email, phone, credit_card, iban, ip_address, us_ssn, crypto and mac_address, and
    with a `model` (an installed spaCy model, or its folder) person and location. A pattern counts
    where its sentence holds a digit or an `@`; a word that presidio knows as its context raises
    the score by 0.35. `regions` are those whose phone numbers are known without a country code.
    """

    def __init__(
        self,
        *,
        entities: tuple[str, ...] | None = None,
        language: str = "en",
        model: str | None = None,
        min_score: float = 0.4,
        regions: tuple[str, ...] = ("US", "GB"),
    ) -> None:
        known = _NAMES if model is None else _NAMES | _NER_NAMES
        wanted = tuple(known) if entities is None else entities
        for name in wanted:
            if name not in known:
                raise PolicyError(f"no entity {name!r}; known: {', '.join(sorted(known))}")
        if not 0 <= min_score <= 1:
            raise PolicyError("min_score must lie between 0 and 1")
        patterns = _recognisers([name for name in wanted if name in _NAMES], language, regions)
        self._patterns = partial(_matched, patterns, min_score)
        self._named: Analyse | None = None
        if model is not None:
            names = [_NER_NAMES[name] for name in wanted if name in _NER_NAMES]
            self._named = partial(_named, _engine(model, language), names, language, min_score)

    def find(self, text: Text) -> Iterable[Finding]:
        start = 0
        for end in [*_ends(text.raw, 0), len(text.raw)]:
            yield from _moved(self.sentence(text.raw[start:end]), start)
            start = end

    def settled(self, text: Text) -> int:
        start = 0
        for end in _ends(text.raw, 0):
            start = end
        return start + self.open_at(text.raw[start:])

    def scanner(self, context: Context) -> _Scanner:  # noqa: ARG002 - the same for all
        """Looks at each sentence of one answer once."""
        return _Scanner(self)

    def sentence(self, raw: str) -> list[Finding]:
        """The findings in one sentence."""
        found: list[Finding] = []
        if cue := _CUE.search(raw):
            begin = _begin(raw, cue.start())
            found += (finding for finding in self._patterns(raw) if finding.start >= begin)
        if self._named is not None:
            found += self._named(raw)
        return _outermost(found)

    @property
    def reads_all(self) -> bool:
        """Whether a finding may begin anywhere in a sentence, with no cue."""
        return self._named is not None

    def open_at(self, raw: str) -> int:
        """Where a finding may begin in a sentence that is not finished."""
        if self.reads_all:
            return 0
        cue = _CUE.search(raw)
        return _begin(raw, len(raw) if cue is None else cue.start())


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
        if len(tail) < self._seen + _STEP:
            return ()
        found: Iterable[Finding] = ()
        if len(tail) > _SOFT or _SENTENCE.search(tail, self._seen):
            found = self._ended()
        if not self._open:
            cue = _CUE.search(self._tail, self._seen)
            self._open = cue is not None
            place = len(self._tail) if cue is None else cue.start()
            self.settled = self._begin + _begin(self._tail, place)
        # Its last character may turn out to end a sentence.
        self._seen = max(len(self._tail) - 1, 0)
        return found

    def close(self) -> Iterable[Finding]:
        return list(_moved(self._pii.sentence(self._tail), self._begin))

    def _ended(self) -> Iterable[Finding]:
        """The findings in sentences that are finished now."""
        found: list[Finding] = []
        start = 0
        for end in _ends(self._tail, 0):
            found += _moved(self._pii.sentence(self._tail[start:end]), self._begin + start)
            start = end
        if start:
            self._tail = self._tail[start:]
            self._begin += start
            self._open, self._seen = self._pii.reads_all, 0
            self.settled = self._begin
        return found


def _ends(raw: str, start: int) -> Iterator[int]:
    """Where sentences end that more text cannot change."""
    while True:
        match = _SENTENCE.search(raw, start, start + _SOFT)
        if match is None and len(raw) >= start + _HARD:
            match = _ANYWHERE.search(raw, start + _SOFT - 1, start + _HARD)
            start = start + _HARD if match is None else match.end()
        elif match is None:
            # Short of its longest, a sentence ends where the same cut would be found later.
            match = _ANYWHERE.search(raw, start + _SOFT - 1)
            if match is None:
                return
            start = match.end()
        else:
            start = match.end()
        yield start


def _begin(raw: str, place: int) -> int:
    """Where a finding may begin whose first digit or `@` stands at `place`.

    In the same word, or before it: signs that lead a phone number, two letters of an IBAN.
    """
    lead = place = raw.rfind(" ", 0, place) + 1
    while lead and place - lead < _LEAD and not raw[lead - 1].isalnum():
        lead -= 1
    if raw[max(lead - 2, 0) : lead].isalpha() and (lead < 3 or not raw[lead - 3].isalnum()):
        return max(lead - 2, 0)
    return lead


def _recognisers(
    names: Sequence[str], language: str, regions: tuple[str, ...]
) -> list[EntityRecognizer]:
    try:
        from presidio_analyzer import predefined_recognizers as known
        from tldextract import TLDExtract
    except ImportError:
        raise PolicyError("pii needs presidio: pip install 'leakrail[pii]'") from None

    class Email(known.EmailRecognizer):  # type: ignore[misc, unused-ignore]
        # The list of suffixes that comes with the package; the newest would be fetched.
        suffixes = TLDExtract(suffix_list_urls=(), cache_dir=None)

        def validate_result(self, pattern_text: str) -> bool:
            return bool(self.suffixes(pattern_text).fqdn)

    made: dict[str, Callable[..., Any]] = {
        "email": Email,
        "phone": partial(known.PhoneRecognizer, supported_regions=regions),
        "credit_card": known.CreditCardRecognizer,
        "iban": known.IbanRecognizer,
        "ip_address": known.IpRecognizer,
        "us_ssn": known.UsSsnRecognizer,
        "crypto": known.CryptoRecognizer,
        "mac_address": known.MacAddressRecognizer,
    }
    return [made[name](supported_language=language) for name in names]


def _matched(
    recognisers: Sequence[EntityRecognizer], min_score: float, raw: str
) -> Iterator[Finding]:
    words: frozenset[str] | None = None
    for recogniser in recognisers:
        for result in recogniser.analyze(raw, recogniser.supported_entities, _NO_MODEL):
            score = result.score
            if score < 1:
                words = frozenset(re.findall(r"\w+", raw.lower())) if words is None else words
                if words.intersection(recogniser.context or ()):
                    score = min(1.0, max(score + _BOOST, _LEAST_BOOSTED))
            if score >= min_score:
                yield _finding(result, score)


def _engine(model: str, language: str) -> Any:
    from presidio_analyzer.nlp_engine import SpacyNlpEngine
    from spacy import load

    class Local(SpacyNlpEngine):  # type: ignore[misc, unused-ignore]
        # Presidio would download a model that is not there.
        def load(self) -> None:
            self.nlp: Any = {language: load(model)}

    engine = Local(models=[{"lang_code": language, "model_name": model}])
    try:
        engine.load()
    except OSError:
        raise PolicyError(f"no spaCy model {model!r}; install it, or give its folder") from None
    return engine


def _named(
    engine: Any, names: Sequence[str], language: str, min_score: float, raw: str
) -> Iterator[Finding]:
    from presidio_analyzer.predefined_recognizers import SpacyRecognizer

    artifacts = engine.process_text(raw, language)
    for result in SpacyRecognizer(supported_entities=list(names)).analyze(raw, names, artifacts):
        if result.score >= min_score:
            yield _finding(result, result.score)


def _finding(result: RecognizerResult, score: float) -> Finding:
    return Finding(result.start, result.end, f"pii.{_KINDS[result.entity_type]}", float(score))


def _outermost(findings: Iterable[Finding]) -> list[Finding]:
    """Those that lie in no other; of two at one place the more certain."""
    kept: list[Finding] = []
    for finding in sorted(findings, key=lambda one: (one.start, -one.end, -one.score, one.kind)):
        if not kept or finding.end > kept[-1].end:
            kept.append(finding)
    return kept


def _moved(findings: Iterable[Finding], by: int) -> Iterator[Finding]:
    for one in findings:
        yield Finding(one.start + by, one.end + by, one.kind, one.score)
