update task set due = $3 where env = $1 and event = $2 and state = 0 and due > $3
