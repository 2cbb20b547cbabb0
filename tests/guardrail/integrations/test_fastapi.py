"""What a route may ask the guard."""

from __future__ import annotations

from typing import Annotated

import httpx
from fastapi import Depends, FastAPI

from guardrail import Admission, Identity
from guardrail.asgi import GuardMiddleware, Scope
from guardrail.integrations.fastapi import admitted
from guardrail.surface import Surface
from tests.readers import LEAK, PATIENCE, guard

Admitted = Annotated[Admission | None, Depends(admitted)]


def application() -> FastAPI:
    app = FastAPI()

    def identify(scope: Scope) -> Identity:
        headers = dict(scope["headers"])
        return Identity(headers.get(b"x-user", b"nobody").decode())

    app.add_middleware(
        GuardMiddleware, guard=guard(), identify=identify, surface=Surface(skip=("/free",))
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
