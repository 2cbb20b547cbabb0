"""The guard before any OpenAI- or Anthropic-compatible API: a FastAPI application."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Literal

import uvicorn
from fastapi import FastAPI, Response
from pydantic import BaseModel, ConfigDict, Field

from guardrail import __version__
from guardrail.asgi import GuardMiddleware, Identify
from guardrail.forward import Forward
from guardrail.guard import Guard
from guardrail.types import Context
from guardrail.upstream import Upstream

__all__ = ["Texts", "Told", "create", "serve"]

_GRACE = 10
_PATHS = {
    "/v1/chat/completions": "Chat completions, whole or streamed",
    "/v1/completions": "Legacy completions, whole or streamed",
    "/v1/responses": "Responses, whole or streamed",
    "/v1/embeddings": "Embeddings",
    "/v1/messages": "Anthropic's messages, whole or streamed",
}


class Texts(BaseModel):
    """LiteLLM's generic guardrail request; what it says besides is not looked at."""

    model_config = ConfigDict(extra="ignore")

    input_type: Literal["request", "response"]
    texts: list[str] = Field(default_factory=list)


class Told(BaseModel):
    """LiteLLM's generic guardrail answer."""

    action: Literal["NONE", "BLOCKED", "GUARDRAIL_INTERVENED"]
    texts: list[str] | None = None
    blocked_reason: str | None = None


def create(
    guard: Guard, upstreams: Sequence[Upstream], *, identify: Identify | None = None
) -> FastAPI:
    """The application: every path goes through the guard to an upstream, but for its own.

    Its own are `/healthz`, `/readyz` and LiteLLM's `/beta/litellm_basic_guardrail_api`.
    """
    forward = Forward(upstreams)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await forward.open()
        try:
            yield
        finally:
            await forward.close()

    app = FastAPI(title="leakrail", version=__version__, lifespan=lifespan)
    app.state.forward = forward

    @app.get("/healthz", summary="Whether the process lives")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/readyz", summary="Whether requests are taken", responses={503: {}})
    async def readyz(response: Response) -> dict[str, str]:
        if forward.draining:
            response.status_code = 503
            return {"status": "draining"}
        return {"status": "ready"}

    @app.post("/beta/litellm_basic_guardrail_api", summary="LiteLLM's generic guardrail API")
    async def litellm(given: Texts) -> Told:
        return await guard.aside(sum(map(len, given.texts)), _told, guard, given)

    app.mount("/", GuardMiddleware(forward, guard=guard, identify=identify))
    own = app.openapi

    def openapi() -> dict[str, Any]:
        schema = own()
        schema["paths"] |= {path: _described(summary) for path, summary in _PATHS.items()}
        return schema

    app.openapi = openapi  # type: ignore[method-assign]
    return app


def serve(app: FastAPI, host: str, port: int, *, told: Callable[[str], None]) -> None:
    """Serve until a signal comes; then answers in flight end as broken, and it returns."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        access_log=False,
        log_level="warning",
        ws="none",
        timeout_graceful_shutdown=_GRACE,
    )
    server = _Server(config, app.state.forward, told)
    asyncio.run(server.serve())


class _Server(uvicorn.Server):
    """Lets answers in flight end before it goes down."""

    def __init__(self, config: uvicorn.Config, forward: Forward, told: Callable[[str], None]):
        super().__init__(config)
        self._forward, self._told = forward, told

    async def startup(self, sockets: list[Any] | None = None) -> None:
        await super().startup(sockets)
        for server in self.servers:
            for socket in server.sockets:
                host, port = socket.getsockname()[:2]
                self._told(f"http://{host}:{port}")

    async def shutdown(self, sockets: list[Any] | None = None) -> None:
        self._forward.drain()
        await super().shutdown(sockets)


def _told(guard: Guard, given: Texts) -> Told:
    if given.input_type == "request":
        admission = guard.admit(Context(prompt="\n".join(given.texts)))
        if guard.stops(admission):
            return Told(action="BLOCKED", blocked_reason=guard.refusal)
        return Told(action="NONE")
    verdicts = guard.check_many(given.texts)
    if any(map(guard.stopped, verdicts)):
        return Told(action="BLOCKED", blocked_reason=guard.refusal)
    texts = [verdict.text for verdict in verdicts]
    if texts == given.texts:
        return Told(action="NONE")
    return Told(action="GUARDRAIL_INTERVENED", texts=texts)


def _described(summary: str) -> dict[str, Any]:
    body = {"application/json": {"schema": {"type": "object"}}}
    answers = {
        "200": {"description": "The upstream's answer, made safe"},
        "default": {"description": "An error in the provider's own form"},
    }
    post = {"summary": summary, "requestBody": {"content": body, "required": True}}
    return {"post": post | {"responses": answers}}
