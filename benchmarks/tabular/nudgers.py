"""Attackers who hide that they nudge, and people who ask honestly, before the monitor alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.tabular.credit import Table
from benchmarks.tabular.endpoint import Clock, guarded
from guardrail import Context, Guard, Identity
from guardrail.session.nudging import Nudge
from guardrail.tabular import Tabular

__all__ = ["HONEST", "STYLES", "Style", "disturbed", "nudged", "stale"]

Row = NDArray[np.float64]
Chance = np.random.Generator

_PATIENCE = 40
_NOISE = 0.03


@dataclass(frozen=True, slots=True)
class Style:
    """How an attacker nudges: minutes between queries, honest rows in between, others changed."""

    minutes: float = 0.0
    honest: int = 0
    jitter: bool = False
    noise: bool = False
    people: int = 1
    crowd: int = 0
    together: bool = False

    @property
    def rules(self) -> tuple[Nudge, ...]:
        if self.together:
            return (Nudge(by=("everyone",), changes="100000/day"),)
        return (Nudge(),)


STYLES = {
    "plain": Style(),
    "one query in ten minutes": Style(minutes=10),
    "20 honest rows between": Style(honest=20),
    "another attribute changed at random": Style(jitter=True),
    "3 % of noise on all numbers": Style(noise=True),
    "all of these": Style(minutes=10, honest=20, jitter=True, noise=True),
    "all of these, store full": Style(10, 20, jitter=True, noise=True, crowd=4000),
    "plain, over 50 identities": Style(people=50),
    "plain, over 50 identities, by everyone": Style(people=50, together=True),
}


def nudged(table: Table, style: Style, runs: int, seed: int) -> list[int]:
    """How many queries each of some attackers had made when one was first refused."""
    chance = np.random.default_rng(seed)
    clock = Clock()
    # A crowd fills the store before an attacker comes.
    most = 10 * style.crowd or 1_000_000
    guard = guarded(table, clock=clock, nudging=style.rules, most=most)
    tabular = _tabular(guard)
    for row in chance.choice(table.rows, style.crowd):
        tabular.score(row[None], _who("crowd"))
    places = [place for place in range(len(table.names)) if len(_values(table, place)) > 2]
    return [
        _nudge(tabular, table, style, int(chance.choice(places)), clock, chance, f"attacker {run}")
        for run in range(runs)
    ]


def _nudge(
    tabular: Tabular,
    table: Table,
    style: Style,
    place: int,
    clock: Clock,
    chance: Chance,
    name: str,
) -> int:
    victim = chance.choice(table.rows)
    for query, value in enumerate(_probes(table, place, chance), 1):
        for row in chance.choice(table.rows, style.honest):
            tabular.score(row[None], _who(f"{name}/0"))
        row = victim.copy()
        if style.noise:
            _blur(table, row, chance)
        if style.jitter:
            _change(table, row, place, chance)
        row[place] = value
        who = _who(f"{name}/{query % style.people}")
        if tabular.stops(tabular.score(row[None], who)):
            return query
        clock.wait(style.minutes)
    return _PATIENCE + 1


def _probes(table: Table, place: int, chance: Chance) -> Iterator[float]:
    """Values that people have, one of each bin in turn: within a bin nothing new is told."""
    order = chance.permutation(_values(table, place))
    for number in range(_PATIENCE):
        yield float(order[number % len(order)])


def _values(table: Table, place: int) -> list[float]:
    attribute = table.schema.attributes[place]
    return list({attribute.bin(value): value for value in table.rows[:, place].tolist()}.values())


def _blur(table: Table, row: Row, chance: Chance) -> None:
    for place, name in enumerate(table.names):
        if name not in table.categories:
            row[place] *= 1 + chance.uniform(-_NOISE, _NOISE)


def _change(table: Table, row: Row, but: int, chance: Chance) -> None:
    """Give another attribute the value of somebody else."""
    place = int(chance.choice([one for one in range(len(row)) if one != but]))
    row[place] = chance.choice(table.rows[:, place])


def _corrected(table: Table, row: Row, fields: int, chance: Chance) -> Iterator[Row]:
    """A row with one field after the other corrected."""
    for place in chance.choice(len(row), fields, replace=False):
        row = row.copy()
        row[place] = chance.choice(table.rows[:, place])
        yield row


def disturbed(
    table: Table, kind: Callable[[Tabular, Table, Chance], list[bool]], people: int, seed: int
) -> tuple[int, int, int]:
    """Of some honest people, how many were refused once; and their rows, how many and refused."""
    once = rows = refused = 0
    for number in range(people):
        chance = np.random.default_rng([seed, number])
        told = kind(_tabular(guarded(table)), table, chance)
        once, rows, refused = once + any(told), rows + len(told), refused + sum(told)
    return once, rows, refused


def _applicant(tabular: Tabular, table: Table, chance: Chance) -> list[bool]:
    """Asks for their own row, and again with one or two fields corrected."""
    row = chance.choice(table.rows)
    corrected = _corrected(table, row, int(chance.integers(0, 3)), chance)
    return [_refused(tabular, one) for one in (row, *corrected)]


def _officer(tabular: Tabular, table: Table, chance: Chance) -> list[bool]:
    """Asks for 100 applicants; of each seventh one or two fields are corrected, one by one."""
    rows = []
    for row in chance.choice(table.rows, 100, replace=False):
        fields = int(chance.integers(1, 3)) if chance.random() < 1 / 7 else 0
        rows += [row, *_corrected(table, row, fields, chance)]
    return [_refused(tabular, row) for row in rows]


def _waverer(tabular: Tabular, table: Table, chance: Chance) -> list[bool]:
    """Asks for a row, and corrects the same field twice."""
    row = chance.choice(table.rows).copy()
    told = [_refused(tabular, row)]
    place = int(chance.integers(len(row)))
    for _ in range(2):
        row[place] = chance.choice(table.rows[:, place])
        told.append(_refused(tabular, row))
    return told


def _shopper(tabular: Tabular, table: Table, chance: Chance) -> list[bool]:
    """Asks what five amounts of credit would mean, as well one may."""
    row = chance.choice(table.rows).copy()
    numbers = [one for one, name in enumerate(table.names) if name not in table.categories]
    place = table.column("amount") if "amount" in table.names else numbers[0]
    told = []
    for share in (1, 0.8, 0.6, 0.4, 0.2):
        other = row.copy()
        other[place] *= share
        told.append(_refused(tabular, other))
    return told


HONEST = {
    "applicants, up to two corrections": _applicant,
    "loan officers, 100 applicants each": _officer,
    "one field corrected twice": _waverer,
    "what-if: five amounts": _shopper,
}


def stale(model: Callable[..., object], table: Table, rows: int, seed: int) -> tuple[int, int]:
    """Of rows with one field corrected, how many get the answer of before, and a wrong one."""
    chance = np.random.default_rng(seed)
    guarded_model, kept = Tabular(model, guard=guarded(table, nudging=())), guarded(table).rows
    assert kept is not None
    same = wrong = 0
    for row in chance.choice(table.rows, rows):
        (other,) = _corrected(table, row, 1, chance)
        first, second = (dict(zip(table.names, one.tolist(), strict=True)) for one in (row, other))
        guarded_model.predict_proba(first)
        told = guarded_model.predict_proba(second)
        same += kept.schema.binned(first) == kept.schema.binned(second) and first != second
        wrong += told != guarded_model.predict_proba(second, _who("somebody else"))
    return same, wrong


def _tabular(guard: Guard) -> Tabular:
    """What is answered does not matter here."""
    return Tabular(lambda rows: [0.5] * len(rows), guard=guard)


def _refused(tabular: Tabular, row: Row) -> bool:
    return tabular.stops(tabular.score(row[None], _who("honest")))


def _who(name: str) -> Context:
    return Context(identity=Identity(name))
