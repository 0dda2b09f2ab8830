update waiting set state = 0, worker = 0
where lane in (0, 1, 2, 3) and state = 1 and worker = any($1::int8[])
