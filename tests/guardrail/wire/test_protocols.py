"""Events and lines that are sent as text are read as what they are, and prose as prose."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail import Action, Guard, Rule
from tests.guardrail.wire import upstreams
from tests.guardrail.wire.exchanges import (
    LINES,
    MARK,
    OTHER,
    REFUSAL,
    SECRET,
    TEXT,
    exchange,
    fed,
    guard,
    streamed,
)
from tests.strategies import Pattern

PIECES = ["it is zq", "12", "34", ", so be it"]
SEEDS = range(6)


def told(raw: str, seed: int = 0, held: Guard | None = None) -> str:
    return streamed(held or guard(), OTHER, raw.encode(), seed, headers=TEXT).decode()


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("mark", ["", "\ufeff", "\n", ": here\n\n", "event: x\n", "id: 1\r\n"])
def test_events_as_text(mark: str, seed: int) -> None:
    """What they say goes on as in a stream of events; blank lines before them stay."""
    raw = mark.encode() + upstreams.sse(PIECES)
    out = streamed(guard(), OTHER, raw, seed, headers=TEXT)
    assert out.removeprefix(b"\n") == streamed(guard(), OTHER, raw)
    assert (out.count(MARK.encode()), out.endswith(b"data: , so be it\n\n")) == (1, True)


def test_the_last_of_events_as_text_may_have_no_end() -> None:
    """It is no event by the book, and text all the same."""
    assert told("data: so\n\ndata: it is zq1234") == f"data: so\n\ndata: it is {MARK}\n\n"
    assert told("data: it is zq1234") == f"data: it is {MARK}"
    assert told("data: " + "x" * 5000 + "\n\ndata: zq\n\ndata: 1234\n\n").count(MARK) == 1


@pytest.mark.parametrize("seed", SEEDS)
def test_lines_of_json_as_text(seed: int) -> None:
    """They are read as lines of JSON are, and text among them as text."""
    raw = "".join(json.dumps({"token": piece}) + "\n" for piece in PIECES)
    assert told(raw, seed) == streamed(guard(), OTHER, raw.encode(), headers=LINES).decode()
    mixed = f'{{"n": 1}}\nit is {SECRET}\n\n5\n["{SECRET}"]\n{{"n": 2}}'
    assert told(mixed, seed) == f'{{"n":1}}\nit is {MARK}\n5\n["{MARK}"]\n{{"n":2}}\n'


@pytest.mark.parametrize("seed", SEEDS)
def test_tagged_lines_of_json(seed: int) -> None:
    """The strings of a tag go on; other tags, and lines of text, stand between them."""
    lines = ['f:{"messageId":"m-1"}', *(f"0:{json.dumps(piece)}" for piece in PIECES)]
    lines[3:3] = ['2:[{"n":1}]', f"well {SECRET}", '{"x":1,"y":2}', '{"x":"y"}', "0:[", "[1]"]
    out = told("\n".join(lines) + '\nd:{"finishReason":"stop"}\n', seed).splitlines()
    assert out[:3] == ['f:{"messageId":"m-1"}', f'0:"it is {MARK}"', '0:""']
    assert out[3:7] == ['2:[{"n":1}]', f"well {MARK}", '{"x":1,"y":2}', '{"x":"y"}']
    assert out[7:] == ["0:[", "[1]", '0:""', '0:", so be it"', 'd:{"finishReason":"stop"}']


def test_a_refusal_of_tagged_lines_is_one() -> None:
    """In the line that is refused, or alone."""
    held = guard(Action.REFUSE)
    out = told(f'0:"so "\n0:"{SECRET}"\n0:"x"\n', held=held)
    assert out == f'0:"so "\n0:{json.dumps(REFUSAL)}\n'
    numbers = Guard([Rule(Pattern("77", 2), id="n", action=Action.REFUSE)])
    assert told("0:[77]\n", held=numbers) == f"0:{json.dumps(REFUSAL)}\n"


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("data: see here\n\nIt has\nlines.\n", "data: see here\n\ndata: It has\ndata: lines.\n\n"),
        ("id: 5\ndata: hello\n\nMore.", "data: hello\n\ndata: More.\n\n"),
        (" data: so\n\ndata\nid", "data:  data: so\n\ndata: data\ndata: id\n\n"),
        ("data: a\n\ndata: b\nmore\n\n", "data: a\n\ndata: b\ndata: more\n\n"),
    ],
)
@pytest.mark.parametrize("seed", SEEDS)
def test_text_among_events_is_not_lost(raw: str, shown: str, seed: int) -> None:
    """Where a text turns out to be no events after the first of them, its lines are data."""
    assert told(raw, seed) == shown
    assert told(f"{raw}\nit is {SECRET}", seed).endswith(f"data: it is {MARK}\n\n")
    split = f"data: it is {SECRET[:3]}\n\n{SECRET[3:]} and"
    assert told(split, seed) == f"data: it is {MARK}\n\ndata:  and\n\n"


lines = st.sampled_from(
    ["data: so", "event: x", "id: 1", ": x", "", "well, then", f"a {SECRET}", "e", "y" * 3000]
)


@pytest.mark.parametrize("blank", [" " * 2048 + "\n", "\n" * 66, "\r\n" * 66, " " * 65, "\ufeff\n"])
@pytest.mark.parametrize("seed", SEEDS)
def test_blanks_before_a_text_decide_nothing(blank: str, seed: int) -> None:
    """However many there are; they go out as they come."""
    for raw in ("data: zq\n\n1234", '0:"zq"\n0:"1234"', '{"t":"zq"}\n{"t":"1234"}', SECRET):
        answer = exchange(guard(), OTHER).answer(200, TEXT)
        assert len(fed(answer, blank.encode(), seed).decode()) >= len(blank) - 64
        out = fed(answer, raw.encode(), seed) + answer.close()
        assert (out.count(MARK.encode()), told(blank + raw)) == (1, told(blank + raw, seed))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    "raw",
    [
        "data: it is zq\ndata: 1234\n",
        "event: t\ndata: it is zq\nevent: t\ndata: 1234",
        'data: {"t":"zq"}\ndata: {"t":"1234"}\n',
        'event: t\ndata: {"t":"zq"}\r\nevent: t\ndata: {"t":"1234"}\n\ndata: so\n\n',
        "data: hi\nnote\n\ndata: zq\n\ndata: 1234\n\n",
        ": hi\nnote\n\ndata: zq\n\ndata: 1234\n\n",
        "data: " + "x" * 4200 + "\nnote\n\ndata: zq\n\ndata: 1234\n\n",
    ],
    ids=lambda raw: raw[:20],
)
def test_events_that_are_not_well_formed(raw: str, seed: int) -> None:
    """Without blank lines, or with text in the first of them, they are events all the same."""
    held = Guard([Rule(Pattern("zq\\s*1234", 8), id="a")])
    assert told(raw, seed, held) == told(raw, held=held)
    assert told(raw, seed, held).count(MARK) == 1


@pytest.mark.parametrize("seed", SEEDS)
def test_objects_without_blank_lines_between_them_are_events(seed: int) -> None:
    """Each has the last name that stands before it; what goes on over lines is one of them."""
    raw = 'event: a\ndata: {"n":1}\ndata: {\ndata: "n":2}\nevent: b\ndata: {"n":3}\n\ndata: so\n'
    shown = 'event: a\ndata: {"n":1}\n\nevent: b\ndata: {"n":2}\n\nevent: b\ndata: {"n":3}\n\n'
    assert told(raw, seed) == f"{shown}data: so\n\n"
    assert told('data: [{"n":1},\ndata: {"n":2}]\n', seed) == 'data: [{"n":1},{"n":2}]\n\n'


@given(
    st.sampled_from(["", " " * 70, "\n" * 70, " \ufeff"]),
    st.lists(lines, min_size=1, max_size=8),
    st.sampled_from(["\n", "\r\n"]),
)
def test_however_events_and_text_are_mixed_nothing_is_lost(
    blank: str, said: list[str], end: str
) -> None:
    """And however they are cut."""
    raw = blank + "".join(f"{line}{end}" for line in said)
    out = told(raw)
    assert all(told(raw, seed) == out for seed in SEEDS)
    for word, shown in (("data: so", "so"), ("well, then", "well, then"), (f"a {SECRET}", MARK)):
        assert out.count(shown) == said.count(word)


@pytest.mark.parametrize(
    "prose",
    [
        "data: here it is\nname: more\n\n- end",
        "data:\n  - a\n\n  - b\n",
        ":root {\n  color: red\n}\n\nbody {}\n",
        ": said\n\n\nnothing: x",
        "event: the party\n",
        "event: the party\n\nBring friends, drinks and food.\n",
        "id",
        "",
        "  \n ",
        " " * 100 + "x",
        '{\n  "x": 1\n}\n',
        "{",
        "{name} is here\n\nx",
        "9:30 we meet\n\nx",
        "a: b\n\nx",
        "data we have\n\nx",
    ],
)
def test_prose_stays_as_it_is(prose: str) -> None:
    """However it begins, and whatever charset it is in."""
    for seed in SEEDS:
        assert told(prose, seed) == prose
        assert told(f"{prose} {SECRET}", seed) == f"{prose} {MARK}"
    headers = (("content-type", "text/plain; charset=utf-16"),)
    out = streamed(guard(), OTHER, prose.encode("utf-16"), headers=headers)
    assert out.decode("utf-16") == prose


def test_other_charsets_have_events_too() -> None:
    """They go out in the charset that they came in."""
    headers = (("content-type", "text/plain; charset=iso-8859-1"),)
    raw = f'data: {{"x": "für {SECRET}"}}\n\n'.encode("latin-1")
    out = streamed(guard(), OTHER, raw, headers=headers)
    assert out.decode("latin-1") == f'data: {{"x":"für {MARK}"}}\n\n'


def test_prose_waits_for_nothing() -> None:
    """A few letters tell that it is none of these; what breaks off shows nothing that was held."""
    held = Guard([Rule(Pattern("zq", 1), id="a")])
    for prose in ("Well, it", "idea it", "9 of it", "{it"):
        answer = exchange(held, OTHER).answer(200, TEXT)
        assert answer.feed(prose.encode()).decode() == prose[:-1]
    answer = exchange(held, OTHER).answer(200, TEXT)
    assert (answer.feed(b"data: it"), answer.fail()) == (b"", b"")
