delete from presence where env = ? and user = ?
