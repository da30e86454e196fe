-- Opens or renews custody of traces and puts what is sent of them on its lists, in one step.
--
-- KEYS: the times, the messages and the index of custody, then a list for each text.
-- ARGV: the time, how many traces begin or go on with a message, for each its id, message and member of the index (or
-- nothing), how many traces go on with the message that they have, their ids, and then the texts.

local times, messages, index = KEYS[1], KEYS[2], KEYS[3]
local now, held = ARGV[1], tonumber(ARGV[2])
local at = 3
for _ = 1, held do
  local trace, message, member = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  -- A trace that is in the index keeps its URL and place.
  if redis.call('ZADD', times, now, trace) == 1 and member ~= '' then redis.call('ZADD', index, 0, member) end
  redis.call('HSET', messages, trace, message)
  at = at + 3
end
local renewed = tonumber(ARGV[at])
for i = 1, renewed do redis.call('ZADD', times, 'XX', now, ARGV[at + i]) end
at = at + renewed
for i = 4, #KEYS do redis.call('LPUSH', KEYS[i], ARGV[at + i - 3]) end
return #KEYS - 3
