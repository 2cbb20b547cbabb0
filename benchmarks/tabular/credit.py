"""Tables of people who ask for credit: drawn from a seed, or read from a CSV file."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from guardrail.session.schema import Attribute, Schema, quantiles

__all__ = ["Floats", "Table", "drawn", "read"]

Floats = NDArray[np.float64]

# What an attacker is after, and may ask for each value of.
_PRIVATE = ("education", "marital", "housing", "job", "sex", "children", "late")
_NUMERIC = ("age", "income", "employment", "amount", "duration", "utilisation", "savings")
_FEW = 12


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of numbers, whether each defaulted, and the columns that hold categories."""

    names: tuple[str, ...]
    rows: Floats
    labels: NDArray[np.int64]
    categories: Mapping[str, tuple[float, ...]]
    tried: tuple[str, ...]

    def part(self, places: Any) -> Table:
        rows, labels = self.rows[places], self.labels[places]
        return Table(self.names, rows, labels, self.categories, self.tried)

    def column(self, name: str) -> int:
        return self.names.index(name)

    @property
    def schema(self) -> Schema:
        """Eight bins that hold equally many, or every value of a category."""
        return Schema(
            Attribute(name=name, values=self.categories[name])
            if name in self.categories
            else Attribute(name=name, kind="numeric", edges=quantiles(self.rows[:, place].tolist()))
            for place, name in enumerate(self.names)
        )


def drawn(size: int, seed: int) -> Table:
    """People whose attributes hang together as in real tables, by two hidden traits."""
    chance = np.random.default_rng(seed)
    means = chance.normal(size=size)
    care = 0.4 * means + 0.9 * chance.normal(size=size)

    def noise(scale: float) -> Floats:
        return np.asarray(chance.normal(scale=scale, size=size))

    def cut(values: Floats, *edges: float) -> Floats:
        return np.digitize(values, edges).astype(np.float64)

    age = np.clip(np.round(20 + chance.gamma(3.2, 7, size)), 18, 80)
    education = cut(means + noise(0.8), -1.2, 0.3, 1.4)
    job = cut(0.7 * education + 0.3 * care + noise(0.8), 0.2, 1.1, 2.2)
    income = np.exp(7.4 + 0.3 * means + 0.15 * education + 0.006 * (age - 40) + noise(0.25))
    employment = np.clip((age - 18) * chance.beta(1.5, 3, size) + 2 * care, 0, 45)
    marital = np.where(age + noise(9) < 31, 0, np.where(chance.random(size) < 0.74, 1, 2))
    housing = cut(0.03 * (age - 38) + 0.6 * means + noise(0.8), -0.3, 0.5)
    children = np.clip(chance.poisson(np.where(marital == 1, 1.3, 0.3)), 0, 4)
    amount = income * np.exp(0.9 + noise(0.6))
    duration = np.clip(6 * np.round(amount / income * 1.6 + noise(1)), 6, 72)
    utilisation = np.clip(chance.beta(1.4, 2.2, size) - 0.12 * care + 0.1, 0, 1.2)
    savings = np.exp(6.2 + 0.7 * means + 0.5 * care + noise(0.9))
    late = np.clip(chance.poisson(np.exp(-0.8 - 0.8 * care + 0.6 * utilisation)), 0, 5)
    sex = (chance.random(size) < 0.45).astype(np.float64)
    risk = -2.3 + 0.75 * late**0.8 + 1.3 * utilisation - 0.3 * education - 0.15 * job
    risk += 0.022 * duration - 0.55 * (np.log(income) - 7.8) - 0.4 * (marital == 1)
    risk += 0.45 * (housing == 0) + 0.12 * children + 0.2 * sex - 0.2 * (np.log(savings) - 6)
    risk += 0.5 * (late > 0) * (utilisation > 0.6) - 0.02 * employment
    labels = (chance.random(size) < 1 / (1 + np.exp(-risk))).astype(np.int64)
    columns = {
        "age": age, "income": income, "employment": employment, "amount": amount,
        "duration": duration, "utilisation": utilisation, "savings": savings,
        "education": education, "marital": marital, "housing": housing, "job": job,
        "sex": sex, "children": children, "late": late,
    }  # fmt: skip
    rows = np.column_stack(list(columns.values())).astype(np.float64)
    return _table(tuple(columns), rows, labels, frozenset(_NUMERIC), _PRIVATE)


def read(path: Path, target: str, tried: Sequence[str]) -> Table:
    """A CSV file of numbers; a column of at most twelve different ones holds categories.

    Columns like `job_0` and `job_1`, of which one is 1 in each row, are one. One that numbers the
    rows is left out.
    """
    with path.open(newline="") as file:
        lines = list(csv.DictReader(file))
    columns = {name: np.array([float(line[name]) for line in lines]) for name in lines[0] if name}
    labels = columns.pop(target).astype(np.int64)
    groups: dict[str, list[str]] = {}
    for name in columns:
        if found := re.fullmatch(r"(.+)_\d+", name):
            groups.setdefault(found[1], []).append(name)
    for group, names in groups.items():
        ones = np.column_stack([columns[name] for name in names])
        if np.isin(ones, (0, 1)).all() and (ones.sum(axis=1) == 1).all():
            columns = {name: held for name, held in columns.items() if name not in names}
            columns[group] = ones.argmax(axis=1).astype(np.float64)
    kept = {name: held for name, held in columns.items() if len(np.unique(held)) < len(held)}
    numeric = frozenset(name for name, held in kept.items() if len(np.unique(held)) > _FEW)
    known = tuple(name for name in tried if name in kept and name not in numeric)
    return _table(tuple(kept), np.column_stack(list(kept.values())), labels, numeric, known)


def _table(
    names: tuple[str, ...],
    rows: Floats,
    labels: NDArray[np.int64],
    numeric: frozenset[str],
    tried: tuple[str, ...],
) -> Table:
    categories = {
        name: tuple(sorted(set(rows[:, place].tolist())))
        for place, name in enumerate(names)
        if name not in numeric
    }
    return Table(names, rows, labels, categories, tried)
