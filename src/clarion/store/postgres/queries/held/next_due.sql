select min(due) from waiting where lane = $1 and state = 0
