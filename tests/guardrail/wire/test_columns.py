"""What a JSON answer says downward: in lists of objects, in tables, and under ids."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from detectors.verbatim import Verbatim
from guardrail import Action, Guard, Rule
from guardrail.corpus import CorpusIndex, Key
from tests.guardrail.wire import upstreams
from tests.guardrail.wire.clients import frames
from tests.guardrail.wire.exchanges import (
    CHAT,
    LINES,
    MARK,
    OTHER,
    streamed,
    whole,
)
from tests.strategies import Pattern

Shape = Callable[[Sequence[str]], Any]

SHAPES: dict[str, Shape] = {
    "objects": lambda texts: [{"n": n, "text": text} for n, text in enumerate(texts)],
    "lists": lambda texts: [[f"row {n}", text, "."] for n, text in enumerate(texts)],
    "a table": lambda texts: {
        "columns": ["n", "text"],
        "rows": [[n, text, "."] for n, text in enumerate(texts)],
    },
    "rows of cells": lambda texts: {"rows": [{"cells": ["-", text]} for text in texts]},
    "cells that are objects": lambda texts: [{"c": [{"v": "-"}, {"v": text}]} for text in texts],
    "cells that are lists": lambda texts: [[["-"], [text]] for text in texts],
    "tables in a list": lambda texts: {
        "pages": [{"rows": [["-", text] for text in some]} for some in (texts[:1], texts[1:])]
    },
    "tables whose last cells are left out": lambda texts: {
        "pages": [{"rows": [[text, "-"] if n % 2 else [text] for n, text in enumerate(texts)]}]
    },
    "lists of such tables": lambda texts: [
        [["-"], ["-"]],
        [[text] if n % 2 else [text, "-", "-"] for n, text in enumerate(texts)],
    ],
    "objects by id": lambda texts: {
        f"{chr(97 + n)}-id": {"n": 1, "text": text} for n, text in enumerate(texts)
    },
    "objects by id beside a number": lambda texts: {
        **{f"{chr(97 + n)}-id": {"n": 1, "text": text} for n, text in enumerate(texts)},
        "total": 3,
    },
    "objects by id beside nothing": lambda texts: {
        "meta": {"page": 1},
        "by": {"next": None, **{chr(97 + n): {"n": n, "text": t} for n, t in enumerate(texts)}},
        "ok": True,
    },
    "rows by id beside a text": lambda texts: {
        "so": "-",
        **{chr(97 + n): ["-", text] for n, text in enumerate(texts)},
    },
    "objects by id that hold others": lambda texts: {
        chr(97 + n): {"text": text, "to": {"text": "-"}, "by": {"text": "-"}}
        for n, text in enumerate(texts)
    },
    "objects by id in others": lambda texts: {
        chr(97 + n): {"n": n, "to": {"text": text}, "by": {"text": "-"}}
        for n, text in enumerate(texts)
    },
    "rows by id": lambda texts: {"by": {chr(97 + n): ["-", text] for n, text in enumerate(texts)}},
    "objects by number": lambda texts: {
        "total": 3,
        **{f"r{n}": {"text": text, "more": "-"} for n, text in enumerate(texts)},
    },
    "texts by number": lambda texts: {"so": "-", **{str(n): text for n, text in enumerate(texts)}},
    "lists of what is under ids": lambda texts: [{"a": {"x": "-"}, "b": {"x": t}} for t in texts],
}
shapes = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)

SAID = ("so one", "two", "three.")
TOLD = (f"so {MARK}", MARK, f"{MARK}.")


def runs(action: Action = Action.REDACT) -> Guard:
    return Guard([Rule(Pattern(r"one\s+two\s+three", 15), id="run", action=action)])


def called(value: Any) -> Any:
    """An answer that calls a tool with these arguments."""
    function = {"name": "f", "arguments": json.dumps(value)}
    calls = [{"id": "call_1", "type": "function", "function": function}]
    return {"choices": [{"index": 0, "message": {"role": "assistant", "tool_calls": calls}}]}


@shapes
def test_what_stands_below_each_other_is_read_as_lines(shape: Shape) -> None:
    """Whatever stands between, in an answer and in what a tool is called with."""
    expected = shape(SAID), shape(TOLD)
    for given, told in (expected, [{"in": value} for value in expected]):
        assert json.loads(whole(runs(), OTHER, given)[2]) == told
        (choice,) = json.loads(whole(runs(), CHAT, called(given))[2])["choices"]
        (call,) = choice["message"]["tool_calls"]
        assert json.loads(call["function"]["arguments"]) == told
    assert whole(runs(Action.REFUSE), OTHER, shape(SAID))[0] == 403


@shapes
def test_so_it_is_in_one_event(shape: Shape) -> None:
    """A line of JSON, or a server-sent event."""
    rows = {"in": shape(SAID)}, {"n": 1}
    expected = {"in": shape(TOLD)}, {"n": 1}
    raw = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
    lines = streamed(runs(), OTHER, raw, headers=LINES).splitlines()
    assert tuple(json.loads(line) for line in lines) == expected
    out = streamed(runs(), OTHER, upstreams.sse(rows))
    assert tuple(json.loads(data) for _, data in frames(out)) == expected


@shapes
def test_a_passage_in_a_column_is_found(shape: Shape, tmp_path: Path) -> None:
    """Dealt out over rows, none of which says enough of it alone."""
    passage = "the patient was admitted on the third of may with a fever that would not go down"
    words = passage.split()
    dealt = [" ".join(words[place : place + 3]) for place in range(0, len(words), 3)]
    CorpusIndex.build([("a", passage)], tmp_path / "index", key=Key(b"k" * 16)).close()
    (tmp_path / "key").write_bytes(b"k" * 16)
    found = Verbatim(index=tmp_path / "index", key_file=tmp_path / "key")
    told = whole(Guard([Rule(found, id="verbatim")]), OTHER, shape(dealt))[2].decode()
    assert not [piece for piece in dealt if piece in told]


def test_what_is_apart_stays_apart() -> None:
    """Texts of other keys, of other cells, and of other ids that say other things."""
    for value in (
        [{"a": "one", "b": "two", "c": "three"}],
        {"a": "one", "b": {"c": "two"}, "d": {"e": "three"}},
        [["one", "-"], ["-", "two"], ["three", "-"]],
        {"a": {"x": "one"}, "b": {"y": "two"}, "c": {"z": "three"}},
    ):
        assert json.loads(whole(runs(), OTHER, value)[2]) == value


def test_cells_far_to_the_right_are_one_column() -> None:
    """However wide a table is, its texts are read in so many columns."""
    for width, told in ((9, SAID), (64, TOLD)):
        table = [["-"] * width + [n] * n + [text] for n, text in enumerate(SAID)]
        assert [row[-1] for row in json.loads(whole(runs(), OTHER, table)[2])] == [*told]


SPLIT = ("so one tw", "o thr", "ee.")
ENDED = (f"so {MARK}", MARK, f"{MARK}.")


@shapes
def test_what_goes_on_within_a_word_is_read_so(shape: Shape) -> None:
    """A list of the pieces of an answer, as some APIs give that do not stream."""
    assert json.loads(whole(runs(), OTHER, shape(SPLIT))[2]) == shape(ENDED)
    raw = json.dumps(shape(SPLIT)).encode()
    assert json.loads(streamed(runs(), OTHER, raw + b"\n", headers=LINES)) == shape(ENDED)
    (choice,) = json.loads(whole(runs(), CHAT, called(shape(SPLIT)))[2])["choices"]
    (call,) = choice["message"]["tool_calls"]
    assert json.loads(call["function"]["arguments"]) == shape(ENDED)


def test_pieces_alone_in_a_list_go_on() -> None:
    """Nothing stands between them, and no break either."""
    assert json.loads(whole(runs(), OTHER, [*SPLIT])[2]) == [*ENDED]
    assert json.loads(whole(runs(), OTHER, {"a": [*SPLIT]})[2]) == {"a": [*ENDED]}


def test_numbers_do_not_go_on() -> None:
    """Those of rows are numbers of their own; only letters make another word."""
    held = Guard([Rule(Pattern("1234", 4), id="digits")])
    rows = [{"n": 1, "id": "12"}, {"n": 2, "id": "34"}]
    assert json.loads(whole(held, OTHER, rows)[2]) == rows


def test_what_stands_deep_takes_no_more_memory() -> None:
    """As many fields are as dear within a hundred objects as within one."""
    fields = {f"k{n:x}": "a" for n in range(8_000)}
    deep: Any = fields
    for _ in range(150):
        deep = {"a": deep}
    shallow = [{"a": fields}]
    _held(shallow)
    assert _held([deep]) < 1.5 * _held(shallow)


def _held(value: Any) -> int:
    tracemalloc.start()
    whole(runs(), OTHER, value)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most
