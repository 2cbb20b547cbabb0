"""A credit-risk model behind a route of FastAPI, as it is and guarded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, get_args

import httpx
import numpy as np
from fastapi import Body, Depends, FastAPI
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from benchmarks.tabular.credit import Table
from guardrail import Admission, Guard
from guardrail.asgi import GuardMiddleware
from guardrail.integrations.fastapi import admitted, scored
from guardrail.rows import Rows
from guardrail.session.history import History
from guardrail.session.identity import Identification
from guardrail.session.memory import MemoryStore
from guardrail.session.nudging import Nudge
from guardrail.tabular import Tabular

__all__ = ["MODELS", "MODES", "Clock", "Endpoint", "Mode", "guarded", "trained"]

Mode = Literal["full", "rounded", "bands", "label", "monitor", "monitor, waits", "monitor, careful"]
"""What is told; the monitor tells bands.

Who is stopped goes on with somebody else at once, or waits until they may. The careful one never
asks often enough of anybody to be stopped for it.
"""
MODES: tuple[Mode, ...] = get_args(Mode)
MODELS = ("logistic", "forest", "boosting")

_LEVELS = {"low": 0.0, "medium": 1.0, "high": 2.0}
_DECIMALS = {"full": 12, "rounded": 2}


@dataclass
class Clock:
    """A clock that an attacker waits by."""

    nanoseconds: int = 10**18

    def __call__(self) -> int:
        return self.nanoseconds

    def wait(self, minutes: float) -> None:
        self.nanoseconds += int(minutes * 60e9)


@dataclass
class Model:
    """A classifier, asked with rows by name."""

    names: tuple[str, ...]
    pipeline: Any

    def __call__(self, rows: Sequence[Mapping[str, float]]) -> NDArray[np.float64]:
        table = np.array([[row[name] for name in self.names] for row in rows])
        return np.asarray(self.pipeline.predict_proba(table))


def trained(kind: str, table: Table, seed: int) -> Model:
    groups = [table.column(name) for name in table.categories]
    others = [place for place in range(len(table.names)) if place not in groups]
    columns = ColumnTransformer(
        [
            ("groups", OneHotEncoder(handle_unknown="ignore", sparse_output=False), groups),
            ("others", StandardScaler(), others),
        ]
    )
    kinds = {
        "logistic": LogisticRegression(max_iter=2000),
        "forest": RandomForestClassifier(50, random_state=seed),
        "boosting": HistGradientBoostingClassifier(random_state=seed),
    }
    pipeline = make_pipeline(columns, kinds[kind])
    pipeline.fit(table.rows, table.labels)
    return Model(table.names, pipeline)


def guarded(
    table: Table,
    *,
    clock: Clock | None = None,
    nudging: Sequence[Nudge] = (Nudge(),),
    scores: Literal["label", "bands"] = "bands",
    most: int = 1_000_000,
) -> Guard:
    """A guard that knows of nobody, with a store for so many."""
    store = MemoryStore(most=most, clock=clock or Clock())
    rows = Rows(table.schema, History(store, secret=b"k" * 32), nudging=nudging, scores=scores)
    who = Identification(subject="x-user", trusted_proxies=("127.0.0.1/32",))
    return Guard(rows=rows, identification=who)


@dataclass
class Endpoint:
    """The route, and a client of it that sees what an attacker sees: one number for a row."""

    model: Any
    table: Table
    mode: Mode
    clock: Clock = field(default_factory=Clock)
    app: FastAPI = field(init=False)

    def __post_init__(self) -> None:
        if self.mode in _DECIMALS:
            self.app = _raw(self.model)
            return
        nudging = (Nudge(),) if self.watched else ()
        scores: Literal["label", "bands"] = "label" if self.mode == "label" else "bands"
        guard = guarded(self.table, clock=self.clock, nudging=nudging, scores=scores)
        self.app = _safe(self.model, guard)

    @property
    def watched(self) -> bool:
        return self.mode.startswith("monitor")

    def most(self, values: int) -> int:
        """Of how many values an attacker asks."""
        if self.mode != "monitor, careful" or values < 3:
            return values
        return min(values, Nudge().values) - 1

    def stopped(self) -> None:
        """An attacker is stopped, and goes on with somebody else, or waits before."""
        if self.mode == "monitor, waits":
            self.clock.wait(61)

    async def ask(self, rows: Sequence[NDArray[np.float64]], who: str) -> list[float] | None:
        """A number for each answer, or None for a refusal."""
        named = [dict(zip(self.table.names, row.tolist(), strict=True)) for row in rows]
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://model") as client:
            answer = await client.post("/score", json=named, headers={"x-user": who})
        if answer.status_code == 429:
            return None
        answer.raise_for_status()
        return [self._level(told) for told in answer.json()["risk"]]

    def _level(self, told: Any) -> float:
        if self.mode == "label":
            return float(told)
        if self.mode in _DECIMALS:
            return round(float(told[1]), _DECIMALS[self.mode])
        return _LEVELS[told[1]]


def _raw(model: Any) -> FastAPI:
    app = FastAPI()

    @app.post("/score")
    def score(rows: Annotated[list[dict[str, float]], Body()]) -> dict[str, Any]:
        return {"risk": model(rows).tolist()}

    return app


def _safe(model: Any, guard: Guard) -> FastAPI:
    app = FastAPI()
    app.add_middleware(GuardMiddleware, guard=guard)
    tabular = Tabular(model, guard=guard)

    @app.post("/score")
    async def score(
        rows: Annotated[list[dict[str, float]], Body()],
        admission: Annotated[Admission | None, Depends(admitted)],
    ) -> dict[str, Any]:
        return {"risk": await scored(tabular, rows, admission)}

    return app
