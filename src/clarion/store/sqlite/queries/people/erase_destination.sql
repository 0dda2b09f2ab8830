delete from destination where env = ? and user = ?
