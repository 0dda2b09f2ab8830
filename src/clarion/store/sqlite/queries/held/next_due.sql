select min(due) from waiting where lane = ? and state = 0
