update task set state = $4, due = $3, worker = 0 where task = $1 and fence = $2 and state = 1
