delete from setting_history where env = ? and user = ?
