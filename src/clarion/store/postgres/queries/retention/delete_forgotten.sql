delete from forgotten_event where env = $1 and event = $2
