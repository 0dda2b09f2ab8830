select max(version) from setting_history where env = $1 and "user" = $2 and at <= $3
