"""Turns: how old a message is, and what was said before it."""

from __future__ import annotations

from itertools import product

from detectors.intent import Intent
from guardrail import Context, Guard, Message, Rule
from guardrail.intent.turns import Turns
from tests.layers import phrases

TALK = (
    Message("system", "be kind"),
    Message("user", "first question"),
    Message("user", "its second part"),
    Message("assistant", "an answer"),
    Message("tool", "a result"),
    Message("assistant", "more of it"),
    Message("user", "a last question"),
    Message("assistant", "calls a tool"),
    Message("tool", "its result"),
)


def test_a_message_ages_with_each_turn_of_the_reader() -> None:
    """Parts of one turn are of the same age; what came after the last turn is as new as it."""
    assert Turns(TALK).since == [1] * 6 + [0] * 3
    assert Turns((*TALK, Message("user", "and now?"))).since[1] == 2


def test_a_turn_is_the_reader_after_the_model() -> None:
    """However the roles follow each other."""
    roles = {"u": "user", "a": "assistant", "t": "tool"}
    for talk in map("".join, product(roles, repeat=5)):
        since = Turns([Message(roles[sign], "said") for sign in talk]).since
        for number in range(len(talk)):
            *ended, _ = talk[number:].removeprefix("u").split("u")
            assert since[number] == sum("a" in part for part in ended)


def test_what_was_said_is_the_end_of_it() -> None:
    """By the reader, as many words as are asked for."""
    turns = Turns((*TALK, Message("user", " "), Message("user", "")))
    assert turns.before(6, 4) == "question\nits second part"
    assert turns.before(6, 100) == "first question\nits second part"
    assert turns.before(6, 0) == turns.before(1, 9) == turns.before(0, 9) == ""
    assert turns.before(10, 3) == "a last question"


def test_a_long_end_without_words_ends_no_search() -> None:
    """Behind a word of one message, as many words of those before count as ever."""
    turns = Turns([Message("user", f"{word}{' ' * 999}") for word in "abcd"] + [TALK[1]])
    assert turns.before(4, 2) == "c\nd"


class Role(str):
    """Counts how often it is looked at."""

    __slots__ = ()
    looks = 0

    def __hash__(self) -> int:
        Role.looks += 1
        return super().__hash__()


def test_many_messages_are_looked_through_once() -> None:
    """What twice as many messages cost is twice as much."""
    guard = Guard([Rule(Intent(layers=(phrases(),)), id="intent", on="prompt")])

    def looks(count: int) -> int:
        before = Role.looks
        guard.admit(Context(messages=(Message(Role("user"), "ok"),) * count))
        return Role.looks - before

    assert looks(200) <= 3 * looks(100)
