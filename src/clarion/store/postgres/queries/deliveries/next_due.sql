select min(due) from ready where lane = $1 and account = $2 and state = 0
