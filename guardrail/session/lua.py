"""What a Redis or Valkey server does in one step: scripts in Lua."""

from __future__ import annotations

from hashlib import sha1
from typing import NamedTuple

__all__ = ["AHEAD", "ASK", "CHARGE", "COVER", "Script"]


class Script(NamedTuple):
    """A script, and the name that a server knows it by once it has seen it."""

    text: str
    digest: str


def _script(text: str) -> Script:
    return Script(text, sha1(text.encode(), usedforsecurity=False).hexdigest())


# See `gcra`. The time is the server's: those who ask may have clocks that differ. Numbers come
# packed, since each argument costs more than what is done with it.
_NOW = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local takes = #ARGV[1] / 32
local held = takes > 0 and redis.call('MGET', unpack(KEYS, 1, takes)) or {}

local function later(number)
  local interval, burst, cost, debt = struct.unpack('<i8i8i8i8', ARGV[1], 32 * number - 31)
  local moment = tonumber(held[number] or 0)
  moment = math.max(math.min(moment, now + interval * (burst + debt)), now)
  return moment + interval * cost, interval * burst, interval * (burst + debt)
end

local function put(number, moment)
  if moment == now then return end
  local left = math.ceil((moment - now) / 1000)
  redis.call('SET', KEYS[number], moment, 'PX', left)
end
"""
# The keys of notes, and an argument for each, come after those of takes. A ring is as in `ring`:
# it is cut in few pieces, since each that is made of its bytes costs as much as a command.
ASK = _script(
    _NOW
    + """
local function noted(ring, entry, most)
  local count = string.byte(ring) or 0
  local head, last = 2, 1 + 10 * count
  local first, stop = last + 1, #ring
  if count > 0 and struct.unpack('<I2', ring, 10) == #entry
      and string.sub(ring, first, last + #entry) == entry then
    count, head, first = count - 1, head + 10, first + #entry
  elseif count >= most then
    stop = stop - struct.unpack('<I2', ring, last - 1)
    count, last = count - 1, last - 10
  end
  return struct.pack('<Bi8I2', count + 1, now, #entry)
    .. string.sub(ring, head, last) .. entry .. string.sub(ring, first, stop)
end

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
    -- A key may be there a moment longer than what it holds is seen.
    if #ring > 0 and now - struct.unpack('<i8', ring, 2) >= 1000 * period then ring = '' end
    redis.call('SET', key, noted(ring, string.sub(asked, 11), most), 'PX', period)
  end
end
return told
"""
)
CHARGE = _script(
    _NOW
    + """
for number in ipairs(KEYS) do
  local moment, _, span = later(number)
  put(number, math.min(moment, now + span))
end
"""
)
AHEAD = _script(
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
COVER = _script(
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
)
