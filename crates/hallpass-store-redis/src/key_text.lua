-- The text of the key that is stored beside an entry, without the entry. KEYS[1]: the name.
-- Whatever is not an entry of this form has none.
local head = redis.pcall('GETRANGE', KEYS[1], 0, 20)
if type(head) == 'table' or #head < 21 or string.byte(head) ~= 1 then
  return false
end
local a, b, c, d = string.byte(head, 18, 21)
local length = ((a * 256 + b) * 256 + c) * 256 + d
return redis.call('GETRANGE', KEYS[1], 21, 20 + length)
