"""What a route may ask the guard."""

from __future__ import annotations

from typing import Annotated, Any

import httpx
from fastapi import Depends, FastAPI

from guardrail import Admission, Guard, Identity
from guardrail.asgi import GuardMiddleware, Scope
from guardrail.integrations.fastapi import admitted, scored
from guardrail.rows import Rows
from guardrail.session.access import Access
from guardrail.session.history import History
from guardrail.session.memory import MemoryStore
from guardrail.session.nudging import Nudge
from guardrail.session.schema import Attribute, Schema
from guardrail.surface import Surface
from guardrail.tabular import Tabular
from tests.readers import LATER, LEAK, PATIENCE, REFUSAL, WHO, guard

Admitted = Annotated[Admission | None, Depends(admitted)]


def identified(scope: Scope) -> Identity:
    headers = dict(scope["headers"])
    return Identity(headers.get(b"x-user", b"nobody").decode())


def application() -> FastAPI:
    app = FastAPI()
    app.add_middleware(
        GuardMiddleware, guard=guard(), identify=identified, surface=Surface(skip=("/free",))
    )

    @app.get("/who")
    @app.get("/free")
    async def who(admission: Admitted) -> dict[str, str | None]:
        if admission is None:
            return {"subject": None, "text": LEAK}
        prompt = " ".join(turn.content for turn in admission.context.turns)
        subject = admission.context.identity.subject
        return {"subject": subject, "action": str(admission.action), "prompt": prompt, "text": LEAK}

    return app


async def get(path: str, user: str) -> dict[str, str | None]:
    transport = httpx.ASGITransport(application())
    async with httpx.AsyncClient(
        transport=transport, base_url="http://here", timeout=PATIENCE
    ) as asker:
        response = await asker.get(path, headers={"x-user": user})
        told: dict[str, str | None] = response.json()
        return told


async def test_a_route_is_given_its_admission() -> None:
    """`Depends(admitted)` tells who asks, what was asked and what was decided."""
    told = await get("/who?q=good+day", "alice")
    assert told["subject"] == "alice"
    assert told["action"] == "allow"
    assert "good day" in (told["prompt"] or "")
    assert told["text"] == "[redacted]"


async def test_an_unguarded_path_has_none() -> None:
    """Where nobody was admitted there is no admission."""
    assert await get("/free", "alice") == {"subject": None, "text": LEAK}


def scoring() -> FastAPI:
    """A route that scores rows; it is told who asks, and does nothing else for them."""
    schema = Schema(Attribute(name=name, kind="numeric", width=10) for name in "abcd")
    history = History(MemoryStore(), secret=b"k" * 32)
    rules = (Nudge(values=4), Nudge(id="who", action="challenge", rows=3, others=1))
    held = Guard(rows=Rows(schema, history, nudging=rules[:1]))
    asking = Guard(rows=Rows(schema, history, nudging=rules[1:]))
    closed = Guard(rows=Rows(schema, history), access=Access(()))
    app = FastAPI()
    app.add_middleware(GuardMiddleware, guard=held, identify=identified)

    @app.post("/score")
    async def score(row: dict[str, Any], admission: Admitted) -> dict[str, Any]:
        model = Tabular(lambda rows: [sum(one.values()) / 100 for one in rows], guard=held)
        return {"risk": await scored(model, row, admission)}

    @app.post("/ask")
    async def ask(row: dict[str, Any], admission: Admitted) -> dict[str, Any]:
        model = Tabular(lambda rows: [0.5] * len(rows), guard=asking)
        return {"risk": await scored(model, row, admission)}

    @app.post("/closed")
    async def none(row: dict[str, Any]) -> dict[str, Any]:
        model = Tabular(lambda rows: [0.5] * len(rows), guard=closed)
        return {"risk": await scored(model, row, None)}

    return app


async def test_a_route_scores_rows() -> None:
    """In bands, until somebody nudges; the framework says what became of it."""
    transport = httpx.ASGITransport(scoring())
    async with httpx.AsyncClient(
        transport=transport, base_url="http://here", timeout=PATIENCE
    ) as asker:

        async def post(path: str, row: dict[str, Any], user: str = "alice") -> httpx.Response:
            return await asker.post(path, json=row, headers={"x-user": user})

        row = {"a": 5, "b": 5, "c": 5, "d": 5}
        told = [await post("/score", row | {"a": 10 * number}) for number in range(4)]
        assert [one.status_code for one in told] == [200, 200, 200, 429]
        assert told[2].json() == {"risk": "medium"}
        assert told[3].json() == {"detail": LATER}
        assert told[3].headers["retry-after"] == "3600"
        assert (await post("/score", row, "bob")).json() == {"risk": "low"}
        bad = await post("/score", row | {"a": "thirty"}, "bob")
        assert (bad.status_code, bad.json()) == (422, {"detail": "attribute 'a' must be a number"})
        none = await post("/closed", row)
        assert (none.status_code, none.json()) == (403, {"detail": REFUSAL})
        told = [await post("/ask", row | {name: 99}, "carol") for name in "abc"]
        assert [one.status_code for one in told] == [200, 200, 401]
        assert told[2].headers["www-authenticate"] == "Bearer"
        assert told[2].json() == {"detail": WHO}
