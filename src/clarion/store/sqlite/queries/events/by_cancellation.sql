select event from event where env = ? and cancellation = ?
