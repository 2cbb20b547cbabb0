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
    SSE,
    exchange,
    guard,
    streamed,
)
from tests.strategies import Pattern, Quoted

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


RUN = "one two three four five six seven eight nine ten eleven twelve"
WORDS = RUN.split()
PAIRS = [" ".join(WORDS[place : place + 2]) for place in range(0, 12, 2)]


def running(**settings: Any) -> Guard:
    return Guard([Rule(Pattern(RUN.replace(" ", r"\s+"), 64), id="run")], **settings)


@both
@pytest.mark.parametrize("field", ["status", "type", "id", "role"])
def test_what_an_event_is_may_be_a_text(sent: Any, field: str) -> None:
    """Of more than a word it is one, and it goes on from one event to the next."""
    told = sent(running(), [{field: pair} for pair in PAIRS])
    assert [row[field] for row in told] == [MARK, "", "", "", "", ""]


@both
def test_labels_of_many_words_are_a_text(sent: Any) -> None:
    """A few are none; what they said before is read with what comes after them."""
    told = sent(running(), [{"at": {"status": word}} for word in WORDS])
    assert [row["at"]["status"] for row in told] == [*WORDS[:8], "", "", "", ""]
    glued = [{"status": f"{one}-{two}"} for one, two in map(str.split, PAIRS)]
    kept = Guard([Rule(Pattern(RUN.replace(" ", r"[\s-]"), 64), id="run")])
    assert [row["status"] for row in sent(kept, glued)][4:] == ["", ""]
    many = [{"status": "-" * length} for length in range(1, 100)]
    assert sent(running(), many) == many


@both
def test_values_of_numbered_keys_go_on(sent: Any) -> None:
    """Keys that differ in a number are one place, and several in one object one each."""
    told = sent(running(), [{f"part{number}": pair} for number, pair in enumerate(PAIRS)])
    assert [[*row.values()] for row in told] == [[MARK], [""], [""], [""], [""], [""]]
    assert [[*row] for row in told][5] == ["part5"]
    rows = [{"text1": pair, "text2": "else"} for pair in PAIRS]
    assert [row["text1"] for row in sent(running(), rows)][:2] == [MARK, ""]


@both
def test_keys_go_on(sent: Any) -> None:
    """Those of more than a word are read as texts, and stay apart when they are redacted."""
    told = sent(running(), [{pair: 1, "x": {"y z": 2}} for pair in PAIRS])
    assert [[*row] for row in told] == [[MARK, "x"], *([["", "x"]] * 5)]
    rows = [{"": 1, "it is zq": 2}, {"1234 is": 3, "": 4, " is": 5}]
    assert sent(guard(), rows) == [{"": 1, f"it is {MARK}": 2}, {" is_": 3, "": 4, " is": 5}]


@both
def test_a_refusal_stands_in_no_key(sent: Any) -> None:
    """Where keys say what is refused, it stands in a text, or alone."""
    held = Guard([Rule(Pattern(RUN.replace(" ", r"\s+"), 64), id="run", action=Action.REFUSE)])
    keys = [{pair: 1} for pair in PAIRS]
    assert sent(held, keys) == [{"detail": REFUSAL}]
    assert sent(held, [{"so it is": "x"}, *keys])[-1] == {"so it is": REFUSAL}
    assert sent(held, [*keys, {"x": "y"}]) == [{"x": REFUSAL}]


def test_names_of_events_go_on() -> None:
    """They are read as a text where they are more than labels, beside JSON and beside text."""
    for data in ("1", '{"x": 1}', "well"):
        raw = "".join(f"event: {pair}\ndata: {data}\n\n" for pair in PAIRS).encode()
        told = clients.frames(streamed(running(), OTHER, raw))
        assert [name or "" for name, _ in told] == [MARK, "", "", "", "", ""]
        assert len({said for _, said in told}) == 1
    held = Guard([Rule(Pattern(RUN.replace(" ", r"\s+"), 64), id="run", action=Action.REFUSE)])
    raw = "".join(f"event: {pair}\ndata: so\n\n" for pair in PAIRS).encode()
    assert clients.frames(streamed(held, OTHER, raw))[-1][1].endswith(REFUSAL)


def test_labels_hold_nothing_back() -> None:
    """Ids, models and the few names of an application's events go out with each event."""
    answer = exchange(running(), OTHER, streams=True).answer(200, SSE)
    for number in range(40):
        kind = ("start", "delta")[number % 2]
        body = {"id": f"run-step-{number}", "type": kind, "model": "m-4", "n": number}
        raw = f"event: on_chat_{kind}\ndata: {json.dumps(body)}\n\n".encode()
        ((name, data),) = clients.frames(answer.feed(raw))
        assert (name, json.loads(data)) == (f"on_chat_{kind}", body)


def test_what_waits_is_bounded() -> None:
    """A text that stays open holds the rows after it, but not without an end."""
    held = guard(surface=Surface(fields=frozenset({"x"})))
    told = lines(held, [{"x": "<"}, *({"x": "", "y": "a" * 1_000_000} for _ in range(17))])
    assert told == [{"x": REFUSAL}]
