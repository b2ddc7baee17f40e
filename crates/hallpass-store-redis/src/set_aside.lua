-- Puts what is no entry of this store under a name of its own, where it keeps its bytes and its time to live. KEYS[1]: the name.
-- ARGV[1]: the string that was read there; without it, whatever is no string. Answers the number in the new name, or 0
-- where something else stands there by now.
local held = redis.pcall('GET', KEYS[1])
if type(held) == 'table' then
  if ARGV[1] then
    return 0
  end
elseif held ~= ARGV[1] then
  return 0
end
for number = 1, 1000 do
  local aside = KEYS[1] .. ':corrupt-' .. number
  local moved = redis.pcall('RENAMENX', KEYS[1], aside)
  if type(moved) == 'table' then
    return moved
  end
  if moved == 1 then
    return number
  end
end
return redis.error_reply('ERR a thousand are set aside already')
