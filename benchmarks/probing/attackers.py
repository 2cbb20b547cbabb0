"""What attackers ask, one prompt after the other; each run is another attacker."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from benchmarks.probing.seeds import Seeds, Walk
from benchmarks.quality.edits import EDITS

__all__ = ["Attack", "Turn", "attacks", "different", "jittered"]

_EDITED, _JITTER = 0.1, 0.1


@dataclass(frozen=True, slots=True)
class Turn:
    """A prompt, and what a model that obeys would answer."""

    prompt: str
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Attack:
    """Attackers of one kind; `turns` are those of one of them, without end."""

    letter: str
    name: str
    turns: Callable[[random.Random], Iterator[Turn]]


def attacks(seeds: Seeds) -> list[Attack]:
    """All kinds."""
    return [
        Attack("a", "words edited", partial(_edited, seeds.bases)),
        Attack("a", "parts reordered", partial(_reordered, seeds.bases)),
        Attack("c", "one place optimised", partial(_optimised, seeds.bases, seeds.marks)),
        *(Attack("d", name, partial(_in_turn, told)) for name, told in seeds.lists.items()),
        *(Attack("d", name, partial(_enumerated, *told)) for name, told in seeds.slots.items()),
        *(Attack("e", name, partial(_in_turn, told)) for name, told in seeds.sweeps.items()),
        *(
            Attack("f", f"prefix walking, {name}", partial(_walked, seeds.walk, grows))
            for name, grows in (("a window", False), ("all so far", True))
        ),
    ]


def different(turns: Iterator[Turn]) -> Iterator[Turn]:
    """Those whose prompt was not asked before."""
    asked: set[str] = set()
    for turn in turns:
        if turn.prompt not in asked:
            asked.add(turn.prompt)
            yield turn


def jittered(turns: Iterator[Turn], marks: Sequence[str], chance: random.Random) -> Iterator[Turn]:
    """The same with a tenth of the words changed, one at least."""
    for turn in turns:
        words = turn.prompt.split()
        rate = max(_JITTER, 1 / len(words))
        told = EDITS["mixed"](words, rate, marks, chance)
        yield Turn(" ".join(told), turn.answer)


def _edited(bases: Sequence[str], chance: random.Random) -> Iterator[Turn]:
    base = chance.choice(bases).split()
    others = [word for one in bases for word in one.split()]
    rate = max(_EDITED, 1 / len(base))
    while True:
        yield Turn(" ".join(EDITS["mixed"](base, rate, others, chance)))


def _reordered(bases: Sequence[str], chance: random.Random) -> Iterator[Turn]:
    base = chance.choice(bases).split()
    while True:
        size = chance.randint(2, 5)
        parts = [base[place : place + size] for place in range(0, len(base), size)]
        yield Turn(" ".join(word for part in chance.sample(parts, len(parts)) for word in part))


def _optimised(bases: Sequence[str], marks: Sequence[str], chance: random.Random) -> Iterator[Turn]:
    """A suffix of ten marks, one of which is tried anew each time."""
    base = chance.choice(bases)
    suffix = [chance.choice(marks) for _ in range(10)]
    while True:
        suffix[chance.randrange(len(suffix))] = chance.choice(marks)
        yield Turn(f"{base} {' '.join(suffix)}")


def _in_turn(told: Sequence[str], chance: random.Random) -> Iterator[Turn]:
    while True:
        yield from map(Turn, dict.fromkeys(chance.sample(told, min(len(told), 32))))


def _enumerated(
    questions: Sequence[str], names: Sequence[str], chance: random.Random
) -> Iterator[Turn]:
    question = chance.choice(questions)
    while True:
        for name in chance.sample(names, len(names)):
            yield Turn(question.format(name))


def _walked(walk: Walk, grows: bool, chance: random.Random) -> Iterator[Turn]:
    words = chance.choice(walk.texts).split()
    start = chance.randrange(len(words) // 2)
    asked = chance.choice(walk.asked)
    place = start + walk.window
    while True:
        told = words[start if grows else place - walk.window : place]
        yield Turn(asked.format(" ".join(told)), " ".join(words[place : place + walk.piece]))
        place += walk.piece
