update event set expanding = expanding - 1 where env = $1 and event = $2
