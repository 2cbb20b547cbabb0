"""Turns: how old a message is, and what was said before it."""

from __future__ import annotations

from guardrail import Message
from guardrail.intent.turns import before, turns_since

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
    assert [turns_since(TALK, number) for number in range(len(TALK))] == [1] * 6 + [0] * 3
    assert turns_since((*TALK, Message("user", "and now?")), 1) == 2


def test_what_was_said_is_the_end_of_it() -> None:
    """By the reader, as many words as are asked for."""
    assert before(TALK, 6, 4) == "question\nits second part"
    assert before(TALK, 6, 100) == "first question\nits second part"
    assert before(TALK, 6, 0) == before(TALK, 1, 9) == ""
