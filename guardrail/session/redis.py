"""A store in a Redis or Valkey server, which many machines share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from guardrail.errors import StoreError
from guardrail.session.coverage import Cover
from guardrail.session.gcra import Take

__all__ = ["RedisStore"]

# One hash tag: in a cluster, what is decided together stands on one node.
_PREFIX = b"{leakrail}:"

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
_TAKE = (
    _NOW
    + """
local moments, waits, all = {}, {}, true
for number in ipairs(KEYS) do
  local moment, burst = later(number)
  moments[number] = moment
  waits[number] = math.max(moment - now - burst, 0)
  all = all and waits[number] == 0
end
if all then
  for number, moment in ipairs(moments) do put(number, moment) end
end
return waits
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


# Bits are set one by one: a run has some dozens of words.
_COVER = """
local told, key, number = {}, 1, 1
while number <= #ARGV do
  local first, last = tonumber(ARGV[number]), tonumber(ARGV[number + 1])
  local keys = tonumber(ARGV[number + 2])
  local fits = 1
  for one = 0, keys - 1 do
    local fresh = 0
    for bit = first, last - 1 do fresh = fresh + 1 - redis.call('GETBIT', KEYS[key + one], bit) end
    local most = tonumber(ARGV[number + 3 + 2 * one])
    if redis.call('BITCOUNT', KEYS[key + one]) + fresh > most then fits = 0 end
  end
  if fits == 1 then
    for one = 0, keys - 1 do
      for bit = first, last - 1 do redis.call('SETBIT', KEYS[key + one], bit, 1) end
      redis.call('PEXPIRE', KEYS[key + one], ARGV[number + 4 + 2 * one])
    end
  end
  told[#told + 1] = fits
  key, number = key + keys, number + 3 + 2 * keys
end
return told
"""


class RedisStore:
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
        except ValueError as error:
            raise StoreError(f"cannot use the store: {error}") from None
        self._take = self._server.register_script(_TAKE)
        self._charge = self._server.register_script(_CHARGE)
        self._ahead = self._server.register_script(_AHEAD)
        self._cover = self._server.register_script(_COVER)

    def take(self, takes: Sequence[Take]) -> Sequence[int]:
        return [int(wait) for wait in _run(self._take, takes)]

    def charge(self, takes: Sequence[Take]) -> None:
        _run(self._charge, takes)

    def ahead(self, takes: Sequence[Take]) -> Sequence[int]:
        return [
            int(ahead) for ahead in _run(self._ahead, [replace(take, cost=0) for take in takes])
        ]

    def forget(self, takes: Sequence[Take]) -> None:
        try:
            self._server.delete(*map(_name, takes))
        except redis.RedisError as error:
            raise StoreError(f"the store failed: {type(error).__name__}") from None

    def cover(self, covers: Sequence[Cover]) -> Sequence[bool]:
        keys = [_PREFIX + key.hex().encode() for cover in covers for key in cover.keys]
        told: list[int] = []
        for cover in covers:
            told += (cover.first, cover.last, len(cover.keys))
            for most, period in zip(cover.most, cover.periods, strict=True):
                told += (most, -(-period // 1000))
        return [bool(fits) for fits in _asked(self._cover, keys, told)]

    def close(self) -> None:
        self._server.close()


def _run(script: Any, takes: Sequence[Take]) -> Any:
    keys = [_name(take) for take in takes]
    told = [(take.interval, take.burst, take.cost, take.debt) for take in takes]
    return _asked(script, keys, [number for row in told for number in row])


def _asked(script: Any, keys: Sequence[bytes], told: Sequence[int]) -> Any:
    try:
        return script(keys=keys, args=told)
    except redis.RedisError as error:
        # What a server says may name addresses, or worse.
        raise StoreError(f"the store failed: {type(error).__name__}") from None


def _name(take: Take) -> bytes:
    return _PREFIX + take.key.hex().encode()
