"""Amounts of money in a text: `$1,234.50`, `1.234,50 EUR`, `1234.5`, `85k`; as hundredths."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

__all__ = ["LONGEST", "amount", "amounts"]

LONGEST = 48
"""No amount is written longer, with its currency."""

# A run of digits is tried whole, from its beginning.
_DIGITS = re.compile(r"[0-9]+")


def _grouped(mark: str) -> re.Pattern[str]:
    return re.compile(
        r"(?<![0-9][.,])(?:"
        rf"(?P<groups>[0-9]{{1,3}}(?P<mark>{mark})[0-9]{{3}}(?:(?P=mark)[0-9]{{3}}){{0,4}})"
        r"(?:(?!(?P=mark))[.,](?P<cents>[0-9]{1,2}))?"
        r"|(?P<whole>[0-9]{1,15})(?:[.,](?P<part>[0-9]{1,2}))?"
        r")(?![.,]?[0-9])(?P<thousand>\s?k(?![^\W_]))?",
        re.IGNORECASE,
    )


# A space may part the thousands of one number, or two numbers.
_SPACED, _AMOUNT = _grouped(" "), _grouped("[.,'’]")
_CURRENCY = r"[$€£¥₹]|USD|EUR|GBP|CHF|JPY"
_BEFORE = re.compile(rf"(?:{_CURRENCY})\s?\Z", re.IGNORECASE)
_AFTER = re.compile(rf"\s?(?:{_CURRENCY}|dollars?|euros?|pounds?)", re.IGNORECASE)
_REACH = 5
_SMALL = 100_000


def amount(value: str) -> str | None:
    """The normal form of a field, if it is an amount."""
    for match in _matches(value):
        return str(_hundredths(match))
    try:
        return str(round(Decimal(value) * 100))
    except (ArithmeticError, ValueError):
        return None


def amounts(raw: str) -> Iterator[tuple[int, int, str]]:
    """What may be an amount, `[start, end)`; whole numbers below 1,000 need a currency."""
    for match in _matches(raw):
        value = _hundredths(match)
        if value < _SMALL and value % 100 == 0 and not _priced(raw, match):
            continue
        yield *match.span(), str(value)


def _matches(raw: str) -> Iterator[re.Match[str]]:
    for digits in _DIGITS.finditer(raw):
        place, end = digits.span()
        spaced = _SPACED.match(raw, place) if raw.startswith(" ", end) else None
        if spaced and spaced["groups"]:
            yield spaced
        if match := _AMOUNT.match(raw, place):
            yield match


def _hundredths(match: re.Match[str]) -> int:
    groups, mark = match["groups"], match["mark"]
    whole = match["whole"] if groups is None else groups.replace(mark, "")
    cents = match["part"] or match["cents"] or "0"
    value = int(whole) * 100 + int(cents.ljust(2, "0"))
    return value if match["thousand"] is None else value * 1000


def _priced(raw: str, match: re.Match[str]) -> bool:
    if match["thousand"] or match["cents"] or match["part"]:
        return True
    before = raw[max(match.start() - _REACH, 0) : match.start()]
    return bool(_BEFORE.search(before) or _AFTER.match(raw, match.end()))
