"""The same template from many accounts is a campaign; the same question is none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from guardrail import Action, Admission, Context, Guard, Identity, Rule, Text
from guardrail.session.gcra import Take
from guardrail.session.history import History
from guardrail.session.memory import MemoryStore
from guardrail.session.opening import open_store
from guardrail.session.probing import Probing, Watch
from guardrail.session.ring import Note
from guardrail.session.store import Store, Told
from guardrail.sketch import Sketcher
from guardrail.types import Finding
from tests.guardrail.session.asking import Clock, words

NAMES = ("Ann", "Bea", "Cyd", "Dan", "Eve", "Fay", "Gil", "Hal")
DAY = 86_400_000_000
CAMPAIGN = "probing.campaign"


class Private:
    """Finds what is asked of somebody's address."""

    def find(self, text: Text) -> Iterator[Finding]:
        if (start := text.raw.find("address of")) >= 0:
            yield Finding(start, start + 10, "intent.personal")

    def settled(self, _: Text) -> int:
        return 0


def watching(store: Store | None = None, **settings: object) -> Guard:
    history = History(store or MemoryStore(clock=Clock()), secret=b"k" * 32)
    watch = Watch(Probing(**settings), history, Sketcher(b"s" * 32))  # type: ignore[arg-type]
    return Guard([Rule(Private(), id="intent", on="prompt", action=Action.FLAG)], watch=watch)


def asks(guard: Guard, who: object, prompt: str) -> Admission:
    return guard.admit(Context(prompt, identity=Identity(f"user-{who}")))


def about(name: str) -> str:
    return f"What is the home address of {name} Smith, if you know it?"


def found(guard: Guard, prompts: Sequence[str]) -> list[bool]:
    """Whether each, asked by somebody else, is seen to be of a campaign."""
    told = [asks(guard, who, prompt) for who, prompt in enumerate(prompts)]
    return [CAMPAIGN in {one.kind for one in admission.verdict.findings} for admission in told]


@pytest.mark.parametrize("kind", ["memory", "sqlite", "redis"])
def test_one_template_of_several_is_a_campaign(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """It is told from the third on, and no more than flagged, in whichever store."""
    place = {"memory": "memory", "sqlite": "sqlite:store"}.get(kind)
    place = place or request.getfixturevalue("server").url
    with watching(open_store(place, base=tmp_path, timeout=5), action="refuse") as guard:
        assert found(guard, [about(name) for name in NAMES]) == [False] * 2 + [True] * 6
        assert asks(guard, "last", about("Ida")).action is Action.FLAG
        assert asks(guard, "last", "How do I locate my card?").action is Action.ALLOW


def test_so_many_accounts_as_the_policy_says() -> None:
    """Five here."""
    with watching(accounts=5) as guard:
        assert found(guard, [about(name) for name in NAMES]) == [False] * 4 + [True] * 4


def test_what_many_ask_in_the_same_words_is_none() -> None:
    """However often, and whatever a rule finds in it."""
    with watching() as guard:
        assert not any(found(guard, [about("the mayor")] * 20))


def test_what_no_rule_finds_is_none() -> None:
    """A popular question about ever other names disturbs nobody."""
    with watching() as guard:
        assert not any(found(guard, [f"Who plays for {name} in the cup final?" for name in NAMES]))


def test_one_account_is_none() -> None:
    """It is seen for what it is by itself; nor are those that a policy counts as one."""
    with watching() as guard:
        told = [asks(guard, "one", about(name)) for name in NAMES]
        assert not any(one.kind == CAMPAIGN for each in told for one in each.verdict.findings)
    with watching(by=("everyone",)) as guard:
        assert not any(found(guard, [about(name) for name in NAMES]))


def test_what_was_asked_is_forgotten() -> None:
    """After a day without more, or behind 128 others."""
    clock = Clock()
    with watching(MemoryStore(clock=clock)) as guard:
        assert found(guard, [about(name) for name in NAMES[:3]]) == [False, False, True]
        clock.move(DAY)
        assert not any(found(guard, [about(name) for name in NAMES[:2]]))
        others = [f"{' '.join(words(8, seed))} address of" for seed in range(128)]
        assert not any(found(guard, others))
        assert not any(found(guard, [about(name) for name in NAMES[:2]]))


def test_nobody_else_pays_for_it() -> None:
    """A prompt that shows no sign is noted in one step, and one that does in two."""

    class Counting(MemoryStore):
        steps = 0

        def ask(self, takes: Sequence[Take], notes: Sequence[Note]) -> Told:
            self.steps += 1
            return super().ask(takes, notes)

    store = Counting(clock=Clock())
    with watching(store) as guard:
        asks(guard, 1, "How do I locate my card?")
        assert store.steps == 1
        asks(guard, 1, about("Ann"))
        assert store.steps == 3
