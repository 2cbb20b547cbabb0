"""A store in a Redis or Valkey server, which many machines share."""

from __future__ import annotations

import asyncio
import os
from collections import defaultdict
from collections.abc import AsyncGenerator, Generator, Sequence
from dataclasses import replace
from struct import Struct
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

import redis.asyncio
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisError, ResponseError
from redis.retry import Retry

from guardrail.errors import StoreError
from guardrail.flow import adriven, driven
from guardrail.session.coverage import Cover
from guardrail.session.gcra import Take
from guardrail.session.lua import AHEAD, ASK, CHARGE, COVER, Script
from guardrail.session.ring import Note, seen
from guardrail.session.store import Ask, Flow, Store, Told

__all__ = ["RedisStore"]

T = TypeVar("T")
Command = tuple[Any, ...]
Steps = Generator[Command, Any, T]
"""What asks a server, command by command."""
Line = Any
"""A connection of the library, which does not type what it does."""

_TAKE, _NOTE = Struct("<4q"), Struct("<qH")
# One hash tag: in a cluster, what is decided together stands on one node.
_PREFIX = b"{leakrail}:"
# Of the newer one the library takes a connection that was closed for one that was written to.
_PROTOCOL = 2
_MANY = 256
_AT_ONCE = 8
# All others are the store's own, or would fail when somebody asks.
_OPTIONS = (
    *("client_name", "db", "max_connections", "password", "username"),
    *("ssl_ca_certs", "ssl_cert_reqs", "ssl_certfile", "ssl_check_hostname", "ssl_keyfile"),
)
_BEATS = 20


class RedisStore(Store):
    """One script, and one round trip, a step; `timeout` in seconds is for each wait on the server.

    The server must not evict keys that expire before their time (`noeviction`). Of a cluster
    the URL names the node that has the keys, which share a hash tag: no redirection is
    followed. Nothing is sent until the first step. An event loop has connections of its own,
    eight at most, or what the URL allows; there the timeout is for connecting and the reply
    together. The URL may name a database, credentials, `max_connections`, `client_name` and
    what TLS needs. Raises `StoreError`.
    """

    waits = blocks = True

    def __init__(self, url: str, *, timeout: float = 0.05) -> None:
        self._url, self._timeout = url, timeout
        self._doors: dict[asyncio.AbstractEventLoop, tuple[_Door, object]] = {}
        try:
            self._server = redis.Redis.from_url(
                url,
                socket_timeout=timeout,
                socket_connect_timeout=timeout,
                # A step that came to no answer may have been made.
                retry=Retry(NoBackoff(), 0),
                protocol=_PROTOCOL,
            )
            _checked(url, self._server.connection_pool)
        except (ValueError, TypeError, RedisError):
            # What is wrong with an address may hold its password.
            hint = "escape `/`, `?` and `#` in its password"
            raise StoreError(f"the store has no address like redis://HOST:PORT/0; {hint}") from None
        # A client of the library takes twice as long about a command as its connections do. They
        # must not be carried over a fork.
        self._lines: defaultdict[int, list[Line]] = defaultdict(list)

    def ask(self, takes: Sequence[Take], notes: Sequence[Note]) -> Told:
        return self._driven(_asking(takes, notes))

    def charge(self, takes: Sequence[Take]) -> None:
        self._driven(_run(CHARGE, [take.key for take in takes], _numbers(takes)))

    def ahead(self, takes: Sequence[Take]) -> Sequence[int]:
        free = [replace(take, cost=0) for take in takes]
        told: list[int] = self._driven(_run(AHEAD, [take.key for take in takes], _numbers(free)))
        return told

    def forget(self, keys: Sequence[bytes]) -> None:
        if keys:
            self._driven(_sent("DEL", *map(_name, keys)))

    def cover(self, covers: Sequence[Cover]) -> Sequence[int]:
        # One script holds up whoever else asks the server.
        parts = (covers[first : first + _MANY] for first in range(0, len(covers), _MANY))
        return [beyond for part in parts for beyond in self._covered(part)]

    def _covered(self, covers: Sequence[Cover]) -> list[int]:
        keys: list[bytes] = []
        told: list[int] = []
        for cover in covers:
            told += (cover.first, cover.last, cover.unit, len(cover.under))
            for key, most, period, pool in cover.under:
                keys += (key, pool or key)
                told += (most, -(-period // 1000))
        beyond: list[int] = self._driven(_run(COVER, keys, *told))
        return beyond

    async def adrive(self, flow: Flow[T]) -> T:
        loop = asyncio.get_running_loop()
        held = self._doors.get(loop)
        if held is None:
            for ended in [one for one in tuple(self._doors) if one.is_closed()]:
                self._doors.pop(ended, None)
            opened = self._opened()
            held = self._doors[loop] = await anext(opened), opened
        door, _ = held
        async with door.turns:
            return await adriven(flow, door.ask)

    async def _opened(self) -> AsyncGenerator[_Door, None]:
        # A loop closes it when it ends, or when nobody holds it any more.
        server = redis.asyncio.Redis.from_url(
            self._url,
            socket_timeout=None,
            socket_connect_timeout=None,
            retry=AsyncRetry(NoBackoff(), 0),
            protocol=_PROTOCOL,
        )
        try:
            most = min(_AT_ONCE, server.connection_pool.max_connections)
            yield _Door(server.connection_pool, self._timeout, most)
        finally:
            await server.aclose()

    def close(self) -> None:
        self._server.close()
        self._doors.clear()

    def _driven(self, steps: Steps[T]) -> T:
        try:
            return driven(steps, self._reply)
        except RedisError as error:
            raise _failure(error) from None

    def _reply(self, command: Command) -> Any:
        lines = self._lines[os.getpid()]
        try:
            line = lines.pop()
        except IndexError:
            line = self._server.connection_pool.get_connection()
        try:
            if _stale(line):
                line.disconnect()
            line.send_command(*command)
            return line.read_response()
        except ResponseError:
            raise
        except BaseException:
            # A reply that was not read would be taken for the next one.
            line.disconnect()
            raise
        finally:
            lines.append(line)


class _Door:
    """What an event loop asks a server through, some at once and the others in turn."""

    def __init__(self, pool: Any, timeout: float, most: int) -> None:
        self._pool, self._beat = pool, timeout / _BEATS
        self._lines: list[Line] = []
        self._left: dict[asyncio.Timeout, int] = {}
        self._counting = False
        self.turns = asyncio.Semaphore(most)

    async def ask(self, asked: Ask) -> Told:
        try:
            return await adriven(_asking(asked.takes, asked.notes), self._reply)
        except (RedisError, TimeoutError) as error:
            raise _failure(error) from None

    async def _reply(self, command: Command) -> Any:
        async with asyncio.timeout(None) as limit:
            self._left[limit] = _BEATS
            if not self._counting:
                self._counting = True
                asyncio.get_running_loop().call_later(self._beat, self._count)
            try:
                return await self._told(command)
            finally:
                self._left.pop(limit, None)

    def _count(self) -> None:
        # A loop that was held up is late to listen. Time is counted in beats, and of those it costs
        # one, however long it was: what came meanwhile is heard before time is up.
        loop = asyncio.get_running_loop()
        for limit, left in tuple(self._left.items()):
            if left:
                self._left[limit] = left - 1
            else:
                del self._left[limit]
                limit.reschedule(loop.time())
        self._counting = bool(self._left)
        if self._counting:
            loop.call_later(self._beat, self._count)

    async def _told(self, command: Command) -> Any:
        kept = self._lines.pop() if self._lines else None
        line = kept or await self._pool.get_connection()
        try:
            if kept:
                await self._pool.ensure_connection(kept)
            await line.send_command(*command)
            return await line.read_response()
        except ResponseError:
            raise
        except BaseException:
            await line.disconnect(nowait=True)
            raise
        finally:
            self._lines.append(line)


def _checked(url: str, pool: Any) -> None:
    """What is wrong with an address now, instead of with each connection to it."""
    if not set(parse_qs(urlsplit(url).query, keep_blank_values=True)).issubset(_OPTIONS):
        raise StoreError(f"the store's address takes no option but {', '.join(_OPTIONS)}")
    pool.connection_class(**pool.connection_kwargs)
    pool.connection_kwargs.get("host", "").encode("idna")


def _asking(takes: Sequence[Take], notes: Sequence[Note]) -> Steps[Told]:
    keys = [*(take.key for take in takes), *(note.key for note in notes)]
    told = [_NOTE.pack(-(-note.period // 1000), note.most) + note.entry for note in notes]
    waits, now, *rings = yield from _run(ASK, keys, _numbers(takes), *told)
    return waits, [seen(ring, now, note) for note, ring in zip(notes, rings, strict=True)]


def _run(script: Script, keys: Sequence[bytes], *told: bytes | int) -> Steps[Any]:
    given = (len(keys), *map(_name, keys), *told)
    try:
        return (yield "EVALSHA", script.digest, *given)
    except NoScriptError:
        return (yield "EVAL", script.text, *given)


def _sent(*command: bytes | str) -> Steps[Any]:
    return (yield command)


def _stale(line: Line) -> bool:
    try:
        return bool(line.can_read())
    except redis.ConnectionError:
        return True


def _failure(error: Exception) -> StoreError:
    # What a server says may name addresses, or worse.
    return StoreError(f"the store failed: {type(error).__name__}")


def _numbers(takes: Sequence[Take]) -> bytes:
    return b"".join([_TAKE.pack(one.interval, one.burst, one.cost, one.debt) for one in takes])


def _name(key: bytes) -> bytes:
    return _PREFIX + key.hex().encode()
