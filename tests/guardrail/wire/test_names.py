"""The names of one object, told apart."""

from __future__ import annotations

from guardrail.wire.names import Names


def test_no_name_takes_the_place_of_another() -> None:
    """Neither of what was told before nor of what is given as it is."""
    names = Names({"a": 1, "b": 2, "x_1": 3, "x": 4, "c": 5})
    given = [("a", "x"), ("b", "x"), ("x_1", "x_1"), ("x", "x"), ("c", "c")]
    assert [names.add(key, told) for key, told in given] == ["x_", "x_2", "x_1", "x", "c"]
    anew = Names()
    assert [anew.add(key, key) for key in ("a", "a", "a_", "a")] == ["a", "a_", "a__", "a_2"]
