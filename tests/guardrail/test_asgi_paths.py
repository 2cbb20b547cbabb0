"""Which paths of an application are guarded, by whatever name they are asked for."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from fastapi.responses import PlainTextResponse

from guardrail.asgi import GuardMiddleware
from guardrail.surface import Surface
from tests.readers import LEAK, get, guard, reader


@pytest.mark.parametrize("root", ["/api", "/api/", "/a"])
@pytest.mark.parametrize(
    ("surface", "guarded"),
    [
        (Surface(paths=("/ask",)), True),
        (Surface(paths=("/api/ask", "/a/ask")), True),
        (Surface(paths=("/other",)), False),
        (Surface(skip=("/ask",)), True),
        (Surface(skip=("/api/ask", "/a/ask")), True),
        (Surface(skip=("*/ask",)), False),
    ],
)
async def test_a_path_is_known_with_its_root_and_without(
    root: str, surface: Surface, *, guarded: bool
) -> None:
    """By a server's root path, an application's own, or a mount; skipped where both names are."""
    inner = FastAPI()
    inner.add_middleware(GuardMiddleware, guard=guard(surface))
    inner.get("/ask", response_class=PlainTextResponse)(lambda: LEAK)
    mounting = FastAPI()
    mounting.mount(root, inner)
    full = root.rstrip("/") + "/ask"
    told = [(await get(mounting, full)).text]
    for path in ("/ask", full):
        talk = reader(path)
        talk.scope["root_path"] = root.rstrip("/")
        await talk.talk(inner)
        told.append(talk.body.decode())
    assert set(told) == {"[redacted]" if guarded else LEAK}


@pytest.mark.parametrize("plain", ["/chats/*", "/v1/chats/*"])
async def test_an_applications_own_path_is_known_below_a_mount(plain: str) -> None:
    """`plain` takes either name of it."""
    inner, mounting = FastAPI(), FastAPI()
    inner.add_middleware(GuardMiddleware, guard=guard(Surface(plain=(plain,))))
    inner.post("/chats/1/messages")(lambda: {"answer": LEAK})
    mounting.mount("/v1", inner)
    response = await get(mounting, "/v1/chats/1/messages", method="POST", json={"model": "m"})
    assert response.json() == {"answer": "[redacted]"}


@pytest.mark.parametrize("path", ["/v1/ask", "/skipped", "/other"])
@pytest.mark.parametrize("control", ["%0A", "%0D", "%09", "%00", "%C2%85"])
async def test_a_path_with_control_characters_is_a_bad_one(path: str, control: str) -> None:
    """Guarded or not: a route that ends in `$` takes a line break for its end."""
    app = FastAPI()
    surface = Surface(paths=("/v1/*", "/skipped"), skip=("/skipped",))
    app.add_middleware(GuardMiddleware, guard=guard(surface))
    app.get(path)(lambda: LEAK)
    assert (await get(app, path)).status_code == 200
    for wrong in (path + control, f"{control}{path}", path.replace("/", f"/{control}")):
        response = await get(app, wrong)
        assert (response.status_code, LEAK in response.text) == (400, False)
