delete from setting where env = ? and user = ?
