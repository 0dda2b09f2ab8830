delete from name where env = ? and kind = ? and name = ?
