select max(version) from setting_history where env = ? and user = ? and at <= ?
