update event set expanding = expanding + $3 where env = $1 and event = $2
