update "user" set suppressed = 1
where env = $2 and suppressed = 0 and "user" = any($1::int8[])
