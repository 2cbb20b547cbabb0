"""The guard before any OpenAI- or Anthropic-compatible API: a FastAPI application."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from hmac import compare_digest
from types import FrameType
from typing import Annotated, Any

import uvicorn
from fastapi import FastAPI, Header, HTTPException, Request, Response
from fastapi.routing import APIRoute
from starlette.routing import Route

from guardrail import __version__
from guardrail.asgi import Event, GuardMiddleware, Identify, Receive, Scope, Send, body_of
from guardrail.errors import InputError
from guardrail.forward import Forward
from guardrail.generic import Given, Told, said, told
from guardrail.guard import Guard
from guardrail.upstream import Upstream
from guardrail.weight import weight
from guardrail.wire.checks import WireError
from guardrail.wire.leaves import load

__all__ = ["GRACE", "create", "listening", "serve"]

GRACE = 10
"""Seconds that answers in flight have to end in, once a signal has come."""

_BACKLOG = 2048
_PATHS = {
    "/v1/chat/completions": "Chat completions, whole or streamed",
    "/v1/completions": "Legacy completions, whole or streamed",
    "/v1/responses": "Responses, whole or streamed",
    "/v1/embeddings": "Embeddings",
    "/v1/messages": "Anthropic's messages, whole or streamed",
}


def create(
    guard: Guard, upstreams: Sequence[Upstream], *, identify: Identify | None = None
) -> FastAPI:
    """The application: every path goes through the guard to an upstream, but for its own.

    Its own are `/healthz` and `/readyz`, and where the policy has a key for it LiteLLM's
    `/beta/litellm_basic_guardrail_api`.
    """
    limit = guard.surface.max_body
    forward = Forward(upstreams, limit=limit)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await forward.open()
        try:
            yield
        finally:
            await forward.close()

    guarded = GuardMiddleware(forward, guard=guard, identify=identify)
    app = _Proxy(guarded, title="leakrail", version=__version__, lifespan=lifespan)
    app.state.forward = forward
    app.router.route_class = _bounded(limit)

    @app.get("/healthz", summary="Whether the process lives")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/readyz", summary="Whether requests are taken", responses={503: {}})
    async def readyz(response: Response) -> dict[str, str]:
        if forward.draining:
            response.status_code = 503
            return {"status": "draining"}
        return {"status": "ready"}

    if guard.surface.litellm_key_env is not None:
        _serve_litellm(app, guard, os.environ[guard.surface.litellm_key_env].encode())
    app.own = frozenset(route.path for route in app.routes if isinstance(route, Route))
    return app


def _serve_litellm(app: FastAPI, guard: Guard, key: bytes) -> None:
    # Who asks here is told of any text whether it is private.
    @app.post("/beta/litellm_basic_guardrail_api", summary="LiteLLM's generic guardrail API")
    async def litellm(given: Given, x_api_key: Annotated[str, Header()] = "") -> Told:
        if not compare_digest(x_api_key.encode(), key):
            raise HTTPException(401, "x-api-key is not the key to this")
        pace = guard.pace()
        answer = await guard.aside(weight(said(given)), told, guard, given)
        await pace.arest()
        return answer


class _Proxy(FastAPI):
    """Answers at its own paths, and sends the rest through the guard, past what routes need."""

    own: frozenset[str]

    def __init__(self, guarded: GuardMiddleware, **settings: Any) -> None:
        super().__init__(**settings)
        self._guarded = guarded

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] not in self.own:
            await self._guarded(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)

    def openapi(self) -> dict[str, Any]:
        schema = super().openapi()
        schema["paths"] |= {path: _described(summary) for path, summary in _PATHS.items()}
        return schema


def serve(app: FastAPI, listener: socket.socket, *, ready: Callable[[], None]) -> None:
    """Serve until a signal comes; then answers in flight end as broken, and it returns."""
    config = uvicorn.Config(
        app,
        access_log=False,
        log_level="warning",
        # Else uvicorn believes whoever asks from this machine, whatever `trusted_proxies` says.
        proxy_headers=False,
        ws="none",
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=GRACE,
    )
    server = _Server(config, app.state.forward, ready)
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(server.serve([listener]))


class _Server(uvicorn.Server):
    """Lets answers in flight end before it goes down, and takes SIGTERM for the end of its work."""

    def __init__(self, config: uvicorn.Config, forward: Forward, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._forward, self._ready = forward, ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._forward.drain()
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if sig == signal.SIGTERM:
            # Told to uvicorn, it would kill the process by the signal in the end.
            self.should_exit = True
        else:
            super().handle_exit(sig, frame)


def listening(host: str, port: int) -> socket.socket:
    """A socket that connections can be taken from; raises `InputError`."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        listener = socket.create_server((host, port), family=found[0][0], backlog=_BACKLOG)
        # Connections have it from here: asyncio overlooks sockets that name no protocol, and each
        # answer in two writes would wait for the reader's late acknowledgement.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listener
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"cannot listen at {host}:{port}: {reason}") from None


def _bounded(limit: int) -> type[APIRoute]:
    """Routes that read no larger body, and nothing that is not JSON."""

    class Bounded(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handle = super().get_route_handler()

            async def bounded(request: Request) -> Response:
                try:
                    body = await body_of(request.receive, limit)
                except EOFError:
                    raise HTTPException(400, "the request broke off") from None
                if body is None:
                    raise HTTPException(413, "the request is too large")
                if body:
                    # FastAPI's own reader takes halves of letters, which no answer can repeat.
                    try:
                        load(body)
                    except WireError as error:
                        raise HTTPException(400, f"the request cannot be read: {error}") from None

                async def receive() -> Event:
                    return {"type": "http.request", "body": body, "more_body": False}

                return await handle(Request(request.scope, receive))

            return bounded

    return Bounded


def _described(summary: str) -> dict[str, Any]:
    body = {"application/json": {"schema": {"type": "object"}}}
    answers = {
        "200": {"description": "The upstream's answer, made safe"},
        "default": {"description": "An error in the provider's own form"},
    }
    post = {"summary": summary, "requestBody": {"content": body, "required": True}}
    return {"post": post | {"responses": answers}}
