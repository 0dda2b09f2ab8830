select min(due) from ready where lane = ? and account = ? and state = 0
