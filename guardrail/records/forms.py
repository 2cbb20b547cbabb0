"""The normal forms of a field, by its type: what is stored of it, and found again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal, get_args

from guardrail.plain import plain
from guardrail.records.dates import dates
from guardrail.records.mail import written
from guardrail.records.money import amount

__all__ = ["DIGITS", "LEAST_ID", "TEXT_WORDS", "TYPES", "FieldType", "Form", "forms", "rotations"]

FieldType = Literal["email", "phone", "id", "name", "date", "money", "text"]
TYPES: tuple[FieldType, ...] = get_args(FieldType)

TEXT_WORDS = 16
"""A text counts by so many of its words."""

DIGITS = 7
"""A telephone number has at least so many digits; without its first ones, at least 8."""

LEAST_ID = 6
"""An id of fewer letters and digits tells nothing by itself."""

_LEAST_CUT = 8
_CUT = 4
_LEAST_TEXT = 2
_TITLES = frozenset(["mr", "mrs", "ms", "miss", "dr", "prof", "sir"])
_SUFFIXES = frozenset(["jr", "sr", "ii", "iii", "iv", "phd", "md", "esq"])
_MOST_ROTATED = 4
_WORD = re.compile(r"[^\W_]+")
_BESIDE = re.compile(r"\s*[;|\n]\s*|,\s+|\s+(?:/|or|and)\s+")
_EXTENDED = re.compile(r"(.*?[0-9])[\s,]*((?:x|ext(?:n|ension)?|#)\.?\s*[0-9]{1,6})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Form:
    """Letters to be found in a row, or, of a `kind`, a value that is read from the text."""

    text: str = field(repr=False)
    kind: str = ""


def forms(kind: FieldType, value: str) -> tuple[Form, ...]:
    """Each form once; none where the value is not of that type, or too short to tell."""
    return tuple(dict.fromkeys(_FORMS[kind](value)))


def rotations(words: list[str]) -> list[str]:
    """A name as it may be ordered: each word may come first, those before it then come last."""
    starts = range(len(words)) if len(words) <= _MOST_ROTATED else (0, len(words) - 1)
    return [" ".join(words[start:] + words[:start]) for start in starts]


def _email(value: str) -> Iterable[Form]:
    parts = _BESIDE.split(plain(value).text)
    return (Form(form, "email") for part in parts for form in written(part))


def _phone(value: str) -> Iterable[Form]:
    for number in _several(value, lambda part: len(_digits(part)) >= DIGITS):
        extended = _EXTENDED.fullmatch(number)
        number, extension = (number, "") if extended is None else extended.groups()
        digits = _digits(number)
        if len(digits) < DIGITS:
            continue
        for cut in range(max(min(_CUT, len(digits) - _LEAST_CUT), 0) + 1):
            for end in dict.fromkeys(("", extension)):
                yield Form(digits[cut:] + end)


def _id(value: str) -> Iterable[Form]:
    return (Form(one) for one in _several(value, _is_id) if _WORD.search(one))


def _several(value: str, is_one: Callable[[str], bool]) -> list[str]:
    """What a field holds, one beside the other, if each part of it is one by itself."""
    parts = _BESIDE.split(value)
    return parts if all(map(is_one, parts)) else [value]


def _digits(value: str) -> str:
    return "".join(str(int(digit)) for digit in value if digit.isdecimal()).lstrip("0")


def _is_id(value: str) -> bool:
    return sum(map(len, _WORD.findall(value))) >= LEAST_ID


def _name(value: str) -> Iterable[Form]:
    last, _, first = value.partition(",")
    if first := " ".join(_bare(first)):
        value = f"{first} {last}"
    words = _bare(value)
    for shape in (
        words,
        words[:1] + [word[0] for word in words[1:-1]] + words[1:][-1:],
        words[:1] + words[1:][-1:],
    ):
        yield from map(Form, rotations(shape))


def _bare(value: str) -> list[str]:
    """The words of a name without titles and the like."""
    words = [word for word in value.replace(",", " ").split() if _WORD.search(word)]
    plain = [word.strip(".").replace(".", "").casefold() for word in words]
    return [
        word for word, name in zip(words, plain, strict=True) if name not in _TITLES | _SUFFIXES
    ]


def _date(value: str) -> Iterable[Form]:
    return (Form(form, "date") for _, _, form in dates(plain(value).text))


def _money(value: str) -> Iterable[Form]:
    form = amount(plain(value).text)
    return () if form is None else (Form(form, "money"),)


def _text(value: str) -> Iterable[Form]:
    words = _WORD.findall(value)[:TEXT_WORDS]
    return (Form(" ".join(words)),) if sum(map(len, words)) >= _LEAST_TEXT else ()


_FORMS: dict[FieldType, Callable[[str], Iterable[Form]]] = {
    "email": _email,
    "phone": _phone,
    "id": _id,
    "name": _name,
    "date": _date,
    "money": _money,
    "text": _text,
}
