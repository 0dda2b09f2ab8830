delete from user_history where env = ? and user = ?
