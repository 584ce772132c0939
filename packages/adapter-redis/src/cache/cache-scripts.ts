import { redisScript } from '../redis-script.ts'

/**
 * Keys: the entry, its type's generation, its connector's. An entry is `=` (a value) or `?` (a ticket), then both
 * generations, then the value or the ticket's own mark. Generations are never counted up but made anew, so that none
 * comes back after the server has lost them. Answers the generations and the entry, which is a ticket unless someone
 * stored a value meanwhile.
 */
export const ticketScript = redisScript(`
local run, mark, ticketMs, generationMs = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local function generation(key, fresh, belongs)
  local found = redis.call('GET', key)
  if found and belongs(found) then
    redis.call('PEXPIRE', key, generationMs)
    return found
  end
  redis.call('SET', key, fresh, 'PX', generationMs)
  return fresh
end
local ofConnector = generation(KEYS[3], run .. ' ' .. mark, function(found)
  return found:sub(1, #run + 1) == run .. ' '
end)
local ofType = generation(KEYS[2], mark, function() return true end)
local tag = ofConnector .. ' ' .. ofType .. ' '
local entry = redis.call('GET', KEYS[1])
if not entry or entry:sub(2, #tag + 1) ~= tag then
  entry = '?' .. tag .. mark
  redis.call('SET', KEYS[1], entry, 'PX', ticketMs)
end
return { tag, entry }
`)

/** Keys: the same. Stores the value if the entry still is the ticket, and the ticket of the present generations. */
export const storeScript = redisScript(`
local ticket, value, ttlMs = ARGV[1], ARGV[2], ARGV[3]
if redis.call('GET', KEYS[1]) ~= ticket then return 0 end
local ofType, ofConnector = redis.call('GET', KEYS[2]), redis.call('GET', KEYS[3])
if not ofType or not ofConnector then return 0 end
local tag = ofConnector .. ' ' .. ofType .. ' '
if ticket:sub(2, #tag + 1) ~= tag then return 0 end
redis.call('SET', KEYS[1], '=' .. tag .. value, 'PX', ttlMs)
return 1
`)
