#!lua
-- Which drift alerts of one UTC day are told: scoring/budget.py says by what rule. KEYS: granted, asked, asked yesterday.
-- ARGV: limit, seconds to keep the day, then id, value at risk, elapsed share of the day, ... Answers 1 or 0 for each.
local limit, keep_s = tonumber(ARGV[1]), ARGV[2]
local last = redis.call('ZREVRANGE', KEYS[3], limit - 1, limit - 1, 'WITHSCORES')
local floor = tonumber(last[2]) or -math.huge
local granted = redis.call('SCARD', KEYS[1])
local answers = {}
for i = 3, #ARGV, 3 do
  local id, at_risk, elapsed = ARGV[i], tonumber(ARGV[i + 1]), tonumber(ARGV[i + 2])
  redis.call('ZADD', KEYS[2], ARGV[i + 1], id)
  local answer = redis.call('SISMEMBER', KEYS[1], id)
  if answer == 0 and granted < limit and (at_risk >= floor or granted + 0.5 < limit * elapsed * elapsed) then
    redis.call('SADD', KEYS[1], id)
    granted = granted + 1
    answer = 1
  end
  answers[#answers + 1] = answer
end
redis.call('ZREMRANGEBYRANK', KEYS[2], 0, -limit - 1)
redis.call('EXPIRE', KEYS[1], keep_s)
redis.call('EXPIRE', KEYS[2], keep_s)
return answers
