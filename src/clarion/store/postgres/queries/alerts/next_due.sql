select min(due) from alert where state = 1
