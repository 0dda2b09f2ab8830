delete from capture where env = ? and user = ?
