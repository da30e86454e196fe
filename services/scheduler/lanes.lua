-- Moves entries from the door to the lanes of their priorities, in one step: what another reader left unfinished, else
-- what is new. Read by Python and sent back, a million took longer than they took to come.
--
-- KEYS: the door, then the lanes 0 to 9. ARGV: group, reader, milliseconds after which what was left is taken over, count.
-- Returns how many it moved.

local door, group, reader = KEYS[1], ARGV[1], ARGV[2]
local entries = redis.call('XAUTOCLAIM', door, group, reader, ARGV[3], '0', 'COUNT', ARGV[4])[2]
if #entries == 0 then
  local new = redis.call('XREADGROUP', 'GROUP', group, reader, 'COUNT', ARGV[4], 'STREAMS', door, '>')
  entries = new and new[1][2] or {}
end

local moved = {}
for _, entry in ipairs(entries) do
  -- One that somebody deleted is false in Redis 6.
  if entry and entry[2] then
    local id, fields, lane = entry[1], entry[2], 5
    for at = 1, #fields, 2 do
      if fields[at] == 'priority' then
        -- What is wrong with it is found out when its turn comes.
        lane = string.match(fields[at + 1], '^%d$') and tonumber(fields[at + 1]) or 5
      end
    end
    -- Without an id of its own it keeps the one it had, so that its trace is the same. None that makes sense is as long.
    redis.call('XADD', KEYS[2 + lane], '*', 'id', 'trigger-' .. id, unpack(fields, 1, math.min(#fields, 1000)))
    moved[#moved + 1] = id
  end
end
if #moved > 0 then
  redis.call('XACK', door, group, unpack(moved))
  redis.call('XDEL', door, unpack(moved))
end
return #moved
