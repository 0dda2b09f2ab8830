delete from suppression where env = $2 and suppression = any($1::int8[])
