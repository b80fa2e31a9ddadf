#!lua
-- Writes one bucket's batch, all or nothing. KEYS: head, states, due, outbox.
-- ARGV: epoch, sequence, head, four counts, the versions ('': as they were), then so many values as the counts say:
--   id, ledger, ...   score, id, ...   id, ... (deadline gone)   outbox entry, ...
local epoch, sequence = tonumber(ARGV[1]), tonumber(ARGV[2])
local head = redis.call('HMGET', KEYS[1], 'epoch', 'sequence', 'head')
local held, stored = tonumber(head[1]), tonumber(head[2])

if not held or held < epoch then return 'behind' end
if held > epoch or stored > sequence then return 'stale' end
if stored == sequence then -- a re-sent copy of what is written; or another's: two fail-overs can give an epoch twice
  return head[3] == ARGV[3] and 'done' or 'behind'
end
if stored < sequence - 1 then return 'behind' end

local at = 9
local function write(command, key, count)
  local last = at + count - 1
  while at <= last do
    local upto = math.min(at + 3999, last) -- unpack's limit is 8,000; an even number keeps pairs together
    redis.call(command, key, unpack(ARGV, at, upto))
    at = upto + 1
  end
end

write('HSET', KEYS[2], tonumber(ARGV[4]))
write('ZADD', KEYS[3], tonumber(ARGV[5]))
write('ZREM', KEYS[3], tonumber(ARGV[6]))
for index = 0, tonumber(ARGV[7]) - 1 do
  redis.call('XADD', KEYS[4], ARGV[2] .. '-' .. index, 'entry', ARGV[at + index])
end
redis.call('HSET', KEYS[1], 'sequence', ARGV[2], 'head', ARGV[3])
if ARGV[8] ~= '' then redis.call('HSET', KEYS[1], 'versions', ARGV[8]) end
return 'done'
