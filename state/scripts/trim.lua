#!lua flags=allow-oom
-- Forgets what one bucket's owner published, also where the server is full: this only gives memory back.
-- KEYS: head, outbox. ARGV: epoch, the oldest id to keep.
-- Only under the epoch that holds: after a rollback the same ids can be other messages.
if redis.call('HGET', KEYS[1], 'epoch') == ARGV[1] then
  redis.call('XTRIM', KEYS[2], 'MINID', '=', ARGV[2])
end
return 'OK'
