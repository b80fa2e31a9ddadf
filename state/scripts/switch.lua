#!lua
-- Puts a bucket's shadow in the place of what is live, all or nothing. KEYS: head, states, due, outbox of the live
-- generation, then of the shadow. ARGV: epoch and sequence under which the live one is held, the same of the shadow.
-- Messages of the live outbox that are not yet published stay; those of the shadow come behind them.
local live = redis.call('HMGET', KEYS[1], 'epoch', 'sequence')
local shadow = redis.call('HMGET', KEYS[5], 'epoch', 'sequence', 'head', 'versions')
if live[1] ~= ARGV[1] then return 'stale' end -- somebody took the bucket over meanwhile
if tonumber(live[2]) > tonumber(ARGV[2]) then return 'done' end -- under our epoch: a re-sent copy of what is written
if live[2] ~= ARGV[2] or shadow[1] ~= ARGV[3] or shadow[2] ~= ARGV[4] then return 'behind' end

-- beyond both: ids in the outbox only grow, and whoever held the bucket sees that it is not theirs any more
local sequence = string.format('%.0f', math.max(tonumber(live[2]), tonumber(shadow[2])) + 1)
redis.call('UNLINK', KEYS[2], KEYS[3])
if redis.call('EXISTS', KEYS[6]) == 1 then redis.call('RENAME', KEYS[6], KEYS[2]) end
if redis.call('EXISTS', KEYS[7]) == 1 then redis.call('RENAME', KEYS[7], KEYS[3]) end
for index, entry in ipairs(redis.call('XRANGE', KEYS[8], '-', '+')) do
  redis.call('XADD', KEYS[4], sequence .. '-' .. (index - 1), unpack(entry[2]))
end
redis.call('HSET', KEYS[1], 'sequence', sequence, 'head', shadow[3])
if shadow[4] then redis.call('HSET', KEYS[1], 'versions', shadow[4]) else redis.call('HDEL', KEYS[1], 'versions') end
redis.call('UNLINK', KEYS[5], KEYS[8])
return 'done'
