"""Streets with a house number, post boxes, flats, and postal codes that are named as such."""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["LEADS", "addresses"]

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
    r"[Rr]ue|[Qq]uai|Via|Viale|Piazza|Calle|Avenida|Avda\.?|Rua|Travessa|Largo|Praça|[Uu]l\.|"
    r"[Bb]oulevard|[Aa]venue|Plaza"
)
_ENDING = (
    r"(?:stra(?:ß|ss)e|gasse|platz|allee|gata|gatan|vägen|stigen|vej|gade|veien|vegen|laan|straat|"
    r"plein|gracht|katu|kuja|utca|ulica)"
)
_FLAT = r"(?:Suite|Apt\.?|Apartment|Flat)"

LEADS = rf"{_ENDING}\b|\b(?:{_BEFORE}|{_FLAT}|P\.?O\.?|PSC|Unit|[AFD]PO)(?!\w)"
"""Words before the first digit of an address, where it may begin."""

_SIGN = re.compile(
    rf"{LEADS}|\b(?:{_AFTER}|[Zz]ip|ZIP|[Pp]ost(?:al )?[Cc]ode|[A-Z]{{2}} \d{{5}})\b"
)
_STREET = (
    rf"{_HOUSE}(?:[ ,]{{1,2}}{_HOUSE})?,? (?:[NSEW]\.? )?{_NAMES} (?:{_AFTER})\b\.?(?: {_HOUSE}\b)?"
    rf"|(?:{_HOUSE},? ){{0,2}}(?:{_BEFORE}) {_NAMES},? {_HOUSE}\b"
    rf"|{_HOUSE},? (?:{_BEFORE}) {_NAMES}"
    rf"|(?:{_HOUSE},? ){{0,2}}[{_UPPER}]?[^\W\d_]{{0,20}}{_ENDING} {_HOUSE}\b"
    rf"|{_HOUSE} [{_UPPER}][^\W\d_]{{0,20}}{_ENDING}\b"
    r"|(?:P\.O\.|PO) Box \d{1,6}|(?:PSC|Unit) \d{1,5},? Box \d{1,6}|[AFD]PO A[AEP] \d{5}"
    rf"|{_FLAT} \d{{1,5}}[A-Z]?\b"
)
_CITY = (
    rf"(?:,? (?:{_FLAT}|Unit|#) ?\d{{1,5}}[A-Z]?\b)*(?:, {_NAMES}){{0,2}}"
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
