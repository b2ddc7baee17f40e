-- Compare and swap. KEYS[1]: the name. ARGV[1]: how the expected value begins ('' where none is expected).
-- ARGV[2]: the new value ('' removes). ARGV[3]: its time to live in milliseconds ('' keeps it for ever).
-- One command writes, and it is the last: an error means that nothing was written.
local held = redis.pcall('GET', KEYS[1])
if type(held) == 'table' then
  return held
end
local as_expected
if held == false then
  as_expected = ARGV[1] == ''
else
  as_expected = ARGV[1] ~= '' and string.sub(held, 1, #ARGV[1]) == ARGV[1]
end
if not as_expected then
  return 0
end
local answer
if ARGV[2] == '' then
  answer = redis.pcall('DEL', KEYS[1])
elseif ARGV[3] == '' then
  answer = redis.pcall('SET', KEYS[1], ARGV[2])
else
  answer = redis.pcall('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
end
if type(answer) == 'table' and answer.err then
  return answer
end
return 1
