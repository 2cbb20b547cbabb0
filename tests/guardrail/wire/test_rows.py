"""Rows in no provider's form: each goes out as it came, whatever is read over them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest

from guardrail import Action, Guard, Rule
from guardrail.surface import Surface
from tests.guardrail.wire import clients, upstreams
from tests.guardrail.wire.exchanges import (
    LINES,
    MARK,
    OTHER,
    REFUSAL,
    SECRET,
    guard,
    streamed,
)
from tests.strategies import Pattern, Quoted

HALVES = (SECRET[:3], SECRET[3:])
# Glued to another word it is none.
ALONE = Pattern("(?<![a-z0-9])zq[0-9]{4}(?![a-z0-9])", 8)


def lines(held: Guard, rows: Iterable[Any]) -> list[Any]:
    raw = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
    return [json.loads(line) for line in streamed(held, OTHER, raw, headers=LINES).splitlines()]


def events(held: Guard, rows: Iterable[Any]) -> list[Any]:
    out = streamed(held, OTHER, upstreams.sse([*rows, "[DONE]"]))
    return [json.loads(data) for _, data in clients.frames(out) if data != "[DONE]"]


both = pytest.mark.parametrize("sent", [lines, events])


@both
def test_records_stay_records(sent: Any) -> None:
    """In order, with what belongs to each, however long a text is held."""
    rows: list[dict[str, Any]] = [
        {"number": 1, "name": "Ann"},
        {"number": 2, "name": "Bob", "more": ["<", None]},
        {"number": 3},
        {},
        {"number": 4, "name": "", "more": [">", True]},
    ]
    assert sent(Guard([Rule(ALONE, id="a")]), rows) == rows
    assert sent(guard(), rows)[:3] == [rows[0], rows[1] | {"more": [MARK, None]}, rows[2]]
    surface = Surface(fields=frozenset({"name"}))
    assert sent(guard(surface=surface), rows) == rows


@both
def test_the_list_of_a_row_is_read_as_lines(sent: Any) -> None:
    """Its strings, and those of one key in its objects, are redacted where they say something."""
    held = Guard([Rule(Pattern(r"one\s+two", 9), id="run")])
    rows = [
        {"x": ["so one", "two."]},
        {"x": [{"n": 1, "y": "one"}, {"n": 2, "y": "two"}]},
        {"z": 1},
    ]
    assert sent(held, rows) == [
        {"x": [f"so {MARK}", f"{MARK}."]},
        {"x": [{"n": 1, "y": MARK}, {"n": 2, "y": MARK}]},
        {"z": 1},
    ]


@both
def test_a_string_is_read_by_itself(sent: Any) -> None:
    """The end of one row and the beginning of the next hide nothing."""
    rows = [{"x": text} for text in ("so", SECRET, "it", SECRET, SECRET)]
    told = sent(Guard([Rule(ALONE, id="a")]), rows)
    assert [row["x"] for row in told] == ["so", MARK, "it", MARK, MARK]


@both
def test_strings_are_read_as_one(sent: Any) -> None:
    """What goes on over rows is redacted in all of them, and marked in the first."""
    told = sent(guard(), [{"x": text} for text in ("it is zq", "12", "34, so", " be it")])
    assert [row["x"] for row in told] == [f"it is {MARK}", "", ", so", " be it"]


@both
def test_strings_are_read_as_lines(sent: Any) -> None:
    """Lines of a document are words apart; what begins with a break begins with its row."""
    held = Guard([Rule(Pattern(r"one\s+two", 9), id="a"), Rule(Pattern(r"\sy+", 3), id="b")])
    told = sent(held, [{"x": text} for text in ("see one", "two", "x", "yy", "z")])
    assert [row["x"] for row in told] == [f"see {MARK}", "", "x", MARK, "z"]


@both
def test_a_refusal_ends_in_the_row_that_is_refused(sent: Any) -> None:
    """What stands before it is told as far as it has settled, and nothing after it."""
    held = Guard(
        [Rule(ALONE, id="a", action=Action.REFUSE), Rule(Quoted(), id="quoted")],
    )
    rows = [
        {"x": "well", "y": "<"},
        {"x": "so", "y": "held"},
        {"x": f"it is {SECRET} now", "y": "more"},
        {"x": "not", "y": ">"},
    ]
    assert sent(held, rows) == [
        {"x": "well", "y": ""},
        {"x": "so", "y": ""},
        {"x": f"it is {REFUSAL}", "y": ""},
    ]


@both
def test_numbers_and_names_may_be_refused(sent: Any) -> None:
    """The row is left out; the refusal stands in the next one with text, or the last, or alone."""
    held = Guard([Rule(Pattern("77", 2), id="a", action=Action.REFUSE), Rule(Quoted(), id="b")])
    bad: dict[str, Any] = {"n": 77}
    assert sent(held, [bad, {"x": "y"}]) == [{"detail": REFUSAL}]
    assert sent(held, [{"x": "y"}, bad]) == [{"x": "y"}, {"x": REFUSAL}]
    assert sent(held, [{"x": "yes"}, {"type": "77"}]) == [{"x": f"y{REFUSAL}"}]
    assert sent(held, [{"x": "<"}, bad, {"x": ">"}, {"x": "z"}])[-1]["x"] == REFUSAL
    assert sent(held, [{"x": "<"}, {"n": 77, "x": "y"}, {"x": "z"}]) == [
        {"x": "<"},
        {"x": f"z{REFUSAL}"},
    ]


def test_events_of_text_that_say_nothing_any_more_are_left_out() -> None:
    """Those that said nothing from the beginning go out."""
    raw = upstreams.sse(["it is zq", "12", "34", "", "now", "[DONE]"])
    told = [data for _, data in clients.frames(streamed(guard(), OTHER, raw))]
    assert told == [f"it is {MARK}", "", "now", "[DONE]"]


def test_what_waits_is_bounded() -> None:
    """A text that stays open holds the rows after it, but not without an end."""
    held = guard(surface=Surface(fields=frozenset({"x"})))
    told = lines(held, [{"x": "<"}, *({"x": "", "y": "a" * 1_000_000} for _ in range(17))])
    assert told == [{"x": REFUSAL}]
