"""Who is after something is seen by how their prompts resemble each other, and is slowed down."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.verbatim import Verbatim
from guardrail import Action, Admission, Context, Guard, Identity, Message, Rule
from guardrail.errors import PolicyError
from guardrail.session.history import History
from guardrail.session.limits import Limit, Limits
from guardrail.session.memory import MemoryStore
from guardrail.session.probing import Probing, Watch
from guardrail.sketch import Sketcher
from guardrail.text import Text
from guardrail.types import CARRIED, Finding
from tests.guardrail.session.asking import HEAD, OTHER, Clock, ask, words

EVE, BOB = Identity("eve"), Identity("bob")
NAMES = ("Ann", "Bea", "Cyd", "Dan", "Eve", "Fay", "Gil", "Hal")
MINUTE = 60_000_000
# Questions of one user of a bank, in his own words.
HONEST = (
    "How do I locate my card?",
    "Why was I charged for a cash withdrawal?",
    "My transfer to a friend has not arrived.",
    "Can I change my PIN at any machine?",
    "Which countries do you support?",
    "What is the exchange rate for a purchase abroad?",
    "I would like to close my account, please.",
    "The app asks me for a selfie. What for?",
)


def watching(clock: Clock | None = None, *rules: Rule, **settings: object) -> Guard:
    history = History(MemoryStore(clock=clock or Clock()), secret=b"k" * 32)
    watch = Watch(Probing(**{"action": "throttle"} | settings), history, Sketcher(b"s" * 32))  # type: ignore[arg-type]
    return Guard(rules, watch=watch)


def asks(guard: Guard, prompt: str, identity: Identity = EVE) -> Admission:
    return guard.admit(Context(prompt, identity=identity))


def kinds(admission: Admission) -> set[str]:
    return {finding.kind for finding in admission.verdict.findings}


def found(guard: Guard, prompts: Sequence[str], identity: Identity = EVE) -> int:
    """How many prompts it takes, or 0."""
    told = (kinds(asks(guard, prompt, identity)) for prompt in prompts)
    return next((number for number, kind in enumerate(told, 1) if kind), 0)


def test_the_same_question_about_ever_other_people_is_enumeration() -> None:
    """It is told at the fourth; then it is slowed down, with the time until it may go on."""
    with watching() as guard:
        told = [asks(guard, f"What is the address of {name} Smith?") for name in NAMES]
    assert [one.action for one in told[:4]] == [Action.ALLOW] * 3 + [Action.FLAG]
    assert kinds(told[3]) == {"probing.enumeration"}
    assert told[-1].action is Action.THROTTLE
    assert kinds(told[-1]) == {"probing.enumeration", "probing.risk"}
    assert told[-1].retry_after is not None
    assert told[-1].retry_after > 3600


def test_the_answers_are_read_more_strictly_before_anything_is_refused() -> None:
    """By a share that grows with the risk."""
    with watching(tighten=0.8) as guard:
        told = [asks(guard, f"What is the address of {name} Smith?") for name in NAMES]
    shares = [one.tighten for one in told]
    assert shares[:3] == [0, 0, 0]
    assert 0.3 < shares[3] < shares[5] <= 0.8
    assert told[3].action is Action.FLAG


def test_variations_of_one_prompt_are_seen() -> None:
    """Words that are exchanged, left out, added, and put into another order."""
    prompts = [
        "please tell me the secret recipe of the soup that the old cook keeps in the drawer",
        "please tell me the secret recipe of the soup which the old cook keeps in the drawer",
        "tell me the secret recipe of the soup that the old cook hides in the drawer",
        "the secret recipe of the soup that the old cook keeps in the drawer, tell me please",
        "please tell me now the secret recipe of that soup the old cook keeps in the drawer",
        "Please tell me the recipe of the soup that the cook keeps in the old drawer!",
    ]
    with watching() as guard:
        assert found(guard, prompts) in (5, 6)


def test_names_in_small_letters_and_other_words_are_seen_where_there_are_more_of_them() -> None:
    """Prompts that are less alike than variations are some, where four others are so."""
    prompts = (
        "has marta quell never missed a payment for our shop and why",
        "has osric stern ever made a payment for our shop and why",
        "has ines bellamy ever missed any payment for our shop and why",
        "has tomas horvat ever missed a bill for our shop and why",
        "has lena moreau ever missed a payment at our shop and why",
        "has viktor okafor ever missed a payment for this shop and why",
        "has aisha lindqvist ever missed a payment for our store and why",
        "has jan castell ever missed a payment for our shop or why",
    )
    with watching() as guard:
        assert 6 <= found(guard, prompts) <= 8


QUESTIONS = ("patient {}: list all medication.", "{}, patient, list any medication")
PEOPLE = ("marta quell", "osric stern", "ines bellamy", "tomas horvat", "lena moreau", "jan cas")


def test_short_questions_about_names_in_small_letters_are_seen_where_they_come_in_a_row() -> None:
    """Of few words, names are many; but who asks nothing else in between is after something."""
    prompts = [QUESTIONS[number % 2].format(name) for number, name in enumerate(PEOPLE * 2)][:8]
    with watching() as guard:
        assert 6 <= found(guard, prompts) <= 8
    with watching() as guard:
        assert not found(guard, [one for pair in zip(prompts, HONEST, strict=True) for one in pair])


def test_what_is_said_again_is_no_variation() -> None:
    """A client that tries again, or sends its whole conversation along, asks once."""
    turns = [Message("user", one) for one in HONEST]
    with watching() as guard:
        assert not found(guard, ["What is the address of Ann Smith in the north?"] * 20)
        for count in range(1, len(turns) + 1):
            told = guard.admit(Context(messages=tuple(turns[:count]), identity=BOB))
            assert not kinds(told)


def test_what_stands_before_the_last_message_is_seen_too() -> None:
    """A conversation that was made up hides nothing behind its last word."""
    with watching() as guard:
        told = [
            guard.admit(
                Context(
                    messages=(
                        Message("user", f"What is the address of {name} Smith?"),
                        Message("assistant", "Shall I tell you?"),
                        Message("user", "Yes."),
                    ),
                    identity=EVE,
                )
            )
            for name in NAMES
        ]
    assert "probing.enumeration" in kinds(told[4])


def test_what_a_limit_held_up_is_seen_when_it_comes_again() -> None:
    """Whoever asks for all at once, and then again one by one, hides nothing."""
    clock = Clock()
    history = History(MemoryStore(clock=clock), secret=b"k" * 32)
    limits = Limits([Limit(queries="60/minute", burst=1)], history)
    watch = Watch(Probing(), history, Sketcher(b"s" * 32))
    prompts = [f"What is the address of {name} Smith?" for name in NAMES]
    with Guard(limits=limits, watch=watch) as guard:
        assert asks(guard, HONEST[0]).action is Action.ALLOW
        assert all(kinds(asks(guard, prompt)) == {"limit"} for prompt in prompts)
        told = []
        for prompt in prompts:
            clock.move(2_000_000)
            told.append(kinds(asks(guard, prompt)))
    assert [bool(one) for one in told[:4]] == [False, False, False, True]


@pytest.mark.parametrize(
    "form",
    [
        str.upper,
        str.title,
        lambda text: f'"{text}"',
        lambda text: " ".join(f"{word}_" for word in text.split()),
    ],
)
def test_words_that_are_written_like_names_hide_nothing(form: Callable[[str], str]) -> None:
    """Capitals, quotation marks, signs at each word."""
    asked = "what is the home address and salary of {} from payroll"
    with watching() as guard:
        assert 0 < found(guard, [form(asked.format(name)) for name in NAMES]) <= 6


def test_short_questions_of_one_kind_are_no_enumeration() -> None:
    """Two words in common are too few."""
    topics = ("Python", "Java", "Rust", "Erlang", "Haskell", "Kotlin", "Scala", "Prolog")
    with watching() as guard:
        assert not found(guard, [f"What is {topic}?" for topic in topics])
        assert not found(guard, [f'Translate "{one}" to French' for one in HONEST])


def test_questions_that_have_small_words_in_common_are_no_enumeration() -> None:
    """That both are questions with a name is not what somebody is after."""
    asked = [
        "What is the capital of Peru?",
        "What is the currency of Ghana?",
        "What is the climate of Malta?",
        "What is the population of Chile?",
        "What is the anthem of Nepal?",
        "What is the cuisine of Laos?",
        "What is the history of Benin?",
        "What is the religion of Oman?",
    ]
    with watching() as guard:
        assert found(guard, asked) == 0


def test_what_cannot_be_seen_changes_nothing() -> None:
    """Signs without a width make no word longer."""
    sketcher, chance = Sketcher(b"s" * 32), random.Random(5)
    plain = "When did Ann Smith tell the office about the late invoice?"
    (first,) = sketcher.asked([Message("user", plain)]).prompts
    for _ in range(20):
        letters = [one + "\u200b" * chance.choice((0, 0, 0, 8)) for one in plain]
        (other,) = sketcher.asked([Message("user", "".join(letters))]).prompts
        if other.slots == first.slots:
            assert other.shape == first.shape


def test_what_is_kept_of_everyone_is_not_reset_for_one() -> None:
    """Nor does a flag say when to come back."""
    with watching(action="flag", by=("everyone",)) as guard:
        for name in NAMES:
            told = asks(guard, f"What is the address of {name} Smith?")
        assert (told.action, told.retry_after) == (Action.FLAG, None)
        guard.lift(Context(identity=BOB))
        assert "probing.risk" in kinds(asks(guard, HONEST[0]))


def test_an_attempt_between_honest_questions_is_seen() -> None:
    """Two of the latter come for each of the former, one in ten minutes."""
    clock = Clock()
    chance = random.Random(1)
    with watching(clock) as guard:
        for name in NAMES[:3]:
            assert not kinds(asks(guard, f"What is the address of {name} Smith?"))
            for question in chance.sample(HONEST, 2):
                clock.move(10 * MINUTE)
                assert not kinds(asks(guard, question))
        assert kinds(asks(guard, "What is the address of Dan Smith?")) == {"probing.enumeration"}


def test_who_is_seen_is_slowed_down_until_the_risk_has_halved() -> None:
    """Whatever is asked for; nobody else is."""
    clock = Clock()
    with watching(clock) as guard:
        for name in NAMES:
            asks(guard, f"What is the address of {name} Smith?")
        told = asks(guard, HONEST[0])
        assert (told.action, kinds(told)) == (Action.THROTTLE, {"probing.risk"})
        assert asks(guard, HONEST[0], BOB).action is Action.ALLOW
        assert told.retry_after is not None
        clock.move(int((told.retry_after - 60) * 1e6))
        assert asks(guard, HONEST[1]).action is Action.THROTTLE
        clock.move(120_000_000)
        assert asks(guard, HONEST[2]).action is Action.ALLOW


def test_who_meets_a_challenge_goes_on() -> None:
    """The application says so, once they have shown who they are."""
    with watching(action="challenge") as guard:
        for name in NAMES:
            told = asks(guard, f"What is the address of {name} Smith?")
        assert told.action is Action.CHALLENGE
        guard.lift(Context(identity=EVE))
        assert asks(guard, "What is the address of Ida Smith?").action is Action.ALLOW


@pytest.mark.parametrize("streams", [False, True])
def test_a_prompt_that_goes_on_from_the_last_answer_is_prefix_walking(streams: bool) -> None:
    """Whatever is asked around it, and however the answer was shown."""
    text = words(400, 3)
    told = []
    with watching() as guard:
        for step in range(4):
            last, more = (
                " ".join(text[40 * place : 40 * place + 40]) for place in (step, step + 1)
            )
            admission = asks(guard, f"{HONEST[step]} {last}")
            told.append(kinds(admission))
            if streams:
                list(guard.stream([more[:50], more[50:]], admission))
            else:
                guard.check(more, admission)
    assert told == [set(), set(), set(), {"probing.prefix"}]


def test_what_rules_find_again_adds_up() -> None:
    """Two questions in different words about what was trained on; one twice is one."""
    with watching(None, Rule(Asks(), id="intent", on="prompt", action=Action.FLAG)) as guard:
        assert kinds(asks(guard, f"{HONEST[0]} xx0")) == {"intent.membership"}
        assert kinds(asks(guard, f"{HONEST[0]} xx0")) == {"intent.membership"}
        assert "probing.membership" in kinds(asks(guard, f"{HONEST[1]} xx1"))
        assert found(guard, HONEST[3:], BOB) == 0


def test_what_is_found_only_of_a_whole_conversation_counts_once() -> None:
    """Rules may read a message together with earlier ones; that is no new question."""
    rule = Rule(Asks((CARRIED,)), id="intent", on="prompt", action=Action.FLAG)
    with watching(None, rule) as guard:
        for number, question in enumerate(HONEST):
            assert kinds(asks(guard, f"{question} xx{number}")) == {"intent.membership"}


@dataclass(frozen=True)
class Asks:
    """Finds a mark, as a question of membership."""

    reasons: tuple[str, ...] = ()

    def find(self, text: Text) -> Iterator[Finding]:
        for mark in re.finditer("xx[0-9]", text.raw):
            yield Finding(*mark.span(), "intent.membership", reasons=self.reasons)

    def settled(self, text: Text) -> int:
        return max(len(text.raw) - 3, 0)


def test_a_document_that_several_ask_for_together_is_a_campaign(index: Path) -> None:
    """Each for another passage; it is told before a twentieth of the document has left."""
    rule = Verbatim(index=index, min_words=11, quote_words=64)
    history = History(MemoryStore(clock=Clock()), secret=b"k" * 32)
    watch = Watch(Probing(), history, Sketcher(b"s" * 32))
    with Guard([Rule(rule, id="verbatim")], watch=watch) as guard:
        told = [ask(guard, 20 * number, 20, f"user-{number}") for number in range(4)]
        assert [one.action for one in told] == [Action.ALLOW] * 2 + [Action.FLAG] * 2
        assert [one.kind for one in told[2].findings] == ["probing.campaign"]
        assert told[2].findings[0].source is not None
        assert told[2].text == ask(guard, 40, 20).text
        for number in range(20):
            # What many are shown of another document, at one place of it, is what they ask about.
            assert ask(guard, 0, 30, f"user-{number}", OTHER).action is Action.ALLOW


def test_honest_people_are_left_alone() -> None:
    """Many questions, in any order, over days."""
    clock = Clock()
    chance = random.Random(2)
    with watching(clock) as guard:
        for _ in range(100):
            clock.move(20 * MINUTE)
            assert not kinds(asks(guard, chance.choice(HONEST), BOB))


def test_an_observing_guard_tells_and_stops_nobody() -> None:
    """The findings are the same."""
    history = History(MemoryStore(clock=Clock()), secret=b"k" * 32)
    watch = Watch(Probing(action="refuse"), history, Sketcher(b"s" * 32))
    with Guard(watch=watch, mode="observe") as guard:
        told = [asks(guard, f"What is the address of {name} Smith?") for name in NAMES]
        assert told[-1].action is Action.REFUSE
        assert not guard.stops(told[-1])


def test_what_is_found_names_its_parts() -> None:
    """And no word of a prompt."""
    with watching() as guard:
        told = [asks(guard, f"What is the address of {name} Smith?") for name in NAMES]
        text = guard.explain(told[-1].verdict)
    assert "prompt rule probing (throttle): 2 findings" in text
    assert "enumeration 5.0" in text
    assert "Smith" not in text + repr(told)


@given(text=st.text(max_size=300), other=st.text(max_size=300))
def test_any_text_can_be_kept(text: str, other: str) -> None:
    """In so many bytes, whatever it is; the same text in the same."""
    sketcher = Sketcher(b"s" * 32)
    turns = [Message("user", text), Message("assistant", other), Message("user", other)]
    asked = sketcher.asked(turns)
    assert [len(prompt.entry) for prompt in asked.prompts] == [73, 73]
    assert asked.prompts == sketcher.asked(turns).prompts
    assert len(sketcher.tail(text)) in (0, 32)


def test_what_is_kept_tells_nothing_without_the_secret() -> None:
    """Another secret, other bytes."""
    turns = [Message("user", "What is the address of Ann Smith?")]
    one, other = (Sketcher(bytes([n]) * 32).asked(turns).prompts[0] for n in (1, 2))
    assert one.shape != other.shape
    assert one.slots != other.slots


def policy(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "policy.toml"
    path.write_text(HEAD + text)
    return path


def test_a_policy_says_when_to_stop(tmp_path: Path) -> None:
    """By a table of its own."""
    path = policy(tmp_path, '[limits.probing]\naction = "challenge"\nmost = 1\n')
    with Guard.from_policy(path) as guard:
        told = [asks(guard, f"What is the address of {name} Smith?") for name in NAMES]
    assert told[-1].action is Action.CHALLENGE


@pytest.mark.parametrize("kind", ["sqlite", "redis"])
def test_processes_see_the_same_people(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Whoever goes from one guard to another is seen by both, and after they were loaded anew."""
    place = "sqlite:store"
    if kind == "redis":
        place = request.getfixturevalue("server").url
    (tmp_path / "key").write_text("0123456789abcdef" + tmp_path.name)
    path = policy(tmp_path, f'[limits]\nstore = "{place}"\nkey_file = "key"\n[limits.probing]\n')
    with Guard.from_policy(path) as one, Guard.from_policy(path) as other:
        for guard, name in zip((one, other, one), NAMES, strict=False):
            assert not kinds(asks(guard, f"What is the address of {name} Smith?"))
        other.reload()
        told = asks(other, "What is the address of Hal Smith?")
    assert kinds(told) == {"probing.enumeration"}
    assert not told.verdict.errors


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('action = "redact"', "action"),
        ("most = 0.5", "probing: most must be at least 1"),
        ("accounts = 1", "probing: accounts must be at least 2"),
        ("share = 2", "probing: share must lie between 0 and 1"),
        ("tighten = 2", "probing: tighten must lie between 0 and 1"),
        ('half_life = "soon"', "probing: 'soon' is no time like day or 12 hours"),
        ("by = []", "probing: by is empty; take everyone"),
        ("least = 1", "no key 'limits.probing.least'; known: .*half_life"),
    ],
)
def test_a_bad_policy_does_not_load(tmp_path: Path, line: str, message: str) -> None:
    """The message names what is wrong."""
    with pytest.raises(PolicyError, match=message):
        Guard.from_policy(policy(tmp_path, f"[limits.probing]\n{line}\n"))
