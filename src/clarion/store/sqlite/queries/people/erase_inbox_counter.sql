delete from inbox_counter where env = ? and user = ?
