"""A store in a Redis or Valkey server, which many machines share."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from hashlib import sha1
from struct import Struct
from typing import Any, NamedTuple, TypeVar

import redis
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError
from redis.retry import Retry

from guardrail.errors import StoreError
from guardrail.flow import driven
from guardrail.session.coverage import Cover
from guardrail.session.gcra import Take
from guardrail.session.ring import Note, seen
from guardrail.session.store import Store, Told

__all__ = ["RedisStore"]

T = TypeVar("T")
Steps = Generator[tuple[Any, ...], Any, T]
"""What asks a server, command by command."""

_TAKE, _NOTE = Struct("<4q"), Struct("<qH")
# One hash tag: in a cluster, what is decided together stands on one node.
_PREFIX = b"{leakrail}:"
_MANY = 256


class _Script(NamedTuple):
    text: str
    digest: str


def _script(text: str) -> _Script:
    return _Script(text, sha1(text.encode(), usedforsecurity=False).hexdigest())


# See `gcra`. The time is the server's: those who ask may have clocks that differ. Numbers come
# packed, since each argument costs more than what is done with it.
_NOW = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]

local function later(number)
  local interval, burst, cost, debt = struct.unpack('<i8i8i8i8', ARGV[1], 32 * number - 31)
  local moment = tonumber(redis.call('GET', KEYS[number]) or 0)
  moment = math.max(math.min(moment, now + interval * (burst + debt)), now)
  return moment + interval * cost, interval * burst, interval * (burst + debt)
end

local function put(number, moment)
  if moment == now then return end
  local left = math.ceil((moment - now) / 1000)
  redis.call('SET', KEYS[number], string.format('%.0f', moment), 'PX', left)
end
"""
# The keys of notes, and an argument for each, come after those of takes. A ring is as in `ring`.
_ASK = _script(
    _NOW
    + """
local function noted(ring, entry, most)
  local first, place, count = 1, 1, 1
  while place <= #ring and count < most do
    local after = place + 10 + struct.unpack('<I2', ring, place + 8)
    if place == 1 and string.sub(ring, 11, after - 1) == entry then
      first = after
    else
      count = count + 1
    end
    place = after
  end
  return struct.pack('<i8I2', now, #entry) .. entry .. string.sub(ring, first, place - 1)
end

local takes = #ARGV[1] / 32
local moments, waits, all = {}, {}, true
for number = 1, takes do
  local moment, burst = later(number)
  moments[number] = moment
  waits[number] = math.max(moment - now - burst, 0)
  all = all and waits[number] == 0
end
if all then
  for number, moment in ipairs(moments) do put(number, moment) end
end
local told = {waits, now}
for number = takes + 1, #KEYS do
  local key, asked = KEYS[number], ARGV[number - takes + 1]
  local ring = redis.call('GET', key) or ''
  told[#told + 1] = ring
  if all and #asked > 10 then
    local period, most = struct.unpack('<i8I2', asked)
    redis.call('SET', key, noted(ring, string.sub(asked, 11), most), 'PX', period)
  end
end
return told
"""
)
_CHARGE = _script(
    _NOW
    + """
for number in ipairs(KEYS) do
  local moment, _, span = later(number)
  put(number, math.min(moment, now + span))
end
"""
)
_AHEAD = _script(
    _NOW
    + """
local told = {}
for number in ipairs(KEYS) do
  told[number] = later(number) - now
end
return told
"""
)


# What is held under a key is read once and written once, whatever the number of passages.
_COVER = _script(
    """
local held = {}
local function known(key)
  if not held[key] then
    local raw = redis.call('GET', key)
    local given = raw and {string.byte(raw, 1, -1)} or {}
    held[key] = {given = given, count = raw and redis.call('BITCOUNT', key) or 0}
  end
  return held[key]
end

local function byte(given, number)
  for missing = #given + 1, number do given[missing] = 0 end
  return given[number]
end

local told, key, number = {}, 1, 1
while number <= #ARGV do
  local first, last = tonumber(ARGV[number]), tonumber(ARGV[number + 1])
  local keys = tonumber(ARGV[number + 2])
  local beyond, fresh = 0, {}
  for one = 0, keys - 1 do
    local state, new = known(KEYS[key + one]), 0
    for place = first, last - 1 do
      local mask = bit.lshift(1, place % 8)
      if bit.band(byte(state.given, math.floor(place / 8) + 1), mask) == 0 then new = new + 1 end
    end
    fresh[one] = new
    if state.count + new > tonumber(ARGV[number + 3 + 2 * one]) then
      beyond = one + 1
      break
    end
  end
  if beyond == 0 then
    for one = 0, keys - 1 do
      local state = known(KEYS[key + one])
      for place = first, last - 1 do
        local at = math.floor(place / 8) + 1
        state.given[at] = bit.bor(state.given[at], bit.lshift(1, place % 8))
      end
      state.count, state.left = state.count + fresh[one], ARGV[number + 4 + 2 * one]
    end
  end
  told[#told + 1] = beyond
  key, number = key + keys, number + 3 + 2 * keys
end
for name, state in pairs(held) do
  if state.left then
    redis.call('SET', name, string.char(unpack(state.given)), 'PX', state.left)
  end
end
return told
"""
)


class RedisStore(Store):
    """One script, and one round trip, a step; `timeout` in seconds is for each wait on the server.

    The server must not evict keys that expire before their time (`noeviction`). Nothing is sent
    until the first step. Raises `StoreError`.
    """

    waits = True

    def __init__(self, url: str, *, timeout: float = 0.05) -> None:
        try:
            self._server = redis.Redis.from_url(
                url,
                socket_timeout=timeout,
                socket_connect_timeout=timeout,
                # A step that came to no answer may have been made.
                retry=Retry(NoBackoff(), 0),
            )
        except ValueError:
            # What is wrong with an address may hold its password.
            hint = "escape `/`, `?` and `#` in its password"
            raise StoreError(f"the store has no address like redis://HOST:PORT/0; {hint}") from None
        self._execute: Callable[..., Any] = self._server.execute_command

    def ask(self, takes: Sequence[Take], notes: Sequence[Note]) -> Told:
        return self._driven(_asking(takes, notes))

    def charge(self, takes: Sequence[Take]) -> None:
        self._driven(_run(_CHARGE, [take.key for take in takes], _numbers(takes)))

    def ahead(self, takes: Sequence[Take]) -> Sequence[int]:
        free = [replace(take, cost=0) for take in takes]
        told: list[int] = self._driven(_run(_AHEAD, [take.key for take in takes], _numbers(free)))
        return told

    def forget(self, keys: Sequence[bytes]) -> None:
        if keys:
            self._driven(_sent("DEL", *map(_name, keys)))

    def cover(self, covers: Sequence[Cover]) -> Sequence[int]:
        # One script holds up whoever else asks the server.
        parts = (covers[first : first + _MANY] for first in range(0, len(covers), _MANY))
        return [beyond for part in parts for beyond in self._covered(part)]

    def _covered(self, covers: Sequence[Cover]) -> list[int]:
        keys = [key for cover in covers for key in cover.keys]
        told: list[int] = []
        for cover in covers:
            told += (cover.first, cover.last, len(cover.keys))
            for _, most, period in cover.under:
                told += (most, -(-period // 1000))
        beyond: list[int] = self._driven(_run(_COVER, keys, *told))
        return beyond

    def close(self) -> None:
        self._server.close()

    def _driven(self, steps: Steps[T]) -> T:
        try:
            return driven(steps, lambda command: self._execute(*command))
        except redis.RedisError as error:
            raise _failure(error) from None


def _asking(takes: Sequence[Take], notes: Sequence[Note]) -> Steps[Told]:
    keys = [*(take.key for take in takes), *(note.key for note in notes)]
    told = [_NOTE.pack(-(-note.period // 1000), note.most) + note.entry for note in notes]
    waits, now, *rings = yield from _run(_ASK, keys, _numbers(takes), *told)
    return waits, [seen(ring, now, note) for note, ring in zip(notes, rings, strict=True)]


def _run(script: _Script, keys: Sequence[bytes], *told: bytes | int) -> Steps[Any]:
    given = (len(keys), *map(_name, keys), *told)
    try:
        return (yield "EVALSHA", script.digest, *given)
    except NoScriptError:
        return (yield "EVAL", script.text, *given)


def _sent(*command: bytes | str) -> Steps[Any]:
    return (yield command)


def _failure(error: Exception) -> StoreError:
    # What a server says may name addresses, or worse.
    return StoreError(f"the store failed: {type(error).__name__}")


def _numbers(takes: Sequence[Take]) -> bytes:
    return b"".join([_TAKE.pack(one.interval, one.burst, one.cost, one.debt) for one in takes])


def _name(key: bytes) -> bytes:
    return _PREFIX + key.hex().encode()
