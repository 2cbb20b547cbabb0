"""Leak budgets: a document that is pulled out piece by piece stops coming."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from detectors.near import Near
from detectors.verbatim import Verbatim
from guardrail import (
    Action,
    Context,
    CorpusIndex,
    Document,
    Finding,
    Guard,
    Identity,
    Rule,
    Source,
    Text,
)
from guardrail.session.budget import Budget, Budgets
from guardrail.session.history import History
from guardrail.session.limits import Limit, Limits
from guardrail.session.memory import MemoryStore
from tests.guardrail.session.asking import (
    LONG,
    MARK,
    OTHER,
    Clock,
    ask,
    leaked,
    words,
)

DAY = 86_400_000_000


Make = Callable[..., Guard]


@pytest.fixture
def make(index: Path) -> Iterator[Make]:
    made: list[Guard] = []

    def guard(*rules: Budget, clock: Clock | None = None, **settings: Any) -> Guard:
        history = History(MemoryStore(clock=clock or Clock()), secret=b"k" * 32)
        verbatim = Verbatim(index=index, min_words=11, quote_words=settings.pop("quote", 64))
        action = settings.pop("action", Action.REDACT)
        made.append(
            Guard(
                [Rule(verbatim, id="verbatim", action=action)],
                budgets=Budgets(rules or [Budget()], history),
                **settings,
            )
        )
        return made[-1]

    yield guard
    for one in made:
        one.close()


def test_without_a_budget_all_comes_out(make: Make) -> None:
    """Each answer quotes a little, and all of them together the whole document."""
    assert leaked(make(Budget(share=1.0)), 20) == len(LONG)


@pytest.mark.parametrize("people", [1, 50])
@pytest.mark.parametrize("size", [11, 20, 39])
def test_no_more_than_the_share_comes_out(make: Make, size: int, people: int) -> None:
    """Whoever asks, and however many they are; a last piece that does not fit is not begun."""
    given = leaked(make(), size, people)
    assert 100 - size < given <= 100


def test_what_goes_beyond_is_redacted_and_told(make: Make) -> None:
    """As the finding of a budget; what does not come from the document stays."""
    guard = make(Budget(id="each day"))
    first = ask(guard, 0, 60)
    assert MARK not in first.text
    assert [one.discount for one in first.discounted] == ["quote"]
    second = ask(guard, 500, 60)
    assert second.text == f"Here it is: {MARK} and so on."
    assert second.action is Action.REDACT
    (finding,) = second.findings
    assert (finding.kind, finding.rule) == ("budget", "each day")
    assert finding.source is not None
    assert (finding.source.place, finding.source.words, finding.source.size) == (500, 60, 2000)
    assert finding.as_dict()["source"].keys() == {"index", "document", "class", "words"}
    assert "output rule each day (redact): 1 finding" in guard.explain(second)


def test_the_same_words_count_once(make: Make) -> None:
    """Whoever reads them again, also where the pieces overlap."""
    guard = make()
    for first in (0, 0, 10, 20, 30, 40, 40, 0):
        assert MARK not in ask(guard, first, 60, f"user-{first}").text
    assert MARK in ask(guard, 41, 60).text


def test_an_answer_counts_from_left_to_right(make: Make) -> None:
    """What still fits is shown, what follows is not."""
    pieces = [" ".join(LONG[first : first + 40]) for first in (0, 200, 400, 600)]
    raw = " then somebody said to them that ".join(pieces)
    for quote, shown in ((64, 1), (500, 2)):
        text = make(quote=quote).check(raw, Context("hello")).text
        assert [piece in text for piece in pieces] == [number < shown for number in range(4)]
        assert text.count(MARK) == 4 - shown


@pytest.mark.parametrize("step", [1, 7, 1000])
def test_a_stream_is_what_a_check_is(make: Make, step: int) -> None:
    """However it is cut; what does not fit is never shown."""
    pieces = [" ".join(LONG[first : first + 40]) for first in (0, 200, 400, 600)]
    raw = "So: " + " -- ".join(pieces) + " end."
    whole = make(quote=500).check(raw, Context("hello"))
    guard = make(quote=500)
    answer = guard.start(Context("hello"))
    chunks = [raw[place : place + step] for place in range(0, len(raw), step)]
    told = "".join([*map(answer.feed, chunks), answer.close()])
    assert told == whole.text
    assert answer.verdict.findings == whole.findings
    refusing = make(Budget(action="refuse"), quote=500)
    told = "".join(refusing.stream(chunks, Context("hello")))
    assert told == f"So: {pieces[0]} -- {pieces[1]} -- {guard.refusal}"


def test_who_goes_away_takes_what_was_shown(make: Make) -> None:
    """What was held back is still there for others."""
    guard = make(Budget(share=0.02), quote=500)
    answer = guard.start(Context("hello"))
    assert "".join(answer.feed(f"{word} ") for word in LONG[:30]) == ""
    answer.cancel()
    assert [one.discount for one in answer.verdict.discounted] == ["quote"]
    assert MARK not in ask(guard, 100, 40).text
    assert MARK in ask(guard, 200, 40).text


def test_a_refusal_and_parts(make: Make) -> None:
    """A budget may refuse; texts that are read as one are redacted in each."""
    guard = make(Budget(share=0.0, action="refuse"))
    assert ask(guard, 0, 20).text == guard.refusal
    guard = make(Budget(share=0.0), action=Action.FLAG, quote=0)
    parts = ["Here: " + " ".join(LONG[:10]), " " + " ".join(LONG[10:20]) + " end."]
    verdict, safe = guard.check_parts(parts, Context("hello"))
    assert verdict.action is Action.REDACT
    assert "".join(safe) == f"Here: {MARK}{MARK} end."


def test_what_is_only_flagged_counts(make: Make) -> None:
    """It is shown, so it is taken from the budget."""
    guard = make(action=Action.FLAG, quote=0)
    assert ask(guard, 0, 60).action is Action.FLAG
    assert ask(guard, 60, 60).action is Action.REDACT
    assert MARK not in ask(guard, 0, 60).text


@pytest.mark.parametrize(
    ("detector", "action", "quote"),
    [
        (Verbatim, Action.REDACT, 40),
        (Verbatim, Action.FLAG, 0),
        (Near, Action.REDACT, 40),
        (Near, Action.FLAG, 0),
    ],
)
def test_what_two_documents_have_is_taken_from_both(
    tmp_path: Path, detector: Any, action: Action, quote: int
) -> None:
    """An open document that holds a part of a secret one opens no way to it."""
    documents = [
        Document("a", " ".join([*OTHER[:100], *LONG[:400], *OTHER[100:]]), "open"),
        Document("b", " ".join(LONG[:400]), "secret"),
    ]
    CorpusIndex.build(documents, tmp_path / "i").close()
    history = History(MemoryStore(), secret=b"k" * 32)
    budgets = Budgets([Budget(classes=("secret",))], history)
    rule = Rule(detector(index=tmp_path / "i", quote_words=quote), id="r", action=action)
    with Guard([rule], budgets=budgets) as guard:
        assert leaked(guard, 20, text=LONG[:400]) <= 20
        assert MARK not in ask(guard, 0, 20, text=OTHER).text


def test_what_is_redacted_anyway_costs_nothing(make: Make) -> None:
    """Nothing of it has left."""
    guard = make(quote=30)
    for first in range(0, 1000, 50):
        assert MARK in ask(guard, first, 50).text
    assert MARK not in ask(guard, 0, 30).text


def test_echoes_cost_nothing(make: Make) -> None:
    """What a reader has, they had from elsewhere."""
    guard = make(Budget(share=0.0))
    text = " ".join(LONG[:30])
    verdict = guard.check(text, Context(f"Is this it: {text}?"))
    assert verdict.text == text


def test_passages_that_say_little_count_too(make: Make) -> None:
    """Each is no alarm; all of them together are the document."""
    guard = make(quote=0)
    low = Verbatim(index=guard.rules[0].detector.index.path, min_words=11, distinct=20)  # type: ignore[attr-defined]
    assert guard.budgets is not None
    with Guard([Rule(low, id="low")], budgets=guard.budgets) as loose:
        verdict = ask(loose, 0, 11)
        assert [one.discount for one in verdict.discounted] == ["indistinct"]
        assert leaked(loose, 11) <= 100


def test_after_a_time_without_any_it_is_forgotten(make: Make) -> None:
    """And not before: who goes on asking gets no more."""
    clock = Clock()
    guard = make(Budget(per="2 days"), clock=clock)
    ask(guard, 0, 60)
    clock.move(2 * DAY - 1)
    assert MARK not in ask(guard, 60, 40).text
    clock.move(DAY)
    assert MARK in ask(guard, 200, 20).text
    clock.move(DAY - 1)
    assert MARK in ask(guard, 200, 20).text
    clock.move(1)
    assert MARK not in ask(guard, 200, 20).text


def test_budgets_hold_together(make: Make) -> None:
    """Each for those that it says; what does not fit in one is taken from none."""
    guard = make(
        Budget(id="mine", share=0.02, by=("identity",)),
        Budget(id="all", share=0.05),
    )
    assert MARK not in ask(guard, 0, 40).text
    assert MARK in ask(guard, 40, 20).text
    assert MARK not in ask(guard, 40, 40, "bob").text
    assert MARK not in ask(guard, 80, 20, "carol").text
    beyond = ask(guard, 200, 20, "dora")
    assert [one.rule for one in beyond.findings] == ["all"]
    assert MARK not in ask(guard, 60, 40, "erin").text


def test_what_goes_beyond_one_is_not_named_by_another(make: Make) -> None:
    """Nor is what has no place, which fits in neither."""
    soft, hard = Budget(id="soft"), Budget(id="hard", share=0.5, action="refuse")
    guard = make(soft, hard)
    ask(guard, 0, 60)
    beyond = ask(guard, 100, 60)
    assert ([one.rule for one in beyond.findings], beyond.action) == (["soft"], Action.REDACT)
    assert guard.budgets is not None
    told, _ = guard.budgets.take(
        Context("hello"),
        [
            Source("i", "d", "", 20, place=-1, reach=20, size=2000),
            Source("i", "d", "", 20, place=0, reach=20),
            Source("i", "d", "", 20, place=0, reach=20, size=2000),
        ],
    )
    assert told == ["hard", "hard", None]


def test_a_budget_is_on_classes(make: Make) -> None:
    """Some documents may be read, others may not."""
    guard = make(Budget(share=0.0, classes=("pay*",)))
    assert MARK not in ask(guard, 0, 60).text
    assert MARK in ask(guard, 0, 20, text=OTHER).text


def test_a_large_document_has_a_coarser_count(make: Make) -> None:
    """Never of more words than its share."""
    guard = make(quote=300)
    book = words(20_000, 3)
    assert 1000 - 2 * 5 * 50 < leaked(guard, 40, text=book) <= 1000


def test_a_passage_without_a_place_fits_in_none(tmp_path: Path) -> None:
    """What an index cannot locate cannot be counted."""
    CorpusIndex.build([("long", " ".join(LONG))], tmp_path / "p.idx", layout="presence").close()
    history = History(MemoryStore(), secret=b"k" * 32)
    verbatim = Verbatim(index=tmp_path / "p.idx", quote_words=100)
    with Guard([Rule(verbatim, id="v")], budgets=Budgets([Budget()], history)) as guard:
        assert MARK in ask(guard, 0, 20).text


def test_edited_passages_are_taken_from_it_too(index: Path) -> None:
    """Where they stand in one place of the document; verbatim beside it counts nothing twice."""
    history = History(MemoryStore(), secret=b"k" * 32)
    verbatim = Verbatim(index=index, min_words=11, quote_words=64)
    near = Near(index=index, quote_words=64)
    rules = [Rule(verbatim, id="v"), Rule(near, id="n")]
    with Guard(rules, budgets=Budgets([Budget()], history)) as guard:
        out = 0
        for first in range(0, 2000, 40):
            edited = LONG[first : first + 40]
            edited[13] = edited[27] = "changed"
            verdict = guard.check(f"Here: {' '.join(edited)} and so on.", Context("hello"))
            out += len(set(LONG) & set(verdict.text.split()))
        assert 0 < out <= 100
        scattered = LONG[1000:1012] + LONG[1500:1512] + LONG[1950:1962]
        assert MARK in guard.check(" ".join(scattered), Context("hello")).text


def test_what_only_means_the_same_costs_nothing(make: Make) -> None:
    """Of a finding without words of a document, none has left."""

    class Alike:
        def find(self, text: Text) -> list[Finding]:
            return [Finding(0, len(text.raw), "semantic", source=Source("i", "long", "", 9))]

        def settled(self, text: Text) -> int:
            return min(len(text.raw), 0)

    budgets = make(Budget(share=0.0)).budgets
    with Guard([Rule(Alike(), id="alike", action=Action.FLAG)], budgets=budgets) as guard:
        verdict = guard.check("Other words.")
        assert (verdict.action, verdict.text) == (Action.FLAG, "Other words.")


def test_who_only_observes_shows_all(make: Make) -> None:
    """And tells what would not have been."""
    guard = make(Budget(share=0.0), mode="observe")
    verdict = ask(guard, 0, 20)
    assert MARK not in verdict.text
    assert [one.kind for one in verdict.findings] == ["budget"]


def test_a_budget_that_fails_refuses(make: Make) -> None:
    """Whatever goes wrong, nothing uncounted leaves."""
    guard = make()
    assert guard.budgets is not None
    guard.budgets.history.names = None  # type: ignore[assignment]
    verdict = ask(guard, 0, 20)
    assert verdict.text == guard.refusal
    assert verdict.errors == ("budgets: AttributeError",)


def test_limits_and_budgets_go_together(make: Make) -> None:
    """In one history."""
    guard = make()
    assert guard.budgets is not None
    limits = Limits([Limit(queries="2/day", burst=2)], guard.budgets.history)
    both = Guard(guard.rules, limits=limits, budgets=guard.budgets)
    alice = Context("hello", identity=Identity("alice"))
    assert MARK not in both.check(" ".join(LONG[:60]), both.admit(alice)).text
    assert MARK in both.check(" ".join(LONG[60:120]), both.admit(alice)).text
    assert both.admit(alice).action is Action.THROTTLE
