update waiting set state = 0, crashes = 0, due = $2 where env = $1 and state = 3
