#!lua
-- Gives one bucket to a new owner. KEYS: head, states, due, outbox. ARGV: an epoch that is spent, 0 where none is known.
-- The epoch is the server's clock in microseconds where that is later than any epoch spent: a server that lost its
-- last moments, and with them the last epoch, must not hand that one out again.
local stored = redis.call('HMGET', KEYS[1], 'epoch', 'sequence', 'head', 'versions')
if not stored[2] then
  if redis.call('EXISTS', KEYS[2], KEYS[3], KEYS[4]) > 0 then return false end -- states without a position
  redis.call('HSET', KEYS[1], 'sequence', 0, 'head', '')
end
local now = redis.call('TIME')
local epoch = math.max(now[1] * 1000000 + now[2], (tonumber(stored[1]) or 0) + 1, ARGV[1] + 1)
redis.call('HSET', KEYS[1], 'epoch', string.format('%.0f', epoch))
return {epoch, stored[2] or '0', stored[3] or '', stored[4] or ''}
