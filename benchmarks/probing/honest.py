"""What honest users ask, in the sessions of one day each."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence

from benchmarks import data
from benchmarks.intent import prompts
from guardrail.types import Message

__all__ = ["Request", "questions", "sessions"]

Request = tuple[Message, ...]
"""A conversation up to what is asked now."""

_DIALOGUES = 6
_TOPICS = 8
_TASKS = 30


def questions() -> list[str]:
    """Questions of a bank's customers; raises `AbsentError`."""
    return [str(row["text"]) for row in data.rows("benign_banking77/test.jsonl.gz")]


def sessions(chance: random.Random) -> Mapping[str, list[list[Request]]]:
    """The requests of each user, by what they use a model for; raises `AbsentError`."""
    dialogues = _dialogues()
    shuffled = chance.sample(dialogues, len(dialogues))
    alike = sorted(dialogues, key=lambda one: one[0])
    topics: dict[str, list[str]] = {}
    for row in data.rows("benign_banking77/train.jsonl.gz"):
        topics.setdefault(str(row["category"]), []).append(str(row["text"]))
    tasks = prompts.benign("report")["benign_prompts"]
    return {
        "one dialogue": [one for _, one in dialogues],
        "six dialogues": _joined(shuffled),
        "six dialogues for the same service": _joined(alike),
        "a bank: one topic, eight times": [
            _alone(chance.sample(topics[name], _TOPICS)) for name in topics for _ in range(4)
        ],
        "a bank: eight topics, three times": [
            _alone(
                [
                    text
                    for name in chance.sample(sorted(topics), _TOPICS)
                    for text in chance.sample(topics[name], 3)
                ]
            )
            for _ in range(300)
        ],
        "thirty tasks": [_alone(chance.sample(tasks, _TASKS)) for _ in range(100)],
    }


def _dialogues() -> list[tuple[str, list[Request]]]:
    """Each with the services that it is about."""
    told = []
    for row in data.rows("benign_sessions_sgd/dialogues.jsonl.gz"):
        turns: Sequence[Mapping[str, str]] = row["turns"]  # type: ignore[assignment]
        messages = [
            Message("user" if one["speaker"] == "USER" else "assistant", one["utterance"])
            for one in turns
        ]
        requests = [
            tuple(messages[: place + 1])
            for place, message in enumerate(messages)
            if message.from_reader
        ]
        told.append((str(row["services"]), requests))
    return told


def _joined(dialogues: Sequence[tuple[str, list[Request]]]) -> list[list[Request]]:
    """Those of several dialogues, of one user."""
    starts = range(0, len(dialogues) - _DIALOGUES + 1, _DIALOGUES)
    return [list(_of(dialogues[start : start + _DIALOGUES])) for start in starts]


def _of(dialogues: Sequence[tuple[str, list[Request]]]) -> Iterator[Request]:
    for _, requests in dialogues:
        yield from requests


def _alone(texts: Sequence[str]) -> list[Request]:
    return [(Message("user", text),) for text in texts]
