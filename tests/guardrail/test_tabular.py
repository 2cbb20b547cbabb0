"""A model that scores rows, guarded: bands or labels, and nothing new for nearly the same row."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from guardrail import Action, Context, Event, Guard, Identity
from guardrail.errors import InputError, PolicyError, RefusedError
from guardrail.rows import Rows
from guardrail.session.history import History
from guardrail.session.limits import Limit, Limits
from guardrail.session.memory import MemoryStore
from guardrail.session.nudging import Nudge
from guardrail.session.schema import Attribute, Schema
from guardrail.tabular import Scored, Tabular
from tests.guardrail.session.asking import HEAD, Clock
from tests.readers import REFUSAL

NAMES = ("age", "income", "debts", "job", "town")
SCHEMA = Schema(Attribute(name=name, kind="numeric", width=10) for name in NAMES)
ALICE, BOB = (Context(identity=Identity(name)) for name in ("alice", "bob"))
ROW = [31.0, 52.0, 3.0, 14.0, 25.0]


class Model:
    """Says `yes` the surer, the larger the sum of a row is; keeps what it was asked."""

    classes_ = np.array(["no", "yes"])

    def __init__(self) -> None:
        self.asked: list[Any] = []

    def predict_proba(self, rows: Any) -> NDArray[np.float64]:
        self.asked.append(rows)
        yes = 1 / (1 + np.exp(-(np.asarray(rows, dtype=float).sum(axis=1) - 120) / 20))
        return np.stack([1 - yes, yes], axis=1)


def guard(
    *nudging: Nudge,
    scores: Literal["label", "bands"] = "bands",
    schema: Schema = SCHEMA,
    limits: Sequence[Limit] = (),
    clock: Clock | None = None,
    **settings: Any,
) -> Guard:
    history = History(MemoryStore(clock=clock or Clock()), secret=b"k" * 32)
    rows = Rows(schema, history, nudging=nudging or [Nudge(values=4)], scores=scores)
    return Guard(rows=rows, limits=Limits(limits, history) if limits else None, **settings)


def moved(place: int, by: float) -> list[float]:
    return [value + by * (number == place) for number, value in enumerate(ROW)]


@pytest.mark.parametrize(
    ("scores", "told"),
    [("bands", [["medium", "medium"], ["low", "high"]]), ("label", ["yes", "yes"])],
)
def test_answers_come_in_the_form_of_the_rows(scores: Any, told: list[Any]) -> None:
    """Arrays, lists of rows, and one mapping."""
    rows = [ROW, moved(1, 100)]
    tabular = Tabular(Model(), guard=guard(scores=scores))
    array = tabular.predict_proba(np.array(rows), ALICE)
    assert isinstance(array, np.ndarray)
    assert array.tolist() == told
    assert tabular.predict_proba(rows, BOB) == told
    assert tabular.predict_proba(tuple(map(tuple, rows))) == told
    plain = Tabular(lambda asked: [sum(row.values()) / 250 for row in asked], guard=guard())
    named = [dict(zip(NAMES, row, strict=True)) for row in rows]
    assert plain.predict_proba(named) == ["medium", "high"]
    assert plain.predict_proba(named[1]) == "high"


def test_classes_have_names_or_places() -> None:
    """Those of the model, or as they are given."""
    model = Model().predict_proba
    assert Tabular(model, guard=guard(scores="label")).predict_proba([ROW]) == [1]
    named = Tabular(model, guard=guard(scores="label"), classes=("good", "bad"))
    assert named.predict_proba([ROW]) == ["bad"]


def test_no_rows_are_no_question() -> None:
    """The model is not asked, whoever only observes."""
    for mode in ("enforce", "observe"):
        model = Model()
        tabular = Tabular(model.predict_proba, guard=guard(mode=mode))
        assert len(tabular.predict_proba([])) == 0
        assert model.asked == []


@given(st.lists(st.floats(0, 9.99), min_size=1, max_size=8))
def test_a_change_that_does_not_matter_has_no_new_answer(values: list[float]) -> None:
    """Whoever asks for a row with the same bins gets the answer of before, unasked."""
    model = Model()
    tabular = Tabular(model, guard=guard())
    told = [tabular.predict_proba([[30 + value, 50, 0, 10, 20]], ALICE) for value in values]
    assert all(one == told[0] for one in told)
    assert len(model.asked) == 1


def test_somebody_else_has_their_own_answer() -> None:
    """And another model another."""
    model, held = Model(), guard()
    edge = [[35.5, 50, 0, 19, 25]]
    other = [[39.9, 59, 9, 19, 29]]
    assert Tabular(model, guard=held).predict_proba(edge, ALICE) == [["medium", "medium"]]
    assert Tabular(model, guard=held).predict_proba(other, ALICE) == [["medium", "medium"]]
    assert Tabular(model, guard=held).predict_proba(other, BOB) == [["low", "high"]]
    assert Tabular(model, guard=held, name="b").predict_proba(other, ALICE) == [["low", "high"]]


def test_of_a_batch_only_new_rows_are_asked() -> None:
    """Each once, and the answers stand in the order of the rows."""
    model = Model()
    tabular = Tabular(model, guard=guard())
    first, last = ROW, moved(1, 300)
    one = tabular.predict_proba([last], ALICE)[0]
    told = tabular.predict_proba([first, last, moved(0, 0.5), last], ALICE)
    assert told == [told[0], one, told[0], one]
    assert told[0] != one
    assert model.asked == [[last], [first, moved(0, 0.5)]]


def test_nudging_is_stopped() -> None:
    """With the action and the wait of the rule; what was told before is told again."""
    events: list[Event] = []
    model, held = (
        Model(),
        guard(Nudge(id="guess", values=4, action="refuse"), on_event=events.append),
    )
    tabular = Tabular(model, guard=held)
    told = [tabular.score([moved(0, 10 * number)], ALICE) for number in range(4)]
    assert [tabular.stops(one) for one in told] == [False] * 3 + [True]
    assert len(model.asked) == 3
    stopped = told[3].admission
    assert (told[3].answers, stopped.action, stopped.retry_after) == (None, Action.REFUSE, 3600.0)
    assert stopped.verdict.text == REFUSAL
    (finding,) = stopped.verdict.findings
    assert (finding.kind, finding.rule, finding.on) == ("probing.nudging", "guess", "prompt")
    assert "prompt rule guess (refuse): 1 finding" in held.explain(stopped.verdict)
    assert [event.action for event in events if event.findings] == [Action.REFUSE]
    with pytest.raises(RefusedError, match="can't share"):
        tabular.predict_proba([moved(3, 500)], ALICE)
    assert tabular.predict_proba([moved(0, 10)], ALICE) == told[1].answers
    assert tabular.predict_proba([moved(0, 30)], BOB)
    assert "31" not in repr(told)


def test_in_a_batch_too() -> None:
    """One row that is too much stops all of it, and the model is not asked."""
    model = Model()
    rows = [moved(0, 10 * number) for number in range(4)]
    scored = Tabular(model, guard=guard()).score(rows, ALICE)
    assert (scored.admission.action, scored.answers, model.asked) == (Action.THROTTLE, None, [])


def test_each_row_counts_as_a_query() -> None:
    """Of an admission the first row is counted already."""
    rows = [moved(1, 100 * number) for number in range(3)]
    for given_first in (False, True):
        held = guard(limits=[Limit(id="few", queries="3/hour", burst=3)])
        tabular = Tabular(Model(), guard=held)
        given = held.admit(ALICE) if given_first else ALICE
        assert tabular.predict_proba(rows, given)
        stopped = tabular.score(rows[:1], ALICE)
        assert stopped.admission.action is Action.THROTTLE
        assert tabular.score(rows[:1], stopped.admission).answers is None
        assert tabular.score(rows, BOB).answers


@pytest.mark.parametrize("given_first", [False, True])
def test_rows_that_are_stopped_count_for_none(given_first: bool) -> None:
    """All go at once or none, and who comes back when they are told is answered."""
    clock = Clock()
    held = guard(Nudge(values=9), limits=[Limit(queries="60/minute", burst=5)], clock=clock)
    tabular = Tabular(Model(), guard=held)
    rows = [moved(1, 100 * number) for number in range(4)]

    def score() -> Scored:
        return tabular.score(rows, held.admit(ALICE) if given_first else ALICE)

    assert score().answers
    stopped = score().admission
    assert stopped.action is Action.THROTTLE
    if not given_first:
        # What was left of five is still there.
        assert tabular.score(rows[:1], ALICE).answers
        stopped = score().admission
    assert stopped.retry_after is not None
    clock.move(int(stopped.retry_after * 1_000_000))
    assert score().answers


def test_more_rows_than_a_limit_ever_lets_through_are_an_error() -> None:
    """Which is said at once, and takes nothing; who only observes goes on."""
    rows = [moved(1, 100 * number) for number in range(4)]
    limits = [
        Limit(id="few", queries="60/minute", burst=3),
        Limit(id="words", tokens="60/minute", burst=5),
        Limit(id="hits", hits="2/minute"),
        Limit(id="other", queries="1/minute", models=("other",)),
    ]
    tabular = Tabular(Model(), guard=guard(limits=limits))
    alice = replace(ALICE, model="scores")
    with pytest.raises(InputError, match="at most 3 rows go at once, not 4"):
        tabular.score(rows, alice)
    assert tabular.score(rows[:3], alice).answers
    observing = Tabular(Model(), guard=guard(limits=limits, mode="observe"))
    assert observing.score(rows, alice).answers is not None


def test_a_request_counts_for_one_query_at_least() -> None:
    """Nobody gets any back."""
    with pytest.raises(ValueError, match="at least one"):
        replace(ALICE, queries=0)


def test_who_only_observes_changes_nothing() -> None:
    """The model's own answer is returned, and what would have been stopped is told."""
    events: list[Event] = []
    model = Model()
    tabular = Tabular(model, guard=guard(mode="observe", on_event=events.append))
    for number in range(5):
        rows = [moved(0, 10 * number)]
        assert np.array_equal(tabular.predict_proba(rows, ALICE), model.predict_proba(rows))
    named = Tabular(lambda _: [0.123], guard=guard(mode="observe"))
    assert named.predict_proba(dict(zip(NAMES, ROW, strict=True))) == 0.123
    assert Action.THROTTLE in [event.action for event in events]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (np.array(ROW), "an array of rows must have two dimensions"),
        ("rows", "rows must be an array of numpy, a list, or one mapping"),
        (7, "rows must be an array of numpy, a list, or one mapping"),
        ([ROW[:4]], "a row must have 5 values, not 4"),
        ([["31", *ROW[1:]]], "attribute 'age' must be a number"),
        ({"age": 31}, "a row lacks debts, income, job, town"),
        ([ROW] * 1001, "at most 1000 rows go at once, not 1001"),
    ],
)
def test_rows_that_cannot_be_read(rows: Any, message: str) -> None:
    """The model is not asked."""
    model = Model()
    with pytest.raises(InputError, match=message):
        Tabular(model, guard=guard()).score(rows, ALICE)
    assert model.asked == []


@pytest.mark.parametrize(
    "answer", [["yes"], [0.1, 0.2], [[[0.1]]], 0.5, [{"yes": 0.5}], None, [[0.1], [0.1, 0.2]]]
)
def test_an_answer_that_is_no_score_is_not_given(answer: Any) -> None:
    """Whatever it is, it could be anything."""
    tabular = Tabular(lambda _: answer, guard=guard())
    with pytest.raises(RefusedError, match="the model"):
        tabular.score([ROW], ALICE)


@pytest.mark.parametrize("answer", [[[None, 0.9]], [[float("nan"), 0.9]]])
def test_what_is_no_number_says_nothing(answer: Any) -> None:
    """A score that is missing has no band."""
    assert Tabular(lambda _: answer, guard=guard()).predict_proba([ROW]) == [[None, "high"]]


def test_what_a_model_raises_is_raised() -> None:
    """It is not ours, and nothing is told."""
    tabular = Tabular(lambda _: 1 / 0, guard=guard())
    with pytest.raises(ZeroDivisionError):
        tabular.score([ROW], ALICE)


def test_what_fails_within_is_a_refusal() -> None:
    """A row that cannot be compared with others is not answered."""
    held = guard()
    admission = held.see([("too", "short")], ALICE)
    assert admission.action is Action.REFUSE
    assert admission.verdict.errors == ("nudging: ValueError",)
    assert Guard().see([("a", "b")], ALICE).action is Action.ALLOW


def test_a_guard_of_rows_has_them() -> None:
    """And a model can be asked."""
    with pytest.raises(PolicyError, match="a guard of rows needs them"):
        Tabular(Model(), guard=Guard())
    with pytest.raises(PolicyError, match="has predict_proba, or is called itself"):
        Tabular(7, guard=guard())
    with pytest.raises(PolicyError, match="scores of 'score' are 'all'; known: label, bands"):
        guard(scores="all")  # type: ignore[arg-type]
    with pytest.raises(PolicyError, match="tabular: per: 'soon' is no time"):
        Rows(SCHEMA, History(MemoryStore(), secret=b""), per="soon")


async def test_from_an_event_loop() -> None:
    """The same, in a thread."""
    tabular = Tabular(Model(), guard=guard())
    assert (await tabular.ascore([ROW], ALICE)).answers == [["medium", "medium"]]


POLICY = """
[tabular]
scores = "label"
[[tabular.attribute]]
name = "age"
kind = "numeric"
edges = [25, 35.5]
[[tabular.attribute]]
name = "job"
values = ["clerk", 3]
[[tabular.attribute]]
name = "town"
[[tabular.attribute]]
name = "debts"
kind = "numeric"
width = 10
[[tabular.nudging]]
id = "guess"
values = 3
"""


@pytest.mark.parametrize("limits", ["", '[limits]\n[[limits.rule]]\nqueries = "99/minute"\n'])
def test_a_policy_has_rows(tmp_path: Path, limits: str) -> None:
    """And a guard that is loaded anew knows who was stopped."""
    path = tmp_path / "policy.toml"
    path.write_text(HEAD + limits + POLICY)
    with Guard.from_policy(path) as held:
        tabular = Tabular(lambda rows: [[0.1, 0.9]] * len(rows), guard=held)
        rows = [[30, "clerk", f"town {number}", 7] for number in range(4)]
        assert tabular.predict_proba(rows[:1], ALICE) == [1]
        held.reload()
        assert tabular.predict_proba(rows[1:2], ALICE) == [1]
        held.reload()
        stopped = tabular.score(rows[2:3], ALICE).admission
        assert [one.rule for one in stopped.verdict.findings] == ["guess"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("edges", "edge", "no key 'tabular.attribute.0.edge'; known: edges, kind, name"),
        ("scores", "score", "no key 'tabular.score'; known: attribute, nudging, per, scores"),
        ('"label"', '"all"', "tabular.scores: input should be 'label' or 'bands'"),
        ("[25, 35.5]", "[3, 2]", "attribute 'age': edges must be numbers that rise"),
        ("values = 3", "values = 2", "nudging 'guess': values must be at least 3"),
        ('"town"', '"job"', "tabular: two attributes have the id 'job'"),
        ("id =", "name =", "no key 'tabular.nudging.0.name'; known: action, by, changes"),
    ],
)
def test_a_policy_that_makes_no_sense(tmp_path: Path, old: str, new: str, message: str) -> None:
    """It does not load, and says why."""
    path = tmp_path / "policy.toml"
    path.write_text(HEAD + POLICY.replace(old, new))
    with pytest.raises(PolicyError, match=message) as told:
        Guard.from_policy(path)
    assert str(told.value).startswith(str(path))


def test_importing_needs_no_framework() -> None:
    """Neither scikit-learn nor FastAPI, nor pandas."""
    code = "import guardrail.tabular, sys; print(*sys.modules)"
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )
    assert not {"sklearn", "fastapi", "starlette", "pandas"} & set(done.stdout.split())


def test_an_operator_lets_somebody_go_on() -> None:
    """Who was stopped for nudging is not any more, also for what stopped them, and starts anew."""
    clock = Clock()
    guarded = guard(Nudge(values=4, pause="day", changes="8/day"), clock=clock)
    tabular = Tabular(Model(), guard=guarded)
    told = [tabular.stops(tabular.score([moved(2, 10 * step)], ALICE)) for step in range(6)]
    assert told[-1]
    other = [value + 300 for value in ROW]
    assert tabular.stops(tabular.score([other], ALICE))
    clock.move(1)
    guarded.lift(ALICE)
    assert not tabular.stops(tabular.score([other], ALICE))
    told = [tabular.stops(tabular.score([moved(2, 10 * step)], ALICE)) for step in range(3, 9)]
    assert told == [False] * 3 + [True] * 3
