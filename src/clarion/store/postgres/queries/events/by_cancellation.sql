select event from event where env = $1 and cancellation = $2
