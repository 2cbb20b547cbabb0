"""Numbers by presidio's recognisers: patterns, checksums, and words of context."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from guardrail.errors import PolicyError
from guardrail.types import Finding

if TYPE_CHECKING:
    from presidio_analyzer import EntityRecognizer

__all__ = ["GENERAL", "NATIONAL", "Numbers"]

GENERAL = ("email", "phone", "credit_card", "iban", "ip_address", "crypto", "mac_address")
NATIONAL = {
    "de": {
        "de_tax_id": "DeTaxIdRecognizer",
        "de_social_security": "DeSocialSecurityRecognizer",
        "de_id_card": "DeIdCardRecognizer",
        "de_passport": "DePassportRecognizer",
    },
    "en": {
        "us_ssn": "UsSsnRecognizer",
        "us_itin": "UsItinRecognizer",
        "us_passport": "UsPassportRecognizer",
        "us_driver_license": "UsLicenseRecognizer",
        "uk_nhs": "NhsRecognizer",
        "uk_nino": "UkNinoRecognizer",
        "au_tfn": "AuTfnRecognizer",
        "in_aadhaar": "InAadhaarRecognizer",
    },
    "es": {"es_nif": "EsNifRecognizer", "es_nie": "EsNieRecognizer"},
    "fi": {"fi_personal_identity_code": "FiPersonalIdentityCodeRecognizer"},
    "it": {
        "it_fiscal_code": "ItFiscalCodeRecognizer",
        "it_identity_card": "ItIdentityCardRecognizer",
        "it_passport": "ItPassportRecognizer",
    },
    "ko": {"kr_rrn": "KrRrnRecognizer"},
    "pl": {"pl_pesel": "PlPeselRecognizer"},
    "sv": {"se_personnummer": "SePersonnummerRecognizer"},
    "th": {"th_tnin": "ThTninRecognizer"},
    "tr": {"tr_national_id": "TrNationalIdRecognizer"},
}
"""National numbers by the language of their country, with presidio's recogniser."""

# What a sentence must hold before a recogniser sees it: digits, and a part of each of its patterns.
_LEAST = {
    "email": 0,
    "phone": 7,
    "credit_card": 12,
    "iban": 2,
    "ip_address": 1,
    "crypto": 1,
    "mac_address": 1,
}
_LEAST_NATIONAL = 6
_PART = {
    "email": re.compile("@"),
    "iban": re.compile(r"[A-Z]{2}\d\d", re.IGNORECASE),
    "ip_address": re.compile(r"\d\.\d+\.|:[\d:A-Fa-f]"),
    "crypto": re.compile(r"[A-Za-z0-9]{26}"),
    "mac_address": re.compile(r"[\dA-Fa-f]{2}[:-][\dA-Fa-f]{2}[:-]|[\dA-Fa-f]{4}\.[\dA-Fa-f]{4}\."),
}
_BOOST, _LEAST_BOOSTED = 0.35, 0.4
_WORD = re.compile(r"\w+")
_BREAK = re.compile(r"\r?\n")

# Presidio's pattern recognisers take what a model said, and do not look at it.
_NO_MODEL: Any = None


@dataclass(frozen=True, slots=True)
class Numbers:
    """Recognisers with their kinds, and the fewest digits that each needs."""

    recognisers: tuple[tuple[str, int, EntityRecognizer], ...]

    @classmethod
    def load(cls, kinds: Sequence[str], language: str, regions: tuple[str, ...]) -> Numbers:
        """Make presidio's recognisers of these kinds."""
        makers = _makers(regions)
        return cls(
            tuple(
                (kind, _LEAST.get(kind, _LEAST_NATIONAL), makers[kind](supported_language=language))
                for kind in kinds
            )
        )

    def find(self, raw: str, digits: int) -> Iterator[Finding]:
        """What stands in a sentence with so many digits."""
        words: frozenset[str] | None = None
        for kind, least, recogniser in self.recognisers:
            part = _PART.get(kind)
            if digits < least or (part is not None and not part.search(raw)):
                continue
            for result in recogniser.analyze(raw, recogniser.supported_entities, _NO_MODEL):
                words = frozenset(_WORD.findall(raw.lower())) if words is None else words
                named = not words.isdisjoint(recogniser.context or ())
                start, end, score = result.start, result.end, float(result.score)
                if kind == "phone" and _inside(raw, start, end):
                    continue
                # Every tenth number of digits alone has a right check digit, in one row or several.
                if kind not in _LEAST and not named and _BREAK.sub("", raw[start:end]).isdigit():
                    continue
                if named and score < 1:
                    score = min(1.0, max(score + _BOOST, _LEAST_BOOSTED))
                yield Finding(start, end, kind, score)


def _inside(raw: str, start: int, end: int) -> bool:
    """Whether it goes on before it or behind it: a path, a version, an expression."""
    before, behind = raw[max(start - 1, 0) : start], raw[end : end + 1]
    return any(one.isalnum() or one in "_/" for one in (*before, *behind)) or before in (".", "=")


def _makers(regions: tuple[str, ...]) -> dict[str, Callable[..., Any]]:
    try:
        from phonenumbers import SUPPORTED_REGIONS
        from presidio_analyzer import predefined_recognizers as known
        from tldextract import TLDExtract
    except ImportError:
        raise PolicyError("pii needs presidio: pip install 'leakrail[pii]'") from None
    if not regions or not SUPPORTED_REGIONS.issuperset(regions):
        raise PolicyError(
            "regions must be countries of two capital letters, such as US; one at least"
        )

    class Email(known.EmailRecognizer):  # type: ignore[misc, unused-ignore]
        # The list of suffixes that comes with the package; the newest would be fetched.
        suffixes = TLDExtract(suffix_list_urls=(), cache_dir=None)

        def validate_result(self, pattern_text: str) -> bool:
            return bool(self.suffixes(pattern_text).fqdn)

    makers: dict[str, Callable[..., Any]] = {
        "email": Email,
        "phone": partial(known.PhoneRecognizer, supported_regions=regions),
        "credit_card": known.CreditCardRecognizer,
        "iban": partial(known.IbanRecognizer, regex_flags=re.DOTALL | re.IGNORECASE),
        "ip_address": known.IpRecognizer,
        "crypto": known.CryptoRecognizer,
        "mac_address": known.MacAddressRecognizer,
    }
    national = (one for several in NATIONAL.values() for one in several.items())
    return makers | {kind: getattr(known, name) for kind, name in national}
