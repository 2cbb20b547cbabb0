"""Dates in a text, in every usual order; where day and month may be either, both are read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

__all__ = ["LONGEST", "WORDS", "dates"]

LONGEST = 48
"""No date is written longer."""

_NAMES = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_ORDINAL = r"([0-9]{1,2})(?:st|nd|rd|th)?"
WORDS = re.compile(rf"(?<![^\W_]){_MONTH}(?![^\W_])", re.IGNORECASE)
# A run of digits is tried whole, from its beginning.
_DIGITS = re.compile(r"[0-9]+")
_NUMBERS = re.compile(
    r"(?<![0-9][-/._])([0-9]{1,4})\s?([-/._])\s?([0-9]{1,2})\s?\2\s?([0-9]{4}|[0-9]{1,2})"
    r"(?![-/._]?[0-9])"
)
_TOGETHER = re.compile(r"((?:19|20)[0-9][0-9])([01][0-9])([0-3][0-9])(?![0-9])")
_DAY_FIRST = re.compile(
    rf"{_ORDINAL}[\s./-]{{0,2}}(?:(?:day\s)?of\s)?{_MONTH}[\s.,/-]{{0,3}}([0-9]{{4}})(?![0-9])",
    re.IGNORECASE,
)
_YEAR_FIRST = re.compile(
    rf"([0-9]{{4}})[\s.,/-]{{1,2}}{_MONTH}[\s./-]{{1,2}}{_ORDINAL}(?![0-9])", re.IGNORECASE
)
_DAY_LAST = re.compile(rf"{_ORDINAL}[\s,./-]{{1,3}}([0-9]{{4}})(?![0-9])", re.IGNORECASE)
_BEFORE_DAY = re.compile(rf"(?<![^\W_]){_MONTH}[\s./-]{{1,2}}(?:the\s)?\Z", re.IGNORECASE)
_BEFORE = 16
# Digits of a day, of a year, and of both with a month.
_DAY, _YEAR, _ALL = 2, 4, 8


def dates(raw: str) -> Iterator[tuple[int, int, str]]:
    """What may be a date, `[start, end)`, as year, month and day; one for each reading."""
    for digits in _DIGITS.finditer(raw):
        place, end = digits.span()
        size = end - place
        if size <= _YEAR and (match := _NUMBERS.match(raw, place)):
            found = _numbered(match[1], match[3], match[4])
        elif size == _ALL and (match := _TOGETHER.match(raw, place)):
            found = _dated(int(match[1]), int(match[2]), int(match[3]))
        elif size <= _DAY and (match := _DAY_FIRST.match(raw, place)):
            found = _dated(int(match[3]), _month(match[2]), int(match[1]))
        elif size == _YEAR and (match := _YEAR_FIRST.match(raw, place)):
            found = _dated(int(match[1]), _month(match[2]), int(match[3]))
        elif (
            size <= _DAY
            and (match := _DAY_LAST.match(raw, place))
            and (month := _before(raw, place))
        ):
            place = month.start()
            found = _dated(int(match[2]), _month(month[1]), int(match[1]))
        else:
            continue
        for form in found:
            yield place, match.end(), form


def _before(raw: str, place: int) -> re.Match[str] | None:
    """The month that stands before a day."""
    return _BEFORE_DAY.search(raw, max(place - _BEFORE, 0), place)


def _numbered(first: str, second: str, third: str) -> Iterator[str]:
    if len(first) == 4:
        yield from _dated(int(first), int(second), int(third))
    elif len(first) <= 2:
        # Of two digits, a year is of this century or of the last.
        years = [int(third)] if len(third) == 4 else [1900 + int(third), 2000 + int(third)]
        for year in years if len(third) in (2, 4) else ():
            for month, day in {(int(first), int(second)), (int(second), int(first))}:
                yield from _dated(year, month, day)


def _dated(year: int, month: int, day: int) -> Iterator[str]:
    try:
        yield date(year, month, day).isoformat()
    except ValueError:
        return


def _month(name: str) -> int:
    return _NAMES.index(name[:3].lower()) + 1
