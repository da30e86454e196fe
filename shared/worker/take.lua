-- Moves Celery messages from a queue to kombu's unacknowledged ones, in one step: what kombu does in two.
--
-- KEYS: kombu's hash and its index of unacknowledged messages, then the queue's lists, most urgent first.
-- ARGV: the queue, a prefix of delivery tags, the time, how many messages and about how many bytes at most.
-- Returns for each message its tag, the list that it came from, and its text.

local hash, index = KEYS[1], KEYS[2]
local queue, prefix, now, most, most_bytes = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local taken, bytes = {}, 0
for at = 3, #KEYS do
  while #taken < most and bytes < most_bytes do
    local text = redis.call('RPOP', KEYS[at])
    if not text then break end
    if not pcall(cjson.decode, text) then
      -- No message. The consumer takes it next, and sets it aside.
      redis.call('RPUSH', KEYS[at], text)
      return taken
    end
    local tag = prefix .. #taken
    redis.call('HSET', hash, tag, '[' .. text .. ', "' .. queue .. '", "' .. queue .. '"]')
    redis.call('ZADD', index, now, tag)
    taken[#taken + 1] = {tag, KEYS[at], text}
    bytes = bytes + #text
  end
end
return taken
