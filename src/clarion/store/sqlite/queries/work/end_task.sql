update event set expanding = expanding - 1 where env = ? and event = ?
