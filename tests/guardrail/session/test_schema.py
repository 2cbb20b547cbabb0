"""Schemas: which rows can be read, and which values are the same."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.errors import InputError, PolicyError
from guardrail.session.schema import Attribute, Schema, quantiles

AGE = Attribute(name="age", kind="numeric", edges=(25, 35))
INCOME = Attribute(name="income", kind="numeric", width=500)
JOB = Attribute(name="job", values=("clerk", "nurse", 3))
TOWN = Attribute(name="town")
SCHEMA = Schema([AGE, INCOME, JOB, Attribute(name="id", kind="ignored"), TOWN])
ROW = {"age": 30, "income": 1700.0, "job": "nurse", "id": object(), "town": "Ulm"}


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"name": ""}, "an attribute needs a name"),
        ({"kind": "text"}, "'a': kind is 'text'; known: numeric, categorical, ignored"),
        ({"width": 1.0}, "width and edges are for numeric ones"),
        ({"kind": "ignored", "values": (1,)}, "values are for categorical ones"),
        ({"kind": "numeric"}, "give either a width or edges"),
        ({"kind": "numeric", "width": 1.0, "edges": (1.0,)}, "give either a width or edges"),
        ({"kind": "numeric", "width": 0.0}, "width must be a number above 0"),
        ({"kind": "numeric", "width": math.inf}, "width must be a number above 0"),
        ({"kind": "numeric", "width": math.nan}, "width must be a number above 0"),
        ({"kind": "numeric", "edges": (1.0, 1.0)}, "edges must be numbers that rise"),
        ({"kind": "numeric", "edges": (math.nan,)}, "edges must be numbers that rise"),
    ],
)
def test_what_makes_no_sense_does_not_load(setting: dict[str, Any], message: str) -> None:
    """An attribute is named with what is wrong about it."""
    with pytest.raises(PolicyError, match=message):
        Attribute(**{"name": "a"} | setting)


def test_a_schema_has_attributes() -> None:
    """Each with a name of its own; some that count, and not too many."""
    with pytest.raises(PolicyError, match="two attributes have the id 'town'"):
        Schema([TOWN, TOWN])
    for count in (0, 121):
        with pytest.raises(PolicyError, match="1 to 120 attributes that are not ignored"):
            Schema(Attribute(name=str(number)) for number in range(count))
    assert [one.bins for one in SCHEMA.attributes] == [3, 0, 3, 0, 0]


@pytest.mark.parametrize(
    ("attribute", "values"),
    [
        (AGE, [25, 34.9, np.float32(30), np.int64(25), Fraction(61, 2)]),
        (AGE, [35, 1e300, math.inf, 10**400]),
        (AGE, [-math.inf, 24.999, -(10**400), True]),
        (AGE, [None, math.nan]),
        (INCOME, [1500, 1999.99]),
        (INCOME, [math.inf]),
        (JOB, [3, 3.0]),
        (TOWN, [1, 1.0, True, np.float64(1)]),
        (TOWN, ["1"]),
        (TOWN, ["Ulm", np.str_("Ulm")]),
        (TOWN, [None, math.nan]),
        (TOWN, [math.inf]),
    ],
)
def test_values_that_are_the_same_have_one_bin(attribute: Attribute, values: list[Any]) -> None:
    """Whatever their type; a text is no number."""
    assert len({attribute.bin(value) for value in values}) == 1


def test_values_that_differ_have_bins_of_their_own() -> None:
    """Where an edge is, a bin begins; a missing value is one more."""
    told = [
        {attribute.bin(value) for value in values}
        for attribute, values in (
            (AGE, [24, 25, 35, None]),
            (INCOME, [-1, 0, 499, 500, math.inf, -math.inf, None]),
            (JOB, ["clerk", "nurse", 3, None]),
            (TOWN, ["Ulm", "ulm", "", "1", 1, None]),
        )
    ]
    assert [len(bins) for bins in told] == [4, 6, 4, 6]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"age": "30"}, "'age' must be a number"),
        ({"age": [30]}, "'age' must be a number"),
        ({"job": "spy"}, "'job' has a value that the schema does not know"),
        ({"town": ["Ulm"]}, "'town' must be a text or a number"),
        ({"debts": "none"}, "a row has attributes that the schema does not know"),
    ],
)
def test_a_row_that_is_not_as_it_should_be(change: dict[str, Any], message: str) -> None:
    """What is wrong is told, and never a value."""
    with pytest.raises(InputError, match=message) as told:
        SCHEMA.binned(ROW | change)
    assert not any(word in str(told.value) for word in ("30", "spy", "Ulm", "debts", "none"))


def test_rows_with_names_and_without() -> None:
    """A sequence has all attributes, in their order."""
    assert SCHEMA.binned(ROW) == SCHEMA.binned(list(ROW.values()))
    assert len(SCHEMA.binned(ROW)) == 4
    with pytest.raises(InputError, match="a row lacks id, town"):
        SCHEMA.binned({name: ROW[name] for name in ("age", "income", "job")})
    with pytest.raises(InputError, match="a row must have 5 values, not 2"):
        SCHEMA.binned([30, 1700])
    for row in ("Ulm", b"Ulm", 7, iter([1])):
        with pytest.raises(InputError, match="a row must be a mapping or a sequence"):
            SCHEMA.binned(row)


def test_a_schema_is_told_from_another() -> None:
    """By what is counted of it."""
    assert SCHEMA.form == Schema([AGE, INCOME, JOB, TOWN]).form
    assert SCHEMA.form != Schema([AGE, INCOME, TOWN, JOB]).form


@given(
    st.lists(st.floats(allow_nan=False), min_size=1, max_size=60).filter(
        lambda values: any(map(math.isfinite, values))
    ),
    st.integers(2, 9),
)
def test_quantiles_make_bins(values: list[float], bins: int) -> None:
    """They rise, there are not more than was asked for, and none is empty."""
    edges = quantiles(values, bins)
    one = Attribute(name="a", kind="numeric", edges=edges)
    told = {one.bin(value) for value in values if math.isfinite(value)}
    assert len(edges) < bins
    assert len(told) == (len(edges) + 1 if len(set(filter(math.isfinite, values))) > 1 else 1)


def test_quantiles_hold_equally_many() -> None:
    """Of a hundred different values an eighth each."""
    edges = quantiles(range(100))
    held = np.histogram(np.arange(100), [-math.inf, *edges, math.inf])[0]
    assert held.min() >= 12
    assert held.max() <= 13
    with pytest.raises(InputError, match="quantiles need values"):
        quantiles([math.nan])
