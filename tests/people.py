"""Made-up records, and the ways in which their values may be written."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date
from typing import Any

from hypothesis import strategies as st

from guardrail.records import FieldType, RecordIndex
from guardrail.records.scan import Reading
from guardrail.text import Text

COLUMNS: dict[str, FieldType] = {
    "name": "name",
    "email": "email",
    "phone": "phone",
    "account": "id",
    "born": "date",
    "salary": "money",
    "illness": "text",
}
KEY = b"a key of no consequence"
MONTHS = "January February March April May June July August September October November December"

_FIRST = ["Zerbina", "Ödön", "Mirelle", "Tavish", "Quenby", "Ioreth", "Basma", "Lucjan"]
_MIDDLE = ["Pell", "Quist", "Rudd", "Sorrel"]
_LAST = [
    "Vantongeren",
    "Okparaebo",
    "Dziedzic",
    "Lindqvist",
    "O'Tuama",
    "Harcastle-Bly",
    "Ferranti",
    "Müllenbach",
]
_ILLNESS = ["chronic migraine", "type 2 diabetes", "sleep apnoea", "rheumatoid arthritis"]


@dataclass(frozen=True)
class Person:
    """One made-up record, its values apart."""

    first: str
    middle: str
    last: str
    user: str
    host: str
    digits: str
    account: str
    born: date
    cents: int
    illness: str

    @property
    def row(self) -> dict[str, Any]:
        return {
            "name": f"{self.first} {self.middle} {self.last}",
            "email": f"{self.user}@{self.host}",
            "phone": f"+1 ({self.digits[:3]}) {self.digits[3:6]}-{self.digits[6:]}",
            "account": f"AC-{self.account[:4]}-{self.account[4:]}",
            "born": self.born.isoformat(),
            "salary": self.cents / 100,
            "illness": self.illness,
        }


def person(seed: int) -> Person:
    chance = random.Random(seed)
    first, last = chance.choice(_FIRST), chance.choice(_LAST)
    return Person(
        first,
        chance.choice(_MIDDLE),
        last,
        f"{first[0].lower()}.user{seed}",
        f"mail{seed % 7}.example",
        f"{chance.randint(201, 989)}{chance.randint(2_000_000, 9_999_999)}",
        f"{chance.randint(10**8, 10**9 - 1)}",
        date(chance.randint(1931, 2009), chance.randint(1, 12), chance.randint(1, 28)),
        chance.randint(1_000_000, 30_000_000),
        chance.choice(_ILLNESS),
    )


def _emails(one: Person) -> list[str]:
    user, host = one.user, one.host
    dotted = host.replace(".", " dot ")
    return [
        f"{user}@{host}",
        f"{user}@{host}".upper(),
        f"{user} at {dotted}",
        f"{user.replace('.', ' dot ')} AT {dotted}",
        f"{user} [at] {host}",
        f"{user}(at){host.replace('.', '(dot)')}",
        f"{user} @ {host.replace('.', ' . ')}",
    ]


def _phones(one: Person) -> list[str]:
    area, middle, end = one.digits[:3], one.digits[3:6], one.digits[6:]
    return [
        one.digits,
        f"{area}-{middle}-{end}",
        f"({area}) {middle}-{end}",
        f"+1 {area} {middle} {end}",
        f"+1{one.digits}",
        f"001{one.digits}",
        f"1.{area}.{middle}.{end}",
        " ".join(one.digits),
    ]


def _accounts(one: Person) -> list[str]:
    number = one.account
    return [
        f"AC-{number[:4]}-{number[4:]}",
        f"ac{number}",
        f"AC {number[:4]} {number[4:]}",
        f"Ac_{number[:3]}.{number[3:6]}.{number[6:]}",
    ]


def _names(one: Person) -> list[str]:
    first, middle, last = one.first, one.middle, one.last
    return [
        f"{first} {middle} {last}",
        f"{first} {last}",
        f"{last}, {first}",
        f"{last}, {first} {middle}",
        f"{first} {middle[0]}. {last}",
        f"{first} X. {last}",
        f"Dr. {first} {last}".upper(),
    ]


def _dates(one: Person) -> list[str]:
    born = one.born
    month = MONTHS.split()[born.month - 1]
    suffix = {1: "st", 2: "nd", 3: "rd"}.get(born.day % 10 if born.day not in (11, 12, 13) else 0)
    return [
        born.isoformat(),
        f"{born:%m/%d/%Y}",
        f"{born:%d.%m.%Y}",
        f"{born.day}/{born.month}/{born.year}",
        f"{born.day} {month} {born.year}",
        f"{month} {born.day}{suffix or 'th'}, {born.year}",
        f"{month[:3]}. {born.day}, {born.year}",
        f"{born.day}{suffix or 'th'} of {month}, {born.year}",
        f"{born:%Y%m%d}",
        f"{born:%m/%d/%y}",
    ]


def _salaries(one: Person) -> list[str]:
    whole, cents = divmod(one.cents, 100)
    european = f"{whole:,}".replace(",", ".")
    return [
        f"${whole:,}.{cents:02}",
        f"{european},{cents:02} EUR",
        f"{whole}.{cents:02}",
        f"USD {whole:,}.{cents:02}",
    ]


def _illnesses(one: Person) -> list[str]:
    return [one.illness, one.illness.upper(), one.illness.replace(" ", "-")]


FORMATS = {
    "name": _names,
    "email": _emails,
    "phone": _phones,
    "account": _accounts,
    "born": _dates,
    "salary": _salaries,
    "illness": _illnesses,
}

people = st.integers(0, 39).map(person)
"""The people whom a registry holds."""

strangers = st.integers(10_000, 10_400).map(person)
"""People whom it does not."""


@st.composite
def written(draw: st.DrawFn, one: Person, column: str) -> str:
    """A value of a person, in any of its formats."""
    return draw(st.sampled_from(FORMATS[column](one)))


def found(index: RecordIndex, raw: str) -> list[tuple[str, str]]:
    """Pieces of the text and the columns that hold them."""
    hits = Reading(index, Text(raw)).hits()
    return [(raw[hit.start : hit.end], index.columns[hit.field.column]) for hit in hits]
