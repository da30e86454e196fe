-- The state of hosts, changed in one step each. KEYS: none; the keys are made of the host's name, so this needs one
-- Redis, not a Redis Cluster, as Celery does.
--
-- ARGV: operation, settings (JSON), then the operation's own. Times are seconds of Redis' own clock, the one
-- clock that all fetchers share; what goes out is relative to now, as text, because a number would lose its fraction.
--
-- A host's hash: `last` the latest moment at which the newest granted request may start, `delay` Crawl-delay,
-- `latency` its mean, `slow` the factor of its complaints, `rest` until when it asked to be left alone, `failures` in
-- a row, `well` when it last answered well, `opens` of its circuit breaker in a row, `since` when the trouble began, `open` until when the breaker is,
-- `probe` until when a probe is out, `paused` by a person.

local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1e6
local settings = cjson.decode(ARGV[2])
local TURNS, PARKED, CUSTODY, MESSAGES = 'newsmill:turns', 'newsmill:parked', 'newsmill:custody', 'newsmill:waiting'

local function text(number) return string.format('%.6f', number) end
local function state_key(host) return 'newsmill:host:' .. host end
local function slots_key(host) return 'newsmill:slots:' .. host end
local function flight_key(host) return 'newsmill:flight:' .. host end
local function complaints_key(host) return 'newsmill:complaints:' .. host end
local function turns_key(host) return TURNS .. ':' .. host end

local function load(host)
  local state = {}
  local flat = redis.call('HGETALL', state_key(host))
  for i = 1, #flat, 2 do
    local number = tonumber(flat[i + 1])
    -- What is no number, or none that ends, was written by somebody else: nothing is known then.
    if number and math.abs(number) < math.huge then state[flat[i]] = number end
  end
  return state
end

local function save(host, state)
  local flat, zeroes = {}, {}
  for name, value in pairs(state) do
    if value == 0 then zeroes[#zeroes + 1] = name else flat[#flat + 1] = name; flat[#flat + 1] = text(value) end
  end
  local key = state_key(host)
  if #zeroes > 0 then redis.call('HDEL', key, unpack(zeroes)) end
  if #flat > 0 then redis.call('HSET', key, unpack(flat)) end
  -- A person's pause holds until a person ends it.
  if state.paused and state.paused > 0 then redis.call('PERSIST', key) else redis.call('EXPIRE', key, settings.remember) end
end

-- Seconds between two starts, and the term that rules.
local function spacing(state)
  local seconds, why = settings.interval, 'setting'
  if (state.delay or 0) > seconds then seconds, why = state.delay, 'crawl-delay' end
  local slowness = math.min((state.latency or 0) * settings.factor, settings.longest_latency)
  if settings.interval > 0 and slowness > seconds then seconds, why = slowness, 'latency' end
  if (state.slow or 1) > 1 then seconds, why = math.max(seconds, 1) * state.slow, 'complaints' end
  return seconds, why
end

-- Grants whose lease is over were lost with their fetcher.
local function in_flight(host)
  for _, trace in ipairs(redis.call('ZRANGEBYSCORE', flight_key(host), '-inf', text(now))) do
    redis.call('ZREM', flight_key(host), trace)
    redis.call('HDEL', slots_key(host), trace)
  end
  return redis.call('ZCARD', flight_key(host))
end

local function earliest(state)
  local at = math.max(now, state.rest or 0)
  if state.last then at = math.max(at, state.last + (spacing(state))) end
  return at
end

-- When a host may be asked again, if anything but time keeps it back. Who has a turn already may be the probe.
local function barred(state, own)
  if (state.paused or 0) > 0 then return now + settings.paused, 'paused' end
  if (state.open or 0) > now then return state.open, 'breaker' end
  if not own and (state.open or 0) > 0 and (state.probe or 0) > now then return state.probe, 'breaker' end
  return nil
end

local function down(state)
  return (state.open or 0) > now and (state.since or now) < now - settings.down
end

local function held(host, trace)
  local packed = redis.call('HGET', slots_key(host), trace)
  if not packed then return nil end
  local slot, window, before = string.match(packed, '^(-?[%d.]+):(-?[%d.]+):(-?[%d.]+)$')
  -- Somebody else has written it.
  if not (tonumber(slot) and tonumber(window) and tonumber(before)) then return nil end
  return {slot = tonumber(slot), window = tonumber(window), before = tonumber(before)}
end

local function newest(state, own)
  return math.abs((state.last or 0) - own.slot - own.window) < 1e-5
end

local function grant(host, state, trace, slot, window, before, lease)
  if (spacing(state)) == 0 then window = 0 end
  redis.call('HSET', slots_key(host), trace, text(slot) .. ':' .. text(window) .. ':' .. text(before))
  redis.call('ZADD', flight_key(host), text(slot + lease), trace)
  redis.call('EXPIRE', slots_key(host), settings.remember)
  redis.call('EXPIRE', flight_key(host), settings.remember)
  state.last = slot + window
  if (state.open or 0) > 0 then state.probe = slot + lease end
end

local function forget(host, trace)
  redis.call('HDEL', slots_key(host), trace)
  redis.call('ZREM', flight_key(host), trace)
end

-- The heap of hosts in which URLs wait, by when the next of them may go (Mercator's back queues).
local function reckon(host, state)
  if redis.call('ZCARD', turns_key(host)) == 0 then
    redis.call('ZREM', TURNS, host)
    return
  end
  local at = barred(state) or earliest(state)
  if in_flight(host) >= settings.in_flight then at = math.max(at, now + 1) end
  redis.call('ZADD', TURNS, text(at), host)
end

local function open(state)
  state.opens = (state.opens or 0) + 1
  state.open = now + math.min(settings.longest_open, settings.first_open * 2 ^ (state.opens - 1))
end

-- Whom a refusal as too much is about: 'url', if its host has answered others well since it was refused before; 'host', if
-- another URL was refused, too, since the last good answer; 'unknown', if nothing else was asked since.
local function refused(host, state, url)
  if url == '' then return 'host' end
  local well = state.well or 0
  local before = tonumber(redis.call('ZSCORE', complaints_key(host), url) or '-1')
  local others = redis.call('ZCOUNT', complaints_key(host), '(' .. text(well), '+inf')
  if before > well then others = others - 1 end
  redis.call('ZADD', complaints_key(host), text(now), url)
  redis.call('ZREMRANGEBYRANK', complaints_key(host), 0, -1 - settings.complaints)
  redis.call('EXPIRE', complaints_key(host), settings.remember)
  if before >= 0 and well > before then return 'url' end
  return others > 0 and 'host' or 'unknown'
end

-- How a turn ended: outcome (ok, refused, overloaded, failed, unused), seconds it took, seconds of rest, seconds into its
-- window at which it started (-1: not known), and the URL's number. Returns whether it opened the breaker.
local function leave(host, trace, outcome, seconds, rest, late, url)
  local state, own = load(host), held(host, trace)
  if outcome == 'unused' and not own then return false end
  forget(host, trace)
  state.probe = 0
  if own and newest(state, own) and tonumber(late) >= 0 then
    state.last = own.slot + math.min(tonumber(late) + settings.margin, own.window)
  end
  if outcome == 'unused' then
    if own and newest(state, own) then state.last = own.before end
  elseif outcome == 'failed' then
    state.failures = (state.failures or 0) + 1
    if state.failures == 1 then state.since = now end
    if (state.open or 0) > 0 or state.failures >= settings.failures then open(state) end
  else
    state.failures, state.since, state.open, state.opens = 0, 0, 0, 0
    local mean = state.latency or tonumber(seconds)
    state.latency = mean + 0.25 * (tonumber(seconds) - mean)
  end
  if outcome == 'overloaded' then
    local whom = refused(host, state, url)
    if whom == 'url' then
      rest = 0
    else
      state.slow = math.min((state.slow or 1) * 2, settings.slowest)
      if whom == 'unknown' then rest = math.min(tonumber(rest), settings.unsure_rest) end
    end
  elseif outcome == 'ok' then
    state.well = now
    if (state.slow or 1) > 1 then
      -- Seven good answers forgive one complaint.
      state.slow = state.slow * 0.9
      if state.slow <= 1 then state.slow = 0 end
    end
  end
  if tonumber(rest) > 0 then state.rest = math.max(state.rest or 0, now + tonumber(rest)) end
  save(host, state)
  reckon(host, state)
  return outcome == 'failed' and (state.open or 0) > now
end

local function flush(ended)
  local opened = 0
  for _, turn in ipairs(cjson.decode(ended)) do
    if leave(unpack(turn)) then opened = opened + 1 end
  end
  return tostring(opened)
end

local operations = {}

function operations.flush(ended) return {flush(ended)} end

-- A turn for a trace, or when to ask again, once the turns that have ended are given back. ARGV: these (JSON), host,
-- trace, Crawl-delay (-1: not known), window.
-- Returns 'go', wait, window | 'later', seconds, why | 'down', seconds since when, '', and how many breakers opened.
function operations.enter(ended, host, trace, delay, window)
  local opened = flush(ended)
  local state, own, running = load(host), held(host, trace), in_flight(host)
  if tonumber(delay) >= 0 then state.delay = tonumber(delay) end
  local later, why = barred(state, own)
  if down(state) then
    forget(host, trace)
    return {'down', text(now - state.since), '', opened}
  end
  local slot = earliest(state)
  local before = state.last or 0
  if own and newest(state, own) then
    -- Nobody was granted a turn after this one: only what came before keeps it back.
    slot, before = math.max(now, own.slot, state.rest or 0), own.before
  end
  if not later and not own and running >= settings.in_flight then later, why = math.max(slot, now + 1), 'in-flight' end
  if not later and not own and redis.call('ZCARD', turns_key(host)) > 0 then later, why = slot, 'others-first' end
  if not later and slot - now > settings.patience then later, why = slot, 'interval' end
  if later then
    forget(host, trace)
    save(host, state)
    return {'later', text(math.max(later - now, 0)), why, opened}
  end
  if own and now <= own.slot then window = own.window end
  grant(host, state, trace, slot, tonumber(window), before, settings.lease)
  save(host, state)
  return {'go', text(slot - now), text(window), opened}
end

-- Grants turns to messages that wait, up to `ahead` seconds from now, once the turns that have ended are given back. ARGV:
-- these (JSON), ahead, limit, window. Returns these messages, and last how many breakers opened.
function operations.release(ended, ahead, limit, window)
  local opened = flush(ended)
  local messages = {}
  local function hand_out(host, trace)
    local message = redis.call('HGET', MESSAGES, trace)
    if not message then return false end
    -- On its way to the queue: whoever finds it here after the lease sends it again.
    redis.call('ZADD', PARKED, text(now + settings.sending), trace)
    redis.call('ZADD', CUSTODY, text(now), trace)
    messages[#messages + 1] = message
    return true
  end
  local function serve(host)
    local state = load(host)
    if down(state) then
      -- Nobody is asked: each learns of it by itself, and ends.
      for _, popped in ipairs(redis.call('ZRANGE', turns_key(host), 0, limit - 1)) do
        redis.call('ZREM', turns_key(host), popped)
        hand_out(host, popped)
      end
      return reckon(host, state)
    end
    while #messages < limit and not barred(state) and in_flight(host) < settings.in_flight do
      local slot = earliest(state)
      if slot > now + ahead then break end
      local trace = redis.call('ZPOPMIN', turns_key(host))[1]
      if not trace then break end
      if hand_out(host, trace) then grant(host, state, trace, slot, tonumber(window), state.last or 0, settings.sending) end
    end
    save(host, state)
    reckon(host, state)
  end
  ahead, limit = tonumber(ahead), tonumber(limit)
  for _, host in ipairs(redis.call('ZRANGEBYSCORE', TURNS, '-inf', text(now + ahead), 'LIMIT', 0, limit)) do
    if #messages >= limit then break end
    serve(host)
  end
  messages[#messages + 1] = opened
  return messages
end

function operations.pause(host, seconds)
  local state = load(host)
  state.paused = tonumber(seconds)
  save(host, state)
  reckon(host, state)
  return {'ok'}
end

-- What is known of a host, times relative to now.
function operations.look(host)
  local state = load(host)
  local seconds, why = spacing(state)
  local reply = {'interval', text(seconds), 'why', why, 'in_flight', tostring(in_flight(host)),
    'waiting', tostring(redis.call('ZCARD', turns_key(host))), 'next', text(earliest(state) - now)}
  for name, value in pairs(state) do
    local at = name == 'last' or name == 'well' or name == 'rest' or name == 'open' or name == 'since' or name == 'probe'
    reply[#reply + 1] = name
    reply[#reply + 1] = text(at and value - now or value)
  end
  return reply
end

return operations[ARGV[1]](unpack(ARGV, 3))
