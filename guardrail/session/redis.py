"""A store in a Redis or Valkey server, which many machines share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from guardrail.errors import StoreError
from guardrail.session.coverage import Cover
from guardrail.session.gcra import Take
from guardrail.session.ring import Note, Seen, seen
from guardrail.session.store import Store

__all__ = ["RedisStore"]

# One hash tag: in a cluster, what is decided together stands on one node.
_PREFIX = b"{leakrail}:"
_MANY = 256

# See `gcra`. The time is the server's: those who ask may have clocks that differ.
_NOW = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]

local function later(number)
  local interval, burst, cost, debt = unpack(ARGV, 4 * number - 3, 4 * number)
  local moment = tonumber(redis.call('GET', KEYS[number]) or 0)
  moment = math.max(math.min(moment, now + interval * (burst + debt)), now)
  return moment + interval * cost, interval * burst, interval * (burst + debt)
end

local function put(number, moment)
  if tonumber(ARGV[4 * number - 1]) == 0 then return end
  local key = KEYS[number]
  local left = math.ceil((moment - now) / 1000)
  redis.call('SET', key, string.format('%.0f', moment), 'PX', left)
end
"""
# The last argument is the number of takes; the keys of notes come after theirs. What is held of
# notes has the form of `ring`, each entry apart.
_ASK = (
    _NOW
    + """
local takes = tonumber(ARGV[#ARGV])
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
local told = {waits, string.format('%.0f', now)}
for number = takes + 1, #KEYS do
  local key, first = KEYS[number], 3 * number + takes - 2
  local entry, most, period = unpack(ARGV, first, first + 2)
  local held = redis.call('LRANGE', key, 0, most - 1)
  told[#told + 1] = table.concat(held)
  if all and entry ~= '' then
    if held[1] and string.sub(held[1], 11) == entry then redis.call('LPOP', key) end
    redis.call('LPUSH', key, struct.pack('<i8I2', now, #entry) .. entry)
    redis.call('LTRIM', key, 0, most - 1)
    redis.call('PEXPIRE', key, period)
  end
end
return told
"""
)
_CHARGE = (
    _NOW
    + """
for number in ipairs(KEYS) do
  local moment, _, span = later(number)
  put(number, math.min(moment, now + span))
end
"""
)
_AHEAD = (
    _NOW
    + """
local told = {}
for number in ipairs(KEYS) do
  told[number] = later(number) - now
end
return told
"""
)


# What is held under a key is read once and written once, whatever the number of passages. Each is
# followed by the key of its pool, or by itself if it has none.
_COVER = """
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
  local unit, keys = tonumber(ARGV[number + 2]), tonumber(ARGV[number + 3])
  local beyond, fresh = 0, {}
  for one = 0, keys - 1 do
    local name, pool = KEYS[key + 2 * one], KEYS[key + 2 * one + 1]
    local state, new = known(name), 0
    for place = first, last - 1 do
      local mask = bit.lshift(1, place % 8)
      if bit.band(byte(state.given, math.floor(place / 8) + 1), mask) == 0 then new = new + 1 end
    end
    local count = state.count
    if pool ~= name then new, count = new * unit, tonumber(redis.call('GET', pool) or 0) end
    fresh[one] = new
    if count + new > tonumber(ARGV[number + 4 + 2 * one]) then
      beyond = one + 1
      break
    end
  end
  if beyond == 0 then
    for one = 0, keys - 1 do
      local name, pool = KEYS[key + 2 * one], KEYS[key + 2 * one + 1]
      local state, new, period = known(name), fresh[one], ARGV[number + 5 + 2 * one]
      for place = first, last - 1 do
        local at = math.floor(place / 8) + 1
        state.given[at] = bit.bor(state.given[at], bit.lshift(1, place % 8))
      end
      state.left = period
      if pool == name then
        state.count = state.count + new
      elseif new > 0 and redis.call('INCRBY', pool, new) == new then
        redis.call('PEXPIRE', pool, period)
      end
    end
  end
  told[#told + 1] = beyond
  key, number = key + 2 * keys, number + 4 + 2 * keys
end
for name, state in pairs(held) do
  if state.left then
    redis.call('SET', name, string.char(unpack(state.given)), 'PX', state.left)
  end
end
return told
"""


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
        self._ask = self._server.register_script(_ASK)
        self._charge = self._server.register_script(_CHARGE)
        self._ahead = self._server.register_script(_AHEAD)
        self._cover = self._server.register_script(_COVER)

    def ask(
        self, takes: Sequence[Take], notes: Sequence[Note]
    ) -> tuple[Sequence[int], Sequence[Sequence[Seen]]]:
        keys = [*(_name(take.key) for take in takes), *(_name(note.key) for note in notes)]
        told = _numbers(takes)
        for note in notes:
            told += (note.entry, note.most, -(-note.period // 1000))
        waits, now, *rings = _asked(self._ask, keys=keys, args=[*told, len(takes)])
        pairs = zip(notes, rings, strict=True)
        return [int(wait) for wait in waits], [seen(ring, int(now), note) for note, ring in pairs]

    def charge(self, takes: Sequence[Take]) -> None:
        _run(self._charge, takes)

    def ahead(self, takes: Sequence[Take]) -> Sequence[int]:
        return [
            int(ahead) for ahead in _run(self._ahead, [replace(take, cost=0) for take in takes])
        ]

    def forget(self, keys: Sequence[bytes]) -> None:
        if keys:
            _asked(self._server.delete, *map(_name, keys))

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
                keys += (_name(key), _name(pool or key))
                told += (most, -(-period // 1000))
        return [int(beyond) for beyond in _asked(self._cover, keys=keys, args=told)]

    def close(self) -> None:
        self._server.close()


def _run(script: Any, takes: Sequence[Take]) -> Any:
    return _asked(script, keys=[_name(take.key) for take in takes], args=_numbers(takes))


def _numbers(takes: Sequence[Take]) -> list[Any]:
    told = [(take.interval, take.burst, take.cost, take.debt) for take in takes]
    return [number for row in told for number in row]


def _asked(call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    try:
        return call(*args, **kwargs)
    except redis.RedisError as error:
        # What a server says may name addresses, or worse.
        raise StoreError(f"the store failed: {type(error).__name__}") from None


def _name(key: bytes) -> bytes:
    return _PREFIX + key.hex().encode()
