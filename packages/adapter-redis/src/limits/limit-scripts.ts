import { type RedisScript, redisScript } from '../redis-script.ts'

/** Where a limited key keeps what, in the order the scripts take the keys. */
export const limitKeys = (prefix: string, key: string): readonly string[] =>
  ['places', 'permits', 'line', 'seen', 'facts'].map((part) => `${prefix}:${key}:${part}`)

/** The scripts of one limiter. */
export interface LimitScripts {
  /** Starts a request if it may, else keeps its place in the line. */
  readonly take: RedisScript
  /** Puts requests at the end of the line. */
  readonly lineUp: RedisScript
  /** Takes a request out of the line. */
  readonly leave: RedisScript
  /** Ends a permit. */
  readonly release: RedisScript
  /** Tells the server what a process holds that it may not know, or know otherwise. */
  readonly report: RedisScript
}

/*
 * places  one member per unit of weight, `{permit}/{n}`; its score says from when on a window counts it out: the end
 *         of the permit's hold while it runs, the instant of its release after that
 * permits one member per running permit; the score is the end of its hold
 * line    requests that wait, in the order they were made
 * seen    when each process was last heard of
 * facts   epoch: made anew when the rest is lost · last: the last start · next: numbers the line · longest window
 */
const names = 'local places, permits, line, seen, facts = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]\n'

const keepAll = `
local function keepAll(ms)
  for _, key in ipairs(KEYS) do
    if redis.call('PTTL', key) < ms then redis.call('PEXPIRE', key, ms) end
  end
end
`

/** @param serverTime Lua for the instant in milliseconds. @default the server's own clock */
export function limitScripts(
  serverTime = "local t = redis.call('TIME'); return t[1] * 1000 + math.floor(t[2] / 1000)",
) {
  const now = `local function instant() ${serverTime} end\nlocal now = tonumber(instant())\n`
  return {
    take: redisScript(names + now + keepAll + take),
    lineUp: redisScript(names + lineUp),
    leave: redisScript(names + "return redis.call('ZREM', line, ARGV[1])"),
    release: redisScript(names + now + release),
    report: redisScript(names + now + keepAll + report),
  } satisfies LimitScripts
}

/**
 * Arguments: permit, process, weight, hold, concurrency (0: none), spacing, the epoch that the process reported to
 * (`*`: it has nothing to report), a name for a new epoch, how long a silent process keeps its places in line, then
 * limit and length of each window.
 * Answers { 'report', epoch }, { 'started', epoch } or { 'wait', epoch, ms or -1, how many come first }.
 */
const take = `
local id, process, weight, hold = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local concurrency, spacing = tonumber(ARGV[5]), tonumber(ARGV[6])
local epoch = redis.call('HGET', facts, 'epoch')
if not epoch then
  epoch = ARGV[8]
  redis.call('HSET', facts, 'epoch', epoch)
end
if ARGV[7] ~= '*' and ARGV[7] ~= epoch then return { 'report', epoch } end
if redis.call('ZSCORE', permits, id) then return { 'started', epoch } end

local longest = math.max(spacing, tonumber(redis.call('HGET', facts, 'longest') or '0'))
for i = 10, #ARGV, 2 do longest = math.max(longest, tonumber(ARGV[i + 1])) end
redis.call('HSET', facts, 'longest', longest)
redis.call('ZREMRANGEBYSCORE', places, '-inf', now - longest - 1)
redis.call('ZREMRANGEBYSCORE', permits, '-inf', now)

redis.call('ZADD', seen, now, process)
if not redis.call('ZSCORE', line, id) then
  redis.call('ZADD', line, redis.call('HINCRBY', facts, 'next', 1), id)
end
while true do
  local first = redis.call('ZRANGE', line, 0, 0)[1]
  if first == id then break end
  local owner = first:match('^[^/]*')
  local heard = redis.call('ZSCORE', seen, owner)
  -- A process asks for its first request only: what it has before that one started while the server was away.
  if owner ~= process and heard and tonumber(heard) >= now - tonumber(ARGV[9]) then break end
  redis.call('ZREM', line, first)
end

local wait, known = 0, true
local last = redis.call('HGET', facts, 'last')
if last then wait = math.max(wait, tonumber(last) + spacing - now) end
if concurrency > 0 and redis.call('ZCARD', permits) >= concurrency then known = false end
for i = 10, #ARGV, 2 do
  local limit, length = tonumber(ARGV[i]), tonumber(ARGV[i + 1])
  local over = redis.call('ZCOUNT', places, now - length, '+inf') + weight - limit
  if over > 0 then
    local leaving = redis.call('ZRANGEBYSCORE', places, now - length, '+inf', 'WITHSCORES', 'LIMIT', over - 1, 1)
    -- Strictly later: clocks cut off fractions of a millisecond.
    if tonumber(leaving[2]) > now then known = false
    else wait = math.max(wait, leaving[2] + length + 1 - now) end
  end
end

local ahead = redis.call('ZRANK', line, id)
if ahead == 0 and known and wait <= 0 then
  redis.call('ZREM', line, id)
  redis.call('ZADD', permits, now + hold, id)
  for n = 1, weight do redis.call('ZADD', places, now + hold, id .. '#' .. n) end
  redis.call('HSET', facts, 'last', string.format('%d', now))
  keepAll(hold + longest + 60000)
  return { 'started', epoch }
end
keepAll(longest + 60000)
return { 'wait', epoch, known and math.ceil(wait) or -1, ahead }
`

/** Arguments: requests. */
const lineUp = `
for _, id in ipairs(ARGV) do
  redis.call('ZADD', line, 'NX', redis.call('HINCRBY', facts, 'next', 1), id)
end
return #ARGV
`

/** Arguments: permit, weight. A hold that has ended already stays ended. */
const release = `
redis.call('ZREM', permits, ARGV[1])
for n = 1, tonumber(ARGV[2]) do redis.call('ZADD', places, 'XX', 'LT', now, ARGV[1] .. '#' .. n) end
return 1
`

/**
 * Arguments: a name for a new epoch, then permit, weight, state, milliseconds, and how long ago it started, of each:
 * `running` and what is left of its hold, `ended` and how long ago, or `gone`: it never started. Answers the epoch.
 */
const report = `
local epoch = redis.call('HGET', facts, 'epoch')
if not epoch then
  epoch = ARGV[1]
  redis.call('HSET', facts, 'epoch', epoch)
end
local last = tonumber(redis.call('HGET', facts, 'last') or '0')
for i = 2, #ARGV, 5 do
  local id, weight, state, ms, started = ARGV[i], tonumber(ARGV[i + 1]), ARGV[i + 2], tonumber(ARGV[i + 3]), ARGV[i + 4]
  redis.call('ZREM', permits, id)
  redis.call('ZREM', line, id)
  for n = 1, weight do
    if state == 'gone' then redis.call('ZREM', places, id .. '#' .. n)
    else redis.call('ZADD', places, state == 'running' and now + ms or now - ms, id .. '#' .. n) end
  end
  if state == 'running' then redis.call('ZADD', permits, now + ms, id) end
  if state ~= 'gone' then last = math.max(last, now - tonumber(started)) end
end
redis.call('HSET', facts, 'last', string.format('%d', last))
keepAll(600000)
return epoch
`
