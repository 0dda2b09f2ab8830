update task set state = 0, worker = 0, crashes = case state when 3 then 0 else crashes end
where state in (1, 3) and worker <> $1
