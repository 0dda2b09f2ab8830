update task set state = 0, worker = 0 where state = 1 and worker <> $1
