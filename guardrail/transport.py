"""The guard under a vendor's SDK: a transport for the clients of `httpx` and `httpx2`."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from types import ModuleType, TracebackType
from typing import Any, Self

from guardrail.answer import Answer, Headers, Reply
from guardrail.errors import PolicyError
from guardrail.exchange import Exchange, forwarded
from guardrail.guard import Guard
from guardrail.surface import Surface
from guardrail.types import Identity

__all__ = ["GuardTransport"]

Identify = Callable[[Any], Identity]

# Pieces that are read beyond an answer's end.
_REST = 16

# A client of either library takes it for a transport of its own; neither is imported for that.
_Transport: Any = object


class GuardTransport(_Transport):  # type: ignore[misc, unused-ignore]
    """Sends by `inner`, by default the library's own transport, and checks what comes back.

        OpenAI(http_client=httpx.Client(transport=GuardTransport(guard)))

    For `Client` and `AsyncClient` of `httpx` and of `httpx2`: each request says by its type whose
    it is. `identify` tells from a request who asks; by default everybody is anonymous. A proxy is
    for `inner`: a client with a `proxy` or `mounts` of its own sends past its transport, unguarded.
    Raises `PolicyError` without a guard.
    """

    def __init__(
        self,
        guard: Guard,
        inner: Any = None,
        *,
        identify: Identify | None = None,
        surface: Surface | None = None,
    ) -> None:
        if not isinstance(guard, Guard):
            raise PolicyError("GuardTransport needs a Guard: Guard.from_policy(...)")
        self._guard, self._inner = guard, inner
        self._identify, self._surface = identify, surface
        self._made: dict[type[Any], Any] = {}

    def handle_request(self, request: Any) -> Any:
        library = _library(request)
        inner = self._sender(library.HTTPTransport)
        if not self._guards(request):
            return inner.handle_request(request)
        body = request.read()
        exchange = self._exchange(request, body)
        if reply := exchange.admit():
            exchange.pace.rest()
            return _replied(library, exchange, reply)
        response = inner.handle_request(_request(library, request, body))
        answer = exchange.answer(response.status_code, response.headers.multi_items())
        if not answer.whole:
            return _response(
                library, response, answer, _stream(library)(response, answer, exchange)
            )
        try:
            for raw in response.stream:
                answer.feed(raw)
                if answer.done:
                    break
            exchange.pace.mark()
            told = answer.close()
            exchange.pace.rest()
            return _replied(library, exchange, Reply(200, (), told), answer)
        finally:
            response.close()

    async def handle_async_request(self, request: Any) -> Any:
        library = _library(request)
        inner = self._sender(library.AsyncHTTPTransport)
        if not self._guards(request):
            return await inner.handle_async_request(request)
        body = await request.aread()
        exchange = await self._guard.aside(len(body), self._exchange, request, body)
        if reply := await exchange.aadmit():
            await exchange.pace.arest()
            return _replied(library, exchange, reply)
        response = await inner.handle_async_request(_request(library, request, body))
        answer = exchange.answer(response.status_code, response.headers.multi_items())
        if not answer.whole:
            stream = _async_stream(library)(response, answer, exchange, self._guard)
            return _response(library, response, answer, stream)
        size = 0
        try:
            async for raw in response.stream:
                size += len(raw)
                answer.feed(raw)
                if answer.done:
                    break
            exchange.pace.mark()
            told = await self._guard.aside(exchange.weight + size, answer.close)
            await exchange.pace.arest()
            return _replied(library, exchange, Reply(200, (), told), answer)
        finally:
            await response.aclose()

    def close(self) -> None:
        for inner in self._inners("close"):
            inner.close()

    async def aclose(self) -> None:
        for inner in self._inners("aclose"):
            await inner.aclose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None:
        await self.aclose()

    def _sender(self, kind: type[Any]) -> Any:
        if self._inner is not None:
            return self._inner
        if kind not in self._made:
            self._made.setdefault(kind, kind())
        return self._made[kind]

    def _inners(self, end: str) -> list[Any]:
        """What is to be ended so; a client ends what is of its own kind."""
        known = list(self._made.values()) if self._inner is None else [self._inner]
        return [inner for inner in known if hasattr(inner, end)]

    def _guards(self, request: Any) -> bool:
        surface = self._guard.surface if self._surface is None else self._surface
        return surface.guards(request.url.path)

    def _exchange(self, request: Any, body: bytes) -> Exchange:
        return Exchange(
            self._guard,
            method=request.method,
            path=request.url.path,
            query=request.url.query.decode("latin-1"),
            headers=_lowered(request),
            body=body,
            identity=None if self._identify is None else self._identify(request),
            surface=self._surface,
        )


def _library(request: Any) -> ModuleType:
    return sys.modules[type(request).__module__.partition(".")[0]]


def _lowered(message: Any) -> Headers:
    return tuple((name.lower(), value) for name, value in message.headers.multi_items())


def _request(library: ModuleType, request: Any, body: bytes) -> Any:
    # The body is whole now, and the library says how long it is.
    told = [pair for pair in forwarded(_lowered(request)) if pair[0] != "transfer-encoding"]
    return library.Request(
        request.method,
        request.url,
        headers=told,
        content=body,
        extensions=request.extensions,
    )


def _replied(
    library: ModuleType, exchange: Exchange, reply: Reply, answer: Answer | None = None
) -> Any:
    exchange.left(len(reply.body))
    told: Reply | Answer = reply if answer is None else answer
    return library.Response(told.status, headers=list(told.headers), content=reply.body)


def _response(library: ModuleType, response: Any, answer: Answer, stream: Any) -> Any:
    # Of the extensions only what is said of the answer: one of them is the open socket.
    said = {key: response.extensions[key] for key in ("http_version",) & response.extensions.keys()}
    return library.Response(
        answer.status, headers=list(answer.headers), stream=stream, extensions=said
    )


@contextmanager
def _ends(library: ModuleType) -> Iterator[None]:
    """An answer that ends too early is an error of the library's own."""
    try:
        yield
    except EOFError:
        raise library.RemoteProtocolError("the answer broke off") from None


def _drop(answer: Answer, pieces: Iterator[bytes]) -> None:
    """Read what follows the end of an answer, so that its connection can be used again."""
    left = 0 if answer.stopped else _REST
    while left and next(pieces, None) is not None:
        left -= 1


async def _adrop(answer: Answer, pieces: AsyncIterator[bytes]) -> None:
    left = 0 if answer.stopped else _REST
    while left and await anext(pieces, None) is not None:
        left -= 1


@cache
def _stream(library: ModuleType) -> type[Any]:
    """The stream of an answer, as the library wants one."""

    class Stream(library.SyncByteStream):  # type: ignore[name-defined, misc]
        def __init__(self, response: Any, answer: Answer, exchange: Exchange) -> None:
            self._response, self._answer, self._exchange = response, answer, exchange

        def __iter__(self) -> Iterator[bytes]:
            answer, exchange, sent = self._answer, self._exchange, 0
            pieces = iter(self._response.stream)
            try:
                for raw in pieces:
                    exchange.pace.mark()
                    out = answer.feed(raw)
                    if answer.done or (out and not sent):
                        exchange.pace.rest()
                    sent += len(out)
                    if answer.done:
                        exchange.left(sent)
                    if out:
                        yield out
                    if answer.done:
                        with suppress(library.TransportError):
                            _drop(answer, pieces)
                        return
            except library.TransportError:
                out = answer.fail()
                exchange.pace.rest()
                yield out
                raise
            exchange.pace.mark()
            with _ends(library):
                out = answer.close()
            exchange.pace.rest()
            exchange.left(sent + len(out))
            yield out

        def close(self) -> None:
            self._answer.cancel()
            self._response.close()

    return Stream


@cache
def _async_stream(library: ModuleType) -> type[Any]:
    class Stream(library.AsyncByteStream):  # type: ignore[name-defined, misc]
        def __init__(self, response: Any, answer: Answer, exchange: Exchange, guard: Guard) -> None:
            self._response, self._answer = response, answer
            self._exchange, self._guard = exchange, guard
            self._weight = exchange.weight

        async def __aiter__(self) -> AsyncIterator[bytes]:
            answer, exchange, sent = self._answer, self._exchange, 0
            pieces = aiter(self._response.stream)
            try:
                async for raw in pieces:
                    self._weight += len(raw)
                    exchange.pace.mark()
                    out = await self._guard.aside(exchange.weight + len(raw), answer.feed, raw)
                    if answer.done or (out and not sent):
                        await exchange.pace.arest()
                    sent += len(out)
                    if answer.done:
                        exchange.left(sent)
                    if out:
                        yield out
                    if answer.done:
                        with suppress(library.TransportError):
                            await _adrop(answer, pieces)
                        return
            except library.TransportError:
                out = await self._guard.aside(self._weight, answer.fail)
                await exchange.pace.arest()
                yield out
                raise
            exchange.pace.mark()
            with _ends(library):
                out = await self._guard.aside(self._weight, answer.close)
            await exchange.pace.arest()
            exchange.left(sent + len(out))
            yield out

        async def aclose(self) -> None:
            try:
                await self._guard.gone(self._weight, self._answer)
            finally:
                await self._response.aclose()

    return Stream
