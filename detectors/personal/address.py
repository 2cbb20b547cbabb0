"""Streets with a house number, post boxes, flats, and postal codes that are named as such."""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["ENDINGS", "LEADS", "addresses"]

_UPPER = "A-Z\u00c0-\u00de\u0100-\u024f\u0386-\u03ab\u0400-\u042f"
_NAME = rf"[{_UPPER}][^\W\d_]*(?:['’.-][^\W\d_]+)*\.?"
_SMALL = (
    r"(?:(?:de|la|del|della|das|do|da|dos|des|du|di|van|der|den|von|le|les|of) ){0,2}(?:[dl]')?"
)
_NAMES = rf"{_SMALL}{_NAME}(?: {_SMALL}{_NAME}){{0,3}}"
_HOUSE = r"\d{1,6}[A-Za-z]?"

_AFTER = (
    r"Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Court|Ct|Place|Pl|Crescent|Cres|Boulevard|Blvd|"
    r"Terrace|Square|Sq|Close|Parkway|Pkwy|Highway|Hwy|Circle|Cir|Grove|Gardens|Mews|Quay|Way"
)
_BEFORE = (
    *("rue", "Rue", "quai", "Quai", "boulevard", "Boulevard", "avenue", "Avenue", "Via", "Viale"),
    *("Piazza", "Plaza", "Calle", "Avenida", r"Avda\.?", "Rua", "Travessa", "Largo", "Praça"),
    *(r"ul\.", r"Ul\."),
)
ENDINGS = (
    *("straße", "strasse", "gasse", "platz", "allee", "gata", "gatan", "vägen", "stigen", "vej"),
    *("gade", "veien", "vegen", "laan", "straat", "plein", "gracht", "katu", "kuja", "utca"),
    "ulica",
)
"""How words end that a house number follows."""

_FLAT = ("Suite", r"Apt\.?", "Apartment", "Flat")
LEADS = (*_BEFORE, *_FLAT, r"P\.?O\.?", "PSC", "Unit", "APO", "DPO", "FPO")
"""Words before the first digit of an address, where it may begin."""


def _any(words: tuple[str, ...]) -> str:
    return f"(?:{'|'.join(words)})"


_LEAD, _ENDING, _FLATS = _any(_BEFORE), _any(ENDINGS), _any(_FLAT)
_SIGN = re.compile(
    rf"{_ENDING}\b|\b{_any(LEADS)}(?!\w)"
    rf"|\b(?:{_AFTER}|[Zz]ip|ZIP|[Pp]ost(?:al )?[Cc]ode|[A-Z]{{2}} \d{{5}})\b"
)
_STREET = (
    rf"{_HOUSE}(?:[ ,]{{1,2}}{_HOUSE})?,? (?:[NSEW]\.? )?{_NAMES} (?:{_AFTER})\b\.?(?: {_HOUSE}\b)?"
    rf"|(?:{_HOUSE},? ){{0,2}}{_LEAD} {_NAMES},? {_HOUSE}\b"
    rf"|{_HOUSE},? {_LEAD} {_NAMES}"
    rf"|(?:{_HOUSE},? ){{0,2}}[{_UPPER}]?[^\W\d_]{{0,20}}{_ENDING} {_HOUSE}\b"
    rf"|{_HOUSE} [{_UPPER}][^\W\d_]{{0,20}}{_ENDING}\b"
    r"|(?:P\.O\.|PO) Box \d{1,6}|(?:PSC|Unit) \d{1,5},? Box \d{1,6}|[AFD]PO A[AEP] \d{5}"
    rf"|{_FLATS} \d{{1,5}}[A-Z]?\b"
)
_CITY = (
    rf"(?:,? (?:{_FLATS}|Unit|#) ?\d{{1,5}}[A-Z]?\b)*(?:, {_NAMES}){{0,2}}"
    r"(?:,? [A-Z]{2}\b)?(?:,? \d{5}(?:-\d{4})?\b)?"
)
_STATES = (
    r"(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|"
    r"T[NX]|UT|V[AT]|W[AIVY])"
)
_ADDRESS = re.compile(
    rf"(?<![\w.@#$£€-])(?:(?:{_STREET}){_CITY}|{_STATES} \d{{5}}(?:-\d{{4}})?)(?![\w@])"
    r"|\b(?:(?:[Zz]ip|ZIP)(?: [Cc]ode)?|[Pp]ost(?:al )?[Cc]ode)\b\D{1,12}"
    r"(?P<code>\d{4,5}(?:-\d{4})?)\b"
)


def addresses(raw: str) -> Iterator[tuple[int, int]]:
    """Where addresses stand in a sentence that holds a digit."""
    if _SIGN.search(raw):
        for match in _ADDRESS.finditer(raw):
            yield match.span("code" if match["code"] else 0)
