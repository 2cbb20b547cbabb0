"""Numbers in whatever form that the words beside them make a telephone's, a card's, a birthday."""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["MONTHS", "birthdays", "cards", "phones"]

Span = tuple[int, int]

_PHONE_SIGN = re.compile(
    r"(?:phone|\btel|mobile|cell|fax|call|dial|whatsapp|hotline|reach|answer|message|desk|office)",
    re.IGNORECASE,
)
_PHONE = re.compile(
    r"(?<![\w.,/:=@#$£€+-])(?:(?:\+|00) ?)?(?:\(\d{1,5}\)|\d)(?:[ ./-]?(?:\(\d{1,5}\)|\d)){5,16}"
    r"(?: ?(?:x|ext\.?) ?\d{1,6})?(?![\w@%$€£])(?![.,:/-]\d)"
)
_PHONE_BEFORE = re.compile(
    r"\b(?:(?:(?:tele|cell|i)?phones?|tel|mobile|cell|fax|whatsapp|hotline|desk)\b\D{0,24}"
    r"|(?:call(?:ed|ing)?|dial|reach|answering|messages?)"
    r"(?: (?:me|us|him|her|them|back|on|at|to|under|from))*:? )\Z",
    re.IGNORECASE,
)
_PHONE_BEHIND = re.compile(
    r"[ -]{1,2}\(?(?:office|fax|mobile|cell|home|work|phone)\b", re.IGNORECASE
)
_DATE = r"(?:\d{4}-\d\d?-\d\d?|\d\d?[./-]\d\d?[./-]\d{2,4})(?!\d)"

_CARD_SIGN = re.compile(r"\b(?:cards?|cc|visa|mastercard|amex|maestro|jcb)\b", re.IGNORECASE)
_CARD = re.compile(r"(?<![\w.,-])[1-6](?:[ ./_-]?\d){11,18}(?![\w-])")

MONTHS = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Sept", "Oct", "Nov", "Dec"),
    *("January", "February", "March", "April", "June", "July", "August", "September", "October"),
    *("November", "December"),
)
_MONTH = rf"(?:{'|'.join(MONTHS)})\b"
_BIRTHDAY = re.compile(
    # Words of a key are joined, as in `date_of_birth` and `dateOfBirth`.
    r"(?:(?<![^\W_])|(?-i:(?<=[a-z])(?=[BD])))"
    r"(?:born|birth(?:[_ -]?(?:day|date))?|dob|d\.o\.b)(?![^\W_])\D{0,30}?"
    rf"(?P<date>{_DATE}|\d\d?(?:st|nd|rd|th)?(?: of)? {_MONTH}\.?,? \d{{4}}"
    rf"|{_MONTH}\.? \d\d?(?:st|nd|rd|th)?,? \d{{4}})",
    re.IGNORECASE,
)
_IS_DATE = re.compile(_DATE)


def phones(raw: str) -> Iterator[Span]:
    """Numbers of 7 to 15 digits behind or before a word for a telephone."""
    if not _PHONE_SIGN.search(raw):
        return
    for match in _PHONE.finditer(raw):
        start, end = match.span()
        digits = sum(map(str.isdigit, match[0]))
        cued = _PHONE_BEFORE.search(raw, max(start - 40, 0), start) or _PHONE_BEHIND.match(raw, end)
        if digits >= 7 and cued and not _IS_DATE.fullmatch(match[0]):
            yield start, end


def cards(raw: str) -> Iterator[Span]:
    """Numbers of 12 to 19 digits with a right check digit, in a sentence that speaks of a card."""
    if _CARD_SIGN.search(raw):
        for match in _CARD.finditer(raw):
            if _luhn(match[0]):
                yield match.span()


def birthdays(raw: str) -> Iterator[Span]:
    """Full dates behind a word for birth."""
    return (match.span("date") for match in _BIRTHDAY.finditer(raw))


def _luhn(number: str) -> bool:
    digits = [int(digit) for digit in reversed(number) if digit.isdigit()]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0
